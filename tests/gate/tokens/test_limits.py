"""tokens/limits.py: one limit for several processes, which are several counters on one PostgreSQL."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

import people
from gate.core import clock
from gate.core.errors import TooMany
from gate.tokens import limits
from gate.tokens.limits import Counter, Standing

NOON = 1_800_000_000.0  # the first second of a minute


class Time:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = NOON

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def time(monkeypatch: Any) -> Time:
    found = Time()
    monkeypatch.setattr(clock, "monotonic", found.monotonic)
    return found


def call(process: Counter, time: Time, who: str = "1:token:1", *, quota: int = 10, policy: Any = "token") -> Standing:
    return process.count(policy, who, quota=quota, now=time.now)


def made(process: Counter, time: Time, calls: int, **further: Any) -> int:
    """How many of so many calls were allowed."""
    return sum(call(process, time, **further).allowed for _ in range(calls))


@pytest.mark.django_db
def test_one_process_keeps_exactly_to_the_limit(time: Time) -> None:
    process = Counter()
    seen = [call(process, time) for _ in range(12)]
    assert [standing.remaining for standing in seen] == [9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 0, 0]
    assert [standing.allowed for standing in seen] == [True] * 10 + [False] * 2
    assert {standing.reset for standing in seen} == {60}
    seen[9].check()
    with pytest.raises(TooMany, match="This token has used up the 10") as refused:
        seen[10].check()
    assert (refused.value.retry_after, refused.value.code) == (60, "rate_limited")
    time.now += 59.5
    assert (call(process, time).reset, call(process, time).allowed) == (1, False)
    time.now += 0.5
    assert call(process, time).remaining == 9


@pytest.mark.django_db
def test_callers_do_not_disturb_each_other(time: Time) -> None:
    process = Counter()
    assert made(process, time, 20) == 10
    assert made(process, time, 20, who="1:token:2") == 10
    assert made(process, time, 20, policy="address") == 10


@pytest.mark.django_db
def test_processes_that_take_turns_know_of_each_other(time: Time) -> None:
    with people.as_web_process():
        processes, allowed = (Counter(), Counter(), Counter()), 0
        for turn in range(60):
            time.now += limits.HURRY / 2
            allowed += call(processes[turn % 3], time, quota=20).allowed
        assert 20 <= allowed <= 24  # what two others made in half a second comes on top, and no more


@pytest.mark.django_db
def test_a_limit_is_never_overrun_by_more_than_itself_a_process(time: Time) -> None:
    processes = [Counter() for _ in range(3)]
    assert sum(made(process, time, 50) for process in processes) <= 30
    time.now += limits.PATIENCE
    assert sum(made(process, time, 50) for process in processes) == 0  # by now all three know


@pytest.mark.django_db
def test_what_one_process_told_another_learns_with_its_next_exchange(time: Time) -> None:
    one, other = Counter(), Counter()
    assert made(one, time, 10) == 10
    time.now += limits.PATIENCE
    one.exchange()
    assert call(other, time).allowed is True  # counted, told, and answered with eleven
    assert call(other, time).allowed is False


@pytest.mark.django_db
def test_calls_cost_no_statements(time: Time) -> None:
    """At most two a second under load, one in five seconds otherwise; none for what is refused."""

    def statements(calls: int, *, apart: float, quota: int) -> int:
        process = Counter()
        call(process, time, quota=quota)
        time.now += apart
        with CaptureQueriesContext(connection) as captured:
            for number in range(calls):
                call(process, time, quota=quota, who=f"1:token:{number % 50}")
                time.now += apart
        return len(captured)

    time.now += 5
    assert statements(1_000, apart=0.001, quota=100) <= 2 * 2
    assert statements(20, apart=0.5, quota=6_000) <= 2 * 2
    process = Counter()
    made(process, time, 10)
    time.now += limits.PATIENCE
    process.exchange()
    with CaptureQueriesContext(connection) as captured:
        assert made(process, time, 1_000) == 0
    assert len(captured) == 0


@pytest.mark.django_db
def test_the_table_says_nothing_of_callers_and_keeps_two_minutes(time: Time) -> None:
    def stored() -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT minute, key, calls FROM tokens_apirate ORDER BY minute")
            return list(cursor.fetchall())

    process = Counter()
    with people.as_web_process():
        for _ in range(4):
            call(process, time, who="192.0.2.1", policy="address")
            process.exchange()
            time.now += 60
    minutes = [int(NOON) // 60 + number for number in (2, 3)]
    assert [(minute, calls) for minute, _, calls in stored()] == [(minute, 1) for minute in minutes]
    assert all(len(bytes(key)) == 16 and b"192" not in bytes(key) for _, key, _ in stored())


@pytest.mark.django_db
def test_memory_is_bounded(time: Time, monkeypatch: Any) -> None:
    monkeypatch.setattr(limits, "KEPT", 100)
    process = Counter()
    for number in range(1_000):
        call(process, time, who=f"198.51.100.{number}", policy="address")
        call(process, time, who="192.0.2.1", policy="address", quota=500)  # who goes on calling is not forgotten
    assert len(process._tallies) == 100
    assert process.look("address", "192.0.2.1", quota=500, now=time.now).allowed is False


@pytest.mark.django_db
def test_looking_counts_nothing(time: Time) -> None:
    process = Counter()
    for _ in range(20):
        assert process.look("address", "192.0.2.1", quota=1, now=time.now).allowed
    call(process, time, who="192.0.2.1", policy="address", quota=1)
    assert not process.look("address", "192.0.2.1", quota=1, now=time.now).allowed
    assert process.look("address", "192.0.2.1", quota=1, now=time.now + 60).allowed


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8::1", "2001:db8::ffff:0:0:2", True), ("2001:db8::1", "2001:db8:0:1::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True), ("192.0.2.1", "192.0.2.2", False), ("unix:", "unix:", True),
        ("fe80::1%eth0", "fe80::1%eth1", True),
    ],
)  # fmt: skip
def test_an_ipv6_subscriber_is_one_caller(one: str, other: str, same: bool) -> None:
    assert (limits._network(one) == limits._network(other)) is same
