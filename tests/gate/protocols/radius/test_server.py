"""The memory of replies: RFC 5080 section 2.2.2."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate.protocols.radius.server import ReplyMemory, RequestKey, Seen


def key(number: int) -> RequestKey:
    return ("192.0.2.1", 1024 + number % 3, 1, number % 256, number.to_bytes(16, "big"))


def test_a_request_is_handled_once_and_its_reply_sent_again() -> None:
    memory = ReplyMemory(10, 5.0)
    assert memory.begin(key(1), 100.0) is Seen.NEW
    assert memory.begin(key(1), 100.5) is Seen.IN_FLIGHT
    memory.finish(key(1), b"reply", 101.0)
    assert memory.begin(key(1), 101.0) == b"reply"
    assert memory.begin(key(1), 105.9) == b"reply"


def test_a_reply_is_forgotten_after_its_lifetime() -> None:
    memory = ReplyMemory(10, 5.0)
    memory.begin(key(1), 0.0)
    memory.finish(key(1), b"reply", 1.0)
    assert memory.begin(key(1), 6.0) is Seen.NEW


@pytest.mark.parametrize(
    "other",
    [
        ("192.0.2.2", 1025, 1, 1, bytes(16)),
        ("192.0.2.1", 1026, 1, 1, bytes(16)),
        ("192.0.2.1", 1025, 4, 1, bytes(16)),
        ("192.0.2.1", 1025, 1, 2, bytes(16)),
        ("192.0.2.1", 1025, 1, 1, bytes(15) + b"x"),
    ],
)
def test_every_part_of_the_key_tells_requests_apart(other: RequestKey) -> None:
    memory = ReplyMemory(10, 5.0)
    request: RequestKey = ("192.0.2.1", 1025, 1, 1, bytes(16))
    memory.begin(request, 0.0)
    memory.finish(request, b"reply", 0.0)
    assert memory.begin(other, 0.0) is Seen.NEW


def test_an_abandoned_request_is_handled_anew() -> None:
    memory = ReplyMemory(10, 5.0)
    memory.begin(key(1), 0.0)
    memory.abandon(key(1))
    assert memory.begin(key(1), 0.1) is Seen.NEW
    memory.abandon(key(2))


def test_a_full_memory_forgets_the_oldest_reply_first() -> None:
    memory = ReplyMemory(3, 5.0)
    memory.begin(key(0), 0.0)
    for number in (1, 2):
        memory.begin(key(number), 0.0)
        memory.finish(key(number), b"%d" % number, float(number))
    assert memory.begin(key(3), 3.0) is Seen.NEW
    assert memory.begin(key(0), 3.0) is Seen.IN_FLIGHT
    assert memory.begin(key(2), 3.0) == b"2"
    assert memory.begin(key(1), 3.0) is Seen.NEW


def test_requests_in_flight_are_bounded_too() -> None:
    memory = ReplyMemory(2, 5.0)
    for number in (1, 2, 3):
        assert memory.begin(key(number), 0.0) is Seen.NEW
    assert len(memory) == 2
    assert memory.begin(key(3), 0.0) is Seen.IN_FLIGHT
    assert memory.begin(key(2), 0.0) is Seen.IN_FLIGHT
    assert memory.begin(key(1), 0.0) is Seen.NEW


def test_a_request_forgotten_in_flight_still_has_its_reply_stored() -> None:
    memory = ReplyMemory(1, 5.0)
    memory.begin(key(1), 0.0)
    memory.begin(key(2), 0.0)
    memory.finish(key(1), b"reply", 0.0)
    assert memory.begin(key(1), 0.0) == b"reply"
    assert len(memory) == 1


def test_the_timer_says_when_there_is_something_to_forget() -> None:
    memory = ReplyMemory(10, 5.0)
    assert memory.get_timer() is None
    memory.begin(key(1), 0.0)
    assert memory.get_timer() is None
    memory.finish(key(1), b"1", 1.0)
    memory.begin(key(2), 1.0)
    memory.finish(key(2), b"2", 2.0)
    assert memory.get_timer() == 6.0
    memory.handle_timer(6.0)
    assert memory.get_timer() == 7.0
    assert len(memory) == 1
    memory.handle_timer(7.0)
    assert len(memory) == 0


@pytest.mark.parametrize(("capacity", "lifetime"), [(0, 5.0), (1, 4.9)])
def test_bounds_are_checked(capacity: int, lifetime: float) -> None:
    with pytest.raises(ValueError, match="at least"):
        ReplyMemory(capacity, lifetime)


STEPS = st.lists(st.tuples(st.sampled_from(["begin", "finish", "abandon"]), st.integers(0, 12), st.floats(0, 4)), max_size=120)


@given(STEPS, st.integers(1, 6))
def test_it_never_gives_another_request_s_reply_and_never_outgrows_its_bound(
    steps: list[tuple[str, int, float]], capacity: int
) -> None:
    memory = ReplyMemory(capacity, 5.0)
    now = 0.0
    replies: dict[int, tuple[bytes, float]] = {}
    begun: set[int] = set()
    for count, (step, number, wait) in enumerate(steps):
        now += wait
        if step == "begin":
            seen = memory.begin(key(number), now)
            if isinstance(seen, bytes):
                reply, stored = replies[number]
                assert seen == reply
                assert now < stored + 5.0
            elif seen is Seen.IN_FLIGHT:
                assert number in begun
            begun.add(number)
        elif step == "finish":
            replies[number] = (b"%d reply %d" % (number, count), now)
            memory.finish(key(number), replies[number][0], now)
            begun.discard(number)
            assert memory.begin(key(number), now) == replies[number][0]
        else:
            memory.abandon(key(number))
            begun.discard(number)
        assert len(memory) <= capacity


@given(st.lists(st.integers(0, 50), min_size=1, max_size=50, unique=True))
def test_nothing_is_forgotten_while_there_is_room_and_time(numbers: list[int]) -> None:
    memory = ReplyMemory(len(numbers), 5.0)
    for number in numbers:
        assert memory.begin(key(number), 0.0) is Seen.NEW
        memory.finish(key(number), b"%d" % number, 0.0)
    for number in numbers:
        assert memory.begin(key(number), 4.9) == b"%d" % number
