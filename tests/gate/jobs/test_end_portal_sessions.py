"""The job as the worker knows it: by name, by schedule, and what it leaves."""

import datetime as dt

import pytest
from django.db import connection
from procrastinate.contrib.django import app

import portals
from gate.core import clock
from gate.portals.models import Session
from sessions import add

NAME = "gate.jobs.end_portal_sessions.end_portal_sessions"


@pytest.fixture(autouse=True)
def _imported():
    """As the worker does before it starts."""
    app.perform_import_paths()


def session(world, number, **changed):
    now = clock.now()
    held = {
        "tenant_id": world.organizations["acme"], "organization_id": world.organizations["acme"], "user_id": world.users["acme"],
        "uid": "x", "mac": f"02:AA:00:00:00:{number:02X}", "ap_mac": "02:00:00:00:00:01", "ip": "192.0.2.9",
        "session_timeout": 3600, "opened": now, "expires": now + dt.timedelta(hours=1),
    } | changed  # fmt: skip
    return Session.unscoped.create(**held).pk


def test_it_is_due_every_minute_and_never_waits_twice():
    periodic = {task.task.name: task for task in app.periodic_registry.periodic_tasks.values()}
    assert periodic[NAME].cron == "* * * * *"
    assert app.tasks[NAME].queueing_lock == "end_portal_sessions"


@pytest.mark.django_db
def test_what_is_over_is_ended_and_told_once(world):
    now = clock.now()
    done = {"acctstoptime": now, "acctterminatecause": "Idle-Timeout"}
    over = session(world, 1, expires=now - dt.timedelta(seconds=1))
    idle, open_, roamed = session(world, 2), session(world, 3), session(world, 4)
    add(world, portal_session_id=idle, **done)
    add(world, portal_session_id=open_)
    add(world, portal_session_id=roamed, **done)
    add(world, portal_session_id=roamed)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE gate_system")
        app.tasks[NAME](timestamp=0)
        app.tasks[NAME](timestamp=0)
        cursor.execute("RESET ROLE")
    reasons = dict(Session.unscoped.values_list("pk", "end_reason"))
    assert reasons == {over: "session-timeout", idle: "idle-timeout", open_: "", roamed: ""}
    assert sorted(portals.log("type", "page_id")) == [("si", idle), ("st", over)]


@pytest.mark.django_db
def test_it_comes_before_accounting_moves_to_the_history(world):
    then = clock.now() - dt.timedelta(days=2)
    left = session(world, 1)
    add(world, portal_session_id=left, acctstarttime=then, acctstoptime=then, acctterminatecause="User-Request")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE gate_system")
        app.tasks["gate.jobs.move_closed_sessions.move_closed_sessions"](timestamp=0)
        cursor.execute("RESET ROLE")
        cursor.execute("SELECT portal_session_id FROM accounting_history")
        assert cursor.fetchall() == [(left,)]
    assert Session.unscoped.get(pk=left).end_reason == "logout"
