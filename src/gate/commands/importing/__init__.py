"""`gate import`: rows out of a CSV file, through the rooms' own rules; all of them or none.

Rules of this package:
- One transaction. Whatever ends it early (a bad line, Ctrl-C, a cut cable) leaves the database as it was.
- A bad line does not end the reading: all of them are told at once, each with its number, and none is quoted.
- Where rows take long to make (passwords are hashed), everything is rehearsed first without that.
- Memory does not grow with the file but for 16 bytes a user.
"""

import argparse
import contextlib
import csv
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from django.db import DatabaseError, connection, transaction

from gate.commands.importing import things
from gate.commands.importing.kinds import COLUMNS, REQUIRED, Complaint, Maker, Order, Row
from gate.commands.importing.people import People
from gate.commands.importing.reading import BrokenFile, Record, columns_of, lines_of, records
from gate.commands.organization import organizations_of, scope_named
from gate.commands.progress import Progress
from gate.core.errors import GateError

_BATCH = 1_000
_MAKERS: dict[str, Callable[[Order], Maker]] = {
    "users": People,
    "profiles": lambda order: things.Things(order, create=things.profile),
    "nas": lambda order: things.Things(order, create=things.nas_entry),
    "locations": lambda order: things.Things(order, create=things.location),
    "access-points": lambda order: things.Things(order, create=things.access_point),
}


class Refused(GateError):
    """Nothing was imported."""

    code = "refused"


class _Undo(Exception):
    """Takes back what a rehearsal wrote."""


@dataclass(slots=True)
class _Outcome:
    good: int = 0
    bad: int = 0


def run(options: argparse.Namespace) -> int:
    """Import the file. Raises GateError (Refused) after every bad line was told on standard error."""
    scope = scope_named(options.organization)
    path = Path(options.file)
    with contextlib.ExitStack() as at_end:
        try:
            file = at_end.enter_context(path.open("rb"))
        except OSError as error:
            raise Refused(f"{path} cannot be read: {error.strerror}.") from None
        if not file.seekable():
            raise Refused(f"{path} is no file but a stream, and is read more than once: save it first.")
        told = at_end.enter_context(_secrets_file(options.secrets)) if options.secrets and not options.dry_run else None
        tell = (lambda *_: None) if options.secrets and options.dry_run else told
        known = {item.short_name.lower(): item.id for item in organizations_of(scope) if not item.deleted}

        def perform(*, rehearsal: bool) -> _Outcome:
            order = Order(scope=scope, organizations=known, rehearsal=rehearsal, tell_secret=tell)
            progress = Progress(
                "Checking" if rehearsal else "Writing", total=os.fstat(file.fileno()).st_size, shown=options.progress
            )
            file.seek(0)
            return _import(options.kind, file, order, name=path.name, progress=progress)

        outcome = None
        if options.dry_run or _slow(file, path):
            outcome = perform(rehearsal=True)
        if not options.dry_run and not (outcome and outcome.bad):
            outcome = perform(rehearsal=False)
        if outcome is None or outcome.bad:
            bad = outcome.bad if outcome else 0
            raise Refused(f"Nothing was imported: {bad:,} bad line{'' if bad == 1 else 's'}.")
    what = options.kind.replace("-", " ")
    sys.stdout.write(
        f"{outcome.good:,} {what} can be imported; nothing was changed.\n"
        if options.dry_run
        else f"Imported {outcome.good:,} {what}.\n"
    )
    return 0


def _slow(file: IO[bytes], path: Path) -> bool:
    """Whether the file brings passwords in clear, 20 ms each: then a bad last line had better be known first."""
    file.seek(0)
    try:
        return "password" in columns_of(next(lines_of(file), b""))[0]
    except BrokenFile as broken:
        raise Refused(f"{path.name}:{broken.line}: {broken.reason}. Nothing was imported.") from None


def _import(kind: str, file: IO[bytes], order: Order, *, name: str, progress: Progress) -> _Outcome:
    outcome = _Outcome()
    maker = _MAKERS[kind](order)
    columns, required = COLUMNS[kind], REQUIRED[kind]
    with contextlib.suppress(_Undo), transaction.atomic(), progress:
        try:
            read = records(lines_of(file), known=columns, required=required, read=progress.at)
            for batch in _batches(read):
                rows, complaints = _read(columns, batch)
                complaints += _made(maker, rows, name=name)
                outcome.good += len(batch) - len(complaints)
                outcome.bad += len(complaints)
                for complaint in sorted(complaints, key=lambda each: each.line):
                    progress.say(f"{name}:{complaint.line}: {complaint.reason}")
        except BrokenFile as broken:
            outcome.bad += 1
            progress.say(f"{name}:{broken.line}: {broken.reason}; what follows was not read")
        # Some constraints wait for the commit, which a rehearsal does not come to.
        connection.check_constraints()
        if order.rehearsal or outcome.bad:
            raise _Undo
    return outcome


def _made(maker: Maker, rows: list[Row], *, name: str) -> Sequence[Complaint]:
    """What the maker complains of. Raises Refused for what no rule foresaw; PostgreSQL's details would quote the row."""
    try:
        return maker.make(rows) if rows else ()
    except DatabaseError as error:
        reason = getattr(getattr(error.__cause__, "diag", None), "message_primary", None)
        if reason is None:
            raise
        where = f"on lines {rows[0].line} to {rows[-1].line}"
        raise Refused(f"{name}: the database refuses something {where}: {reason}. Nothing was imported.") from None


def _read(columns: Any, batch: list[Record]) -> tuple[list[Row], list[Complaint]]:
    rows, complaints = [], []
    for record in batch:
        values: dict[str, Any] = {}
        problems = [record.problem] if record.problem else []
        for name, cell in record.cells.items():
            if not cell or (problems and record.problem):
                continue
            try:
                values[name] = columns[name](cell)
            except ValueError as error:
                problems.append(f"{name}: {error}")
        if problems:
            complaints.append(Complaint(record.line, "; ".join(problems)))
        else:
            rows.append(Row(record.line, values))
    return rows, complaints


def _batches(read: Iterator[Record]) -> Iterator[list[Record]]:
    """Records by the thousand; those before the end of a broken file as well."""
    batch: list[Record] = []
    try:
        for record in read:
            batch.append(record)
            if len(batch) == _BATCH:
                yield batch
                batch = []
    except BrokenFile:
        yield batch
        raise
    yield batch


@contextlib.contextmanager
def _secrets_file(name: str) -> Iterator[Callable[[str, str, str], None]]:
    """Writes the secrets made into a new file only its owner can read; it is removed where nothing was imported."""
    path = Path(name)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise Refused(f"{path} cannot be made for the secrets: {error.strerror}.") from None
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="", buffering=1) as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(("short_name", "address", "secret"))
            yield lambda *cells: writer.writerow(cells)
    except BaseException:
        path.unlink()
        raise
