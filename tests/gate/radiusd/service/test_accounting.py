"""Accounting through a real server: nothing is acknowledged before it is in the table, whatever happens to PostgreSQL."""

import os

import psycopg
import pytest

from radius_nas import ACKNOWLEDGED, INTERIM, START, STOP, number
from radius_server import until

# The server's own database is a copy of the one this asks for.
pytestmark = pytest.mark.django_db


@pytest.fixture
def nas(server):
    return server.nas()


@pytest.fixture
def stored(committed, run_id):
    """Sessions of this test: what is asked for, by session id."""

    def ask(columns="acctsessiontime"):
        return dict(
            committed.all(f"SELECT acctsessionid, {columns} FROM accounting_live WHERE acctsessionid LIKE %s", f"{run_id}%")
        )

    return ask


def test_an_acknowledged_packet_is_in_the_table(nas, committed, run_id):
    user, name = committed.user(organization="acme-west", profile="acme", klass="gold")
    place = (30, b"02-00-00-00-00-03:Guests"), (31, b"AA-00-00-00-00-01"), (61, number(19))
    for status, seconds in ((START, 0), (INTERIM, 300), (STOP, 480)):
        answer = nas.ask(nas.accounting(status, run_id, name.upper(), *place, (42, number(seconds * 7)), seconds=seconds))
        assert answer.code == ACKNOWLEDGED
        assert answer.attributes == []
        ((time, octets, stop),) = committed.all(
            "SELECT acctsessiontime, acctinputoctets, acctstoptime FROM accounting_live WHERE acctsessionid = %s", run_id
        )
        assert (time, octets, stop is not None) == (seconds, seconds * 7, status == STOP)
    columns = "user_id, username, groupname, klass, organization_id, location_id, access_point_id, ssid, nasporttype"
    world = committed.world
    assert committed.all(f"SELECT {columns}, host(nasipaddress) FROM accounting_live WHERE acctsessionid = %s", run_id) == [
        (
            user, name.upper(), "acme-profile", "gold", world.organizations["acme-east"], world.locations["acme-east"],
            world.access_points["acme-east"], "Guests", "Wireless-802.11", "127.0.0.1",
        )
    ]  # fmt: skip


def test_a_wrong_authenticator_is_dropped(server, nas, stored, run_id):
    before = server.metrics["dropped.signature"]
    good = nas.accounting(START, run_id, "eve")
    for position in (4, 19, 25, len(good) - 1):
        bad = bytearray(good)
        bad[position] ^= 1
        nas.send(bytes(bad))
    until(lambda: server.metrics["dropped.signature"] + server.metrics["dropped.malformed"] >= before + 4)
    wrong = server.nas(secret=b"another secret")
    wrong.send(wrong.accounting(START, run_id, "eve"))
    until(lambda: server.metrics["dropped.signature"] + server.metrics["dropped.malformed"] >= before + 5)
    assert nas.receive(0.02) is None
    assert stored() == {}


@pytest.mark.parametrize("status", [0, 15])
def test_other_status_types_are_not_acknowledged(server, nas, stored, run_id, status):
    before = server.metrics["dropped.status-type"]
    nas.send(nas.accounting(status, run_id, "eve"))
    until(lambda: server.metrics["dropped.status-type"] == before + 1)
    assert nas.silent(nas.accounting(START, run_id + "probe", "eve"))
    assert list(stored()) == [run_id + "probe"]


def test_copies_are_answered_alike_and_stored_once(server, nas, stored, run_id):
    request = nas.accounting(INTERIM, run_id, "eve", seconds=60)
    first = nas.ask_raw(request)
    before = server.metrics["accounting.stored"]
    for _ in range(3):
        assert nas.ask_raw(request) == first
    assert server.metrics["accounting.stored"] == before
    assert stored() == {run_id: 60}


def test_no_acknowledgement_before_the_commit(server, committed, nas, stored, run_id):
    """Another connection holds the row; copies that come meanwhile get nothing either."""
    assert nas.ask(nas.accounting(START, run_id, "eve")).code == ACKNOWLEDGED
    request = nas.accounting(STOP, run_id, "eve", seconds=60)
    in_flight = server.metrics["duplicates.in-flight"]
    with committed.connection.transaction():
        committed.all("SELECT 1 FROM accounting_live WHERE acctsessionid = %s FOR UPDATE", run_id)
        nas.send(request)
        until(lambda: committed.all("SELECT 1 FROM pg_locks WHERE NOT granted"))
        nas.send(request)
        until(lambda: server.metrics["duplicates.in-flight"] == in_flight + 1)
        assert nas.receive(0.05) is None
        assert stored() == {run_id: 0}
    assert nas.verified(request, nas.receive()).code == ACKNOWLEDGED
    assert stored() == {run_id: 60}
    assert nas.receive(0.02) is None


def test_a_locked_table_holds_up_nothing_for_good(server, committed, nas, stored, run_id):
    requests = {}
    with committed.connection.transaction():
        committed.all("LOCK TABLE accounting_live IN ACCESS EXCLUSIVE MODE")
        for position in range(100):
            request = nas.accounting(START, f"{run_id}-{position}", "eve")
            requests[request[1]] = request
            nas.send(request)
        until(lambda: committed.all("SELECT 1 FROM pg_locks WHERE NOT granted"))
        assert nas.receive(0.02) is None
    for _ in range(100):
        answer = nas.receive()
        assert nas.verified(requests.pop(answer[1]), answer).code == ACKNOWLEDGED
    assert len(stored()) == 100


def test_connections_ended_under_load_lose_nothing(server, committed, nas, stored, run_id):
    expected = {}
    for turn in range(6):
        waiting = {}
        for position in range(20):
            session = f"{run_id}-{position}"
            request = nas.accounting(INTERIM, session, "eve", seconds=turn * 60 + 1)
            waiting[request[1]] = (request, session, turn * 60 + 1)
            nas.send(request)
        if turn % 2 == 0:
            assert committed.terminate() >= 1
        while waiting:
            answer = nas.receive(1.0)
            if answer is None:
                for request, _, _ in waiting.values():
                    nas.send(request)
                continue
            if answer[1] in waiting:
                request, session, seconds = waiting.pop(answer[1])
                assert nas.verified(request, answer).code == ACKNOWLEDGED
                expected[session] = seconds
        assert stored() == expected
    assert committed.all("SELECT count(*) FROM accounting_live WHERE acctsessionid LIKE %s", f"{run_id}%") == [(20,)]


def test_while_postgresql_is_away_nothing_is_answered_and_afterwards_everything(server, committed, nas, stored, run_id):
    name = committed.connection.info.dbname
    request = nas.accounting(START, run_id, "eve")
    away = server.metrics["accounting.database-away"]
    dropped = server.metrics["dropped.database-away"]
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as owner:
        owner.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        try:
            committed.terminate()
            nas.send(request)
            until(lambda: server.metrics["accounting.database-away"] >= away + 3)
            other = server.nas()
            other.send(other.pap("nobody", "x"))
            until(lambda: server.metrics["dropped.database-away"] > dropped)
            assert nas.receive(0.02) is None
            assert other.receive(0.02) is None
            assert stored() == {}
        finally:
            owner.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
    assert nas.verified(request, nas.receive(10)).code == ACKNOWLEDGED
    assert stored() == {run_id: 0}
    assert other.ask(other.pap("nobody", "x"), within=10).code == 3
    # What the server keeps in memory is read anew, and it listens again.
    committed.all(
        "UPDATE profiles_profile SET name = 'renamed', short_name = %s WHERE id = %s", run_id, committed.world.profiles["rival"]
    )
    until(lambda: server.service.store.profiles[committed.world.profiles["rival"]].short_name == run_id)


def test_a_packet_postgresql_refuses_does_not_hold_up_its_batch(server, committed, nas, stored, run_id, caplog):
    """A constraint of the test's own plays the part of whatever nobody thought of."""
    committed.all(f"ALTER TABLE accounting_live ADD CONSTRAINT poison CHECK (acctsessionid <> '{run_id}-13')")
    before = server.metrics["dropped.refused"]
    try:
        requests = {}
        with committed.connection.transaction():
            committed.all("LOCK TABLE accounting_live IN ACCESS EXCLUSIVE MODE")
            for position in range(40):
                request = nas.accounting(START, f"{run_id}-{position}", "eve")
                requests[request[1]] = request
                nas.send(request)
            until(lambda: committed.all("SELECT 1 FROM pg_locks WHERE NOT granted"))
        poisoned = next(request for request in requests.values() if f"{run_id}-13".encode() in request)
        for _ in range(39):
            answer = nas.receive()
            assert nas.verified(requests.pop(answer[1]), answer).code == ACKNOWLEDGED
        assert list(requests.values()) == [poisoned]
        until(lambda: server.metrics["dropped.refused"] > before)
        assert len(stored()) == 39
        assert "not acknowledged" in caplog.text
    finally:
        committed.all("ALTER TABLE accounting_live DROP CONSTRAINT poison")
    # It was not answered, so its next copy is a new request and not a duplicate.
    assert nas.verified(poisoned, nas.ask_raw(poisoned)).code == ACKNOWLEDGED
    assert len(stored()) == 40


def test_past_the_backlog_a_packet_is_dropped_unanswered(server, committed, nas, stored, run_id, monkeypatch):
    monkeypatch.setattr(server.service.accountant._waiting, "_backlog", 3)
    before = server.metrics["dropped.accounting-backlog"]
    requests = {}
    with committed.connection.transaction():
        committed.all("LOCK TABLE accounting_live IN ACCESS EXCLUSIVE MODE")
        first = nas.accounting(START, f"{run_id}-first", "eve")
        requests[first[1]] = first
        nas.send(first)
        until(lambda: committed.all("SELECT 1 FROM pg_locks WHERE NOT granted"))
        for position in range(10):
            request = nas.accounting(START, f"{run_id}-{position}", "eve")
            requests[request[1]] = request
            nas.send(request)
        until(lambda: server.metrics["dropped.accounting-backlog"] >= before + 7)
        assert len(server.service.accountant._waiting) <= 3
    answered = 0
    while (answer := nas.receive(0.3)) is not None:
        nas.verified(requests.pop(answer[1]), answer)
        answered += 1
    assert answered == len(stored()) == 4
    monkeypatch.undo()
    # A dropped one is taken when it comes again.
    for request in requests.values():
        assert nas.verified(request, nas.ask_raw(request)).code == ACKNOWLEDGED
    assert len(stored()) == 11


def test_packets_of_one_session_in_one_batch_end_in_one_row(server, committed, nas, stored, run_id):
    user, name = committed.user()
    acme = committed.world.organizations["acme"]
    committed.all("INSERT INTO credit_balance (user_id, tenant_id, seconds) VALUES (%s, %s, 1000)", user, acme)
    requests = {}
    with committed.connection.transaction():
        committed.all("LOCK TABLE accounting_live IN ACCESS EXCLUSIVE MODE")
        for status, seconds in [(STOP, 90), (INTERIM, 60), (START, 0), (INTERIM, 30), (STOP, 90)]:
            request = nas.accounting(status, run_id, name, seconds=seconds)
            requests[request[1]] = request
            nas.send(request)
        until(lambda: committed.all("SELECT 1 FROM pg_locks WHERE NOT granted"))
    for _ in range(5):
        answer = nas.receive()
        nas.verified(requests.pop(answer[1]), answer)
    assert stored() == {run_id: 90}
    assert committed.one("SELECT seconds FROM credit_balance WHERE user_id = %s", user) == 910
    assert committed.all("SELECT seconds FROM credit_entry WHERE user_id = %s", user) == [(-90,)]


def test_the_other_tenant_s_nas_links_nobody_of_this_one(server, committed, stored, run_id):
    user, name = committed.user()
    for place in ("acme", "rival"):
        nas = server.nas(place)
        assert nas.ask(nas.accounting(START, f"{run_id}-{place}", name)).code == ACKNOWLEDGED
    assert stored("user_id") == {f"{run_id}-acme": user, f"{run_id}-rival": None}
    assert stored("tenant_id") == {
        f"{run_id}-acme": committed.world.organizations["acme"], f"{run_id}-rival": committed.world.organizations["rival"]
    }  # fmt: skip


def test_sessions_of_one_id_are_told_apart_whatever_comes_first(server, committed, nas, stored, run_id):
    """A NAS restarted twice, and the packets come backwards: every one is answered, and stored where it belongs."""
    user, name = committed.user()
    acme = committed.world.organizations["acme"]
    committed.all("INSERT INTO credit_balance (user_id, tenant_id, seconds) VALUES (%s, %s, 9000)", user, acme)
    began = committed.one("SELECT extract(epoch FROM now())::bigint - 9000")
    for life in (2, 1, 0):
        for status, seconds in ((STOP, 900), (INTERIM, 300), (START, 0)):
            stamp = (55, number(began + life * 2000 + seconds))
            assert nas.ask(nas.accounting(status, run_id, name, stamp, seconds=seconds)).code == ACKNOWLEDGED
    past = committed.all("SELECT acctsessiontime, start_seen FROM accounting_history WHERE acctsessionid = %s", run_id)
    assert past == [(900, True), (900, True)]
    assert stored() == {run_id: 900}
    assert committed.one("SELECT seconds FROM credit_balance WHERE user_id = %s", user) == 9000 - 3 * 900
    # Nobody keeps the lock under which a session was put into the past.
    assert committed.all("SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND objid = 1196444741") == []
