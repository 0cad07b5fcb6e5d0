"""Has NAS told of changed limits of sessions that run, pass by pass (access/renewal.py). Sending is live_control.py's.

Beside the worker's jobs, on a thread and a connection of its own: a pass every quarter of a second while there is something to
tell, else a look every few seconds, which is two statements: the other finds MAC addresses that were to let in no more since the
last look (access/withdrawals.py), whose sessions end.
"""

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from django.db import close_old_connections, connections

from gate.access import renewal, withdrawals
from gate.access.live_terms import Render
from gate.attributes import canonical
from gate.core import clock

log = logging.getLogger(__name__)

PACE: Final = 0.25
"""Seconds between two passes: at most 400 changes a second are asked for."""
LOOK: Final = 2.0
"""Seconds between two looks when there was nothing to do."""


class Renewals:
    """The passes, in one event loop."""

    def __init__(self, *, render: Render, pace: float = PACE, look: float = LOOK) -> None:
        """`render` writes limits in a make's attributes."""
        self._render = render
        self._pace = pace
        self._look = look
        self._database = ThreadPoolExecutor(max_workers=1, thread_name_prefix="renewals")

    async def run(self) -> None:
        """Work until cancelled."""
        run = asyncio.get_running_loop().run_in_executor
        try:
            while True:
                try:
                    passed = await run(self._database, self._pass)
                except Exception:
                    # PostgreSQL is away, or a fault of GATE's own: the pass is taken back, the next begins where it did.
                    log.exception("Telling NAS of changed limits met a fault and goes on")
                    passed = renewal.Passed(asked=0, more=False)
                    await run(self._database, close_old_connections)
                await asyncio.sleep(self._pace if passed.more else self._look)
        finally:
            await run(self._database, connections.close_all)
            self._database.shutdown()

    def _pass(self) -> renewal.Passed:
        passed = renewal.renew(now=clock.now(), render=self._render, canonical=canonical)
        if passed.asked:
            log.debug("Asked for %d changes of sessions that run", passed.asked)
        ended = withdrawals.end_fresh(now=clock.now())
        if ended:
            log.info("Asked for the end of %d sessions whose MAC address lets nobody in any longer", ended)
        return passed
