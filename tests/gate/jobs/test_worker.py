"""The worker's real process: it says when it is ready, does what is deferred, outlives its database, and ends when asked."""

import contextlib
import os
import select
import signal
import subprocess
import sys

import procrastinate
import pytest
from procrastinate.contrib.django import app

from coa_nas import coa_nas
from gate.processes import READY_FD, SUPERVISED
from radius_server import until

# The worker's own database is a copy of the one this asks for.
pytestmark = [pytest.mark.e2e, pytest.mark.django_db]
MOVE = "gate.jobs.move_closed_sessions.move_closed_sessions"


@pytest.fixture
def worker(committed, tmp_path):
    """A `gate worker` that is ready, and its log."""
    reader, writer = os.pipe()
    environ = os.environ | {"DATABASE_URL": committed.url, SUPERVISED: str(os.getpid()), READY_FD: str(writer)}
    log = tmp_path / "log"
    with log.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "gate", "worker"], env=environ, pass_fds=[writer], stdout=file, stderr=file
        )
    os.close(writer)
    try:
        with os.fdopen(reader, "rb") as pipe:
            ready, _, _ = select.select([pipe], [], [], 30)
            assert ready, "not ready in 30 seconds"
            assert pipe.readline() == b"ready\n", log.read_text()
        yield process, log
    finally:
        process.kill()
        process.wait(10)


def defer(committed, name):
    app.perform_import_paths()
    # The tasks belong to the one app, so it is the app that is turned to the worker's database.
    # At its start the worker defers what was due lately; a job of a name waits only once, and that one does as well.
    with (
        app.replace_connector(procrastinate.SyncPsycopgConnector(conninfo=committed.url)) as elsewhere,
        elsewhere.open(),
        contextlib.suppress(procrastinate.exceptions.AlreadyEnqueued),
    ):
        return elsewhere.configure_task(name).defer(timestamp=0)


def idle(committed):
    """Whether every job ended well: then it is deleted. Fails where one failed."""
    rows = committed.all("SELECT status::text FROM procrastinate_jobs")
    assert ("failed",) not in rows
    return not rows


def close_one(committed):
    """A session in the live table that ended long ago; its number."""
    acme = committed.world.organizations["acme"]
    return committed.one(
        "INSERT INTO accounting_live (acctuniqueid, acctsessionid, tenant_id, organization_id, nas_id, acctstarttime,"
        " acctupdatetime, acctstoptime, acctsessiontime, acctinputoctets, acctoutputoctets, start_seen, username, nasipaddress)"
        " VALUES (decode(md5(random()::text), 'hex'), 's', %s, %s, 1, now() - interval '3 days', now() - interval '2 days',"
        " now() - interval '2 days', 1, 1, 1, true, 'eve', '192.0.2.1') RETURNING radacctid",
        acme, acme,
    )  # fmt: skip


def moved(committed, number):
    return committed.all("SELECT 1 FROM accounting_history WHERE radacctid = %s", number)


def test_deferred_jobs_are_done_under_the_system_role_and_sigterm_ends_it(committed, worker):
    process, log = worker
    number = close_one(committed)
    defer(committed, MOVE)
    until(lambda: moved(committed, number), within=20)
    defer(committed, "gate.jobs.make_partitions.make_partitions")
    until(lambda: idle(committed), within=20)
    process.send_signal(signal.SIGTERM)
    assert process.wait(15) == 0, log.read_text()
    assert "Traceback" not in log.read_text()


def test_a_nas_is_asked_to_end_the_sessions_of_who_was_deleted(committed, worker):
    """The real process, under its own role: woken by the row, not by the clock."""
    _, log = worker
    world = committed.world
    with coa_nas(world.nas_secret.encode()) as nas:
        committed.all("UPDATE nas_nas SET coa_port = %s WHERE id = %s", nas.port, world.nas["acme"])
        session = committed.one(
            "INSERT INTO accounting_live (acctuniqueid, acctsessionid, tenant_id, organization_id, nas_id, user_id, username,"
            " acctstarttime, acctupdatetime, acctsessiontime, acctinputoctets, acctoutputoctets, start_seen, nasipaddress)"
            " VALUES (decode(md5(random()::text), 'hex'), 's-1', %s, %s, %s, 987654321, 'eve', now(), now(), 1, 1, 1, true,"
            " '192.0.2.1') RETURNING radacctid",
            world.organizations["acme"], world.organizations["acme"], world.nas["acme"],
        )  # fmt: skip
        defer(committed, "gate.jobs.end_unwelcome_sessions.end_unwelcome_sessions")
        until(lambda: committed.all("SELECT 1 FROM control_request WHERE state = 'acknowledged'"), within=20)
    told = {name: value for name, value in nas.named().items() if name not in {"Message-Authenticator", "Event-Timestamp"}}
    assert told == {"User-Name": "eve", "Acct-Session-Id": "s-1"}
    assert committed.all("SELECT radacctid, reason FROM control_request") == [(session, "user-deleted")]
    assert "Traceback" not in log.read_text()


def test_a_lost_database_ends_no_job_for_good(committed, worker):
    """Every connection is ended, the queue's own among them; the next job that is due is done all the same."""
    process, log = worker
    number = close_one(committed)
    defer(committed, MOVE)
    until(lambda: moved(committed, number), within=20)
    until(lambda: idle(committed), within=20)
    committed.terminate()
    number = close_one(committed)

    def next_one_moves_it():
        if not committed.all("SELECT 1 FROM procrastinate_jobs WHERE status = 'todo' AND task_name = %s", MOVE):
            defer(committed, MOVE)
        return moved(committed, number)

    try:
        until(next_one_moves_it, within=120)
    except AssertionError:
        waiting = committed.all("SELECT id, task_name, status::text, scheduled_at, attempts FROM procrastinate_jobs ORDER BY id")
        raise AssertionError(f"not moved; the queue: {waiting}; the worker says: {log.read_text()}") from None
    assert process.poll() is None, log.read_text()
