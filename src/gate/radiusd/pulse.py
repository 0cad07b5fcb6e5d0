"""Whether PostgreSQL answers, asked once a second on a connection of its own: for Status-Server, health and metrics.

The connections that work find out by themselves; this one knows also while nothing is asked, and how long an answer takes.
"""

import asyncio
import logging

import psycopg

from gate.core import clock
from gate.database.link import Link, LinkLost

log = logging.getLogger(__name__)

EVERY = 1.0
PATIENCE = 3.0
"""Seconds without an answer after which PostgreSQL counts as away: a NAS waits about as long before it asks another server."""

# A standby answers, and stores nothing.
_QUESTION = "SELECT NOT pg_is_in_recovery()"


class Pulse:
    """Asks, and remembers what came of it."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._refused = False
        self._heard = clock.monotonic()
        self.lag = 0.0
        """Seconds the last answer took."""

    @property
    def is_away(self) -> bool:
        """Whether PostgreSQL cannot be worked with now."""
        return self._refused or clock.monotonic() - self._heard > PATIENCE

    async def beat(self) -> None:
        """Ask until cancelled."""
        while True:
            began = clock.monotonic()
            try:
                ((can_store,),) = await self._link.rows(_QUESTION)
            except (LinkLost, psycopg.Error) as error:
                if not self._refused:
                    log.warning("PostgreSQL is away: %s", error)
                self._refused = True
            else:
                self._heard = clock.monotonic()
                self.lag = self._heard - began
                self._refused = not can_store
            await asyncio.sleep(EVERY)
