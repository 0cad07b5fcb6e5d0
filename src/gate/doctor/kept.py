"""What is kept how long, and whether the worker keeps to it."""

import datetime as dt
from collections.abc import Iterator
from typing import Any, Final

import psycopg

from gate.core import clock
from gate.database import retention
from gate.doctor.findings import Finding, good, warning
from gate.settings import Settings

_OVERDUE: Final = dt.timedelta(days=8)
"""The worker looks once a night; a table may be busy for some nights in a row."""
_NAMES: Final = {
    "keep_accounting": "accounting", "keep_sign_ins": "sign-ins", "keep_txlog": "transaction log",
    "keep_connections": "reported connections", "keep_test_reports": "test reports", "keep_control": "requests to NAS",
    "keep_portal_sessions": "portal sessions",
}  # fmt: skip


def check(connection: psycopg.Connection[tuple[Any, ...]], settings: Settings) -> Iterator[Finding]:
    """How long each kind is kept, and what should have gone by now."""
    subject = "kept"
    told = ", ".join(f"{name} {_days(getattr(settings, field))}" for field, name in _NAMES.items())
    overdue = []
    with connection.cursor() as cursor:
        for field, table in retention.KINDS.items():
            oldest = retention.before(clock.now() - _OVERDUE, days=getattr(settings, field))
            # A month of accounting stays for the sake of one long session: that is no fault of the worker's.
            if oldest is not None and field != "keep_accounting":
                overdue += [f"{table} {month:%Y-%m}" for month in retention.old_months(cursor, table, oldest=oldest)]
    if overdue:
        yield warning(
            subject,
            f"{told}. Older than that and still there: {', '.join(overdue[:5])}{' and more' if len(overdue) > 5 else ''}",
            advice="see that `gate worker` runs; what reads such a table for hours keeps its months in place",
        )
    else:
        yield good(subject, told)


def _days(days: int) -> str:
    return f"{days} days" if days else "for ever"
