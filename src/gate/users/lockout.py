"""The brake on guessing passwords: failures counted per name and per network address, in PostgreSQL for all processes.

An attempt is counted as a failure before the password is looked at, in one statement, and taken back when it was right: any
number of guesses at once is counted one by one. A name is locked after five in a row, for a quarter of an hour and then for
longer each time. Names are counted whether anybody has them or not, so a lock tells nothing about that.

Names are counted by tenant. At the open door (no token, the tenant unknown) they are counted for the whole install, apart from
every tenant's: were the two one, a lock would tell which tenant has the name.
"""

import datetime as dt
import hashlib
import ipaddress
from dataclasses import dataclass
from typing import Any

from django.db import connection

from gate.core import seal
from gate.core.tenancy import activate
from gate.users import rules

FORGOTTEN_AFTER = dt.timedelta(hours=24)
"""Failures older than this count no more; longer than the longest lock, so that waiting it out does not start anew."""


@dataclass(frozen=True, slots=True)
class Policy:
    """How many failures in a row lead to a lock, and how long that is: each one twice the one before, up to `longest`."""

    attempts: int
    first: dt.timedelta
    longest: dt.timedelta


NAME = Policy(attempts=5, first=dt.timedelta(minutes=15), longest=dt.timedelta(hours=8))
ADDRESS = Policy(attempts=20, first=dt.timedelta(minutes=1), longest=dt.timedelta(minutes=15))
"""At the open door: an office or a hotel signs in from one address."""
CALLER_ADDRESS = Policy(attempts=100, first=dt.timedelta(minutes=1), longest=dt.timedelta(minutes=15))
"""Of callers with a token, behind whose address may stand all the people of an app."""


@dataclass(frozen=True, slots=True)
class Counter:
    """What is counted: one name at one door, or one address."""

    id: str
    """Keyed digest of what is counted: no name is kept."""
    tenant_id: int | None
    policy: Policy


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt that was counted, or refused for a lock."""

    counter: Counter
    allowed: bool
    """Whether the password may be looked at."""
    remaining: int
    """Further attempts before a lock, should this one fail."""
    locked_until: dt.datetime | None
    """The lock there is; or the one this attempt brought, unless it succeeds."""


# Locks double; one that begins is longer than the last unless that was forgotten.
_ATTEMPT = """
    INSERT INTO users_signinfailures AS a (key, tenant_id, failures, locks, last, blocked_until)
    VALUES (%(key)s, %(tenant)s, 1, 0, %(now)s, %(now)s)
    ON CONFLICT (key) DO UPDATE SET
        failures = CASE WHEN a.last < %(forgotten)s OR a.failures >= %(attempts)s THEN 1 ELSE a.failures + 1 END,
        locks = CASE
            WHEN a.last < %(forgotten)s THEN 0 WHEN a.failures + 1 = %(attempts)s THEN a.locks + 1 ELSE a.locks
        END,
        last = %(now)s,
        blocked_until = CASE
            WHEN a.last >= %(forgotten)s AND a.failures + 1 = %(attempts)s
            THEN %(now)s + least(%(longest)s, %(first)s * 2 ^ least(a.locks, 16))
            ELSE %(now)s
        END
    WHERE a.blocked_until <= %(now)s
    RETURNING failures, blocked_until
"""
_LOCKED = "SELECT blocked_until FROM users_signinfailures WHERE key = %s"
_CLEAN = """
    DELETE FROM users_signinfailures WHERE key IN
        (SELECT key FROM users_signinfailures WHERE last < %s ORDER BY last LIMIT 100 FOR UPDATE SKIP LOCKED)
"""
_FORGET = "DELETE FROM users_signinfailures WHERE key = %s"
_TOUCH = "UPDATE users_signinfailures SET last = last WHERE key = %s"
# The lock this attempt brought goes with it; one that another brought stays.
_TAKE_BACK = """
    UPDATE users_signinfailures SET
        failures = greatest(failures - 1, 0),
        locks = CASE WHEN blocked_until = %(mine)s THEN greatest(locks - 1, 0) ELSE locks END,
        blocked_until = CASE WHEN blocked_until = %(mine)s THEN last ELSE blocked_until END
    WHERE key = %(key)s
"""


def name_counter(*, tenant_id: int | None, username: str) -> Counter:
    """Counts the failures of a name in a tenant, or with None at the open door."""
    door = "" if tenant_id is None else str(tenant_id)
    return Counter(_digest("name", door, rules.username_key(username)), tenant_id, NAME)


def address_counter(*, tenant_id: int | None, address: str) -> Counter:
    """Counts the failures from a network address, of a tenant's callers or with None at the open door."""
    door = "" if tenant_id is None else str(tenant_id)
    return Counter(_digest("address", door, _network(address)), tenant_id, ADDRESS if tenant_id is None else CALLER_ADDRESS)


def attempt(counter: Counter, *, now: dt.datetime) -> Attempt:
    """Count an attempt, unless there is a lock. Not inside a transaction that may be rolled back."""
    if counter.tenant_id is not None:
        activate(counter.tenant_id)
    policy = counter.policy
    values: dict[str, Any] = {
        "key": counter.id, "tenant": counter.tenant_id, "now": now, "forgotten": now - FORGOTTEN_AFTER,
        "attempts": policy.attempts, "first": policy.first, "longest": policy.longest,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_CLEAN, [now - FORGOTTEN_AFTER])
        cursor.execute(_ATTEMPT, values)
        counted = cursor.fetchone()
        if counted is not None:
            failures, blocked_until = counted
            locked = blocked_until if blocked_until > now else None
            return Attempt(counter, allowed=True, remaining=max(0, policy.attempts - failures), locked_until=locked)
        cursor.execute(_LOCKED, [counter.id])
        found = cursor.fetchone()
    # The row may have gone between the two statements: whoever just signed in took it away.
    return Attempt(counter, allowed=False, remaining=0, locked_until=found[0] if found is not None else now)


def locked_until(counter: Counter, *, now: dt.datetime) -> dt.datetime | None:
    """When the lock there is ends; None without one. Nothing is counted."""
    if counter.tenant_id is not None:
        activate(counter.tenant_id)
    with connection.cursor() as cursor:
        cursor.execute(_LOCKED, [counter.id])
        found = cursor.fetchone()
    return found[0] if found is not None and found[0] > now else None


def succeeded(counted: Attempt, *, wholly: bool) -> None:
    """Take the attempt back: `wholly` the counter starts from nothing, else it is one failure better off.

    An address is not forgiven wholly, or whoever has one good account could guess at others without end.
    """
    counter = counted.counter
    with connection.cursor() as cursor:
        if wholly:
            cursor.execute(_FORGET, [counter.id])
        else:
            cursor.execute(_TAKE_BACK, {"key": counter.id, "mine": counted.locked_until})


def touch(counter: Counter) -> None:
    """Write the counter without changing it: for who has to take as long as somebody who writes a line of the log."""
    with connection.cursor() as cursor:
        cursor.execute(_TOUCH, [counter.id])


def _digest(kind: str, door: str, value: str) -> str:
    # Keyed, so that the table does not tell who tried to sign in.
    parts = (kind.encode(), door.encode(), value.encode())
    return hashlib.sha256(seal.keyed_digest("sign-in-failures", *parts)).hexdigest()


def _network(address: str) -> str:
    """An IPv6 subscriber has a whole /64 to guess from."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is None:
            return str(ipaddress.ip_network((int(parsed), 64), strict=False))
        parsed = parsed.ipv4_mapped
    return str(parsed)
