"""More accounting than can be stored: sign-ins go on, and what nobody waits for any more is dropped before it is stored."""

import time

import pytest

from radius_nas import ACKNOWLEDGED, START
from radius_server import until

pytestmark = pytest.mark.django_db


@pytest.fixture
def stored(committed, run_id):
    def count():
        return committed.one("SELECT count(*) FROM accounting_live WHERE acctsessionid LIKE %s", f"{run_id}%")

    return count


def test_a_flood_of_accounting_that_cannot_be_stored_holds_up_no_sign_in(server, committed, stored, run_id):
    """All writers wait for a lock and their queue is full; sign-ins have queues and connections of their own."""
    server.service.accountant._waiting._backlog, kept = 600, server.service.accountant._waiting._backlog
    _, name = committed.user()
    flooding, guest = server.nas(), server.nas()
    before = server.metrics["dropped.accounting-backlog"]
    try:
        with committed.connection.transaction():
            committed.all("LOCK TABLE accounting_live IN ACCESS EXCLUSIVE MODE")
            sent = 0
            while server.metrics["dropped.accounting-backlog"] < before + 100:
                for _ in range(100):
                    flooding.send(flooding.accounting(START, f"{run_id}-{sent}", "eve"))
                    sent += 1
                assert sent < 20_000
            began = time.monotonic()
            for _ in range(5):
                assert guest.ask(guest.pap(name, "wrong")).code == 3
            assert time.monotonic() - began < 2.5
            assert flooding.receive(0.02) is None
    finally:
        server.service.accountant._waiting._backlog = kept
    until(lambda: stored() >= 600)


def test_what_waited_too_long_is_dropped_and_taken_when_it_comes_again(server, committed, stored, run_id, monkeypatch):
    monkeypatch.setattr("gate.radiusd.account.PATIENCE", 0.3)
    nas = server.nas()
    before = server.metrics["dropped.accounting-waited-too-long"]
    with committed.connection.transaction():
        committed.all("LOCK TABLE accounting_live IN ACCESS EXCLUSIVE MODE")
        first = nas.accounting(START, f"{run_id}-first", "eve")
        nas.send(first)
        until(lambda: committed.all("SELECT 1 FROM pg_locks WHERE NOT granted"))
        waiting = [nas.accounting(START, f"{run_id}-{number}", "eve") for number in range(5)]
        for request in waiting:
            nas.send(request)
        until(lambda: len(server.service.accountant._waiting) == 5)
        time.sleep(0.35)
    assert nas.verified(first, nas.receive()).code == ACKNOWLEDGED
    until(lambda: server.metrics["dropped.accounting-waited-too-long"] == before + 5)
    assert nas.receive(0.05) is None
    assert stored() == 1
    for request in waiting:
        assert nas.verified(request, nas.ask_raw(request)).code == ACKNOWLEDGED
    assert stored() == 6


def test_what_waited_for_postgresql_is_stored_however_long_it_was_away(server, committed, stored, run_id, monkeypatch):
    monkeypatch.setattr("gate.radiusd.account.PATIENCE", 0.05)
    nas = server.nas()
    name = committed.connection.info.dbname
    away = server.metrics["accounting.database-away"]
    committed.all("UPDATE pg_database SET datallowconn = false WHERE datname = %s", name)
    try:
        committed.terminate()
        nas.send(nas.accounting(START, f"{run_id}-hand", "eve"))
        until(lambda: server.metrics["accounting.database-away"] > away)
        for number in range(3):
            nas.send(nas.accounting(START, f"{run_id}-{number}", "eve"))
        until(lambda: server.metrics["accounting.database-away"] >= away + 3)
    finally:
        committed.all("UPDATE pg_database SET datallowconn = true WHERE datname = %s", name)
    until(lambda: stored() == 4)
