"""Old months of the history. Sessions that run are in the live table, which nothing is pruned from."""

import datetime as dt
from typing import Final

from django.db import connection

from gate.database import retention

TABLE: Final = retention.KINDS["keep_accounting"]
# A session stands in the month it began in, and may have ended long after: such a month stays whole.
_NEEDED: Final = f"""
SELECT EXISTS (SELECT FROM {TABLE} WHERE acctstarttime >= %(first)s AND acctstarttime < %(next)s
               AND GREATEST(acctstoptime, acctupdatetime) > %(oldest)s)
"""


def drop_old(*, oldest: dt.datetime) -> list[dt.date]:
    """Drop the months of the history all of whose sessions ended at `oldest` or before; the months that went.

    For the worker: crosses tenants.
    """

    def spare(month: dt.date) -> bool:
        first = dt.datetime(month.year, month.month, 1, tzinfo=dt.UTC)
        following = (first + dt.timedelta(days=32)).replace(day=1)
        with connection.cursor() as cursor:
            cursor.execute(_NEEDED, {"first": first, "next": following, "oldest": oldest})
            return bool(cursor.fetchone()[0])

    return retention.drop_old(TABLE, oldest=oldest, spare=spare)
