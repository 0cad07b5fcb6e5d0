"""Adding up what devices report: for the worker and for `gate telemetry rebuild`. How it stays exact stands in sql.py."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.db import connection, transaction

from gate.core.tenancy import Scope
from gate.telemetry import rules, sql

BATCH = 20_000
"""Connections added by one transaction: about a second of work."""
_DAY = dt.timedelta(days=1)


def roll_up(*, now: dt.datetime, batch: int = BATCH) -> int:
    """Add to the sums whatever waits, in batches, and make anew the periods it changes; returns how many connections were added.

    For the worker: crosses tenants. Safe at any moment and any number of times.
    """
    added = 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql.LOCK)
            cursor.execute(sql.ROLL_UP, {"most": batch, "hours": rules.hours_begin(now)})
            taken = int(cursor.fetchone()[0])
        added += taken
        if taken < batch:
            break
    with connection.cursor() as cursor:
        cursor.execute(sql.FORGET_HOURS, [rules.hours_begin(now)])
    make_periods(now=now)
    return added


def make_periods(*, now: dt.datetime, at_once: bool = False) -> int:
    """Make anew what is kept of each tenant's periods where it is outdated; returns how many were. For the worker.

    What costs much rests a while (rules.REST) before it is made again, unless `at_once`.
    """
    hour = now.replace(minute=0, second=0, microsecond=0)
    turns = [hour if period == 1 else hour.replace(hour=0) for period in rules.PERIODS]
    rested = [now if at_once or period < rules.LONG else now - rules.REST for period in rules.PERIODS]
    with connection.cursor() as cursor:
        cursor.execute(sql.OUTDATED, [list(rules.PERIODS), turns, rested])
        outdated = cursor.fetchall()
    for tenant_id, period in outdated:
        _make_period(tenant_id, period, now=now)
    return len(outdated)


def _make_period(tenant_id: int, period: int, *, now: dt.datetime) -> None:
    values: dict[str, Any] = {"tenant": tenant_id, "period": period, "start": rules.window(period, now=now).start}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql.LOCK)
        cursor.execute(sql.ROOM_TO_SORT)
        cursor.execute(sql.FORGET_PERIOD, values)
        if period == 1:
            cursor.execute(sql.MAKE_APPS_OF_HOURS, values)
            cursor.execute(sql.MAKE_LIST_OF_HOURS, values)
        else:
            values["start"] = values["start"].date()
            cursor.execute(sql.MAKE_APPS_OF_DAYS, values)
            cursor.execute(sql.MAKE_LIST_OF_DAYS, values)
        cursor.execute(sql.MADE_PERIOD, [now, tenant_id, period])


def rebuild(scope: Scope, *, now: dt.datetime, tell: Callable[[dt.date, int], None]) -> int:
    """Put in place of the scope's sums what the log says; returns how many connections were added up.

    A day at a time, from the first the log has; the sums of days the log has lost already stay. `tell` hears of each day done and
    the connections it had. New reports may come in meanwhile.
    """
    values: dict[str, Any] = {
        "tenant": scope.tenant_id, "organizations": list(scope.organization_ids), "hours": rules.hours_begin(now),
    }  # fmt: skip
    whole = scope.whole_tenant
    with connection.cursor() as cursor:
        cursor.execute(sql.FIRST_OF_TENANT if whole else sql.FIRST_OF_ORGANIZATIONS, values)
        first = cursor.fetchone()[0]
    added = 0
    start = (first or now).astimezone(dt.UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    while start <= now:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql.LOCK)
            bounds = values | {"start": start, "end": start + _DAY, "day": start.date()}
            cursor.execute(sql.REBUILD_TENANT if whole else sql.REBUILD_ORGANIZATIONS, bounds)
            found = int(cursor.fetchone()[0])
        tell(start.date(), found)
        added += found
        start += _DAY
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql.STALE, values)
    make_periods(now=now, at_once=True)
    return added
