"""MS-CHAP-V2 without EAP (RFC 2548) through a real server."""

import secrets

import pytest

from gate.protocols.radius import mppe, mschap
from gate.protocols.radius.packet import split_vendor
from people import PASSWORD
from radius_nas import ACCEPT, REJECT
from radius_server import until

pytestmark = pytest.mark.django_db

CHALLENGE, RESPONSE, SUCCESS, ERROR = 11, 25, 26, 2


def vendor(kind, value):
    return (26, (311).to_bytes(4, "big") + bytes((kind, len(value) + 2)) + value)


def answer(name, password, challenge, identifier=9):
    sides = {"authenticator_challenge": challenge, "peer_challenge": bytes(range(16)), "username": name.encode()}
    made = mschap.nt_response(**sides, password_hash=mschap.nt_hash(password.encode()))
    return sides, mschap.Response(identifier=identifier, peer_challenge=bytes(range(16)), nt_response=made)


def ask(nas, name, password, *, challenge=None, value=None, more=()):
    challenge = secrets.token_bytes(16) if challenge is None else challenge
    sides, response = answer(name, password, challenge)
    value = response.encode() if value is None else value
    authenticator = secrets.token_bytes(16)
    request = nas.access_request(
        (1, name.encode()), vendor(CHALLENGE, challenge), vendor(RESPONSE, value), *more, authenticator=authenticator
    )
    return nas.ask(request), sides, response, authenticator


def logged(committed, name):
    return committed.all("SELECT accepted, method, reason FROM access_sign_in WHERE username = %s ORDER BY id", name)


def test_the_right_password_gets_the_server_s_proof_and_the_keys(server, committed):
    _, name = committed.user(profile="acme", recoverable=True)
    nas = server.nas()
    reply, sides, response, authenticator = ask(nas, name, PASSWORD)
    assert reply.code == ACCEPT
    assert reply.get(27) is not None
    hashed = mschap.nt_hash(PASSWORD.encode())
    proof = mschap.authenticator_response(**sides, password_hash=hashed, response=response.nt_response)
    assert reply.vendor(311, SUCCESS) == b"\x09" + proof
    master = mppe.master_key(password_hash=hashed, response=response.nt_response)
    for kind, server_sends in ((16, True), (17, False)):
        key = mppe.decrypt(reply.vendor(311, kind), secret=nas.secret, authenticator=authenticator)
        assert key == mppe.start_key(master=master, server_sends=server_sends)
    until(lambda: logged(committed, name) == [(True, "MS-CHAPv2", "")])


@pytest.mark.parametrize(
    ("recoverable", "password", "reason"),
    [(True, "wrong", "wrong-password"), (False, PASSWORD, "password-not-recoverable"), (None, PASSWORD, "unknown-user")],
)
def test_whoever_is_refused_is_told_the_same(server, committed, recoverable, password, reason):
    name = f"nobody-{secrets.token_hex(4)}" if recoverable is None else committed.user(recoverable=recoverable)[1]
    reply, *_ = ask(server.nas(), name, password)
    assert reply.code == REJECT
    error = reply.vendor(311, ERROR)
    assert error.startswith(b"\x09E=691 R=0 C=")
    assert error.endswith(b"V=3 M=Authentication failed")
    until(lambda: logged(committed, name) == [(False, "MS-CHAPv2", reason)])


@pytest.mark.parametrize(
    "named", [{"challenge": b""}, {"challenge": bytes(8)}, {"value": bytes(49)}, {"value": bytes(50)}, {"value": b""}]
)
def test_what_cannot_be_read_proves_nothing(server, committed, named):
    _, name = committed.user(recoverable=True)
    reply, *_ = ask(server.nas(), name, PASSWORD, **named)
    assert reply.code == REJECT


def test_it_is_no_device_that_stands_for_itself(server, committed):
    """A guest's portal session never stands in for an answer that is wrong."""
    _, name = committed.user(recoverable=True)
    reply, *_ = ask(server.nas(), name, "wrong", more=((31, b"02-00-00-00-00-77"),))
    assert reply.code == REJECT


def test_other_attributes_of_vendors_are_no_answer(server, committed):
    _, name = committed.user()
    nas = server.nas()
    assert split_vendor(vendor(CHALLENGE, bytes(16))[1]) is not None
    assert nas.ask(nas.access_request((1, name.encode()), vendor(CHALLENGE, bytes(16)))).code == REJECT
    until(lambda: logged(committed, name) == [(False, "none", "no-credential")])
