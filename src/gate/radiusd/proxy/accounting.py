"""Accounting of realms: stored with GATE's own sessions and queued for the home server in one transaction, answered after that.

As in account.py, packets share a commit: what came while one was under way goes with the next. What PostgreSQL refuses is halved
until the one packet is found; what finds PostgreSQL away is kept and tried until it is stored.
"""

import asyncio
import logging
from collections import deque
from typing import Final

import msgspec
import psycopg
from psycopg import errors

from gate.accounting import sql as accounting_sql
from gate.accounting.placing import UNLOCK, UNLOCK_ALL, NotPlaced, place
from gate.accounting.updates import Update, fold
from gate.core import clock
from gate.database import arrays
from gate.database.link import HotLink, LinkLost
from gate.protocols.radius import proxying
from gate.protocols.radius.codes import Code
from gate.radiusd import translate
from gate.radiusd.metrics import Metrics
from gate.radiusd.proxy.homes import Pool, Route
from gate.radiusd.request import Answers, Request
from gate.realms import rules, sql

log = logging.getLogger(__name__)

BATCH: Final = 256
BACKLOG: Final = 8192
PATIENCE: Final = 4.0
"""Seconds a packet may wait for the writer, as in account.py."""
AWAY: Final = 0.1


class Queued(msgspec.Struct):
    """A packet that waits for its commit."""

    request: Request
    update: Update
    pool: Pool
    kept: bytes
    """Its attributes as they go to the home server."""


class Bookkeeper:
    """Takes such packets, stores and answers them."""

    def __init__(self, *, link: HotLink, answers: Answers, metrics: Metrics) -> None:
        self._link = link
        self._answers = answers
        self._metrics = metrics
        self._waiting: deque[Queued] = deque()
        self._wake = asyncio.Event()
        self._excused = 0.0
        self._locked = False
        self.queued = asyncio.Event()
        """Set when something was put into the table's queue."""

    def __len__(self) -> int:
        return len(self._waiting)

    def take(self, request: Request, update: Update, route: Route, pool: Pool) -> None:
        """Take one Accounting-Request; never waits."""
        if len(self._waiting) >= BACKLOG:
            self._answers.drop(request, "accounting-backlog")
            return
        name = rules.stripped(request.packet.get(proxying.USER_NAME) or b"") if route.strip else b""
        kept = proxying.accounting_kept(request.packet, username=name or None, proxy_state=route.mark)
        self._waiting.append(Queued(request, update, pool, kept))
        self._wake.set()

    def tell(self, count: int) -> None:
        """So many rows were put into the queue."""
        self._metrics["proxy.accounting-queued"] += count
        self.queued.set()

    async def write(self) -> None:
        """Store until cancelled."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._waiting:
                batch = self._in_time([self._waiting.popleft() for _ in range(min(len(self._waiting), BATCH))])
                if batch:
                    await self._store(batch)

    def _in_time(self, batch: list[Queued]) -> list[Queued]:
        late, kept = clock.unix() - PATIENCE, []
        for one in batch:
            if self._excused < one.request.at < late:
                self._answers.drop(one.request, "accounting-waited-too-long")
            else:
                kept.append(one)
        return kept

    async def _store(self, batch: list[Queued]) -> None:
        try:
            await self._store_until_done(batch)
        except (psycopg.Error, NotPlaced) as error:
            if len(batch) == 1:
                log.error("Accounting of NAS %s refused by PostgreSQL and not acknowledged: %s", batch[0].update.nas_id, error)  # noqa: TRY400
                self._answers.drop(batch[0].request, "refused")
                return
            middle = len(batch) // 2
            await self._store(batch[:middle])
            await self._store(batch[middle:])
            return
        self._metrics["accounting.stored"] += len(batch)
        self.tell(len(batch))
        for one in batch:
            self._answers.reply(one.request, Code.ACCOUNTING_RESPONSE, b"")

    async def _store_until_done(self, batch: list[Queued]) -> None:
        while True:
            try:
                await self._transaction(batch)
            except LinkLost as error:
                # Whether it was stored is not known. Stored twice is as once; queued twice is sent twice, and folded there.
                log.warning("PostgreSQL is away, %d accounting packets wait: %s", len(batch) + len(self._waiting), error)
                self._metrics["accounting.database-away"] += 1
                await asyncio.sleep(AWAY)
                self._excused = clock.unix()
            except (errors.DeadlockDetected, errors.SerializationFailure):
                self._metrics["accounting.deadlocks"] += 1
            except errors.DivisionByZero:
                # A session moved to the history meanwhile (accounting/sql.py).
                self._metrics["accounting.moved-meanwhile"] += 1
            else:
                return

    async def _transaction(self, batch: list[Queued]) -> None:
        """The sessions and the queue, both or neither. Raises LinkLost, psycopg.Error, NotPlaced."""
        link = self._link
        await link.run("BEGIN", [])
        try:
            for folded in fold([one.update for one in batch]):
                await self._place(folded)
            rows = [(one.update.tenant_id, one.pool.id, one.update.acctuniqueid, one.kept, one.request.at) for one in batch]
            await link.run(sql.QUEUE, arrays.literals(sql.QUEUE_TYPES, rows))
            await link.run("COMMIT", [])
            if self._locked:
                self._locked = False
                await link.run(UNLOCK_ALL, [])
        except (psycopg.Error, NotPlaced):
            await link.run("ROLLBACK", [])
            await link.run(UNLOCK_ALL, [])
            raise

    async def _place(self, folded: list[Update]) -> None:
        """Run the statements of accounting/placing.py. What they lock for burying stays locked until the commit is seen."""
        guests = any(update.portal_session_id is not None or translate.is_mac(update.username) for update in folded)
        parameters = accounting_sql.parameters(folded)
        steps = place(len(folded), guests=guests)
        statement, with_what = next(steps)
        try:
            while True:
                if statement == UNLOCK:
                    self._locked = True
                    statement, with_what = steps.send(1)
                    continue
                ((answer,),) = await self._link.run(statement, parameters if with_what == "packets" else [])
                statement, with_what = steps.send(answer)
        except StopIteration:
            return
