"""The job as the worker knows it: by name, by schedule, and what it leaves."""

import datetime as dt

import pytest
from django.db import connection
from procrastinate.contrib.django import app

from gate.core import clock
from sessions import add

NAME = "gate.jobs.move_closed_sessions.move_closed_sessions"


@pytest.fixture(autouse=True)
def _imported():
    """As the worker does before it starts."""
    app.perform_import_paths()


def test_it_is_due_every_ten_minutes_and_never_waits_twice():
    periodic = {task.task.name: task for task in app.periodic_registry.periodic_tasks.values()}
    assert periodic[NAME].cron == "*/10 * * * *"
    assert app.tasks[NAME].queueing_lock == "move_closed_sessions"


@pytest.mark.django_db
def test_it_moves_by_the_clock(world):
    now = clock.now()
    moved = add(world, acctstarttime=now - dt.timedelta(days=3), acctstoptime=now - dt.timedelta(hours=25))
    kept = add(world, acctstarttime=now - dt.timedelta(days=3), acctstoptime=now - dt.timedelta(hours=23))
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE gate_system")
        app.tasks[NAME](timestamp=0)
        cursor.execute("RESET ROLE")
        cursor.execute("SELECT radacctid FROM accounting_history")
        assert cursor.fetchall() == [(moved,)]
        cursor.execute("SELECT radacctid FROM accounting_live")
        assert cursor.fetchall() == [(kept,)]
