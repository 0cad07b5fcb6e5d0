"""EAP-MSCHAPv2's packets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate.protocols.eap import mschapv2
from gate.protocols.eap.errors import MessageMalformed

VALUE = bytes(range(16)) + bytes(8) + bytes(range(100, 124)) + b"\0"


def response(*, code: int = 2, identifier: int = 5, size: int = 49, length: int | None = None, name: bytes = b"bob") -> bytes:
    body = bytes((size,)) + VALUE + name
    return bytes((code, identifier)) + (4 + len(body) if length is None else length).to_bytes(2, "big") + body


def test_an_answer_comes_apart() -> None:
    answer = mschapv2.parse_answer(response(name=rb"BIGCO\bob"), identifier=5)
    assert (answer.identity, answer.username) == (r"BIGCO\bob", rb"BIGCO\bob")
    assert (answer.peer_challenge, answer.nt_response) == (VALUE[:16], VALUE[24:48])


@pytest.mark.parametrize(
    "data",
    [
        b"", response()[:20], response(code=3), response(identifier=6), response(size=48), response(length=53),
        response(length=200), response(name=b"\xff"), response(name=b"x" * 254),
    ],
)  # fmt: skip
def test_what_is_no_answer_is_refused(data: bytes) -> None:
    with pytest.raises(MessageMalformed):
        mschapv2.parse_answer(data, identifier=5)


@given(st.binary(max_size=120), st.integers(0, 255))
def test_any_octets_are_an_answer_or_raise(data: bytes, identifier: int) -> None:
    try:
        mschapv2.parse_answer(data, identifier=identifier)
    except MessageMalformed:
        return


def test_what_a_server_sends() -> None:
    challenge = mschapv2.encode_challenge(identifier=5, challenge=bytes(16))
    assert challenge == bytes.fromhex("01050019 10") + bytes(16) + b"gate"
    assert mschapv2.encode_success(identifier=5, proof=b"S=X") == b"\x03\x05\x00\x0cS=X M=OK"
    failure = mschapv2.encode_failure(identifier=5, challenge=bytes(16))
    assert failure[4:].startswith(b"E=691 R=0 C=00")
    assert len(failure) == int.from_bytes(failure[2:4], "big")
