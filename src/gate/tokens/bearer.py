"""The question a call with an API token begins with: whose is it. Answers are kept in the process for 15 seconds (kept.py).

The other kind of bearer, the access token of a person, is read by persons.py.
"""

import datetime as dt
import hashlib
from dataclasses import dataclass

from django.db import connection

from gate import settings
from gate.core.errors import Unauthenticated
from gate.core.tenancy import Scope, activate
from gate.tokens import limits, rules, sql
from gate.tokens.kept import Kept

_TOUCH = dt.timedelta(minutes=1)
_REFUSED = "The token is unknown, expired or revoked, or not to be used from here."


@dataclass(slots=True)
class _Known:
    """What the database said of a token."""

    id: int
    scope: Scope
    networks: tuple[str, ...]
    expires: dt.datetime | None
    revoked: dt.datetime | None
    last_used: dt.datetime | None


_cache: Kept[bytes, _Known] = Kept()


def forget() -> None:
    """Ask the database again about every token: after a change made by this process."""
    _cache.clear()


def digest_of(plain: str) -> bytes:
    """What is stored of a token."""
    return hashlib.sha256(plain.encode()).digest()


def authenticate(plain: str, *, source: str, now: dt.datetime) -> Scope:
    """The scope of the token's owner; the connection is told the tenant.

    Raises Unauthenticated, and TooMany where `source` has called without a valid token too often (limits.py).

    Answers are kept for 15 seconds in the process: so long may a token revoked elsewhere still work.
    """
    if not rules.plausible(plain):
        raise Unauthenticated(_REFUSED)
    digest = digest_of(plain)
    known = _cache.get(digest)
    if known is None:
        if not _cache.held(digest):
            # A guess, as far as this process knows: whoever has made too many is not let near the database. Tokens that
            # worked here before go on working, whoever guesses from the same address.
            limits.look_address(source, quota=settings.current().api_rate_address, now=now.timestamp()).check()
        known = _ask(digest)
        if known is None:
            _cache.drop(digest)
            raise Unauthenticated(_REFUSED)
        _cache.put(digest, known)
    if rules.is_over(expires=known.expires, revoked=known.revoked, now=now) or not rules.comes_from(known.networks, source):
        raise Unauthenticated(_REFUSED)
    activate(known.scope.tenant_id)
    if known.last_used is None or now - known.last_used >= _TOUCH:
        known.last_used = now
        _touch(known, now)
    return known.scope


def _ask(digest: bytes) -> _Known | None:
    with connection.cursor() as cursor:
        cursor.execute(sql.ASK, [digest])
        row = cursor.fetchone()
    if row is None:
        return None
    return _Known(
        id=row[0],
        scope=sql.scope_of(row),
        networks=tuple(row[4]),
        expires=row[5],
        revoked=row[6],
        last_used=row[7],
    )


def _touch(known: _Known, now: dt.datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql.TOUCH, [now, known.id, known.scope.tenant_id, now - _TOUCH])
