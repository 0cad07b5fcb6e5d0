"""How far a long command is, on standard error, for people who watch; nothing of it where output goes to a file."""

import sys
from types import TracebackType
from typing import Self

from gate.core import clock

_EVERY_SECONDS = 0.2


class Progress:
    """One line that is written over, a few times a second. What else is said meanwhile gets lines of its own."""

    def __init__(self, doing: str, *, total: int, shown: bool | None) -> None:
        """`total` in the unit `at` is told (bytes, rows); 0: unknown. `shown` None: where standard error is a terminal."""
        self._doing, self._total = doing, total
        self._shown = sys.stderr.isatty() if shown is None else shown
        self._next, self._drawn = 0.0, False

    def at(self, done: int) -> None:
        """So much is done."""
        if not self._shown or clock.monotonic() < self._next:
            return
        self._next = clock.monotonic() + _EVERY_SECONDS
        how_far = f"{100 * done // self._total} %" if self._total else f"{done:,}"
        sys.stderr.write(f"\r{self._doing}: {how_far}\x1b[K")
        sys.stderr.flush()
        self._drawn = True

    def say(self, line: str) -> None:
        """A line that stays."""
        self._wipe()
        sys.stderr.write(f"{line}\n")

    def _wipe(self) -> None:
        if self._drawn:
            sys.stderr.write("\r\x1b[K")
            self._drawn = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._wipe()
