"""Requests wait here and leave in batches: the round trip to the database is the cost, so they share it.

No fixed wait, which would hurt at low load. A worker takes what waits as soon as a turn of the event loop brought nothing new,
or `FULL` wait: then the database works on one half of what is in flight while this process reads and answers the other. Only
behind a busy first worker, and for a full batch, does the next worker take part; when all are busy batches grow up to `MOST`.
"""

import asyncio
from collections import deque
from typing import Final, Generic, TypeVar

from gate.core.exposition import Histogram

FULL: Final = 16
MOST: Final = 256
WORKERS: Final = (1, FULL, FULL)
"""How many must wait for the first, second and third worker to take part, where a batch is full with `FULL`."""

SIZES: Final = (1, 2, 4, 8, 16, 32, 64, 128, 256)

T = TypeVar("T")


class Batches(Generic[T]):
    """A bounded queue read in batches by `len(WORKERS)` workers; `full` so many make a batch that need not wait for more."""

    def __init__(self, *, backlog: int, full: int = FULL) -> None:
        self._backlog = backlog
        self._full = full
        self._thresholds = tuple(full if threshold == FULL else threshold for threshold in WORKERS)
        self._waiting: deque[T] = deque()
        self.sizes = Histogram(SIZES)
        """Of the batches taken."""
        self._wakers = [asyncio.Event() for _ in WORKERS]

    def __len__(self) -> int:
        """How many wait."""
        return len(self._waiting)

    @property
    def first(self) -> T:
        """What waits longest. Raises IndexError where nothing does."""
        return self._waiting[0]

    def put(self, item: T) -> bool:
        """Take one item; False where the backlog is full and it was not taken. Never waits."""
        waiting = self._waiting
        if len(waiting) >= self._backlog:
            return False
        waiting.append(item)
        for threshold, waker in zip(self._thresholds, self._wakers, strict=True):
            if len(waiting) >= threshold:
                waker.set()
        return True

    async def take(self, worker: int) -> list[T]:
        """The next batch for that worker: at least one item, at most `MOST`."""
        waiting, threshold, waker = self._waiting, self._thresholds[worker], self._wakers[worker]
        while True:
            while len(waiting) < threshold:
                waker.clear()
                await waker.wait()
            before = -1
            while before < len(waiting) < self._full:
                before = len(waiting)
                await asyncio.sleep(0)
            if waiting:
                size = min(MOST, len(waiting))
                self.sizes.observe(size)
                return [waiting.popleft() for _ in range(size)]
