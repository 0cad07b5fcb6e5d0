"""What a process remembers of bearers for 15 seconds, so that a call asks the database no question about its token."""

import threading
from collections import OrderedDict
from typing import Generic, TypeVar

from gate.core import clock

CACHE_SECONDS = 15.0
"""How long another process's revocation may go unnoticed here."""
_CACHE_SIZE = 10_000

K = TypeVar("K")
V = TypeVar("V")


class Kept(Generic[K, V]):
    """Key to answer, the least recently asked dropped first. Only what exists is put in, so that guesses cannot fill it."""

    def __init__(self) -> None:
        self._known: OrderedDict[K, tuple[V, float]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: K) -> V | None:
        """What was put in less than 15 seconds ago, or None."""
        with self._lock:
            known = self._known.get(key)
            if known is None or known[1] < clock.monotonic():
                return None
            self._known.move_to_end(key)
            return known[0]

    def held(self, key: K) -> bool:
        """Whether it was ever put in and is not dropped yet, however long ago."""
        with self._lock:
            return key in self._known

    def put(self, key: K, value: V) -> None:
        """Remember."""
        with self._lock:
            self._known[key] = (value, clock.monotonic() + CACHE_SECONDS)
            self._known.move_to_end(key)
            while len(self._known) > _CACHE_SIZE:
                self._known.popitem(last=False)

    def drop(self, key: K) -> None:
        """Forget one: it was changed by this process."""
        with self._lock:
            self._known.pop(key, None)

    def clear(self) -> None:
        """Forget all."""
        with self._lock:
            self._known.clear()
