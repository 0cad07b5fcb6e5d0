"""Takes accounting out of the table's queue, sends it to home servers, and deletes what they acknowledged.

At least once: a row goes after the Accounting-Response, so whoever dies in between sends it again. In the order of its packets
for each session; Acct-Delay-Time grows by the time waited. While no server of a pool works its rows are left alone, however long
that is; after `GATE_RADIUS_FORWARD_DAYS` they are given up, and counted.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Any, Final

import psycopg

from gate.core import clock
from gate.database import arrays
from gate.database.link import HotLink, LinkLost
from gate.protocols.radius import proxying
from gate.protocols.radius.codes import Code
from gate.protocols.radius.errors import RadiusError
from gate.radiusd.metrics import Metrics
from gate.radiusd.proxy.homes import Homes, Pool
from gate.radiusd.proxy.targets import Target, Targets
from gate.radiusd.proxy.upstream import Answer
from gate.realms import sql

log = logging.getLogger(__name__)

BATCH: Final = 128
LOOK: Final = 0.5
"""Seconds until the table is looked at though nobody in this process wrote to it: others do, and what failed comes due."""
COUNT_EVERY: Final = 10.0
LONGEST_WAIT: Final = 300.0
DAY: Final = 86_400.0


class Forwarder:
    """Of one process. Several share the queue."""

    def __init__(self, *, link: HotLink, targets: Targets, metrics: Metrics, queued: asyncio.Event, days: float) -> None:
        self._link = link
        self._targets = targets
        self._metrics = metrics
        self._queued = queued
        self._days = days
        self._asking = asyncio.Lock()
        self._counted = float("-inf")
        self._busy: dict[int, asyncio.Task[int]] = {}
        self.waiting = 0
        """Rows of the table, when they were last counted."""
        self.oldest: float | None = None
        """When the oldest of their packets came, seconds since 1970."""

    async def work(self, homes: Callable[[], Homes]) -> None:
        """Forward until cancelled."""
        try:
            while True:
                try:
                    found = homes()
                    if found.pools:
                        await self._count()
                        self._start(found)
                except LinkLost as error:
                    log.debug("Accounting waits to be forwarded: %s", error)
                except psycopg.Error as error:
                    log.error("PostgreSQL refused to tell what is to be forwarded: %s", error)  # noqa: TRY400
                await self._pause()
        finally:
            for task in self._busy.values():
                task.cancel()

    def _start(self, homes: Homes) -> None:
        """One task a pool that has somebody to ask: a slow one keeps up no other."""
        for pool_id in [number for number, task in self._busy.items() if task.done()]:
            task = self._busy.pop(pool_id)
            if not task.cancelled() and (error := task.exception()) is not None:
                log.error("Accounting of pool %s cannot be forwarded: %s", pool_id, error, exc_info=error)
        for pool in homes.pools.values():
            if pool.id not in self._busy and self._targets.usable(pool.homes, "accounting"):
                self._busy[pool.id] = asyncio.get_running_loop().create_task(self._drain(pool))

    async def _pause(self) -> None:
        self._queued.clear()
        try:
            await asyncio.wait_for(self._queued.wait(), LOOK)
        except TimeoutError:
            return

    async def _drain(self, pool: Pool) -> int:
        """Forward what is due, batch after batch, until nothing is or nobody answers; how many were delivered."""
        delivered = 0
        while True:
            targets = self._targets.usable(pool.homes, "accounting")
            if not targets:
                return delivered
            lease = 5.0 + sum(1.1 * target.home.patience for target in targets)
            try:
                rows = await self._ask(sql.TAKE, [str(lease), str(pool.id), str(BATCH)])
                if not rows:
                    return delivered
                rows.sort()
                done = await asyncio.gather(*(self._deliver(targets, *row[1:3]) for row in rows))
                delivered += sum(done)
                await self._settle(rows, done)
            except LinkLost as error:
                # What was taken comes due again by itself.
                log.debug("Accounting waits to be forwarded: %s", error)
                return delivered
            if not any(done):
                return delivered

    async def _deliver(self, targets: list[Target], kept: bytes, at: float) -> bool:
        """Send one packet to the first server that answers."""
        for target in targets:
            answered: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

            def encode(secret: bytes, authenticator: bytes) -> bytes:  # noqa: ARG001  accounting hides nothing
                return proxying.accounting_request(kept, waited=max(0, int(clock.unix() - at)))

            def done(answer: Answer | None, answered: asyncio.Future[bool] = answered) -> None:
                if not answered.done():
                    answered.set_result(answer is not None)

            try:
                if target.send(code=Code.ACCOUNTING_REQUEST, encode=encode, done=done) and await answered:
                    return True
            except RadiusError as error:
                log.warning("An accounting packet cannot be sent to %s: %s", target.home.name, error)
        return False

    async def _settle(self, rows: list[tuple[int, bytes, float, int]], done: list[bool]) -> None:
        ids = [row[0] for row, was in zip(rows, done, strict=True) if was]
        if ids:
            await self._ask(sql.DELIVERED, [arrays.literal("bigint", ids)])
            self._metrics["proxy.accounting-delivered"] += len(ids)
        failed = [(row[0], min(2.0 ** min(row[3], 10), LONGEST_WAIT)) for row, was in zip(rows, done, strict=True) if not was]
        if failed:
            await self._ask(sql.LATER, arrays.literals(("bigint", "double precision"), failed))
            self._metrics["proxy.accounting-put-off"] += len(failed)

    async def _count(self) -> None:
        now = clock.monotonic()
        if now - self._counted < COUNT_EVERY:
            return
        self._counted = now
        ((given_up,),) = await self._ask(sql.GIVE_UP, [str(clock.unix() - self._days * DAY)])
        if given_up:
            self._metrics["proxy.accounting-given-up"] += given_up
            log.error("%d accounting packets no home server took in %g days are given up", given_up, self._days)
        ((self.waiting, self.oldest),) = await self._ask(sql.WAITING, [])

    async def _ask(self, statement: str, parameters: Sequence[str]) -> list[tuple[Any, ...]]:
        async with self._asking:
            return await self._link.run(statement, parameters)
