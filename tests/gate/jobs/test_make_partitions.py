"""The job as the worker knows it: by name, by schedule, and what it leaves."""

import datetime as dt

import pytest
from django.db import connection
from procrastinate.contrib.django import app

from gate.core import clock
from gate.database import partitions

NAME = "gate.jobs.make_partitions.make_partitions"


@pytest.fixture(autouse=True)
def _imported():
    """As the worker does before it starts."""
    app.perform_import_paths()


def test_it_is_due_daily_and_never_waits_twice():
    periodic = {task.task.name: task for task in app.periodic_registry.periodic_tasks.values()}
    assert periodic[NAME].cron == "17 3 * * *"
    assert app.tasks[NAME].queueing_lock == "make_partitions"


@pytest.mark.django_db
def test_it_makes_the_months_that_are_missing():
    now = clock.now()
    needed = partitions.months(now.date(), now.date() + dt.timedelta(days=60))
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE accounting_history_{needed[-1]:%Y_%m}")
        cursor.execute("SET LOCAL ROLE gate_system")
        app.tasks[NAME](timestamp=0)
        app.tasks[NAME](timestamp=0)
        cursor.execute("RESET ROLE")
        for month in needed:
            for parent in partitions.PARTITIONED:
                cursor.execute("SELECT to_regclass(%s)::text", [f"{parent}_{month:%Y_%m}"])
                assert cursor.fetchone() == (f"{parent}_{month:%Y_%m}",)
