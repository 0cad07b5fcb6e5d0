"""Fragments: RFC 5216 sections 2.1.5 and 3.1."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate.protocols.eap.errors import EapError, MessageMalformed, TooMuch
from gate.protocols.eap.fragments import MAX_MESSAGE, MAX_RECEIVED, Incoming, Outgoing


@given(st.lists(st.binary(max_size=900), max_size=4), st.integers(1, 300))
def test_what_is_cut_comes_together(messages: list[bytes], size: int) -> None:
    outgoing, incoming = Outgoing(size=size), Incoming()
    for message in messages:
        outgoing.put(message)
        whole = incoming.add(outgoing.next())
        while whole is None:
            assert outgoing
            whole = incoming.add(outgoing.next())
        assert whole == message
        assert not outgoing


def test_the_first_fragment_tells_the_length_and_the_last_has_no_flag() -> None:
    outgoing = Outgoing(size=2)
    outgoing.put(b"abcde")
    assert [outgoing.next() for _ in range(4)] == [b"\xc0\0\0\0\x05ab", b"\x40cd", b"\x00e", b"\x00"]


@pytest.mark.parametrize(
    ("packets", "error"),
    [
        ([""], MessageMalformed),
        (["20"], MessageMalformed),
        (["80000000"], MessageMalformed),
        (["8000000001"], MessageMalformed),
        (["800000000161 62"], MessageMalformed),
        (["40"], MessageMalformed),
        (["c00000000461", "c00000000562"], MessageMalformed),
        (["4061", "c00000000462"], MessageMalformed),
        (["c00000000461", "0062"], MessageMalformed),
        (["8000010001"], TooMuch),
        (["80ffffffff"], TooMuch),
    ],
)
def test_what_makes_no_sense_is_refused(packets: list[str], error: type[EapError]) -> None:
    incoming = Incoming()
    *before, last = (bytes.fromhex(octets) for octets in packets)
    for octets in before:
        incoming.add(octets)
    with pytest.raises(error):
        incoming.add(last)


def test_a_message_and_a_conversation_are_bounded() -> None:
    for flags, bound in ((b"\x40", MAX_MESSAGE), (b"\x00", MAX_RECEIVED)):
        incoming = Incoming()
        for _ in range(bound // 1024):
            incoming.add(flags + bytes(1024))
        with pytest.raises(TooMuch):
            incoming.add(flags + b"x")


@given(st.lists(st.binary(max_size=40), max_size=8))
def test_any_packets_give_messages_or_the_error(packets: list[bytes]) -> None:
    incoming = Incoming()
    try:
        for octets in packets:
            message = incoming.add(octets)
            assert message is None or len(message) <= sum(map(len, packets))
    except MessageMalformed:
        return
