"""What is kept how long: months of the partitioned tables go whole, never row by row.

A month goes when it has ended longer ago than its kind is kept, so that everything is there for at least that long. What of it
somebody still needs, the rooms say (`spare`). docs/operations.md has the table for operators.
"""

import datetime as dt
import re
import time
from collections.abc import Callable
from typing import Final

from django.db import OperationalError, connection, transaction

from gate.database import partitions
from gate.database.types import Cursor

KINDS: Final = {
    "keep_accounting": "accounting_history",
    "keep_sign_ins": "access_sign_in",
    "keep_txlog": "txlog_event",
    "keep_connections": "telemetry_connection_log",
    "keep_test_reports": "telemetry_test_report",
}
"""Settings, in days, and the partitioned table each is about."""
TRIES: Final = 20
PAUSE: Final = 1.0
"""Seconds between two tries to have a table for a moment."""

_PARTITIONS: Final = """
SELECT c.relname FROM pg_inherits i JOIN pg_class p ON p.oid = i.inhparent JOIN pg_class c ON c.oid = i.inhrelid
WHERE p.relname = %s AND p.relkind = 'p' AND p.relnamespace = 'public'::regnamespace ORDER BY c.relname
"""
_MONTH: Final = re.compile(r"_(\d{4})_(\d{2})$")
_LOCK_NOT_AVAILABLE: Final = "55P03"

Spare = Callable[[dt.date], bool]
"""Whether a month, named by its first day, is needed still."""


def before(now: dt.datetime, *, days: int) -> dt.datetime | None:
    """What is older goes; None: nothing does (0 days)."""
    return now - dt.timedelta(days=days) if days else None


def old_months(cursor: Cursor, parent: str, *, oldest: dt.datetime) -> list[dt.date]:
    """The months `parent` has a partition for that ended at `oldest` or before, the oldest first. Months are UTC."""
    cursor.execute(_PARTITIONS, [parent])
    found = (_MONTH.search(str(name)) for (name,) in cursor.fetchall())
    firsts = [dt.date(int(match[1]), int(match[2]), 1) for match in found if match]
    return [month for month in firsts if _next(month) <= oldest.astimezone(dt.UTC).date()]


def drop_old(parent: str, *, oldest: dt.datetime, spare: Spare | None = None, pause: float = PAUSE) -> list[dt.date]:
    """Drop the months of `parent` that ended at `oldest` or before; the months that went.

    One that somebody reads all the time is left for the next run. Nobody waits for this longer than a quarter of a second.
    For the worker.
    """
    with connection.cursor() as cursor:
        months = old_months(cursor, parent, oldest=oldest)
        return [month for month in months if not (spare and spare(month)) and _drop(cursor, parent, month, pause)]


def _drop(cursor: Cursor, parent: str, month: dt.date, pause: float) -> bool:
    for _ in range(TRIES):
        try:
            with transaction.atomic():
                cursor.execute("SELECT gate_drop_partition(%s, %s)", [parent, month])
                row = cursor.fetchone()
                return bool(row and row[0])
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", None) != _LOCK_NOT_AVAILABLE:
                raise
            time.sleep(pause)
    return False


def _next(month: dt.date) -> dt.date:
    return partitions.months(month, month + dt.timedelta(days=31))[1]
