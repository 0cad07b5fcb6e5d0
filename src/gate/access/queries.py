"""The log of sign-ins with the trace of each decision, newest first, found by user, device or NAS."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import psycopg
from django.db import connection

from gate.access import explain
from gate.access.explain import Step
from gate.core.paging import Cursor, CursorPage, cut
from gate.core.tenancy import Scope, activate
from gate.profiles import queries as profiles
from gate.users.rules import username_key

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_COLUMNS = (
    "id, at, organization_id, nas_id, user_id, access_point_id, username, callingstationid, calledstationid, method, accepted,"
    " reason, session_timeout, limited_by, profiles, trace"
)
_SHOWN = f"SELECT {', '.join(f's.{name.strip()}' for name in _COLUMNS.split(','))}, n.short_name"
_NAMES = "LEFT JOIN nas_nas n ON n.id = s.nas_id AND n.tenant_id = %(tenant)s"
_DEVICE = "lower(translate(callingstationid, ':-. ', ''))"


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceFilter:
    """Which sign-ins; all that are given must hold."""

    user_id: int | None = None
    username: str | None = None
    """In any case; also one that nobody has."""
    mac: str | None = None
    """`AA:BB:CC:DD:EE:FF`."""
    nas_id: int | None = None
    accepted: bool | None = None
    start: dt.datetime | None = None
    end: dt.datetime | None = None


class Trace(msgspec.Struct, frozen=True, kw_only=True):
    """One Access-Request and why it was decided as it was. Nothing that proves an identity is part of it."""

    id: int
    at: dt.datetime
    organization_id: int
    nas_id: int
    nas: str | None
    """Its short name, while there is such a NAS."""
    user_id: int | None
    username: str
    access_point_id: int | None
    callingstationid: str | None
    calledstationid: str | None
    method: str
    accepted: bool
    reason: str
    """The word of access/types.py; empty where GATE let in, `proxied` where a home server decided."""
    detail: str
    session_timeout: int | None
    """Seconds."""
    limited_by: str
    """Where they come from; see `Grant.limited_by`."""
    profiles: tuple[str, ...]
    """Short names, in order; the id where there is no such profile any more."""
    steps: tuple[Step, ...]


def page(scope: Scope, wanted: TraceFilter, *, cursor: Cursor | None, limit: int) -> CursorPage[Trace]:
    """A page of the sign-ins of the scope, newest first."""
    where, parameters = _conditions(scope, wanted, cursor)
    order = "at, id" if cursor is not None and cursor.backwards else "at DESC, id DESC"
    walk = f"SELECT {_COLUMNS} FROM access_sign_in WHERE {where} ORDER BY {order} LIMIT {limit + 1:d}"
    listed = ", ".join(f"s.{column.strip()}" for column in order.split(","))
    rows = _fetch(scope, f"{_SHOWN} FROM ({walk}) s {_NAMES} ORDER BY {listed}", parameters)
    numbers = {int(number) for row in rows for number in (row[14] or "").split(",") if number}
    names = profiles.short_names(scope, sorted(numbers)) if numbers else {}
    return cut([_trace(row, names) for row in rows], limit=limit, cursor=cursor, key=_key)


def _key(trace: Trace) -> tuple[int, int]:
    return (trace.at - _EPOCH) // dt.timedelta(microseconds=1), trace.id


def _trace(row: Sequence[Any], names: dict[int, str]) -> Trace:
    word, _, detail = row[11].partition(" ")
    accepted, stored = row[10], row[15]
    held = tuple(names.get(int(number), number) for number in (row[14] or "").split(",") if number)
    return Trace(
        id=row[0], at=row[1], organization_id=row[2], nas_id=row[3], nas=row[16], user_id=row[4], access_point_id=row[5],
        username=row[6], callingstationid=row[7], calledstationid=row[8], method=row[9], accepted=accepted, reason=word,
        detail=detail, session_timeout=row[12], limited_by=row[13] or "", profiles=held,
        # Sign-ins older than traces have no profiles either.
        steps=explain.read_record(stored, is_usual=accepted and row[14] is not None),
    )  # fmt: skip


def _conditions(scope: Scope, wanted: TraceFilter, cursor: Cursor | None) -> tuple[str, dict[str, Any]]:
    parameters: dict[str, Any] = {"tenant": scope.tenant_id}
    parts = ["tenant_id = %(tenant)s"]
    if not scope.whole_tenant:
        parameters["organizations"] = list(scope.organization_ids)
        parts.append("organization_id = ANY(%(organizations)s::bigint[])")
    if wanted.username is not None:
        parameters["key"] = username_key(wanted.username)
        known = _fetch(scope, "SELECT id FROM users_user WHERE tenant_id = %(tenant)s AND username_key = %(key)s", parameters)
        parameters["named"] = known[0][0] if known else None
        parts.append("user_id = %(named)s" if known else "user_id IS NULL AND lower(username) = lower(%(key)s)")
    for name, column in (("user_id", "user_id"), ("nas_id", "nas_id"), ("accepted", "accepted")):
        if getattr(wanted, name) is not None:
            parameters[name] = getattr(wanted, name)
            parts.append(f"{column} = %({name})s")
    if wanted.mac is not None:
        parameters["mac"] = wanted.mac.replace(":", "").lower()
        parts.append(f"callingstationid IS NOT NULL AND {_DEVICE} = %(mac)s")
    for name, sign in (("start", ">="), ("end", "<=")):
        if getattr(wanted, name) is not None:
            parameters[name] = getattr(wanted, name)
            parts.append(f"at {sign} %({name})s")
    if cursor is not None:
        parameters["at"] = _EPOCH + dt.timedelta(microseconds=cursor.major)
        parameters["beside"] = cursor.minor
        sign = ">" if cursor.backwards else "<"
        # The first of the two says nothing new, but lets PostgreSQL begin in the right partition.
        parts.append(f"at {sign}= %(at)s AND (at, id) {sign} (%(at)s, %(beside)s)")
    return " AND ".join(parts), parameters


def _fetch(scope: Scope, sql: str, parameters: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Rows, in binary, on Django's own connection; not prepared, since how many rows there are depends on the values."""
    activate(scope.tenant_id)
    with connection.wrap_database_errors:
        connection.ensure_connection()
        with psycopg.Cursor(connection.connection) as cursor:
            return cursor.execute(sql, parameters, prepare=False, binary=True).fetchall()
