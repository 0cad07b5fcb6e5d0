"""Accounting-On and -Off (RFC 2866 section 5.1): a NAS has restarted or is about to, so the sessions it had are over.

Which sessions those are: of that NAS as GATE knows it (its address and secret), begun before the event, and alike in all that
the packet says of where it comes from. A controller fronts many access points and sends one of these for each: On of one must
not close the sessions of the others. What a packet does not say does not narrow, but for one that names neither NAS-IP-Address
nor NAS-Identifier: there the source address counts.

Answered after the commit of the last window. Doing it twice is the same as once.

Home servers hear of it as well (proxy/): it names no user, so it goes to each pool that a realm of the NAS forwards accounting
to, and is put into their queue in the transaction of the first window: of a restart that was not acknowledged they may hear
twice, as the NAS sends it again, and never of none that closed sessions here.
"""

import asyncio
import datetime as dt
import hashlib
import logging
from collections.abc import Sequence
from typing import Any

import psycopg

from gate.accounting import closing
from gate.database import arrays
from gate.database.link import Link, LinkLost
from gate.protocols.radius.codes import Code
from gate.protocols.radius.dictionary import rfc2865, rfc3162
from gate.radiusd import translate
from gate.radiusd.metrics import Metrics
from gate.radiusd.request import Answers, Request
from gate.realms import sql as realms_sql

log = logging.getLogger(__name__)

BACKLOG = 512
WINDOW = 1_000
"""Sessions looked at in one transaction."""
AWAY = 0.1
"""Seconds between two tries while PostgreSQL is away."""


class Restarts:
    """Closes the sessions a restart has ended, one restart after the other."""

    def __init__(self, *, link: Link, answers: Answers, metrics: Metrics) -> None:
        self._link = link
        self._answers = answers
        self._metrics = metrics
        self._waiting: asyncio.Queue[Request] = asyncio.Queue(BACKLOG)

    def handle(self, request: Request) -> None:
        """Take one Accounting-On or -Off; never waits."""
        try:
            self._waiting.put_nowait(request)
        except asyncio.QueueFull:
            self._answers.drop(request, "restarts-backlog")

    async def work(self) -> None:
        """Until cancelled."""
        while True:
            request = await self._waiting.get()
            try:
                closed = await self._close(request)
            except psycopg.Error as error:
                log.error("A restart of NAS %s closed no sessions: %s", request.client.nas_id, error)  # noqa: TRY400
                self._answers.drop(request, "refused")
                continue
            self._metrics["accounting.restarts"] += 1
            self._metrics["accounting.closed-by-restart"] += closed
            self._answers.reply(request, Code.ACCOUNTING_RESPONSE, b"")

    async def _close(self, request: Request) -> int:
        """How many sessions were closed. Raises psycopg.Error where PostgreSQL refuses; waits while it is away."""
        until = dt.datetime.fromtimestamp(translate.event_time(request.packet, request.at), tz=dt.UTC)
        whose = _whose(request)
        elsewhere = request.client.elsewhere
        told = [] if elsewhere is None else elsewhere.restart(request, session=_session(request, whose))
        after: tuple[str | dt.datetime, int] = ("-infinity", 0)
        closed = 0
        while True:
            try:
                began, number, count = await self._window(
                    (request.client.nas_id, until, *after, WINDOW, *whose, until, until, until), told
                )
            except LinkLost as error:
                log.warning("PostgreSQL is away, a restart of NAS %s waits: %s", request.client.nas_id, error)
                self._metrics["accounting.database-away"] += 1
                await asyncio.sleep(AWAY)
                continue
            except psycopg.errors.DeadlockDetected:
                self._metrics["accounting.deadlocks"] += 1
                continue
            closed += int(count)
            if elsewhere is not None and told:
                elsewhere.queued(len(told))
                told = []
            if number is None:
                return closed
            after = (began, number)

    async def _window(self, which: Sequence[Any], told: Sequence[Any]) -> tuple[Any, ...]:
        """Close one window, and put what home servers are told into their queue, both or neither.

        Raises LinkLost, psycopg.Error.
        """
        link = self._link
        if not told:
            (found,) = await link.rows(closing.RESTARTED, which)
            return found
        await link.rows("BEGIN")
        try:
            (found,) = await link.rows(closing.RESTARTED, which)
            await link.rows(realms_sql.QUEUE, arrays.literals(realms_sql.QUEUE_TYPES, told))
            await link.rows("COMMIT")
        except psycopg.Error:
            await link.rows("ROLLBACK")
            raise
        return found


def _session(request: Request, whose: Sequence[str | None]) -> bytes:
    """Stands in the queue for a session: the same for every restart of a device."""
    return hashlib.blake2b(repr((request.client.nas_id, *whose)).encode(), digest_size=16, person=b"restart").digest()


def _whose(request: Request) -> tuple[str | None, ...]:
    """What a session has to be like: NAS address, NAS-Identifier, and of its Called-Station-Id the text, or MAC and SSID.

    None: anything.
    """
    get = request.packet.first_values().get
    identifier = translate.text(get(rfc2865.NAS_IDENTIFIER))
    address = translate.address(get(rfc2865.NAS_IP_ADDRESS)) or translate.ipv6(get(rfc3162.NAS_IPV6_ADDRESS))
    if address is None and identifier is None:
        address = translate.plain_address(request.source[0])
    called = translate.text(get(rfc2865.CALLED_STATION_ID))
    mac, ssid = translate.station(called)
    if mac is not None:
        called = None
    return address, address, identifier, identifier, called, called, mac, mac and mac.replace(":", ""), ssid, ssid
