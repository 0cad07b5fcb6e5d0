"""Whole conversations (RFC 3748 section 2) with a peer of our own; tests/gate/radiusd/test_eap.py has a real one."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from OpenSSL import SSL

import eap_peer
from gate.commands import certs
from gate.core import clock
from gate.protocols.eap import packet
from gate.protocols.eap.session import MAX_ROUNDS, Conversation, Failure, Ignored, Request, Success
from gate.protocols.eap.tunnel import Server

AUTHORITY = eap_peer.authority()
SERVER = eap_peer.server(AUTHORITY)
OLD_SERVER = eap_peer.server(AUTHORITY, newest=SSL.TLS1_2_VERSION)
CLIENT = certs.issue(authority=AUTHORITY, name="bob", now=clock.now(), is_server=False, days=3)
PEERS = {
    packet.TLS: lambda: eap_peer.Peer(packet.TLS, client=CLIENT),
    packet.TTLS: lambda: eap_peer.Peer(packet.TTLS, inner=eap_peer.pap("bob", b"secret")),
    packet.PEAP: lambda: eap_peer.Peer(packet.PEAP, inner=eap_peer.inner_mschap("bob", b"secret")),
}
NAMES = {packet.TLS: "EAP-TLS", packet.TTLS: "EAP-TTLS/PAP", packet.PEAP: "PEAP/MSCHAPv2"}


def conversation(kind: int, server: Server = SERVER, **named: int) -> Conversation:
    return Conversation(offered=(kind,), server=server, **named)


def begin(subject: Conversation, identity: bytes = b"bob") -> Request:
    outcome = subject.receive(packet.encode_response(identifier=7, type=packet.IDENTITY, data=identity), now=0.0)
    assert isinstance(outcome, Request)
    return outcome


@pytest.mark.parametrize("server", [OLD_SERVER, SERVER], ids=["TLS 1.2", "TLS 1.3"])
@pytest.mark.parametrize("kind", PEERS, ids=NAMES.values())
def test_both_ends_have_the_same_keys(kind: int, server: Server) -> None:
    peer = PEERS[kind]()
    outcome = eap_peer.converse(conversation(kind, server, fragment=250), peer)
    assert isinstance(outcome, Success)
    assert (outcome.done.identity, outcome.done.method) == ("bob", NAMES[kind])
    assert outcome.done.msk == peer.msk()
    assert len(outcome.done.msk) == 64
    assert outcome.octets[:1] == bytes((packet.SUCCESS,))
    assert outcome.refusal[:1] == bytes((packet.FAILURE,))
    assert outcome.done.session_key
    assert b"secret" not in repr(outcome).encode()


@pytest.mark.parametrize("kind", [packet.TTLS, packet.PEAP], ids=["EAP-TTLS/PAP", "PEAP/MSCHAPv2"])
def test_a_wrong_password_ends_in_failure(kind: int) -> None:
    outcome = eap_peer.converse(conversation(kind), PEERS[kind](), password=b"another")
    assert isinstance(outcome, Failure)
    assert (outcome.failed.reason, outcome.failed.identity) == ("wrong credential", "bob")


def test_a_client_without_certificate_is_told_so() -> None:
    outcome = eap_peer.converse(conversation(packet.TLS, OLD_SERVER), eap_peer.Peer(packet.TLS))
    assert isinstance(outcome, Failure)
    assert "certificate" in outcome.failed.reason


def test_eap_tls_is_not_offered_where_no_ca_is_trusted() -> None:
    bare = Conversation(offered=(packet.TLS,), server=eap_peer.server(AUTHORITY, with_clients=False))
    assert isinstance(bare.receive(packet.encode_response(identifier=1, type=1, data=b"bob"), now=0.0), Failure)


# --- negotiation (RFC 3748 section 5.3) -------------------------------------------------------------------------------------


def test_a_nak_gets_the_first_method_it_names_that_is_offered() -> None:
    subject = Conversation(offered=(packet.PEAP, packet.TLS, packet.TTLS), server=SERVER)
    first = begin(subject)
    assert first.octets[4] == packet.PEAP
    nak = packet.encode_response(identifier=first.octets[1], type=packet.NAK, data=bytes((43, packet.TTLS, packet.TLS)))
    second = subject.receive(nak, now=0.0)
    assert isinstance(second, Request)
    assert second.octets[4] == packet.TTLS
    again = packet.encode_response(identifier=second.octets[1], type=packet.NAK, data=bytes((packet.TLS,)))
    assert isinstance(subject.receive(again, now=0.0), Failure)


@pytest.mark.parametrize("wanted", [b"", b"\0", bytes((packet.PEAP,)), bytes((packet.MD5_CHALLENGE,)), bytes(range(60, 200))])
def test_a_nak_that_names_nothing_offered_ends_it(wanted: bytes) -> None:
    subject = Conversation(offered=(packet.PEAP, packet.TLS), server=SERVER)
    nak = packet.encode_response(identifier=begin(subject).octets[1], type=packet.NAK, data=wanted)
    assert isinstance(subject.receive(nak, now=0.0), Failure)
    assert isinstance(subject.receive(nak, now=0.0), Ignored)


def test_md5_needs_no_server() -> None:
    subject = Conversation(offered=(packet.PEAP, packet.MD5_CHALLENGE), server=None)
    assert begin(subject).octets[4] == packet.MD5_CHALLENGE


# --- hostile ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "octets", [b"", b"\x02", b"\x01\x07\x00\x05\x01", b"\x02\x07\x00\x04", b"\x02\x09\x00\x05\x19", b"\x03\x08\x00\x04"]
)
def test_what_is_no_answer_to_the_latest_request_is_ignored_and_the_conversation_goes_on(octets: bytes) -> None:
    subject = conversation(packet.TTLS)
    peer = PEERS[packet.TTLS]()
    request = begin(subject)
    assert isinstance(subject.receive(octets, now=0.0), Ignored)
    assert isinstance(subject.receive(peer.answer(request.octets), now=0.0), Request)


def test_a_second_answer_is_ignored_while_the_caller_is_asked() -> None:
    subject = conversation(packet.MD5_CHALLENGE)
    request = begin(subject)
    answer = packet.encode_response(identifier=request.octets[1], type=packet.MD5_CHALLENGE, data=b"\x10" + bytes(16))
    subject.receive(answer, now=0.0)
    assert isinstance(subject.receive(answer, now=0.0), Ignored)
    assert isinstance(subject.answer(right=False), Failure)
    assert isinstance(subject.answer(right=True), Ignored)


def test_nobody_can_answer_what_was_not_asked() -> None:
    subject = conversation(packet.PEAP)
    assert isinstance(subject.answer(right=True), Ignored)
    begin(subject)
    assert isinstance(subject.answer(right=True), Ignored)


def test_a_conversation_without_end_is_ended() -> None:
    """Fragments of one octet, acknowledged each."""
    subject = conversation(packet.PEAP)
    outcome: object = begin(subject)
    rounds = 0
    while isinstance(outcome, Request):
        rounds += 1
        data = packet.encode_response(identifier=outcome.octets[1], type=packet.PEAP, data=b"\x40\x16")
        outcome = subject.receive(data, now=0.0)
    assert isinstance(outcome, Failure)
    assert rounds == MAX_ROUNDS


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(PEERS)), st.integers(0, 2**32 - 1))
def test_one_spoiled_packet_anywhere_ends_without_success_or_changes_nothing(kind: int, seed: int) -> None:
    """A bit of one of the peer's packets is turned. What is not under TLS's protection may still succeed, as the right user."""
    chance = random.Random(seed)
    number, is_cut = chance.randrange(1, 9), chance.random() < 0.3

    def spoil(at: int, octets: bytes) -> bytes:
        if at != number or len(octets) < 7:
            return octets
        if is_cut:
            return octets[: chance.randrange(len(octets))]
        changed = bytearray(octets)
        changed[chance.randrange(5, len(octets))] ^= 1 << chance.randrange(8)
        return bytes(changed)

    outcome = eap_peer.converse(conversation(kind, OLD_SERVER), PEERS[kind](), spoil=spoil)
    assert isinstance(outcome, Success | Failure | Ignored)
    if isinstance(outcome, Success):
        assert outcome.done.identity == "bob"


@settings(max_examples=150, deadline=None)
@given(st.sampled_from([*PEERS, packet.MD5_CHALLENGE]), st.lists(st.binary(max_size=80), min_size=1, max_size=4))
def test_any_octets_give_an_outcome_and_never_a_success(kind: int, messages: list[bytes]) -> None:
    subject = conversation(kind)
    outcome: object = begin(subject)
    for message in messages:
        if not isinstance(outcome, Request):
            break
        outcome = subject.receive(packet.encode_response(identifier=outcome.octets[1], type=kind, data=message), now=0.0)
    assert not isinstance(outcome, Success)
