"""Counting API calls per organization and calendar month (UTC), and stopping them at `max_api_calls`.

Calls are added up in the process and written at most once a second or every 200 calls, whichever comes first. So the stored
count lags by at most 200 calls or one second per busy process, a limit is overrun by no more than that, and a process that is
killed loses no more. A process that goes idle writes its remainder with its next call or when it ends.
"""

import atexit
import datetime as dt
import threading
from dataclasses import dataclass

from django.db import DatabaseError, close_old_connections, connection

from gate.core import clock
from gate.core.errors import TooMany
from gate.core.tenancy import Scope, activate
from gate.tokens import rules
from gate.tokens.types import Calls

FLUSH_SECONDS = 1.0
FLUSH_CALLS = 200

_ADD = """
    INSERT INTO tokens_apicalls AS stored (tenant_id, organization_id, month, calls) VALUES (%s, %s, %s, %s)
    ON CONFLICT (organization_id, month) DO UPDATE SET calls = stored.calls + excluded.calls
    RETURNING calls, (SELECT max_api_calls FROM organizations_organization o WHERE o.id = stored.organization_id)
"""


@dataclass(slots=True)
class _Tally:
    """One organization's month as this process knows it."""

    tenant_id: int
    pending: int = 0
    stored: int = 0
    allowed: int | None = None
    flushed: float | None = None


_tallies: dict[tuple[int, dt.date], _Tally] = {}
_lock = threading.Lock()


def count(scope: Scope, *, now: dt.datetime) -> None:
    """Count one call of the scope's organization. Raises TooMany where it has used up its month; then it is not counted."""
    key = (scope.organization_id, rules.month_of(now))
    with _lock:
        tally = _tallies.get(key)
        if tally is None:
            _drop_old(key[1])
            tally = _tallies[key] = _Tally(tenant_id=scope.tenant_id)
        tally.pending += 1
        age = None if tally.flushed is None else clock.monotonic() - tally.flushed
        due = age is None or age >= FLUSH_SECONDS or tally.pending >= FLUSH_CALLS
    if due:
        _flush(key, tally)
    if tally.allowed is not None and tally.stored + tally.pending > tally.allowed:
        with _lock:
            tally.pending -= 1
        raise TooMany(
            f"The organization has made the {tally.allowed} API calls of its month.",
            retry_after=rules.seconds_to_next_month(now),
            code="api_calls_used_up",
        )


def current(scope: Scope, *, now: dt.datetime) -> Calls:
    """The count of the month, with this process's own calls written first."""
    key = (scope.organization_id, rules.month_of(now))
    with _lock:
        tally = _tallies.setdefault(key, _Tally(tenant_id=scope.tenant_id))
    _flush(key, tally)
    return Calls(made=tally.stored, allowed=tally.allowed)


def flush_all() -> None:
    """Write every remainder: when the process ends."""
    with _lock:
        waiting = [(key, tally) for key, tally in _tallies.items() if tally.pending]
    for key, tally in waiting:
        _flush(key, tally)


def forget() -> None:
    """Know nothing, for tests that roll the database back."""
    with _lock:
        _tallies.clear()


def _flush(key: tuple[int, dt.date], tally: _Tally) -> None:
    with _lock:
        taken, tally.pending = tally.pending, 0
        tally.flushed = clock.monotonic()
    try:
        activate(tally.tenant_id)
        with connection.cursor() as cursor:
            cursor.execute(_ADD, [tally.tenant_id, key[0], key[1], taken])
            stored, allowed = cursor.fetchone()
    except BaseException:
        with _lock:
            tally.pending += taken
        raise
    tally.stored, tally.allowed = stored, allowed


def _drop_old(month: dt.date) -> None:
    for key in [key for key, tally in _tallies.items() if key[1] < month and tally.pending == 0]:
        del _tallies[key]


def _at_exit() -> None:
    try:
        flush_all()
    except DatabaseError:
        # The database is going down as well: the loss is the one the head of this file allows.
        close_old_connections()


atexit.register(_at_exit)
