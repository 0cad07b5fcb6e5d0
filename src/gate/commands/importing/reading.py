"""CSV files (RFC 4180) as records with the line each begins on. Pure: bytes come in, text comes out, nothing is kept.

Rules of this file:
- A file is read once, line by line, and never held: what is in memory is one record.
- A record may be bad and the next one good (a cell too many); a file that is broken (no UTF-8, a quote never closed) has no
  next record that could be trusted, so reading ends there.
- What is said of a bad line names columns and never quotes cells: one of them may be a password.
"""

import contextlib
import csv
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import IO

MAX_CELL = 1_000_000
"""Characters in one cell: a profile of 64 items with long values needs a quarter of it."""
MAX_LINE = 8 * 1024 * 1024
"""Bytes in one line."""
_MARK = b"\xef\xbb\xbf"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


class BrokenFile(Exception):
    """The file cannot be read on from `line`; the text says why."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Record:
    """One record: its cells by column, or why it has none."""

    line: int
    """The line of the file the record begins on; the header is line 1."""
    cells: dict[str, str] = field(repr=False)
    problem: str | None = None


def lines_of(file: IO[bytes]) -> Iterator[bytes]:
    """The lines of a file; of one without line ends no more than `MAX_LINE` bytes are read."""
    return iter(lambda: file.readline(MAX_LINE), b"")


@dataclass(slots=True)
class _Lines:
    """Counts lines and bytes as they are read, and turns them into text."""

    source: Iterable[bytes]
    read: Callable[[int], None]
    number: int = 0
    """Of the last line given out."""

    def __iter__(self) -> Iterator[str]:
        octets = 0
        for line in self.source:
            self.number += 1
            octets += len(line)
            self.read(octets)
            if len(line) >= MAX_LINE:
                raise BrokenFile(self.number, f"is a line of {MAX_LINE:,} bytes or more")
            if self.number == 1 and line.startswith(_UTF16):
                raise BrokenFile(1, "is UTF-16; save it as CSV in UTF-8")
            try:
                yield (line.removeprefix(_MARK) if self.number == 1 else line).decode("utf-8")
            except UnicodeDecodeError as error:
                raise BrokenFile(self.number, f"is not UTF-8 at byte {error.start + 1} of the line; save it in UTF-8") from None


def _nobody(_: int) -> None:
    """Nobody asks how far it is."""


def records(
    source: Iterable[bytes], *, known: Collection[str], required: Collection[str], read: Callable[[int], None] = _nobody
) -> Iterator[Record]:
    """The records below the header of `source` (the lines of a file). Raises BrokenFile, also where the header will not do.

    A comma separates cells, or a semicolon where the header has no comma. Columns come in any order; one that is not `known`
    is refused, and so is a file without a `required` one. `read` hears how many bytes are read.
    """
    numbered = _Lines(source, read)
    lines = iter(numbered)
    begins = 1
    with _cell_limit():
        try:
            names, separator = _columns(next(lines, ""))
            header = _header(names, known=known, required=required)
            reader = csv.reader(lines, delimiter=separator, strict=True)
            begins = 2
            for cells in reader:
                if cells:
                    yield _record(begins, header, cells)
                begins = numbered.number + 1
        except csv.Error as error:
            # The parser is at the end of what it could not read; the record began earlier.
            raise BrokenFile(begins, _told(str(error))) from None


def columns_of(line: bytes) -> tuple[list[str], str]:
    """The columns a header names, and the separator. Raises BrokenFile."""
    try:
        return _columns(next(iter(_Lines([line], _nobody)), ""))
    except csv.Error as error:
        raise BrokenFile(1, _told(str(error))) from None


def _columns(first: str) -> tuple[list[str], str]:
    separator = ";" if ";" in first and "," not in first else ","
    names = next(csv.reader([first], delimiter=separator, strict=True), [])
    return [name.strip().lower() for name in names], separator


def _header(header: list[str], *, known: Collection[str], required: Collection[str]) -> list[str]:
    if not any(header):
        raise BrokenFile(1, "has no header: the first line names the columns")
    if unknown := [name for name in header if name not in known]:
        raise BrokenFile(1, f"has unknown columns: {_listed(unknown)}; there are {_listed(known)}")
    if twice := {name for name in header if header.count(name) > 1}:
        raise BrokenFile(1, f"names a column twice: {_listed(sorted(twice))}")
    if absent := [name for name in required if name not in header]:
        raise BrokenFile(1, f"lacks the columns {_listed(absent)}")
    return header


def _record(line: int, header: list[str], cells: list[str]) -> Record:
    if len(cells) != len(header):
        return Record(line, {}, f"has {len(cells)} cells, the header {len(header)}")
    named = dict(zip(header, cells, strict=True))
    with_nul = [name for name, cell in named.items() if "\0" in cell]
    return Record(line, named, f"{_listed(with_nul)}: holds a NUL character" if with_nul else None)


def _told(error: str) -> str:
    """The parser's words for people."""
    if "field larger" in error:
        return f"holds a cell of more than {MAX_CELL:,} characters, or a quote that is never closed"
    if "unexpected end" in error:
        return "begins a quoted cell that is never closed"
    if "new-line" in error:
        return "holds a carriage return outside quotes; save the file with ordinary line ends"
    return "is no CSV: a quote inside a cell is doubled, and a quoted cell ends at its separator"


def _listed(names: Iterable[str]) -> str:
    # Names out of the file are cut: a file without a header would show its first person.
    return ", ".join(name[:40] for name in names)


@contextlib.contextmanager
def _cell_limit() -> Iterator[None]:
    before = csv.field_size_limit(MAX_CELL)
    try:
        yield
    finally:
        csv.field_size_limit(before)
