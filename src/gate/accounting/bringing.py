"""Sessions another RADIUS server has kept until now. Safe to repeat: a session is known by its `acctuniqueid`.

What was closed before `sql.GRACE` goes into the history at once; everything else is stored as a packet would be, so that an open
session goes on, or is closed by silence like any other.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import DatabaseError, DataError, connection, transaction
from psycopg import errors

from gate.accounting import sql
from gate.accounting.placing import UNLOCK_ALL, place
from gate.accounting.updates import Update, fold
from gate.core.tenancy import Scope
from gate.database import partitions

# Two who bring sessions at once would both find one missing; the number says nothing.
_LOCK = "SELECT pg_advisory_xact_lock(1196444742, %s)"


def bring(scope: Scope, updates: Sequence[Update], *, now: dt.datetime) -> int:
    """Store sessions of the scope's tenant, each told by one `Update`; how many closed ones were new to the history.

    Raises ValueError for one of another tenant, NotPlaced, and django.db.DatabaseError for what PostgreSQL refuses.
    """
    if any(one.tenant_id != scope.tenant_id for one in updates):
        raise ValueError("a session of another tenant")
    over, new = (now - sql.GRACE).timestamp(), 0
    for sessions in fold(updates):
        closed = [one for one in sessions if one.stopped is not None and one.stopped < over]
        rest = [one for one in sessions if one.stopped is None or one.stopped >= over]
        new += _into_history(scope, closed) if closed else 0
        if rest:
            _as_packets(rest)
    return new


def _into_history(scope: Scope, closed: Sequence[Update]) -> int:
    months = {dt.datetime.fromtimestamp(one.started, tz=dt.UTC).date().replace(day=1) for one in closed}
    with transaction.atomic(), connection.cursor() as cursor:
        for month in sorted(months):
            partitions.ensure(cursor, first=month, last=month, parents=("accounting_history",))
        cursor.execute(_LOCK, [scope.tenant_id % 2**31])
        cursor.execute(sql.BRING, sql.parameters(closed))
        new = int(cursor.fetchone()[0])
    if new < len(closed):
        _end_live(closed)
    return new


def _end_live(closed: Sequence[Update]) -> None:
    """Those that were open when they were brought before, and are over by now."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT acctuniqueid FROM accounting_live WHERE acctuniqueid = ANY(%s::bytea[]) AND acctstoptime IS NULL",
            [[one.acctuniqueid for one in closed]],
        )
        held = {bytes(row[0]) for row in cursor.fetchall()}
    again = [one for one in closed if one.acctuniqueid in held]
    if again:
        _as_packets(again)


def _as_packets(updates: Sequence[Update]) -> None:
    parameters, steps = sql.parameters(updates), place(len(updates), guests=False)
    with connection.cursor() as cursor:
        try:
            statement, with_what = next(steps)
            while True:
                answer = _run(cursor, statement, parameters if with_what == "packets" else [])
                statement, with_what = steps.send(answer)
        except StopIteration:
            return
        except DatabaseError:
            cursor.execute(UNLOCK_ALL)
            raise


def _run(cursor: Any, statement: str, parameters: list[str]) -> int:
    while True:
        try:
            cursor.execute(statement, parameters)
            return int(cursor.fetchone()[0])
        except DataError as error:
            # A session moved to the history meanwhile: the next look finds it there (sql.py).
            if not isinstance(error.__cause__, errors.DivisionByZero):
                raise
