"""Writing accounting, beyond what the RADIUS server stores by sql.STORE: sessions move to the history when they are done."""

import datetime as dt

from django.db import connection, transaction

from gate.accounting import sql
from gate.database import partitions

_WINDOW = 5_000


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
