"""`gate import freeradius`: users, groups, NAS and sessions out of a FreeRADIUS's database, as often as one likes.

Rules of this package:
- A row becomes something of GATE by the rooms' own rules, or is reported with its field and the reason. None is dropped silently.
- What is in GATE already stays: a second run brings what came since, and the end of sessions that were open.
- Batches are transactions of their own, so a run that was cut off goes on with the next. Memory does not grow with the tables.
- A dry run does all of it in one transaction that is taken back; sessions are read and looked at, and passwords not hashed.
"""

import argparse
import contextlib
import sys

from django.db import transaction

from gate.commands.freeradius_import import nas, report
from gate.commands.freeradius_import.people import People
from gate.commands.freeradius_import.report import Report
from gate.commands.freeradius_import.sessions import Sessions
from gate.commands.freeradius_import.source import Source, connected
from gate.commands.organization import scope_named
from gate.commands.progress import Progress
from gate.core import clock
from gate.core.tenancy import Scope


class _Undo(Exception):
    """Takes back what a dry run wrote."""


def run(options: argparse.Namespace) -> int:
    """0 where everything was brought, 3 where something of it was not. Raises GateError."""
    scope = scope_named(options.organization)
    with report.opened(options.report) as made, connected(options.database) as source:
        if options.dry_run:
            with contextlib.suppress(_Undo), transaction.atomic():
                _bring(scope, source, made, options)
                raise _Undo
        else:
            _bring(scope, source, made, options)
    done = "Can be brought; nothing was changed" if options.dry_run else "Brought"
    counts = "".join(f"  {count:>12,}  {what}\n" for what, count in made.counts.items() if count)
    sys.stdout.write(f"{done}:\n{counts}Not brought: radpostauth, GATE keeps a log of sign-ins of its own.\n")
    return 3 if made.problems else 0


def _bring(scope: Scope, source: Source, made: Report, options: argparse.Namespace) -> None:
    people = People(scope, made, dry_run=options.dry_run)
    with Progress("NAS and groups", total=0, shown=options.progress) as progress:
        made.say = progress.say
        nas.bring(scope, source.nas(), made)
        people.groups(source.groups())
    with Progress("Users", total=source.count_people(), shown=options.progress) as progress:
        made.say = progress.say
        people.bring(source.people(), at=progress.at)
    last = options.after
    sessions = Sessions(scope, made, now=clock.now(), dry_run=options.dry_run)
    with Progress("Sessions", total=source.last_session(), shown=options.progress) as progress:
        made.say = progress.say

        def at(number: int) -> None:
            nonlocal last
            last = number
            progress.at(number)

        try:
            sessions.bring(source.sessions(last), at=at)
        finally:
            if last:
                progress.say(f"Sessions are brought up to radacctid {last}; --after {last} goes on from there.")
