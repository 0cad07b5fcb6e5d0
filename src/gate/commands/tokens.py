"""`gate token create|list|revoke`, for people at a shell of the server."""

import argparse
import datetime as dt
import json
import sys

from gate.core import clock, ids
from gate.core.errors import NotFound
from gate.core.tenancy import Scope
from gate.organizations import queries as organizations
from gate.tokens import commands, queries
from gate.tokens.types import Token


def create(options: argparse.Namespace) -> int:
    """Make a token and print it, once."""
    expires = None if options.days is None else clock.now() + dt.timedelta(days=options.days)
    made = commands.create(
        _scope(options.organization),
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
    scope = _scope(options.organization)
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
    token = commands.revoke(_scope(options.organization), options.id)
    _print(json.dumps(_shown(token)) if options.json else f"Token {token.id} ({token.name}) is revoked.")
    return 0


def _scope(named: str) -> Scope:
    """All rights in the organization with that id or root short name. Raises NotFound."""
    number = ids.parse(named)
    found = organizations.find_root(named)
    if found is None:
        found = number
    if found is None:
        raise NotFound(f"There is no organization {named!r}; name it by the short name of a root or by its id.")
    return organizations.scope_of(found, permissions=frozenset({"*"}), actor="command")


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
