"""How many API calls a bearer, or an address without one, may make a minute: one limit for all web processes.

Each process counts in memory and tells the others through PostgreSQL: what it has not told yet it adds to the table in one
statement, for all callers at once, which answers with everybody's total. That happens every HURRY seconds while somebody has
made a hundredth of their calls since the last time, else every PATIENCE seconds, so a call costs a dictionary look-up and no
statement.

**The error.** A process knows its own calls exactly, and of each other process all but those of the last HURRY seconds and
less than a hundredth of the limit. By so much, for each other process, may a minute's limit be overrun, and never by more than
the limit itself. Nobody is refused early. Minutes are those of the clock (UTC): who waits for the next one may use two limits
around its beginning.

What is refused is not counted, and asks the database nothing. Memory is bounded: of more callers than KEPT a minute the one
longest silent is forgotten.
"""

import ipaddress
import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final, Literal

from django.db import connection

from gate.core import clock, seal
from gate.core.errors import TooMany
from gate.core.tenancy import Scope

Policy = Literal["token", "address"]

WINDOW: Final = 60
HURRY, PATIENCE = 0.5, 5.0
KEPT = 20_000
# A hundredth of the limit: who has made so many calls since the last exchange makes the next one hurry.
_SHARE = 100

_EXCHANGE = """
    INSERT INTO tokens_apirate AS stored (minute, key, calls)
    SELECT %s, t.key, t.calls FROM unnest(%s::bytea[], %s::bigint[]) AS t(key, calls) ORDER BY t.key
    ON CONFLICT (minute, key) DO UPDATE SET calls = stored.calls + excluded.calls
    RETURNING key, calls
"""
# By whoever tells first in a minute; others who do so at once pass over what is locked.
_FORGET = """
    DELETE FROM tokens_apirate WHERE (minute, key) IN
        (SELECT minute, key FROM tokens_apirate WHERE minute < %s LIMIT 10000 FOR UPDATE SKIP LOCKED)
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a caller stands after a call: what the RateLimit headers say."""

    policy: Policy
    quota: int
    """Calls a minute."""
    remaining: int
    reset: int
    """Whole seconds, at least one, until the count begins anew."""
    allowed: bool

    def check(self) -> None:
        """Raises TooMany where the call was one too many."""
        if not self.allowed:
            whose = "This token has" if self.policy == "token" else "Calls without a valid token from this address have"
            raise TooMany(f"{whose} used up the {self.quota} of this minute.", retry_after=self.reset, code="rate_limited")


@dataclass(slots=True)
class _Tally:
    """One caller's minute as this process knows it."""

    known: int = 0
    """Told by all processes, this one included."""
    pending: int = 0
    """Counted here and not told yet."""


class Counter:
    """The counts of one web process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._minute = 0
        self._tallies: OrderedDict[tuple[Policy, str], _Tally] = OrderedDict()
        self._told = 0.0
        self._hurry = False
        self._swept = 0

    def count(self, policy: Policy, who: str, *, quota: int, now: float) -> Standing:
        """Count a call of `who`, unless they have made their `quota`. `now` is in seconds since 1970 UTC."""
        moment = clock.monotonic()
        with self._lock:
            tally = self._tally(policy, who, minute=int(now) // WINDOW)
            allowed = tally.known + tally.pending < quota
            if allowed:
                tally.pending += 1
                self._hurry = self._hurry or tally.pending >= max(1, quota // _SHARE)
            due = allowed and moment - self._told >= (HURRY if self._hurry else PATIENCE)
            if due:
                self._told, self._hurry = moment, False
        if due:
            self.exchange()
        return _standing(policy, quota=quota, made=tally.known + tally.pending, now=now, allowed=allowed)

    def look(self, policy: Policy, who: str, *, quota: int, now: float) -> Standing:
        """Where `who` stands, without counting a call: `allowed` says whether one more would be."""
        with self._lock:
            found = self._tallies.get((policy, who)) if self._minute == int(now) // WINDOW else None
            made = found.known + found.pending if found else 0
        return _standing(policy, quota=quota, made=made, now=now, allowed=made < quota)

    def exchange(self) -> None:
        """Tell the others what they do not know, and learn the totals."""
        with self._lock:
            minute = self._minute
            sent = [(key, tally, tally.pending) for key, tally in self._tallies.items() if tally.pending]
            for _, tally, calls in sent:
                tally.known, tally.pending = tally.known + calls, 0
            sweep, self._swept = self._swept < minute, minute
        if not sent:
            return
        by_digest = {_digest(*key): tally for key, tally, _ in sent}
        with connection.cursor() as cursor:
            cursor.execute(_EXCHANGE, [minute, list(by_digest), [calls for _, _, calls in sent]])
            totals = cursor.fetchall()
            if sweep:
                cursor.execute(_FORGET, [minute - 1])
        with self._lock:
            for digest, calls in totals:
                tally = by_digest[bytes(digest)]
                # Two threads may exchange at once: the later total is the larger.
                tally.known = max(tally.known, calls)

    def _tally(self, policy: Policy, who: str, *, minute: int) -> _Tally:
        if minute != self._minute:
            self._tallies.clear()
            self._minute = minute
        key = (policy, who)
        tally = self._tallies.get(key)
        if tally is None:
            tally = self._tallies[key] = _Tally()
            if len(self._tallies) > KEPT:
                self._tallies.popitem(last=False)
        else:
            self._tallies.move_to_end(key)
        return tally


_counter = Counter()


def count_token(scope: Scope, *, quota: int, now: float) -> Standing:
    """Count a call of a bearer: of each API token, of each person whatever tokens they hold."""
    return _counter.count("token", f"{scope.tenant_id}:{scope.actor}", quota=quota, now=now)


def count_address(address: str, *, quota: int, now: float) -> Standing:
    """Count a call without a valid token."""
    return _counter.count("address", _network(address), quota=quota, now=now)


def look_address(address: str, *, quota: int, now: float) -> Standing:
    """Where an address stands, without counting a call."""
    return _counter.look("address", _network(address), quota=quota, now=now)


def forget() -> None:
    """Know nothing, for tests that roll the database back."""
    global _counter  # noqa: PLW0603  one counter a process, made anew
    _counter = Counter()


def _standing(policy: Policy, *, quota: int, made: int, now: float, allowed: bool) -> Standing:
    return Standing(policy=policy, quota=quota, remaining=max(0, quota - made), reset=WINDOW - int(now) % WINDOW, allowed=allowed)


def _digest(policy: Policy, who: str) -> bytes:
    return seal.keyed_digest("api-rate", policy.encode(), who.encode())[:16]


def _network(address: str) -> str:
    """An IPv6 subscriber has a whole /64 to call from."""
    if ":" not in address:
        return address
    try:
        parsed = ipaddress.IPv6Address(address)
    except ValueError:
        return address
    mapped = parsed.ipv4_mapped
    return str(mapped) if mapped is not None else str(ipaddress.IPv6Network((int(parsed) >> 64 << 64, 64)))
