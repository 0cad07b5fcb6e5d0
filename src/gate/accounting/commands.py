"""Writing accounting, beyond what the RADIUS server stores by sql.STORE: closing what no Stop closed, moving what is done."""

import datetime as dt
from collections.abc import Sequence

from django.db import connection, transaction

from gate.accounting import closing, sql
from gate.accounting.types import ClosedBy
from gate.database import partitions

_WINDOW = 5_000


def close(sessions: Sequence[int], *, closed_by: ClosedBy, cause: str, until: dt.datetime) -> int:
    """Close the open ones among these sessions (by `radacctid`) at their last updates; returns how many were closed.

    `cause` is an Acct-Terminate-Cause in words (RFC 2866 section 5.10). `until` is when it became known that they are over: a
    session that was updated later stays open, and one of which the NAS says something later is opened again. The NAS's own
    Stop wins whenever it comes. For the system: crosses tenants. Takes part in the caller's transaction.
    """
    if not sessions:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(closing.CLOSE, {"sessions": list(sessions), "closed_by": closed_by, "cause": cause, "until": until})
        return int(cursor.rowcount)


def close_silent(*, now: dt.datetime, interval: int | None, window: int = _WINDOW) -> int:
    """Close open sessions of which nothing was heard for three times the interval of their updates, at their last update.

    After 15 minutes at the soonest and a day at the latest. `interval` stands in, in seconds, where a session has had one update
    only; None makes that a day. Returns how many were closed, as lost carriers (RFC 2866 section 5.10). One pass over the
    live table, `window` rows a transaction. For the worker: crosses tenants.
    """
    after, closed = 0, 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                closing.SILENT,
                {
                    "after": after, "limit": window, "now": now, "interval": interval, "cause": "Lost-Carrier",
                    "closed_by": "silence",
                },
            )  # fmt: skip
            last, count = cursor.fetchone() or (None, 0)
        if last is None:
            return closed
        after, closed = last, closed + count


def move_closed(*, now: dt.datetime, window: int = _WINDOW) -> int:
    """Move sessions closed before `now - sql.GRACE`, in one pass over the live table of `window` rows a transaction.

    Returns how many moved. For the worker: crosses tenants. Safe to run twice at once and to kill at any moment.
    """
    before = now - sql.GRACE
    after, moved = 0, 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql.WINDOW, {"after": after, "before": before, "limit": window})
            last, months = cursor.fetchone() or (None, None)
            if last is None:
                return moved
            for month in months or ():
                partitions.ensure(cursor, first=month, last=month)
            if months:
                cursor.execute(sql.MOVE, {"after": after, "upto": last, "before": before})
                moved += cursor.rowcount
        after = last
