"""The job as the worker knows it: by name, by schedule, and what it leaves."""

import pytest
from django.db import connection
from procrastinate.contrib.django import app

from gate.core import clock
from gate.telemetry import commands
from gate.telemetry.types import Connection, Source

NAME = "gate.jobs.roll_up_connections.roll_up_connections"


@pytest.fixture(autouse=True)
def _imported():
    """As the worker does before it starts."""
    app.perform_import_paths()


def test_it_is_due_at_least_every_fifteen_minutes_and_never_waits_twice():
    periodic = {task.task.name: task for task in app.periodic_registry.periodic_tasks.values()}
    assert periodic[NAME].cron == "2-59/5 * * * *"
    assert app.tasks[NAME].queueing_lock == "roll_up_connections"


@pytest.mark.django_db
def test_it_adds_up_under_the_worker_s_role(world):
    source = Source(organization_id=world.organizations["acme"], device_id=1)
    report = Connection(source=source, at=clock.now(), network_type="wi", network_security="wp2")
    with connection.cursor() as cursor:
        commands.log_connections(world.owner.scope, [report, report])
        cursor.execute("SET LOCAL ROLE gate_system")
        app.tasks[NAME](timestamp=0)
        cursor.execute("RESET ROLE")
        cursor.execute("SELECT connections FROM telemetry_rollup_day")
        assert cursor.fetchall() == [(2,)]
