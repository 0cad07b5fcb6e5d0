"""`gate radius certs --nas NAME`: everything one NAS needs to connect by RadSec, and the server's part where it is not there yet.

Files lie in `GATE_DATA/radius/radsec`, under a CA of its own: who makes certificates for users makes no NAS by it. A certificate
names the NAS by its id and its tenant, so no other row can take it (radiusd/radsec/bindings.py).
"""

import argparse
import dataclasses
import re
from pathlib import Path

from gate.commands import certs
from gate.commands.organization import scope_named
from gate.core import clock
from gate.core.tenancy import Scope
from gate.nas import commands, queries
from gate.nas.types import NAS_LABEL, Nas
from gate.organizations import queries as organizations
from gate.organizations.types import TENANT_LABEL
from gate.settings import Settings


def make(settings: Settings, options: argparse.Namespace) -> dict[str, str]:
    """Make the files and bind the NAS; what to tell. Raises CertificateRefused, NotFound, Conflict."""
    scope = _scope(options.organization)
    nas = queries.named(scope, name=options.nas)
    folder = settings.data / "radius" / "radsec"
    authority, server = _server(folder, options)
    labels = [f"{NAS_LABEL}{nas.id}", f"{TENANT_LABEL}{scope.tenant_id}"]
    if nas.radsec_name and nas.radsec_name not in labels:
        labels.append(nas.radsec_name)
    pair = certs.issue(
        authority=authority, name=nas.short_name, now=clock.now(), is_server=False, days=options.days or certs.CLIENT_DAYS,
        kind=options.key, labels=labels,
    )  # fmt: skip
    serial = f"{pair.certificate.serial_number:x}"
    place = folder / "nas" / f"{re.sub(r'[^A-Za-z0-9._-]', '_', nas.short_name)}-{serial}"
    certs.write(place / "nas.key", pair.key_pem)
    certs.write(place / "nas.pem", pair.certificate_pem)
    certs.write(place / "ca.pem", authority.certificate_pem)
    bound, until = _bind(scope, nas), f"{pair.certificate.not_valid_after_utc:%Y-%m-%d}"
    lines = [
        *server,
        f"Made a certificate for the NAS {nas.short_name}, valid until {until}, in {place}:",
        "nas.pem and nas.key are the NAS's certificate and key, ca.pem is what it checks the server by.",
        bound,
        f"To revoke it: gate radius certs --revoke {serial}",
    ]
    return {
        "folder": str(place), "serial": serial, "fingerprint": pair.fingerprint.replace(":", "").lower(),
        "told": "\n".join(line for line in lines if line),
    }  # fmt: skip


def _scope(organization: str | None) -> Scope:
    if organization is not None:
        return scope_named(organization)
    roots = organizations.list_roots()
    if len(roots) != 1:
        raise certs.CertificateRefused("Say whose NAS it is: --organization NAME.")
    return organizations.scope_of(roots[0], permissions=frozenset({"*"}), actor="command")


def _server(folder: Path, options: argparse.Namespace) -> tuple[certs.Pair, list[str]]:
    """The CA, and what to tell of a server's certificate that had to be made."""
    now, is_there = clock.now(), (folder / "ca.pem").exists() or (folder / "ca.key").exists()
    # Half a CA is not replaced: `read_authority` says what is missing.
    authority = (
        certs.read_authority(folder) if is_there else certs.make_authority(name="GATE RadSec CA", now=now, kind=options.key)
    )
    if not is_there:
        certs.write(folder / "ca.key", authority.key_pem)
        certs.write(folder / "ca.pem", authority.certificate_pem)
        certs.write(folder / "crl.pem", certs.make_crl(authority=authority, revoked={}, now=now))
    if (folder / "server.pem").exists() and not options.replace:
        return authority, []
    server = certs.issue(
        authority=authority, name=options.name, now=now, is_server=True, days=certs.SERVER_DAYS, kind=options.key
    )
    certs.write(folder / "server.key", server.key_pem)
    certs.write(folder / "server.pem", server.certificate_pem)
    return authority, [
        f"Made the server's certificate for RadSec, for the name {options.name}, in {folder}.",
        "A running server takes it, and opens its port, within 30 seconds.",
    ]


def _bind(scope: Scope, nas: Nas) -> str:
    """Have the NAS's row know the certificate, where it knows none yet."""
    if nas.radsec_fingerprint:
        return "The NAS is bound to a fingerprint: put that of the new certificate into its row, and the old one is good no more."
    if not nas.radsec_name:
        commands.update_nas(scope, nas_id=nas.id, draft=dataclasses.replace(nas, radsec_name=f"{NAS_LABEL}{nas.id}"))
    return ""
