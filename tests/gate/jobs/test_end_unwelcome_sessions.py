"""The job as the worker knows it: by name, by schedule, and what it leaves."""

import datetime as dt

import pytest
from django.db import connection
from procrastinate.contrib.django import app

from sessions import add

NAME = "gate.jobs.end_unwelcome_sessions.end_unwelcome_sessions"


@pytest.fixture(autouse=True)
def _imported():
    """As the worker does before it starts."""
    app.perform_import_paths()


def test_it_is_due_every_minute_and_never_waits_twice():
    periodic = {task.task.name: task for task in app.periodic_registry.periodic_tasks.values()}
    assert periodic[NAME].cron == "* * * * *"
    assert app.tasks[NAME].queueing_lock == "end_unwelcome_sessions"


@pytest.mark.django_db
def test_sessions_are_ended_and_closed(world):
    session = add(world, user_id=987654321)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE gate_system")
        app.tasks[NAME](timestamp=0)
        cursor.execute("SELECT radacctid, state FROM control_request")
        assert cursor.fetchall() == [(session, "queued")]
        cursor.execute(
            "UPDATE control_request SET state = 'acknowledged', answered = now() - %s, settled = false", [dt.timedelta(minutes=2)]
        )
        cursor.execute("UPDATE accounting_live SET acctupdatetime = now() - interval '1 hour'")
        app.tasks[NAME](timestamp=0)
        cursor.execute("SELECT acctterminatecause, closed_by FROM accounting_live")
        assert cursor.fetchall() == [("Admin-Reset", "disconnect")]
        cursor.execute("RESET ROLE")
