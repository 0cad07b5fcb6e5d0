"""What the dashboard asks of sign-ins, for a scope. Hours are UTC."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from gate.core.tenancy import Scope

HOURS = 24
# Refusals are looked for among this many of the newest sign-ins, so that a quiet network of millions answers as fast.
_LOOKED_AT = 5_000


@dataclass(frozen=True, slots=True)
class SignIns:
    """Sign-ins in the hour that begins at `hour`."""

    hour: dt.datetime
    accepted: int
    refused: int


@dataclass(frozen=True, slots=True)
class RefusedSignIn:
    """Somebody who was not let in. `reason` is the word access/rules.py gives."""

    at: dt.datetime
    username: str
    reason: str
    method: str
    device: str | None
    """Calling-Station-Id: the MAC address of the device."""
    nas_id: int
    user_id: int | None


def sign_ins_by_hour(scope: Scope, *, now: dt.datetime) -> Sequence[SignIns]:
    """Sign-ins of each of the last `HOURS` hours, the present one being the last."""
    since = now.replace(minute=0, second=0, microsecond=0) - dt.timedelta(hours=HOURS - 1)
    where, keys = scope.condition()
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT hour, coalesce(sum(sign_ins) FILTER (WHERE accepted), 0)::bigint,
                   coalesce(sum(sign_ins) FILTER (WHERE NOT accepted), 0)::bigint
            FROM access_sign_in_hour WHERE {where} AND hour >= %s GROUP BY hour
            """,
            [*keys, since],
        )
        found = {hour: (accepted, refused) for hour, accepted, refused in cursor.fetchall()}
    hours = [since + dt.timedelta(hours=step) for step in range(HOURS)]
    return [SignIns(hour, *found.get(hour, (0, 0))) for hour in hours]


def recent_refusals(scope: Scope, *, now: dt.datetime, limit: int) -> Sequence[RefusedSignIn]:
    """The newest refusals of the last day, newest first; at most `limit`."""
    where, keys = scope.condition()
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT at, username, reason, method, callingstationid, nas_id, user_id FROM (
                SELECT * FROM access_sign_in WHERE {where} AND at >= %s ORDER BY at DESC LIMIT %s
            ) newest WHERE NOT accepted ORDER BY at DESC, id DESC LIMIT %s
            """,
            [*keys, now - dt.timedelta(days=1), _LOOKED_AT, limit],
        )
        return [RefusedSignIn(*row) for row in cursor.fetchall()]
