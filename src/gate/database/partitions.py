"""Monthly partitions: made ahead of need, by the migration command and by a job."""

import datetime as dt
from typing import Final

from gate.database.types import Cursor

# Reports of phones that were offline come in late: telemetry/rules.py says how late, and their months have to be there.
LATE: Final = ("telemetry_connection_log", "telemetry_test_report")
PARTITIONED: Final = ("accounting_history", "access_sign_in", "txlog_event", *LATE)
AHEAD: Final = 3
_LATEST: Final = dt.timedelta(days=93)


def months(first: dt.date, last: dt.date) -> list[dt.date]:
    """The first day of each month from `first`'s to `last`'s."""
    count = (last.year - first.year) * 12 + last.month - first.month
    return [dt.date(first.year + (first.month - 1 + n) // 12, (first.month - 1 + n) % 12 + 1, 1) for n in range(count + 1)]


def ensure(cursor: Cursor, *, first: dt.date, last: dt.date, parents: tuple[str, ...] = PARTITIONED) -> int:
    """Make the partitions of `parents` for the months from `first` to `last`; returns how many were new."""
    made = 0
    for parent in parents:
        for month in months(first, last):
            cursor.execute("SELECT gate_make_partition(%s, %s)", [parent, month])
            row = cursor.fetchone()
            made += bool(row and row[0])
    return made


def ensure_ahead(cursor: Cursor, *, now: dt.datetime) -> int:
    """Make the partitions from last month (of what comes in late, from earlier on) to `AHEAD` months from now."""
    last = now.date() + dt.timedelta(days=31 * AHEAD)
    late = ensure(cursor, first=now.date() - _LATEST, last=now.date() - dt.timedelta(days=31), parents=LATE)
    return late + ensure(cursor, first=now.date() - dt.timedelta(days=31), last=last)
