"""The job as the worker knows it: what is older than it is kept goes, and nothing that is needed still."""

import dataclasses
import datetime as dt

import psycopg
import pytest
from django.db import DatabaseError, OperationalError, connection
from procrastinate.contrib.django import app

import sessions
from gate import settings
from gate.control import commands as control
from gate.core import clock
from gate.database import partitions, retention
from gate.jobs import prune as job
from gate.portals.models import Session

pytestmark = pytest.mark.django_db

NAME = "gate.jobs.prune.prune"


@pytest.fixture(autouse=True)
def _imported():
    """As the worker does before it starts."""
    app.perform_import_paths()


def rows(statement, *parameters):
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall() if cursor.description else []


def ago(days):
    return clock.now() - dt.timedelta(days=days)


def with_months(days, *parents):
    """Partitions from so long ago until today."""
    with connection.cursor() as cursor:
        partitions.ensure(cursor, first=ago(days).date(), last=clock.now().date(), parents=parents or partitions.PARTITIONED)


def months_of(parent):
    with connection.cursor() as cursor:
        return retention.old_months(cursor, parent, oldest=clock.now() + dt.timedelta(days=400))


def run(monkeypatch, **kept):
    """Once, as the worker's role and with these settings."""
    plain = settings.current()
    none = dict.fromkeys((*retention.KINDS, *job._BY_ROWS), 0)
    monkeypatch.setattr(settings, "current", lambda: dataclasses.replace(plain, **{**none, **kept}))
    rows("SET LOCAL ROLE gate_system")
    app.tasks[NAME](timestamp=0)
    rows("RESET ROLE")


def test_it_is_due_nightly_and_never_waits_twice():
    periodic = {task.task.name: task for task in app.periodic_registry.periodic_tasks.values()}
    assert periodic[NAME].cron == "41 3 * * *"
    assert app.tasks[NAME].queueing_lock == "prune"


def test_as_it_comes_accounting_and_the_transaction_log_are_kept_for_ever():
    plain = settings.read({})
    assert (plain.keep_accounting, plain.keep_txlog) == (0, 0)
    assert 62 <= plain.keep_sign_ins <= plain.keep_connections


def test_old_months_go_whole_and_what_is_kept_stays(monkeypatch):
    with_months(300)
    before = {parent: months_of(parent) for parent in partitions.PARTITIONED}
    run(monkeypatch, keep_sign_ins=90, keep_connections=200)
    assert months_of("txlog_event") == before["txlog_event"]
    for parent, days in (("access_sign_in", 90), ("telemetry_connection_log", 200)):
        oldest = ago(days).date()
        # Each day that is to be kept has its month still, and no month is there of which no day is.
        assert months_of(parent) == [month for month in before[parent] if retention._next(month) > oldest]
        assert len(months_of(parent)) < len(before[parent])
    run(monkeypatch, keep_sign_ins=90, keep_connections=200)


def test_sums_stay_when_the_log_they_are_made_from_goes(world, monkeypatch):
    with_months(200, "access_sign_in")
    acme = world.organizations["acme"]
    rows("INSERT INTO access_sign_in_hour VALUES (%s, %s, %s, true, 7)", acme, acme, ago(150))
    run(monkeypatch, keep_sign_ins=62)
    assert rows("SELECT sum(sign_ins) FROM access_sign_in_hour WHERE hour < %s", ago(100)) == [(7,)]


def test_a_month_of_the_history_stays_while_one_of_its_sessions_is_not_old(world, monkeypatch):
    began = ago(150)
    live = sessions.add(world, acctstarttime=ago(300), acctsessionid="for ten months")
    old = sessions.add(world, table="history", acctstarttime=began, acctupdatetime=began)
    long = sessions.add(world, table="history", acctstarttime=ago(210), acctupdatetime=ago(3), acctstoptime=ago(3))
    run(monkeypatch, keep_accounting=62)
    assert rows("SELECT radacctid FROM accounting_live") == [(live,)]
    assert rows("SELECT radacctid FROM accounting_history") == [(long,)]
    assert old not in {long, live}


def test_no_one_drops_a_month_that_has_just_ended():
    last = (clock.now().replace(day=1) - dt.timedelta(days=1)).date()
    with pytest.raises(DatabaseError, match="before it has been over for another"):
        rows("SELECT gate_drop_partition('access_sign_in', %s)", last)


@pytest.mark.parametrize("table", ["users_user", "accounting_live", "pg_class"])
def test_nothing_but_a_month_of_a_log_can_be_dropped(table):
    assert rows("SELECT gate_drop_partition(%s, '2001-01-01')", table) == [(False,)]


def test_web_processes_may_not_drop(world):
    rows("SET LOCAL ROLE gate_app")
    with pytest.raises(DatabaseError, match="permission denied for function"):
        rows("SELECT gate_drop_partition('access_sign_in', '2001-01-01')")


def test_who_reads_the_table_is_not_cut_off_and_holds_up_nobody(committed):
    """A quarter of a second, then it is tried again; when the reader is done, it goes."""
    committed.all("SELECT gate_make_partition('access_sign_in', '2001-01-01')")
    with psycopg.connect(committed.url) as reader, psycopg.connect(committed.url, autocommit=True) as worker:
        reader.execute("SELECT count(*) FROM access_sign_in")
        began = clock.monotonic()
        with pytest.raises(psycopg.errors.LockNotAvailable):
            worker.execute("SELECT gate_drop_partition('access_sign_in', '2001-01-01')")
        assert clock.monotonic() - began < 2
        reader.rollback()
        assert worker.execute("SELECT gate_drop_partition('access_sign_in', '2001-01-01')").fetchone() == (True,)
    assert committed.one("SELECT to_regclass('access_sign_in_2001_01')") is None


def test_a_table_that_is_busy_is_tried_again_and_left_for_the_next_night_at_last():
    class Busy:
        tries = 0

        def __init__(self, until):
            self.until = until

        def execute(self, *_):
            self.tries += 1
            if self.tries < self.until:
                raise OperationalError from psycopg.errors.LockNotAvailable()

        def fetchone(self):
            return (True,)

    patient, endless = Busy(3), Busy(99)
    assert retention._drop(patient, "access_sign_in", dt.date(2001, 1, 1), 0) is True
    assert retention._drop(endless, "access_sign_in", dt.date(2001, 1, 1), 0) is False
    assert (patient.tries, endless.tries) == (3, retention.TRIES)


def test_requests_to_nas_go_in_batches_and_what_is_still_to_come_stays(world):
    def asked(created, **changed):
        number = control.disconnect(world.owner.scope, sessions.add(world)).id
        held = {"state": "refused", "settled": True, "created": created} | changed
        rows(f"UPDATE control_request SET {', '.join(f'{name} = %s' for name in held)} WHERE id = {number}", *held.values())
        return number

    for _ in range(7):
        asked(ago(100))
    kept = [asked(ago(100), state="queued"), asked(ago(100), state="acknowledged", settled=False), asked(ago(10))]
    rows("SET LOCAL ROLE gate_system")
    assert control.prune(oldest=ago(90), limit=3) == 7
    assert [number for (number,) in rows("SELECT id FROM control_request ORDER BY id")] == kept
    rows("RESET ROLE")


def test_portal_sessions_that_are_open_or_online_stay(world, monkeypatch):
    acme = world.organizations["acme"]

    def opened(n, *, ended):
        return Session.unscoped.create(
            tenant_id=acme, organization_id=acme, user_id=world.users["acme"], uid="x", mac=f"02:AA:00:00:00:0{n}",
            ap_mac="02:00:00:00:00:01", ip="192.0.2.9", session_timeout=3600, opened=ago(500), expires=ago(499), ended=ended,
            end_reason="disconnect" if ended else "",
        ).pk  # fmt: skip

    opened(1, ended=ago(450))
    still, online, lately = opened(2, ended=None), opened(3, ended=ago(450)), opened(4, ended=ago(10))
    sessions.add(world, portal_session_id=online)
    run(monkeypatch, keep_portal_sessions=400)
    assert [number for (number,) in rows("SELECT id FROM portals_session ORDER BY id")] == [still, online, lately]
