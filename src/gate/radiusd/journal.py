"""The log of sign-ins, written behind: one INSERT every 50 ms, whatever the rate.

It is evidence for operators, not for the guest: a sign-in never waits for it, and past `LIMIT` waiting entries (PostgreSQL away
for long) new ones are counted and let go.
"""

import asyncio
import datetime as dt
import itertools
import logging
from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

import psycopg

from gate.access import explain, rules, sql
from gate.access.types import Facts, Grant, Refusal
from gate.database import arrays
from gate.database.link import HotLink, LinkLost
from gate.radiusd.metrics import Metrics

log = logging.getLogger(__name__)

EVERY, LIMIT, BATCH = 0.05, 50_000, 2_000
TRACED = 4 * BATCH
"""So many entries may wait with what their trace is made from."""


class SignIn(NamedTuple):
    """One decision; the order of the first fields is that of `sql.LOG`."""

    at: float
    tenant_id: int
    organization_id: int
    nas_id: int
    user_id: int | None
    access_point_id: int | None
    username: str
    callingstationid: str | None
    calledstationid: str | None
    method: str
    accepted: bool
    reason: str
    facts: Facts | tuple[explain.Step, ...] | None = None
    """What the decision was made from, to be written down as its trace, or the trace itself of a conversation that came to no
    decision; not kept where PostgreSQL is away for long."""
    decision: Grant | Refusal | explain.Proxied | None = None


def columns(batch: Sequence[SignIn]) -> list[str]:
    """The entries as `sql.LOG` takes them, a column each. Traces are made here, not while a guest waits."""
    *logged, facts, decisions = zip(*batch, strict=True)
    told = map(_told, logged[0], facts, decisions)
    return [arrays.literal(kind, column) for kind, column in zip(sql.LOG_TYPES, (*logged, *zip(*told, strict=True)), strict=True)]


def _told(
    at: float, facts: Facts | tuple[explain.Step, ...] | None, decision: Grant | Refusal | explain.Proxied | None
) -> tuple[int | None, str | None, str | None, str | None]:
    """Session-Timeout, where it comes from, the profiles and the trace."""
    if isinstance(decision, Grant):
        if decision.is_usual or not isinstance(facts, Facts):
            return decision.session_timeout, decision.limited_by, decision.profiles, None
        return decision.session_timeout, decision.limited_by, decision.profiles, _trace(at, facts)
    if isinstance(decision, explain.Proxied):
        return decision.session_timeout, None, None, explain.record(decision.steps)
    if facts is None:
        return None, None, None, None
    if isinstance(facts, tuple):
        return None, None, None, explain.record(explain.bounded(facts))
    profiles = None if facts.user is None else rules.terms_of(facts.user.profiles).ids
    return None, None, profiles, _trace(at, facts)


def _trace(at: float, facts: Facts) -> str:
    return explain.record(explain.steps(facts, dt.datetime.fromtimestamp(at, tz=dt.UTC)))


class Journal:
    """Collects sign-ins and writes them."""

    def __init__(self, *, link: HotLink, metrics: Metrics) -> None:
        self._link = link
        self._metrics = metrics
        self._entries: deque[SignIn] = deque()
        self._verifiers: deque[tuple[bytes, int, int]] = deque(maxlen=LIMIT)
        self._hashes: deque[tuple[str, int, str]] = deque(maxlen=LIMIT)
        self._logins: dict[int, float] = {}
        self._let_in: deque[tuple[int, float]] = deque()
        self._writing = asyncio.Lock()

    def record(self, entry: SignIn) -> None:
        """Take one entry; never waits."""
        if len(self._entries) >= LIMIT:
            self._metrics["journal.lost"] += 1
            return
        # The request is kept for what its trace says of it, for as long as few wait.
        self._entries.append(entry if len(self._entries) < TRACED else entry._replace(facts=None))

    def keep_verifier(self, *, verifier: bytes, user_id: int, password_version: int) -> None:
        """Have a keyed verifier stored with its user."""
        self._verifiers.append((verifier, user_id, password_version))

    def keep_hash(self, *, password_hash: str, user_id: int, in_place_of: str) -> None:
        """Have a hash made elsewhere replaced by one of GATE's own."""
        self._hashes.append((password_hash, user_id, in_place_of))

    def logged_in(self, *, user_id: int, at: float) -> None:
        """Have `last_login` (and the first) brought up to date."""
        self._logins[user_id] = at

    def let_in(self, *, portal_session_id: int, at: float) -> None:
        """Have the transaction log say that a device came in by a portal's session; never waits."""
        if len(self._let_in) >= LIMIT:
            self._metrics["journal.lost"] += 1
            return
        self._let_in.append((portal_session_id, at))

    async def write(self) -> None:
        """Write until cancelled; what is waiting then is written by `flush`."""
        while True:
            await asyncio.sleep(EVERY)
            # Torn off in the middle, nobody would know whether the batch is in the table.
            await asyncio.shield(self.flush())

    async def flush(self) -> None:
        """Write what is waiting. What PostgreSQL is away for stays; what it refuses is let go, and said."""
        async with self._writing:
            try:
                # What waits now: under load something always waits.
                for _ in range(0, len(self._entries), BATCH):
                    await self._write_entries()
                for _ in range(len(self._verifiers)):
                    await self._write_verifier()
                for _ in range(len(self._hashes)):
                    await self._write_hash()
                if self._logins:
                    await self._write_logins()
                for _ in range(0, len(self._let_in), BATCH):
                    await self._write_let_in()
            except LinkLost as error:
                log.warning("PostgreSQL is away, %d sign-ins wait to be logged: %s", len(self._entries), error)

    async def _write_entries(self) -> None:
        batch = list(itertools.islice(self._entries, BATCH))
        try:
            await self._link.run(sql.LOG, columns(batch))
        except psycopg.Error as error:
            log.error("PostgreSQL refused %d entries of the log of sign-ins: %s", len(batch), error)  # noqa: TRY400
            self._metrics["journal.lost"] += len(batch)
        # At once, so that nothing that fails later has them written a second time.
        for _ in batch:
            self._entries.popleft()

    async def _write_let_in(self) -> None:
        batch = list(itertools.islice(self._let_in, BATCH))
        try:
            await self._link.run(sql.LET_IN, arrays.literals(sql.LET_IN_TYPES, batch))
        except psycopg.Error as error:
            log.error("PostgreSQL refused %d lines of the transaction log: %s", len(batch), error)  # noqa: TRY400
            self._metrics["journal.lost"] += len(batch)
        for _ in batch:
            self._let_in.popleft()

    async def _write_verifier(self) -> None:
        verifier, user_id, version = self._verifiers[0]
        try:
            await self._link.run(sql.KEEP_VERIFIER, [f"\\x{verifier.hex()}", str(user_id), str(version)])
        except psycopg.Error as error:
            # The next sign-in costs another Argon2 check and tries again.
            log.error("PostgreSQL refused the verifier of user %d: %s", user_id, error)  # noqa: TRY400
        self._verifiers.popleft()

    async def _write_hash(self) -> None:
        password_hash, user_id, former = self._hashes[0]
        try:
            await self._link.run(sql.KEEP_HASH, [password_hash, str(user_id), former])
        except psycopg.Error as error:
            # The former one goes on to be checked.
            log.error("PostgreSQL refused the new hash of user %d: %s", user_id, error)  # noqa: TRY400
        self._hashes.popleft()

    async def _write_logins(self) -> None:
        logins, self._logins = self._logins, {}
        ids = sorted(logins)
        seconds = [logins[number] for number in ids]
        try:
            await self._link.run(sql.LOGGED_IN, [arrays.literal("bigint", ids), arrays.literal("double precision", seconds)])
        except LinkLost:
            self._logins = logins | self._logins
            raise
        except psycopg.Error as error:
            log.error("PostgreSQL refused the last sign-in of %d users: %s", len(ids), error)  # noqa: TRY400
