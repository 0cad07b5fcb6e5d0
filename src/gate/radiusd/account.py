"""Accounting by group commit: while one batch commits the next gathers. Nothing is acknowledged before its commit.

Back-pressure: past `BACKLOG` waiting packets a new one is dropped unanswered, and one that waited longer than `PATIENCE` as
well: the NAS has sent it again by then, and whatever is stored for nobody takes the time of those still waited for. When
PostgreSQL is away the batch in hand is kept and tried until it is stored; meanwhile nothing is answered, and what waited for
its return is stored however long that took.
"""

import asyncio
import logging

import psycopg
from psycopg import errors

from gate.accounting import sql
from gate.accounting.placing import UNLOCK_ALL, NotPlaced, place
from gate.accounting.updates import Update, fold
from gate.core import clock
from gate.database.link import HotLink, LinkLost
from gate.protocols.radius.codes import Code
from gate.protocols.radius.dictionary import rfc2866
from gate.radiusd import translate
from gate.radiusd.gather import Batches
from gate.radiusd.metrics import Metrics
from gate.radiusd.request import Answers, Request
from gate.radiusd.restarts import Restarts
from gate.radiusd.store import Store

log = logging.getLogger(__name__)

BATCH, BACKLOG = 256, 8192
PATIENCE = 4.0
"""Seconds a packet may wait for a writer: NAS send again after 1 to 5."""
AWAY = 0.1
"""Seconds between two tries where PostgreSQL takes connections but cannot work (its disk is full, say)."""
FULL = 32
"""A batch's fixed cost, with its commit, is that of 15 to 30 packets: larger batches than for sign-ins pay."""

Waiting = tuple[Request, Update]


class Accountant:
    """Takes Accounting-Requests, stores them in batches, answers them."""

    def __init__(self, *, links: list[HotLink], store: Store, restarts: Restarts, answers: Answers, metrics: Metrics) -> None:
        self._links = links
        self._store = store
        self._restarts = restarts
        self._answers = answers
        self._metrics = metrics
        self._waiting: Batches[Waiting] = Batches(backlog=BACKLOG, full=FULL)
        self._excused = 0.0
        """When PostgreSQL was last away, seconds since 1970: whatever came before may have waited for it."""

    @property
    def queue(self) -> Batches[Waiting]:
        """What waits for PostgreSQL."""
        return self._waiting

    def handle(self, request: Request) -> None:
        """Take one Accounting-Request; never waits."""
        status = translate.number(request.packet.get(rfc2866.ACCT_STATUS_TYPE))
        if status in {translate.START, translate.STOP, translate.INTERIM_UPDATE}:
            self._take(request)
        elif status in {translate.ACCOUNTING_ON, translate.ACCOUNTING_OFF}:
            self._restarts.handle(request)
        else:
            self._answers.drop(request, "status-type")

    def _take(self, request: Request) -> None:
        source = request.source[0]
        update = translate.session_update(request.packet, client=request.client, source=source, store=self._store, now=request.at)
        if update is None:
            self._answers.drop(request, "no-session-id")
            return
        elsewhere = request.client.elsewhere
        if elsewhere is not None and elsewhere.account(request, update):
            return
        if not self._waiting.put((request, update)):
            self._answers.drop(request, "accounting-backlog")

    async def write(self, number: int) -> None:
        """Writer `number`, until cancelled."""
        link = self._links[number]
        while True:
            batch = self._in_time(await self._waiting.take(number))
            if batch:
                await self._store_batch(link, batch)

    def _in_time(self, batch: list[Waiting]) -> list[Waiting]:
        """Those of a batch somebody still waits for."""
        late = clock.unix() - PATIENCE
        if batch[0][0].at >= late:
            return batch
        kept = []
        for request, update in batch:
            if self._excused < request.at < late:
                self._answers.drop(request, "accounting-waited-too-long")
            else:
                kept.append((request, update))
        return kept

    async def _store_batch(self, link: HotLink, batch: list[Waiting]) -> None:
        """Store and answer; on refusal halve, so that one packet PostgreSQL will not take cannot hold up the others."""
        try:
            await self._store_until_done(link, [update for _, update in batch])
        except (psycopg.Error, NotPlaced) as error:
            if len(batch) == 1:
                request, update = batch[0]
                log.error("Accounting of NAS %s refused by PostgreSQL and not acknowledged: %s", update.nas_id, error)  # noqa: TRY400
                self._answers.drop(request, "refused")
                return
            middle = len(batch) // 2
            await self._store_batch(link, batch[:middle])
            await self._store_batch(link, batch[middle:])
            return
        self._metrics["accounting.batches"] += 1
        self._metrics["accounting.stored"] += len(batch)
        for request, _ in batch:
            self._answers.reply(request, Code.ACCOUNTING_RESPONSE, b"")

    async def _store_until_done(self, link: HotLink, updates: list[Update]) -> None:
        for folded in fold(updates):
            parameters = sql.parameters(folded)
            guests = any(update.portal_session_id is not None or translate.is_mac(update.username) for update in folded)
            while True:
                try:
                    await _place(link, parameters, len(folded), guests=guests)
                except LinkLost as error:
                    # Whether it was stored is not known; storing twice is the same as once.
                    log.warning("PostgreSQL is away, %d accounting packets wait: %s", len(updates) + len(self._waiting), error)
                    self._metrics["accounting.database-away"] += 1
                    await asyncio.sleep(AWAY)
                    self._excused = clock.unix()
                except (errors.DeadlockDetected, errors.SerializationFailure):
                    self._metrics["accounting.deadlocks"] += 1
                except errors.DivisionByZero:
                    # A session moved to the history meanwhile: the next look finds it there (accounting/sql.py).
                    self._metrics["accounting.moved-meanwhile"] += 1
                else:
                    break


async def _place(link: HotLink, parameters: list[str], count: int, *, guests: bool) -> None:
    """Run the statements of accounting/placing.py: one, unless something was left over."""
    steps = place(count, guests=guests)
    statement, with_what = next(steps)
    try:
        while True:
            ((answer,),) = await link.run(statement, parameters if with_what == "packets" else [])
            statement, with_what = steps.send(answer)
    except StopIteration:
        return
    except psycopg.Error:
        # Whoever else buries waits for it; of a lost connection PostgreSQL frees it.
        await link.run(UNLOCK_ALL, [])
        raise
