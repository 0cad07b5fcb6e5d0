"""Who is calling: API tokens, asked of PostgreSQL over the door's own connection and kept for 15 seconds.

The same tokens, rules and statements as in the REST API (tokens/bearer.py), without Django. Their right is `freeradius:write`.
A sign-in counts neither as one of the token's API calls a minute nor in its organization's month: the NAS has a limit of its own.
"""

import datetime as dt
import hashlib
from dataclasses import dataclass
from typing import Final

from gate.core.errors import Forbidden, Unauthenticated
from gate.core.scope import Scope
from gate.database.link import Link
from gate.radiusd.clients import Client, Clients
from gate.radiusd.store import Store
from gate.tokens import rules, sql
from gate.tokens.kept import Kept

RIGHT: Final = "freeradius:write"
_TOUCH: Final = dt.timedelta(minutes=1)
_REFUSED: Final = "The token is unknown, expired or revoked, or not to be used from here."
_MOST_SCOPES: Final = 256


@dataclass(slots=True)
class _Known:
    """What the database said of a token."""

    id: int
    scope: Scope
    networks: tuple[str, ...]
    expires: dt.datetime | None
    revoked: dt.datetime | None
    last_used: dt.datetime | None


class Callers:
    """Tokens that were shown lately, and the NAS within reach of each."""

    def __init__(self, *, link: Link, store: Store) -> None:
        self._link = link
        self._store = store
        self._kept: Kept[bytes, _Known] = Kept()
        self._reach: dict[tuple[int, int], tuple[Clients, Reach]] = {}

    async def authenticate(self, plain: str, *, source: str, now: dt.datetime) -> Scope:
        """The scope of an API token. Raises Unauthenticated, Forbidden, LinkLost and psycopg.Error."""
        if not rules.plausible(plain):
            raise Unauthenticated(_REFUSED)
        digest = hashlib.sha256(plain.encode()).digest()
        known = self._kept.get(digest)
        if known is None:
            rows = await self._link.rows(sql.ASK, [digest])
            if not rows:
                self._kept.drop(digest)
                raise Unauthenticated(_REFUSED)
            number, _, _, _, networks, expires, revoked, last_used, _ = rows[0]
            known = _Known(number, sql.scope_of(rows[0]), tuple(networks), expires, revoked, last_used)
            self._kept.put(digest, known)
        if rules.is_over(expires=known.expires, revoked=known.revoked, now=now) or not rules.comes_from(known.networks, source):
            raise Unauthenticated(_REFUSED)
        if not known.scope.allows(RIGHT) and not known.scope.allows("*:write"):
            raise Forbidden(f"The token does not have {RIGHT}.")
        if known.last_used is None or now - known.last_used >= _TOUCH:
            known.last_used = now
            await self._link.rows(sql.TOUCH, [now, known.id, known.scope.tenant_id, now - _TOUCH])
        return known.scope

    def reach(self, scope: Scope) -> "Reach":
        """The NAS of the scope's organizations, as they are in memory now."""
        everyone, key = self._store.clients, (scope.tenant_id, scope.organization_id)
        held = self._reach.get(key)
        if held is None or held[0] is not everyone or held[1].organization_ids != scope.organization_ids:
            if len(self._reach) >= _MOST_SCOPES:
                self._reach.clear()
            held = self._reach[key] = (everyone, Reach(scope, everyone))
        return held[1]


class Reach:
    """The NAS of one scope, and which of them a request is of."""

    def __init__(self, scope: Scope, everyone: Clients) -> None:
        own = [one for one in everyone.all() if one.tenant_id == scope.tenant_id and scope.covers(one.organization_id)]
        self.organization_ids = scope.organization_ids
        self._clients = Clients(own)
        self._by_name = {one.name.lower(): one for one in own}

    def find(self, *, addresses: list[str], identifier: bytes | None) -> Client | None:
        """By the first of the addresses that a NAS has, else the one whose short name is the NAS-Identifier."""
        for address in addresses:
            found = self._clients.find(address)
            client = found if found is None or isinstance(found, Client) else found.claimed(identifier)
            if client is not None:
                return client
        return self._by_name.get(identifier.decode("utf-8", "replace").lower()) if identifier else None
