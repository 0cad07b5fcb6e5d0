"""Status-Server (RFC 5997) on real sockets."""

import os
import secrets

import psycopg
import pytest

from gate.protocols.radius import signing
from people import PASSWORD
from radius_nas import ACCEPT, ACKNOWLEDGED, encoded
from radius_server import until

pytestmark = pytest.mark.django_db

STATUS_SERVER = 12
PORTS = [("auth_port", ACCEPT), ("acct_port", ACKNOWLEDGED)]


def status(nas, *attributes, signed=True):
    return signing.access_request(
        code=STATUS_SERVER, identifier=7, authenticator=secrets.token_bytes(16), secret=nas.secret,
        attributes=encoded(list(attributes)), message_authenticator=signed,
    )  # fmt: skip


def ask(nas, port, request, within=3.0):
    nas.socket.sendto(request, ("127.0.0.1", getattr(nas, port)))
    return nas.receive(within)


@pytest.mark.parametrize(("port", "code"), PORTS)
def test_it_is_answered_as_its_port_answers(server, committed, port, code):
    nas, count = server.nas(), "SELECT count(*) FROM access_sign_in"
    server.run(server.service.journal.flush())
    before = committed.one(count)
    request = status(nas, (33, b"one"), (33, b"two"))
    answer = nas.verified(request, ask(nas, port, request))
    assert answer.code == code
    assert answer.get_all(33) == [b"one", b"two"]
    server.run(server.service.journal.flush())
    assert committed.one(count) == before


@pytest.mark.parametrize(("port", "code"), PORTS)
@pytest.mark.parametrize("fault", ["unsigned", "changed", "another secret", "unknown source"])
def test_without_a_right_message_authenticator_it_is_not(server, port, code, fault):
    nas = server.nas()
    secret, address = (b"x" * 16, None) if fault == "another secret" else (None, None)
    sender = server.nas(address="127.0.0.99" if fault == "unknown source" else address, secret=secret)
    request = bytearray(status(sender, signed=fault != "unsigned"))
    if fault == "changed":
        request[30] ^= 1
    reason = "dropped.unknown-client" if fault == "unknown source" else "dropped.signature"
    before = server.metrics[reason]
    assert ask(sender, port, bytes(request), within=0.05) is None
    until(lambda: server.metrics[reason] == before + 1)
    probe = status(nas)
    assert ask(nas, port, probe)[1] == probe[1]


def test_while_postgresql_is_away_it_is_not_and_afterwards_it_is(server, committed):
    nas, name = server.nas(), committed.connection.info.dbname
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as owner:
        owner.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        try:
            committed.terminate()
            until(lambda: server.service.pulse.is_away)
            before = server.metrics["dropped.status-database-away"]
            for port, _ in PORTS:
                assert ask(nas, port, status(nas), within=0.05) is None
            until(lambda: server.metrics["dropped.status-database-away"] == before + 2)
        finally:
            owner.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
    until(lambda: not server.service.pulse.is_away)
    for port, code in PORTS:
        request = status(nas)
        assert nas.verified(request, ask(nas, port, request)).code == code
    # The other connections come back by themselves.
    assert nas.ask(nas.pap(committed.user()[1], PASSWORD), within=10).code == ACCEPT
