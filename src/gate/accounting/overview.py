"""What the dashboard asks of sessions, for a scope.

Only `accounting_live` is read: it holds every open session and those closed within the last day, which is as far back as these
questions look. Hours are UTC. Octets are RFC 2866 §5.3 and §5.4: input is what the user sent (up), output
what was received (down).
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

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
    where, keys = _bounded(scope)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM accounting_live WHERE {where} AND acctstoptime IS NULL", keys)
        return int(cursor.fetchone()[0])


def traffic_by_hour(scope: Scope, *, now: dt.datetime) -> Sequence[Traffic]:
    """Traffic of each of the last `HOURS` hours.

    A session reports totals, not moments, so its octets are spread evenly over its time.
    """
    since = first_hour(now)
    where, keys = _bounded(scope)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH sessions AS (
                SELECT acctinputoctets AS up, acctoutputoctets AS down, acctstarttime AS start,
                       greatest(coalesce(acctstoptime, acctupdatetime), acctstarttime + interval '1 second') AS finish
                FROM accounting_live
                WHERE {where} AND acctupdatetime >= %s AND acctinputoctets + acctoutputoctets > 0
            ), parts AS (
                SELECT hour, up, down,
                       extract(epoch FROM least(finish, hour + interval '1 hour') - greatest(start, hour))
                       / extract(epoch FROM finish - start) AS share
                FROM sessions,
                     generate_series(greatest(date_trunc('hour', start, 'UTC'), %s), least(finish, %s), interval '1 hour') AS hour
            )
            SELECT hour, round(sum(up * share))::bigint, round(sum(down * share))::bigint
            FROM parts WHERE share > 0 GROUP BY hour
            """,
            [*keys, since, since, now],
        )
        found = {hour: (up, down) for hour, up, down in cursor.fetchall()}
    hours = [since + dt.timedelta(hours=step) for step in range(HOURS)]
    return [Traffic(hour, *found.get(hour, (0, 0))) for hour in hours]


def busiest_access_points(scope: Scope, *, now: dt.datetime, limit: int) -> Sequence[BusyAccessPoint]:
    """Access points with most open sessions, then most traffic; at most `limit`."""
    where, keys = _bounded(scope)
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


def _bounded(scope: Scope) -> tuple[str, list[Any]]:
    """The rows of `scope`, as SQL and its values: these tables are not behind row-level security."""
    if scope.whole_tenant:
        return "tenant_id = %s", [scope.tenant_id]
    return "organization_id = ANY(%s)", [list(scope.organization_ids)]
