"""EAP-TTLS: RFC 5281. Whole conversations are in test_session.py, a real peer in tests/gate/radiusd/test_eap.py."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

import eap_peer
from gate.protocols.eap import packet, ttls
from gate.protocols.eap.errors import MessageMalformed
from gate.protocols.eap.session import Conversation, Failure, Success
from gate.protocols.eap.ttls import Avp, parse_avps
from gate.protocols.radius import mschap

SERVER = eap_peer.server(eap_peer.authority())
NAME, PASSWORD = Avp(0, 1, b"bob"), Avp(0, 2, b"secret")
AVPS = st.builds(Avp, st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1), st.binary(max_size=40), st.booleans())


@given(st.lists(AVPS, max_size=6))
def test_avps_come_back(avps: list[Avp]) -> None:
    octets = b"".join(avp.encode() for avp in avps)
    assert len(octets) % 4 == 0
    assert parse_avps(octets) == avps


@given(st.binary(max_size=200))
def test_any_octets_are_avps_or_raise(octets: bytes) -> None:
    try:
        assert sum(len(avp.value) for avp in parse_avps(octets)) <= len(octets)
    except MessageMalformed:
        return


def test_the_padding_of_the_last_may_be_missing_and_there_are_32_at_most() -> None:
    assert parse_avps(Avp(0, 1, b"x").encode()[:9]) == [Avp(0, 1, b"x")]
    with pytest.raises(MessageMalformed):
        parse_avps(Avp(0, 1, b"").encode() * 33)


def speak(*avps: Avp | Callable[[eap_peer.Peer], bytes]) -> eap_peer.Peer:
    def inner(peer: eap_peer.Peer, _: bytes) -> bytes:
        if peer.spoke:
            return b""
        peer.spoke = True
        return b"".join(avp.encode() if isinstance(avp, Avp) else avp(peer) for avp in avps)

    return eap_peer.Peer(packet.TTLS, inner=inner)


def outcome(peer: eap_peer.Peer) -> object:
    return eap_peer.converse(Conversation(offered=(packet.TTLS,), server=SERVER), peer)


def test_what_is_optional_and_not_understood_is_passed_over() -> None:
    assert isinstance(outcome(speak(NAME, Avp(9, 9, b"?", is_mandatory=False), PASSWORD)), Success)


@pytest.mark.parametrize(
    ("avps", "reason"),
    [
        ([NAME], "neither a password"),
        ([PASSWORD], "no User-Name"),
        ([NAME, PASSWORD, PASSWORD], "came twice"),
        ([NAME, PASSWORD, Avp(9, 9, b"?")], "AVP 9 of vendor 9 is not supported"),
        ([NAME, Avp(0, 79, b"\x02\x00\x00\x08\x01bob")], "AVP 79"),
        ([Avp(0, 1, b"\xff"), PASSWORD], "not UTF-8"),
        ([NAME, Avp(311, 11, bytes(16)), Avp(311, 25, bytes(50))], "not that of this tunnel"),
        ([NAME, Avp(311, 11, bytes(16)), Avp(311, 25, bytes(49))], "50 octets"),
    ],
)
def test_what_cannot_be_a_credential_fails(avps: list[Avp], reason: str) -> None:
    ended = outcome(speak(*avps))
    assert isinstance(ended, Failure)
    assert reason in ended.failed.reason


@pytest.mark.parametrize(("password", "expected"), [(b"secret", Success), (b"wrong", Failure)])
def test_mschap_takes_its_challenge_from_the_tunnel(password: bytes, expected: type) -> None:
    """RFC 5281 section 11.2.4, and section 11.2.2 for how both come to the challenge."""

    def answer(peer: eap_peer.Peer) -> bytes:
        implicit = peer.tls.export_keying_material(b"ttls challenge", 17)
        own = bytes(range(16))
        response = mschap.Response(
            identifier=implicit[16],
            peer_challenge=own,
            nt_response=mschap.nt_response(
                authenticator_challenge=implicit[:16],
                peer_challenge=own,
                username=b"bob",
                password_hash=mschap.nt_hash(password),
            ),
        )
        return (
            Avp(ttls.MICROSOFT, ttls.MS_CHAP_CHALLENGE, implicit[:16]).encode()
            + Avp(ttls.MICROSOFT, ttls.MS_CHAP2_RESPONSE, response.encode()).encode()
        )

    peer = speak(NAME, answer)
    ended = outcome(peer)
    assert isinstance(ended, expected)
    if isinstance(ended, Success):
        assert ended.done.method == "EAP-TTLS/MSCHAPv2"
        assert ended.done.msk == peer.msk()
