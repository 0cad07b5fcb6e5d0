"""The log of sign-ins, written behind: one INSERT every 50 ms, whatever the rate.

It is evidence for operators, not for the guest: a sign-in never waits for it, and past `LIMIT` waiting entries (PostgreSQL away
for long) new ones are counted and let go.
"""

import asyncio
import logging
from collections import deque
from typing import NamedTuple

import psycopg

from gate.access import sql
from gate.database import arrays
from gate.database.link import HotLink, LinkLost
from gate.radiusd.metrics import Metrics

log = logging.getLogger(__name__)

EVERY, LIMIT, BATCH = 0.05, 50_000, 2_000


class SignIn(NamedTuple):
    """One decision; the order of the fields is that of `sql.LOG`."""

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


class Journal:
    """Collects sign-ins and writes them."""

    def __init__(self, *, link: HotLink, metrics: Metrics) -> None:
        self._link = link
        self._metrics = metrics
        self._entries: deque[SignIn] = deque()
        self._verifiers: deque[tuple[bytes, int, int]] = deque(maxlen=LIMIT)
        self._logins: dict[int, float] = {}

    def record(self, entry: SignIn) -> None:
        """Take one entry; never waits."""
        if len(self._entries) >= LIMIT:
            self._metrics["journal.lost"] += 1
            return
        self._entries.append(entry)

    def keep_verifier(self, *, verifier: bytes, user_id: int, password_version: int) -> None:
        """Have a keyed verifier stored with its user."""
        self._verifiers.append((verifier, user_id, password_version))

    def logged_in(self, *, user_id: int, at: float) -> None:
        """Have `last_login` (and the first) brought up to date."""
        self._logins[user_id] = at

    async def write(self) -> None:
        """Write until cancelled; what is waiting then is written by `flush`."""
        while True:
            await asyncio.sleep(EVERY)
            await self.flush()

    async def flush(self) -> None:
        """Write what is waiting. What PostgreSQL is away for stays; what it refuses is let go, and said."""
        while self._entries or self._verifiers or self._logins:
            batch = [self._entries[n] for n in range(min(BATCH, len(self._entries)))]
            logins, self._logins = self._logins, {}
            try:
                if batch:
                    await self._link.run(sql.LOG, arrays.literals(sql.LOG_TYPES, batch))
                while self._verifiers:
                    verifier, user_id, version = self._verifiers[0]
                    await self._link.run(sql.KEEP_VERIFIER, [f"\\x{verifier.hex()}", str(user_id), str(version)])
                    self._verifiers.popleft()
                if logins:
                    ids = sorted(logins)
                    seconds = [logins[number] for number in ids]
                    await self._link.run(
                        sql.LOGGED_IN, [arrays.literal("bigint", ids), arrays.literal("double precision", seconds)]
                    )
            except LinkLost as error:
                self._logins = logins | self._logins
                log.warning("PostgreSQL is away, %d sign-ins wait to be logged: %s", len(self._entries), error)
                return
            except psycopg.Error as error:
                log.error("PostgreSQL refused %d entries of the log of sign-ins: %s", len(batch), error)  # noqa: TRY400
                self._metrics["journal.lost"] += len(batch)
                if self._verifiers and not batch:
                    self._verifiers.popleft()
            for _ in batch:
                self._entries.popleft()
