"""The job runs as the worker, whose rights suffice."""

from typing import Any

import pytest
from django.db import connection
from procrastinate.contrib.django import app

from gate.users.models import User


@pytest.mark.django_db
def test_lines_become_one_an_organization(world: Any) -> None:
    app.perform_import_paths()  # type: ignore[no-untyped-call]  # procrastinate says nothing of it
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE gate_system")
        app.tasks["gate.jobs.compact_tallies.compact_tallies"](timestamp=0)
        cursor.execute("RESET ROLE")
        cursor.execute("SELECT count(*), sum(change) FROM database_tally WHERE tallied = 'users_user'")
        lines, users = cursor.fetchone()
    assert users == User.unscoped.count()
    assert lines == User.unscoped.values("organization_id").distinct().count()
