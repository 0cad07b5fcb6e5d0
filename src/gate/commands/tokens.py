"""`gate token create|list|revoke`, for people at a shell of the server."""

import argparse
import datetime as dt
import json
import sys

from gate.commands.organization import scope_named
from gate.core import clock
from gate.tokens import commands, queries
from gate.tokens.types import Token


def create(options: argparse.Namespace) -> int:
    """Make a token and print it, once."""
    expires = None if options.days is None else clock.now() + dt.timedelta(days=options.days)
    made = commands.create(
        scope_named(options.organization),
        name=options.name,
        permissions=options.permission or ["*"],
        networks=options.network or [],
        expires=expires,
    )
    if options.json:
        _print(json.dumps(_shown(made.token) | {"token": made.plain}))
    else:
        sys.stderr.write(f"Token {made.token.id}, shown once:\n")
        _print(made.plain)
    return 0


def listing(options: argparse.Namespace) -> int:
    """Print the tokens an organization sees, newest first."""
    scope = scope_named(options.organization)
    offset, page = 0, 100
    while True:
        found = queries.list_page(scope, limit=page, offset=offset)
        for token in found:
            if options.json:
                _print(json.dumps(_shown(token)))
            else:
                state = "revoked" if token.revoked else f"expires {token.expires:%Y-%m-%d}" if token.expires else "valid"
                used = f"{token.last_used:%Y-%m-%d %H:%M}" if token.last_used else "never"
                _print(
                    f"{token.id:>6}  {token.prefix}…  {state:<18}  used {used:<16}  {token.name}  [{' '.join(token.permissions)}]"
                )
        if len(found) < page:
            return 0
        offset += page


def revoke(options: argparse.Namespace) -> int:
    """Revoke a token."""
    token = commands.revoke(scope_named(options.organization), options.id)
    _print(json.dumps(_shown(token)) if options.json else f"Token {token.id} ({token.name}) is revoked.")
    return 0


def _shown(token: Token) -> dict[str, object]:
    def moment(at: dt.datetime | None) -> str | None:
        return None if at is None else at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    return {
        "id": token.id, "organization": token.organization_id, "name": token.name, "prefix": token.prefix,
        "permissions": list(token.permissions), "networks": list(token.networks), "created": moment(token.created),
        "expires": moment(token.expires), "revoked": moment(token.revoked), "last_used": moment(token.last_used),
    }  # fmt: skip


def _print(text: str) -> None:
    sys.stdout.write(text + "\n")
