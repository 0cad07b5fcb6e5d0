"""Accounting-On and -Off through a real server: the sessions of what restarted are closed, and no others."""

import pytest

from radius_nas import ACKNOWLEDGED, INTERIM, START, STOP, number
from radius_server import until

pytestmark = pytest.mark.django_db
ON, OFF = 7, 8
NAS_IP, IDENTIFIER, CALLED, EVENT = 4, 32, 30, 55
ONE, OTHER = b"02-00-00-00-0A-01:Guests", b"02-00-00-00-0A-02:Guests"


def at(seconds):
    return EVENT, number(int(seconds))


@pytest.fixture
def nas(server):
    return server.nas()


@pytest.fixture
def began(committed):
    """A moment a while ago, whole seconds, so that restarts and sessions have their places in time."""
    return committed.one("SELECT extract(epoch FROM now())::bigint - 5000")


@pytest.fixture
def opened(nas, began, run_id):
    """Open a session with these attributes; its last update is 600 seconds after `began`."""

    def open_one(name, *more, nas=nas):
        for status, seconds in ((START, 0), (INTERIM, 600)):
            request = nas.accounting(status, f"{run_id}-{name}", "eve", at(began + seconds), *more, seconds=seconds)
            assert nas.ask(request).code == ACKNOWLEDGED

    return open_one


@pytest.fixture
def closed(committed, run_id):
    """Names of this test's sessions that are closed, with why."""

    def ask():
        rows = committed.all(
            "SELECT acctsessionid, acctterminatecause, acctstoptime = acctupdatetime FROM accounting_live"
            " WHERE acctsessionid LIKE %s AND acctstoptime IS NOT NULL", f"{run_id}-%",
        )  # fmt: skip
        assert all(at_last_update for _, _, at_last_update in rows)
        return {name.removeprefix(f"{run_id}-"): cause for name, cause, _ in rows}

    return ask


def restart(nas, status, seconds, *more):
    request = nas.accounting(status, "", "", at(seconds), *more)
    assert nas.ask(request).code == ACKNOWLEDGED


@pytest.mark.parametrize("status", [ON, OFF])
def test_a_restart_closes_the_sessions_of_its_nas_at_their_last_update(server, nas, began, opened, closed, status):
    opened("mine", (NAS_IP, bytes([192, 0, 2, status])))
    opened("elsewhere", (NAS_IP, bytes([192, 0, 2, status])), nas=server.nas("acme-west"))
    restart(nas, status, began + 900, (NAS_IP, bytes([192, 0, 2, status])))
    assert closed() == {"mine": "NAS-Reboot"}
    restart(nas, status, began + 900, (NAS_IP, bytes([192, 0, 2, status])))
    assert closed() == {"mine": "NAS-Reboot"}


@pytest.mark.parametrize(
    ("says", "expected"),
    [
        ([(IDENTIFIER, b"c-ap1")], {"ap1", "ap1-also"}),
        ([(IDENTIFIER, b"c-ap2")], {"ap2"}),
        ([(IDENTIFIER, b"c-ap3")], set()),
        ([(CALLED, ONE)], {"ap1", "ap1-also"}),
        ([(CALLED, b"0200.0000.0a01")], {"ap1", "ap1-also", "ap1-staff"}),
        ([(CALLED, b"02:00:00:00:0a:01:Staff")], {"ap1-staff"}),
        ([(IDENTIFIER, b"c-ap1"), (CALLED, OTHER)], set()),
        ([], {"ap1", "ap1-also", "ap1-staff", "ap2"}),
    ],
)
def test_a_restart_of_one_access_point_leaves_the_others_of_its_controller_alone(
    nas, began, opened, closed, committed, says, expected
):
    """Which attributes a session has to be like are those that the packet carries."""
    own = (NAS_IP, committed.one("SELECT decode(lpad(to_hex(floor(random() * 2147483647)::int), 8, '0'), 'hex')"))
    opened("ap1", own, (IDENTIFIER, b"c-ap1"), (CALLED, ONE))
    opened("ap1-also", own, (IDENTIFIER, b"c-ap1"), (CALLED, ONE))
    opened("ap1-staff", own, (IDENTIFIER, b"c-staff"), (CALLED, b"02-00-00-00-0A-01:Staff"))
    opened("ap2", own, (IDENTIFIER, b"c-ap2"), (CALLED, OTHER))
    opened("another", (NAS_IP, bytes([203, 0, 113, 1])), (IDENTIFIER, b"c-ap1"), (CALLED, ONE))
    restart(nas, ON, began + 900, own, *says)
    assert set(closed()) == expected


def test_what_began_or_went_on_after_the_restart_stays_open(nas, began, opened, closed, run_id):
    own = (NAS_IP, b"\xc0\x00\x02\x63")
    opened("before", own)
    restart(nas, ON, began, own)
    restart(nas, ON, began + 500, own)
    assert closed() == {}
    restart(nas, ON, began + 600, own)
    assert set(closed()) == {"before"}
    # It speaks of a later moment: whatever restarted, this session did not.
    request = nas.accounting(INTERIM, f"{run_id}-before", "eve", at(began + 1200), own, seconds=1200)
    assert nas.ask(request).code == ACKNOWLEDGED
    assert closed() == {}


def test_late_packets_of_closed_sessions_are_counted_and_its_stop_wins(nas, began, opened, closed, committed, run_id):
    own = (NAS_IP, b"\xc0\x00\x02\x64")
    opened("late", own)
    restart(nas, OFF, began + 900, own)
    interim = nas.accounting(INTERIM, f"{run_id}-late", "eve", at(began + 800), own, seconds=800)
    assert nas.ask(interim).code == ACKNOWLEDGED
    assert closed() == {"late": "NAS-Reboot"}
    stop = nas.accounting(STOP, f"{run_id}-late", "eve", at(began + 890), own, (49, number(11)), seconds=890)
    assert nas.ask(stop).code == ACKNOWLEDGED
    assert closed() == {"late": "NAS-Reboot"}
    columns = "acctsessiontime, closed_by"
    found = committed.all(f"SELECT {columns} FROM accounting_live WHERE acctsessionid = %s", f"{run_id}-late")
    assert found == [(890, None)]


def test_after_the_restart_the_same_id_is_another_session(nas, began, opened, closed, committed, run_id):
    own = (NAS_IP, b"\xc0\x00\x02\x65")
    opened("again", own)
    restart(nas, ON, began + 615, own)
    request = nas.accounting(START, f"{run_id}-again", "eve", at(began + 620), own)
    assert nas.ask(request).code == ACKNOWLEDGED
    assert closed() == {}
    tables = "SELECT acctsessiontime FROM accounting_{} WHERE acctsessionid = %s"
    assert committed.all(tables.format("history"), f"{run_id}-again") == [(600,)]
    assert committed.all(tables.format("live"), f"{run_id}-again") == [(0,)]


def test_windows_and_a_database_that_is_away(server, committed, nas, began, opened, closed, monkeypatch):
    monkeypatch.setattr("gate.radiusd.restarts.WINDOW", 2)
    own = (NAS_IP, b"\xc0\x00\x02\x66")
    for name in "abcde":
        opened(name, own)
    assert committed.terminate() >= 1
    restart(nas, ON, began + 900, own)
    assert set(closed()) == set("abcde")


def test_past_the_backlog_a_restart_is_dropped(server, committed, nas, began, monkeypatch):
    monkeypatch.setattr(server.service.restarts._waiting, "_maxsize", 1)
    before = server.metrics["dropped.restarts-backlog"]
    requests = [nas.accounting(ON, "", "", at(began), (NAS_IP, bytes([192, 0, 2, n]))) for n in range(1, 5)]
    with committed.connection.transaction():
        committed.all("LOCK TABLE accounting_live IN ACCESS EXCLUSIVE MODE")
        for request in requests:
            nas.send(request)
        until(lambda: server.metrics["dropped.restarts-backlog"] >= before + 2)
    unanswered = {request[1]: request for request in requests}
    while unanswered:  # the two that were taken are answered when they are, in between
        answer = nas.ask_raw(next(iter(unanswered.values())))
        request = unanswered.pop(answer[1], None)
        assert request is None or nas.verified(request, answer).code == ACKNOWLEDGED
