"""What the dashboard asks of sessions, for a scope.

Only `accounting_live` is read: it holds every open session and those closed within the last day, which is as far back as these
questions look. Hours are UTC. Octets are RFC 2866 §5.3 and §5.4: input is what the user sent (up), output
what was received (down).
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from gate.core.tenancy import Scope

HOURS = 24


@dataclass(frozen=True, slots=True)
class Traffic:
    """Octets moved in the hour that begins at `hour`."""

    hour: dt.datetime
    up: int
    down: int


@dataclass(frozen=True, slots=True)
class BusyAccessPoint:
    """An access point, its open sessions, and the octets of all its sessions of the last day."""

    access_point_id: int
    open_sessions: int
    octets: int


def first_hour(now: dt.datetime) -> dt.datetime:
    """The start of the first of the `HOURS` hours, the present one being the last."""
    return now.replace(minute=0, second=0, microsecond=0) - dt.timedelta(hours=HOURS - 1)


def open_sessions(scope: Scope) -> int:
    """How many sessions are open."""
    where, keys = scope.condition()
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM accounting_live WHERE {where} AND acctstoptime IS NULL", keys)
        return int(cursor.fetchone()[0])


def traffic_by_hour(scope: Scope, *, now: dt.datetime) -> Sequence[Traffic]:
    """Traffic of each of the last `HOURS` hours.

    A session reports totals, not moments, so its octets are spread evenly over its time.
    """
    since = first_hour(now)
    where, keys = scope.condition()
    # One pass with a column for each hour: a row for each hour of each session would be millions. MATERIALIZED, or PostgreSQL
    # writes the expressions of the two CTEs into each of the columns and works them out that many times.
    parts = ", ".join(
        f"sum({rate} * greatest(0, least(finish, {3600 * (hour + 1)}) - greatest(start, {3600 * hour})))"
        for hour in range(HOURS)
        for rate in ("up", "down")
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH times AS MATERIALIZED (
                SELECT acctinputoctets AS up, acctoutputoctets AS down, extract(epoch FROM acctstarttime - %s)::float8 AS start,
                       extract(epoch FROM coalesce(acctstoptime, acctupdatetime) - %s)::float8 AS finish
                FROM accounting_live
                WHERE {where} AND acctupdatetime >= %s AND acctinputoctets + acctoutputoctets > 0
            ), rates AS MATERIALIZED (
                -- A session without length has lasted a second.
                SELECT start, greatest(finish, start + 1) AS finish,
                       up / greatest(finish - start, 1) AS up, down / greatest(finish - start, 1) AS down
                FROM times
            )
            SELECT {parts} FROM rates
            """,
            [since, since, *keys, since],
        )
        totals = [round(total or 0) for total in cursor.fetchone()]
    return [Traffic(since + dt.timedelta(hours=hour), *totals[2 * hour : 2 * hour + 2]) for hour in range(HOURS)]


def busiest_access_points(scope: Scope, *, now: dt.datetime, limit: int) -> Sequence[BusyAccessPoint]:
    """Access points with most open sessions, then most traffic; at most `limit`."""
    where, keys = scope.condition()
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT access_point_id, count(*) FILTER (WHERE acctstoptime IS NULL) AS open,
                   sum(acctinputoctets + acctoutputoctets)::bigint AS octets
            FROM accounting_live
            WHERE {where} AND access_point_id IS NOT NULL AND (acctstoptime IS NULL OR acctstoptime >= %s)
            GROUP BY access_point_id ORDER BY open DESC, octets DESC, access_point_id LIMIT %s
            """,
            [*keys, first_hour(now), limit],
        )
        return [BusyAccessPoint(*row) for row in cursor.fetchall()]
