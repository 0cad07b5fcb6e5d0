"""Rows as CSV (RFC 4180, UTF-8, header first) or as NDJSON (one JSON object a line). The inverse of importing/cells.py.

A spreadsheet takes a cell that begins with = + - or @ for a formula, and runs it: whoever may choose a username could choose
one that sends the sheet away. Such text is written with an apostrophe before it in CSV (import takes it away again); numbers
are not. NDJSON holds every value as it is.
"""

import csv
import datetime as dt
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import IO, Any

import msgspec

_FORMULA = re.compile(r"'*[=+\-@\t\r]")


class Csv:
    """Writes CSV to `file`."""

    def __init__(self, file: IO[str], columns: Sequence[str], *, exact: frozenset[str] = frozenset()) -> None:
        """`exact` columns are written as they are: what nobody else chose."""
        self._writer = csv.writer(file, lineterminator="\n")
        self._columns, self._exact = columns, exact
        self._writer.writerow(columns)

    def write(self, row: Mapping[str, Any]) -> None:
        """One row, with a value for each column."""
        self._writer.writerow([cell(row[name]) if name not in self._exact else row[name] or "" for name in self._columns])


class Ndjson:
    """Writes NDJSON to `file`."""

    def __init__(self, file: IO[str], columns: Sequence[str]) -> None:
        self._file, self._columns = file, columns
        self._encoder = msgspec.json.Encoder(decimal_format="string")

    def write(self, row: Mapping[str, Any]) -> None:
        """One row, with a value for each column."""
        line = {name: moment(value) if isinstance(value := row[name], dt.datetime) else value for name in self._columns}
        self._file.write(self._encoder.encode(line).decode() + "\n")


def cell(value: Any) -> str:
    """A value as the text of a cell; None is empty."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case int() | Decimal():
            return str(value)
        case dt.datetime():
            return moment(value)
        case str():
            return f"'{value}" if _FORMULA.match(value) else value
        case _:
            return msgspec.json.encode(value).decode()


def moment(value: dt.datetime) -> str:
    """`2026-01-15T09:30:00Z`, with microseconds where there are any: what is read back is the same moment."""
    return value.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")
