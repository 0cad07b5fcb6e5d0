"""What the web server counts, in memory that its workers share: whichever of them is asked tells of all.

The memory is mapped when this module is first imported, which `gate web` does before it forks its workers. Each worker adds in
a part of its own, so that none waits for another; a part stays when its worker is replaced, so that counts only grow.
"""

import mmap
import os
import threading
from bisect import bisect_left
from collections.abc import Iterator
from typing import Final

from gate.core.exposition import Family, Histogram, counter, gauge, histogram

AREAS: Final = ("api", "console", "other")
CLASSES: Final = ("2xx", "3xx", "4xx", "429", "5xx")
EDGES: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
PARTS: Final = 64
"""Workers told apart; beyond them the last part is shared, and may lose a count now and then."""

_AREA: Final = len(CLASSES) + len(EDGES) + 2
"""Numbers of an area: requests by class, then by duration, then the seconds of all."""
_PART: Final = 1 + len(AREAS) * _AREA
"""And of a part: the process it belongs to, then its areas."""
_PREFIXES: Final = (("/api/", 0), ("/console/", 1))


class Board:
    """Counts of requests by area, status and duration."""

    def __init__(self) -> None:
        self._numbers = memoryview(mmap.mmap(-1, PARTS * _PART * 8)).cast("d")
        self._lock = threading.Lock()
        self._process = 0
        self._start = 0

    def count(self, path: str, *, status: int, seconds: float) -> None:
        """One request was answered."""
        area = next((number for prefix, number in _PREFIXES if path.startswith(prefix)), 2)
        kind = 3 if status == 429 else min(max(status // 100, 2), 5) - 2 if status < 500 else 4
        numbers = self._numbers
        with self._lock:
            if self._process != os.getpid():
                self._claim()
            start = self._start + 1 + area * _AREA
            numbers[start + kind] += 1
            numbers[start + len(CLASSES) + bisect_left(EDGES, seconds)] += 1
            numbers[start + _AREA - 1] += seconds

    def _claim(self) -> None:
        self._process = os.getpid()
        free = (part for part in range(PARTS) if self._numbers[part * _PART] in {0.0, float(self._process)})
        self._start = next(free, PARTS - 1) * _PART
        self._numbers[self._start] = self._process

    def families(self) -> Iterator[Family]:
        """The counts of all workers."""
        held = self._numbers
        sums = [sum(held[part * _PART + 1 + place] for part in range(PARTS)) for place in range(len(AREAS) * _AREA)]
        requests, durations = [], []
        for number, area in enumerate(AREAS):
            own = sums[number * _AREA : (number + 1) * _AREA]
            requests += [({"area": area, "status": kind}, own[place]) for place, kind in enumerate(CLASSES)]
            found = Histogram(EDGES)
            found.counts = [int(count) for count in own[len(CLASSES) : -1]]
            found.total = own[-1]
            durations.append(({"area": area}, found))
        yield counter("gate_web_requests_total", "Requests by area and status.", requests)
        yield histogram("gate_web_request_seconds", "Seconds a request took, by area.", durations)
        workers = sum(held[part * _PART] != 0 for part in range(PARTS))
        yield gauge("gate_web_workers_seen", "Workers that have answered since the start.", [({}, workers)])


BOARD: Final = Board()
