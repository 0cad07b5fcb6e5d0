"""`gate telemetry rebuild`, for people at a shell of the server."""

import argparse
import datetime as dt
import sys

from gate.commands.organization import scope_named
from gate.core import clock
from gate.organizations import queries as organizations
from gate.telemetry import rollups


def rebuild(options: argparse.Namespace) -> int:
    """Make the sums of connections anew from the log, of one organization and those below it, or of all tenants."""
    if options.organization is not None:
        scopes = [scope_named(options.organization)]
    else:
        scopes = [
            organizations.scope_of(root, permissions=frozenset({"*"}), actor="command") for root in organizations.list_roots()
        ]
    now = clock.now()
    added = 0
    for number, scope in enumerate(scopes, start=1):

        def tell(day: dt.date, found: int, *, tenant: int = number) -> None:
            sys.stderr.write(f"[{tenant}/{len(scopes)}] {day}  {found} connections\n")

        added += rollups.rebuild(scope, now=now, tell=tell)
    sys.stdout.write(f"Added up {added} connections.\n")
    return 0
