"""PEAP version 0. Whole conversations are in test_session.py, a real peer in tests/gate/radiusd/test_eap.py."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import eap_peer
from gate.protocols.eap import packet, peap
from gate.protocols.eap.errors import MessageMalformed
from gate.protocols.eap.session import Conversation, Failure

SERVER = eap_peer.server(eap_peer.authority())


@pytest.mark.parametrize("right", [True, False])
def test_a_result_comes_back(right: bool) -> None:
    octets = peap.encode_result(right=right)
    assert octets == bytes.fromhex("80030002000" + ("1" if right else "2"))
    assert peap.parse_result(octets) is right
    assert peap.parse_result(bytes.fromhex("000c0001ff") + octets) is right


@pytest.mark.parametrize(
    "octets", ["", "8003", "80030002", "8003000101", "800300020001 800300020001", "800c0000 800300020001", "000c0000"]
)
def test_what_is_no_result_is_refused(octets: str) -> None:
    with pytest.raises(MessageMalformed):
        peap.parse_result(bytes.fromhex(octets))


@given(st.binary(max_size=60))
def test_any_octets_are_a_result_or_raise(octets: bytes) -> None:
    try:
        assert peap.parse_result(octets) in {True, False}
    except MessageMalformed:
        return


@given(st.binary(max_size=60), st.integers(0, 255))
def test_any_octets_are_an_inner_response_or_raise(plain: bytes, identifier: int) -> None:
    try:
        kind, data = peap.parse_inner(plain, identifier=identifier)
    except MessageMalformed:
        return
    assert bytes((kind,)) + data in plain


@pytest.mark.parametrize(
    "said",
    [
        bytes((packet.MSCHAPV2, 3)),
        bytes((packet.MSCHAPV2, 2, 2, 0, 54, 49)) + bytes(49),
        packet.encode_response(identifier=1, type=packet.EXTENSIONS, data=peap.encode_result(right=True)),
        packet.encode_response(identifier=9, type=packet.EXTENSIONS, data=peap.encode_result(right=True)),
        bytes((packet.NAK, 6)),
        b"\x00",
    ],
)
@pytest.mark.parametrize("skips_identity", [True, False])
def test_nobody_gets_past_the_challenge(said: bytes, skips_identity: bool) -> None:
    """A success of the peer's own saying, a result before its time, another method."""

    def speak(peer: eap_peer.Peer, plain: bytes) -> bytes:
        return b"\x01bob" if plain == b"\x01" and not skips_identity else said

    subject = Conversation(offered=(packet.PEAP,), server=SERVER)
    assert isinstance(eap_peer.converse(subject, eap_peer.Peer(packet.PEAP, inner=speak)), Failure)
