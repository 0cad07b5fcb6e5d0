"""What was brought, and what was not and why: counted for people, written down row by row for whoever has to mend it."""

import csv
import os
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from gate.core.errors import GateError

TOLD = 20
"""Problems told on standard error; all are counted, and stand in the report's file."""


class Refused(GateError):
    """Nothing was begun."""

    code = "refused"


Say = Callable[[str], object]
"""Says a line that stays."""


class Report:
    """Counts and problems."""

    def __init__(self, file: IO[str] | None) -> None:
        self.counts: Counter[str] = Counter()
        self._writer = None if file is None else csv.writer(file, lineterminator="\n")
        if self._writer is not None:
            self._writer.writerow(("table", "id", "name", "field", "reason"))
        self.say: Say = lambda _: None

    @property
    def problems(self) -> int:
        """Rows of which something was not brought."""
        return self.counts["problems"]

    def problem(self, table: str, number: int | str, name: str, field: str, reason: str) -> None:
        """Something of a row that was not brought. Values are not quoted: passwords and secrets stand among them."""
        self.counts["problems"] += 1
        if self._writer is not None:
            self._writer.writerow((table, number, _plain(name), field, reason))
        if self.problems <= TOLD:
            self.say(f"{table} {number} ({_plain(name)}): {field}: {reason}")
        elif self.problems == TOLD + 1:
            self.say("Further problems are counted" + ("." if self._writer else "; --report FILE writes down all of them."))


def _plain(name: str) -> str:
    """A name for terminals and spreadsheets, which would take some for commands and formulas."""
    shown = "".join(sign if sign.isprintable() else "?" for sign in name[:100])
    return f"'{shown}" if shown[:1] in {"=", "+", "-", "@"} else shown


@contextmanager
def opened(name: str | None) -> Iterator[Report]:
    """A report, written to a new file of that name if one is given. Raises Refused."""
    if name is None:
        yield Report(None)
        return
    try:
        descriptor = os.open(Path(name), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise Refused(f"{name} cannot be made for the report: {error.strerror}.") from None
    with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
        yield Report(file)
