"""The job as the worker knows it: by name, by schedule, and what it leaves."""

import datetime as dt

import pytest
from django.db import connection
from procrastinate.contrib.django import app

from gate.core import clock
from sessions import add

NAME = "gate.jobs.close_stale_sessions.close_stale_sessions"


@pytest.fixture(autouse=True)
def _imported():
    """As the worker does before it starts."""
    app.perform_import_paths()


def test_it_is_due_every_five_minutes_and_never_waits_twice():
    periodic = {task.task.name: task for task in app.periodic_registry.periodic_tasks.values()}
    assert periodic[NAME].cron == "*/5 * * * *"
    assert app.tasks[NAME].queueing_lock == "close_stale_sessions"


@pytest.mark.django_db
def test_it_closes_what_is_silent_by_the_clock_and_the_setting(world):
    now = clock.now()
    silent, heard = (add(world, acctinterval=None) for _ in range(2))
    with connection.cursor() as cursor:
        cursor.execute("UPDATE accounting_live SET heard = %s WHERE radacctid = %s", [now - dt.timedelta(minutes=31), silent])
        cursor.execute("UPDATE accounting_live SET heard = %s WHERE radacctid = %s", [now - dt.timedelta(minutes=29), heard])
        cursor.execute("SET LOCAL ROLE gate_system")
        app.tasks[NAME](timestamp=0)
        cursor.execute("RESET ROLE")
        cursor.execute("SELECT radacctid FROM accounting_live WHERE acctterminatecause = 'Lost-Carrier'")
        assert cursor.fetchall() == [(silent,)]
