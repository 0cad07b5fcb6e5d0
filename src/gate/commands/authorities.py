"""`gate radius ca` and `gate radius crl`: a tenant's own CAs of clients (EAP-TLS), and their lists of revoked certificates."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from gate.commands.organization import scope_named
from gate.core import clock
from gate.core.errors import Invalid
from gate.core.tenancy import Scope
from gate.organizations import authority_commands, authority_queries, authority_rules
from gate.organizations.authority_types import Authority


def listing(options: argparse.Namespace) -> int:
    """The tenant's CAs. Raises GateError."""
    _tell(options, authority_queries.list_all(_scope(options)))
    return 0


def add(options: argparse.Namespace) -> int:
    """Trust the CAs of a file. Raises GateError."""
    crl = None if options.crl is None else _read(options.crl, authority_rules.MAX_CRL)
    held = _read(options.file, authority_rules.MAX_CERTIFICATE)
    _tell(options, authority_commands.add(_scope(options), certificates=held, name=options.name or "", crl=crl))
    return 0


def remove(options: argparse.Namespace) -> int:
    """Trust a CA no more. Raises GateError."""
    authority_commands.remove(_scope(options), options.id)
    return 0


def crl(options: argparse.Namespace) -> int:
    """Keep a CRL: of the CA named, else of the one that has signed it. Raises GateError."""
    scope, octets = _scope(options), _read(options.file, authority_rules.MAX_CRL)
    numbers = [options.ca] if options.ca is not None else [one.id for one in authority_queries.list_all(scope)]
    for number in numbers:
        try:
            made = authority_commands.set_crl(scope, number, crl=octets)
        except Invalid as error:
            if options.ca is None and "not signed by this CA" in error.detail:
                continue
            raise
        _tell(options, [made])
        return 0
    raise Invalid("None of the tenant's CAs has signed this list: gate radius ca list")


def _scope(options: argparse.Namespace) -> Scope:
    return scope_named(options.organization)


def _read(name: str, most: int) -> bytes:
    try:
        with Path(name).open("rb") as held:
            return held.read(most + 1)
    except OSError as error:
        raise Invalid(f"{name}: {error.strerror}") from None


def _tell(options: argparse.Namespace, found: list[Authority]) -> None:
    if options.json:
        sys.stdout.write(json.dumps([_shown(one) for one in found]) + "\n")
        return
    for one in found:
        crl = "no list of revoked certificates"
        if one.has_crl:
            crl = f"list of {one.crl_updated:%Y-%m-%d}"
            crl += f", good until {one.crl_expires:%Y-%m-%d %H:%M} UTC" if one.crl_expires else ""
        ended = "ENDED" if one.expires <= clock.now() else "good until"
        sys.stdout.write(f"{one.id}  {one.name}  ({one.subject})  {ended} {one.expires:%Y-%m-%d}  {crl}\n")


def _shown(one: Authority) -> dict[str, Any]:
    return {
        "id": one.id, "name": one.name, "subject": one.subject, "fingerprint": one.fingerprint,
        "expires": one.expires.isoformat(), "crl": one.has_crl,
        "crl_updated": one.crl_updated and one.crl_updated.isoformat(),
        "crl_expires": one.crl_expires and one.crl_expires.isoformat(),
    }  # fmt: skip
