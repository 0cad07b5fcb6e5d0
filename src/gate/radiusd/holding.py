"""Access-Rejects are held back until a set time after their request came: guessing takes time, and tells nothing by taking it.

Counted from the arrival, so that what was done for the answer does not show in it: a name nobody has, and one whose password
cost an Argon2 check, are refused after the same time. FreeRADIUS calls it `reject_delay`. Meanwhile the request is in hand, so
its copies are dropped (RFC 5080 section 2.2.2).
"""

import asyncio
import heapq
from collections.abc import Callable
from typing import Final

from gate.core import clock
from gate.radiusd.request import Request

MOST: Final = 16_384
"""Rejects held at a time. Past it the one whose time is nearest goes early: silence would look like a dead server."""


class Holding:
    """What waits for its time. Costs nothing while nobody is refused."""

    def __init__(self, *, delay: float, send: Callable[[Request, bytes], None]) -> None:
        self._delay = delay
        self._send = send
        self._held: list[tuple[float, int, Request, bytes]] = []
        self._number = 0
        self._timer: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        """How many wait."""
        return len(self._held)

    def put(self, request: Request, attributes: bytes) -> None:
        """Send this refusal when its time has come."""
        # The clock on the wall may be set meanwhile: never longer than the delay.
        wait = min(request.at + self._delay - clock.unix(), self._delay)
        if wait <= 0:
            self._send(request, attributes)
            return
        self._number += 1
        heapq.heappush(self._held, (clock.monotonic() + wait, self._number, request, attributes))
        if len(self._held) > MOST:
            self._release_first()
        if self._timer is None or self._held[0][1] == self._number:
            self._wake_at_first()

    def release(self) -> None:
        """Send everything now: the server ends."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        while self._held:
            self._release_first()

    def _release_first(self) -> None:
        _, _, request, attributes = heapq.heappop(self._held)
        self._send(request, attributes)

    def _release_due(self) -> None:
        self._timer = None
        now = clock.monotonic()
        while self._held and self._held[0][0] <= now:
            self._release_first()
        if self._held:
            self._wake_at_first()

    def _wake_at_first(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        # Timers count whole milliseconds: one too early would wake for nothing.
        wait = max(self._held[0][0] - clock.monotonic(), 0) + 0.001
        self._timer = asyncio.get_running_loop().call_later(wait, self._release_due)
