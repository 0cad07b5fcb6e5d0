"""RADIUS/1.1 (RFC 9765): what differs from RADIUS/1.0 on a connection; the rest is in test_server.py."""

import secrets

import pytest

import people
from gate.protocols.radius import chap
from gate.protocols.radius.codes import Code
from radius_server import until
from radsec_peer import attribute

pytestmark = pytest.mark.django_db

NAME = "ap-11.example.net"
ALPN = ("radius/1.1", "radius/1.0")
PROTOCOL_ERROR = 52


@pytest.fixture
def peer(radsec):
    radsec.bind("acme", radsec_name=NAME)
    with radsec.connected(radsec.files.pair(NAME), alpn=ALPN) as made:
        assert made.alpn == "radius/1.1"
        yield made


def sign_in(username, password=people.PASSWORD, *more):
    return attribute(1, username.encode()) + attribute(2, password.encode()) + b"".join(more)


def test_the_highest_version_both_know_is_spoken(radsec):
    """Section 3.4: no ALPN, or radius/1.0 alone, is RADIUS/1.0."""
    radsec.bind("acme", radsec_name=NAME)
    for offered, spoken in (((), None), (("radius/1.0",), "radius/1.0"), (("radius/1.0", "radius/1.1"), "radius/1.1")):
        with radsec.connected(radsec.files.pair(NAME), alpn=offered) as peer:
            assert peer.alpn == spoken
            if spoken != "radius/1.1":
                assert peer.ask(peer.status()).code == Code.ACCESS_ACCEPT


def test_it_is_not_spoken_by_tls_1_2(radsec):
    radsec.bind("acme", radsec_name=NAME)
    before = radsec.refused("tls-version")
    with radsec.connected(radsec.files.pair(NAME), alpn=ALPN, tls="TLSv1_2") as peer:
        assert peer.is_closed()
    assert radsec.refused("tls-version") == before + 1


def test_a_password_goes_as_it_is_and_answers_carry_the_token(peer, committed):
    _, username = committed.user()
    right = peer.tell(1, sign_in(username, people.PASSWORD, attribute(33, b"state")), reserved=b"\xff" * 13)
    answer = peer.hear(right)
    assert answer.code == Code.ACCESS_ACCEPT
    assert answer.get(80) is None
    assert answer.get_all(33) == [b"state"]
    assert peer.hear(peer.tell(1, sign_in(username, "wrong"))).code == Code.ACCESS_REJECT


def test_many_requests_are_told_apart_by_their_tokens_alone(peer, committed):
    _, username = committed.user()
    for password in (people.PASSWORD, "wrong"):
        peer.hear(peer.tell(1, sign_in(username, password)))
    asked = {}
    for n in range(300):
        token = n.to_bytes(4, "little")
        asked[peer.tell(1, sign_in(username, people.PASSWORD if n % 2 else "wrong"), token=token)] = 2 if n % 2 else 3
    answers = [peer.receive() for _ in asked]
    assert {octets[4:8]: octets[0] for octets in answers} == asked


def test_message_authenticator_means_nothing(peer, committed):
    _, username = committed.user()
    assert peer.hear(peer.tell(1, attribute(80, b"x" * 16) + sign_in(username))).code == Code.ACCESS_ACCEPT
    assert peer.hear(peer.tell(12, attribute(80, b"x" * 3))).code == Code.ACCESS_ACCEPT


def test_chap_needs_its_challenge(peer, committed):
    """Section 5.1.2: the authenticator of old is zeros, and nobody's challenge."""
    _, username = committed.user(recoverable=True)
    challenge, token = secrets.token_bytes(16), b"\1\2\3\4"
    name = attribute(1, username.encode())
    right = attribute(3, chap.respond(identifier=7, challenge=challenge, password=people.PASSWORD.encode())) + attribute(
        60, challenge
    )
    assert peer.hear(peer.tell(1, name + right)).code == Code.ACCESS_ACCEPT
    bare = attribute(3, chap.respond(identifier=7, challenge=token + bytes(12), password=people.PASSWORD.encode()))
    assert peer.hear(peer.tell(1, name + bare, token=token)).code == Code.ACCESS_REJECT


def test_accounting_is_stored_before_its_answer(peer, committed, run_id):
    told = attribute(40, (1).to_bytes(4, "big")) + attribute(44, f"{run_id}-11".encode()) + attribute(1, b"somebody")
    assert peer.hear(peer.tell(4, told)).code == Code.ACCOUNTING_RESPONSE
    assert committed.one("SELECT username FROM accounting_live WHERE acctsessionid = %s", f"{run_id}-11") == "somebody"


def test_who_cannot_be_answered_is_told_so(peer, radsec, monkeypatch):
    """Section 6.1: Protocol-Error with Error-Cause 506, so that a NAS asks another server at once."""
    monkeypatch.setitem(radsec.radsec.handlers, Code.ACCESS_REQUEST, lambda _: 1 / 0)
    answer = peer.hear(peer.tell(1, sign_in("anybody")))
    assert answer.code == PROTOCOL_ERROR
    assert answer.get(101) == (506).to_bytes(4, "big")


def test_one_token_for_two_requests_ends_the_connection(peer, radsec, monkeypatch):
    """Section 4.2.2."""
    monkeypatch.setitem(radsec.radsec.handlers, Code.ACCESS_REQUEST, lambda _: None)
    before = radsec.closed("token-twice")
    for name in ("one", "other"):
        peer.tell(1, sign_in(name), token=b"same")
    assert peer.is_closed()
    until(lambda: radsec.closed("token-twice") == before + 1)


def test_what_is_no_packet_ends_it(peer, radsec):
    before = radsec.closed("malformed")
    peer.send(bytes((1, 0, 0, 22)) + bytes(16) + b"\1\1")
    assert peer.is_closed()
    assert radsec.closed("malformed") == before + 1
