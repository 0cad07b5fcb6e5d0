"""The plans of the summary's statements: by index, and never the log."""

import datetime as dt
import itertools
from typing import Any

import pytest
from django.db import connection

from gate.telemetry import sql

FLAGS = list(itertools.product((False, True), repeat=4))
PARAMETERS: dict[str, Any] = {
    "tenant": 1, "period": 90, "organizations": [1, 2], "types": ["ph"], "category": "crm", "status": "failed", "limit": 20,
    "offset": 40_000, "start": dt.datetime(2026, 1, 1, tzinfo=dt.UTC), "before": dt.datetime(2025, 1, 1, tzinfo=dt.UTC),
    "start_day": dt.date(2026, 1, 1), "before_day": dt.date(2025, 1, 1), "devices": [1, 2, 3],
}  # fmt: skip


def plan(statement: str) -> str:
    with connection.cursor() as cursor:
        # Tables here are as good as empty: any way through them costs the same, a summary of their blocks (BRIN) included.
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
        cursor.execute(f"EXPLAIN {statement}", PARAMETERS)
        return "\n".join(row[0] for row in cursor.fetchall())


@pytest.mark.django_db
@pytest.mark.parametrize(("organizations", "types", "category", "status"), FLAGS)
def test_every_shape_of_the_summary_is_answered_by_index(organizations: bool, types: bool, category: bool, status: bool) -> None:
    shape = {"organizations": organizations, "types": types, "category": category, "status": status}
    for statement, index in (
        (sql.page(**shape), "telemetry_period_list_of"),
        (sql.period_devices(**shape), "telemetry_period_list_of"),
        (sql.period_apps(**shape), "telemetry_period_app_of"),
        (sql.figures(hours=types, category=category, status=status), f"telemetry_rollup_{'hour' if types else 'day'}_pkey"),
    ):
        found = plan(statement)
        assert index in found, found
        assert "Seq Scan on telemetry_" not in found.replace("Seq Scan on telemetry_app", ""), found
        assert "telemetry_connection_log" not in found
