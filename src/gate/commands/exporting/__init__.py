"""`gate export`: rows of an organization and all below it, as CSV or NDJSON, streamed.

Rules of this package:
- Memory does not grow with the table: rows are read a page at a time and written as they come.
- A file has its name only when it is whole, and only its owner can read it: there are people in it.
- Secrets (of NAS, passwords in clear) are never exported; hashes of passwords only where asked for.
"""

import argparse
import contextlib
import datetime as dt
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from gate.commands.exporting import kinds
from gate.commands.exporting.writing import Csv, Ndjson
from gate.commands.importing import cells
from gate.commands.organization import organizations_of, scope_named
from gate.commands.progress import Progress
from gate.core.errors import GateError, Invalid


class NotWritten(GateError):
    """The file cannot be written."""

    code = "not_written"


def run(options: argparse.Namespace) -> int:
    """Export. Raises NotFound, Invalid, NotWritten."""
    scope = scope_named(options.organization)
    if options.password_hashes and options.kind != "users":
        raise Invalid.field("--password-hashes", "is for users")
    if (options.since or options.until) and options.kind not in kinds.DATED:
        raise Invalid.field("--since and --until", f"are for {' and '.join(kinds.DATED)}")
    wanted = kinds.Wanted(
        scope=scope,
        organizations={item.id: item.short_name for item in organizations_of(scope)},
        since=_moment(options.since, cells.start, name="--since"),
        until=_moment(options.until, cells.end, name="--until"),
        password_hashes=options.password_hashes,
    )
    columns = kinds.columns(options.kind, password_hashes=options.password_hashes)
    progress = Progress("Exported", total=0, shown=options.progress)
    count = 0
    with _output(options.out) as file, progress:
        writer = Ndjson(file, columns) if options.format == "ndjson" else Csv(file, columns)
        for count, row in enumerate(kinds.ROWS[options.kind](wanted), start=1):
            writer.write(row)
            progress.at(count)
        file.flush()
    if options.out:
        sys.stdout.write(f"Exported {count:,} {options.kind.replace('-', ' ')} to {options.out}.\n")
    return 0


def _moment(text: str | None, read: cells.Read, *, name: str) -> dt.datetime | None:
    if text is None:
        return None
    try:
        moment: dt.datetime = read(text)
    except ValueError as error:
        raise Invalid.field(name, str(error)) from None
    return moment


@contextlib.contextmanager
def _output(name: str | None) -> Iterator[IO[str]]:
    """Where rows go: standard output, or a file written aside that takes the name `name` in the end."""
    if name is None:
        # Line ends are the writer's; what people are called is not bound to the locale's alphabet.
        sys.stdout.reconfigure(encoding="utf-8", newline="")  # type: ignore[union-attr]  # standard output is a text file
        yield sys.stdout
        return
    path = Path(name)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise NotWritten(f"{path} cannot be written: {error.strerror}.") from None
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
            yield file
        draft.replace(path)
    except OSError as error:
        draft.unlink()
        raise NotWritten(f"{path} cannot be written: {error.strerror}.") from error
    except BaseException:
        draft.unlink()
        raise
