"""Trusting a CA for a tenant's clients, keeping its CRL, trusting it no more. The RADIUS server hears of each change.

A CA lets in whoever it names, so it is the whole tenant's affair: a branch that could add one could be anybody in the others.
"""

from django.db import transaction

from gate.core import clock
from gate.core.constraints import spoken
from gate.core.errors import Conflict, Forbidden, Invalid, NotFound
from gate.core.tenancy import Scope, activate
from gate.organizations import authority_queries, authority_rules, models
from gate.organizations.authority_types import Authority

SENTENCES = {"authority_once": ("certificate", "this CA is trusted already")}


def add(scope: Scope, *, certificates: bytes, name: str = "", crl: bytes | None = None) -> list[Authority]:
    """Trust the CAs of a file (PEM or DER), with the CRL of the first. Raises Invalid, Conflict, Forbidden for a branch."""
    _check_whole(scope)
    if len(name) > authority_rules.MAX_NAME:
        raise Invalid.field("name", f"is longer than {authority_rules.MAX_NAME} characters")
    now = clock.now()
    found = authority_rules.read_certificates(certificates, now=now)
    activate(scope.tenant_id)
    with spoken(SENTENCES), transaction.atomic():
        # One after another, so that two at once are not more than are allowed.
        models.Organization.objects.within(scope).select_for_update().get(pk=scope.tenant_id)
        if authority_queries.reachable(scope).count() + len(found) > authority_rules.MAX_AUTHORITIES:
            raise Conflict(f"A tenant trusts at most {authority_rules.MAX_AUTHORITIES} CAs.", code="in_use")
        rows = [
            models.Authority(
                tenant_id=scope.tenant_id, organization_id=scope.tenant_id, name=name.strip() or one.subject[:200],
                certificate=one.certificate, subject=one.subject, fingerprint=one.fingerprint, expires=one.expires, created=now,
            )
            for one in found
        ]  # fmt: skip
        for row in rows:
            row.save(force_insert=True)
        if crl:
            _set_crl(rows[0], crl)
    return [authority_queries.authority_of(row) for row in rows]


@transaction.atomic
def set_crl(scope: Scope, authority_id: int, *, crl: bytes | None) -> Authority:
    """Keep a CA's list of revoked certificates, or with None ask for none any more. Raises NotFound, Invalid, Forbidden.

    An older list than the one that is kept is refused: who has a revoked certificate may well have one of these.
    """
    _check_whole(scope)
    row = _locked(scope, authority_id)
    if crl is None:
        row.crl = row.crl_updated = row.crl_expires = None
        row.save(update_fields=["crl", "crl_updated", "crl_expires"])
    else:
        _set_crl(row, crl)
    return authority_queries.authority_of(row)


@transaction.atomic
def rename(scope: Scope, authority_id: int, *, name: str) -> Authority:
    """What the CA is called here. Raises NotFound, Invalid, Forbidden."""
    _check_whole(scope)
    if not 1 <= len(name.strip()) <= authority_rules.MAX_NAME:
        raise Invalid.field("name", f"takes 1 to {authority_rules.MAX_NAME} characters")
    row = _locked(scope, authority_id)
    row.name = name.strip()
    row.save(update_fields=["name"])
    return authority_queries.authority_of(row)


@transaction.atomic
def remove(scope: Scope, authority_id: int) -> None:
    """Trust a CA no more: its certificates let nobody in from the next handshake on. Raises NotFound, Forbidden."""
    _check_whole(scope)
    _locked(scope, authority_id).delete()


def _set_crl(row: models.Authority, octets: bytes) -> None:
    read = authority_rules.read_crl(octets, authority=row.certificate, now=clock.now())
    if row.crl_updated is not None and read.updated < row.crl_updated:
        raise Invalid.field("crl", f"is older than the one that is kept, of {row.crl_updated:%Y-%m-%d %H:%M} UTC")
    row.crl, row.crl_updated, row.crl_expires = read.crl, read.updated, read.expires
    row.save(update_fields=["crl", "crl_updated", "crl_expires"])


def _check_whole(scope: Scope) -> None:
    if not scope.whole_tenant:
        raise Forbidden("CAs are the whole tenant's affair: ask at its root organization.")


def _locked(scope: Scope, authority_id: int) -> models.Authority:
    row = authority_queries.reachable(scope).select_for_update().filter(pk=authority_id).first()
    if row is None:
        raise NotFound(authority_queries.GONE)
    return row
