"""Writes of home servers, pools and realms. RADIUS hears of each by the tables' triggers.

A home server's secret is stored sealed to its row; nothing reads it back but the RADIUS server. What is used stands in the same
organization as its user or above it: a pool reaches the servers of its own organization and of those above, a realm the pools.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields

from django.db import transaction
from django.db.models import ProtectedError

from gate.core import clock, seal
from gate.core.constraints import spoken
from gate.core.errors import Conflict, Invalid, NotFound
from gate.core.tenancy import Scope, activate
from gate.organizations import queries as organizations
from gate.realms import models, queries, rules
from gate.realms.types import HomeServer, HomeServerDraft, Pool, PoolDraft, Realm, RealmDraft

PURPOSE = "home-server-secret"
SENTENCES = {
    "realms_homeserver_name_once": ("name", "Another home server of the organization has this name."),
    "realms_pool_name_once": ("name", "Another pool of the organization has this name."),
    "realms_realm_name_once": ("name", "The organization has this realm already."),
}


@transaction.atomic
def create_server(scope: Scope, *, draft: HomeServerDraft, secret: str) -> HomeServer:
    """Add a home server. Raises Missing, Invalid, Conflict."""
    draft = rules.checked_server(draft)
    plain = rules.checked_secret(secret, transport=draft.transport)
    _covered(scope, draft.organization_id)
    now = clock.now()
    activate(scope.tenant_id)
    row = models.HomeServer(tenant_id=scope.tenant_id, created=now, last_change=now, secret_sealed=b"")
    _fill(row, draft, HomeServerDraft)
    with spoken(SENTENCES):
        row.save(force_insert=True)
    # Sealed to its id, which the row has only now.
    row.secret_sealed = _sealed(row.pk, plain)
    row.save(update_fields=["secret_sealed"])
    return queries.get_server(scope, server_id=row.pk)


@transaction.atomic
def update_server(scope: Scope, *, server_id: int, draft: HomeServerDraft, secret: str = "") -> HomeServer:
    """Make a home server what `draft` says; its secret stays where none is given. Raises NotFound, Missing, Invalid, Conflict."""
    row = models.HomeServer.objects.within(scope).select_for_update().filter(pk=server_id).first()
    if row is None:
        raise NotFound("No such home server.")
    draft = rules.checked_server(draft)
    _stays(row.organization_id, draft.organization_id)
    if secret:
        row.secret_sealed = _sealed(row.pk, rules.checked_secret(secret, transport=draft.transport))
    elif row.transport != draft.transport:
        raise Invalid.field("secret", "Another transport needs the secret anew.")
    _fill(row, draft, HomeServerDraft)
    row.last_change = clock.now()
    with spoken(SENTENCES):
        row.save(force_update=True)
    return queries.get_server(scope, server_id=server_id)


@transaction.atomic
def delete_server(scope: Scope, *, server_id: int) -> None:
    """Remove a home server. Raises NotFound, Conflict (in_use) while a pool has it."""
    row = models.HomeServer.objects.within(scope).filter(pk=server_id).first()
    if row is None:
        raise NotFound("No such home server.")
    with _unused("A pool has this home server."):
        row.delete()


@transaction.atomic
def create_pool(scope: Scope, *, draft: PoolDraft) -> Pool:
    """Add a pool. Raises Missing, Invalid, Conflict."""
    draft = rules.checked_pool(draft)
    _covered(scope, draft.organization_id)
    now = clock.now()
    activate(scope.tenant_id)
    row = models.Pool(tenant_id=scope.tenant_id, created=now, last_change=now)
    _fill(row, draft, PoolDraft)
    with spoken(SENTENCES):
        row.save(force_insert=True)
    _assign(scope, row, draft.servers)
    return queries.get_pool(scope, pool_id=row.pk)


@transaction.atomic
def update_pool(scope: Scope, *, pool_id: int, draft: PoolDraft) -> Pool:
    """Make a pool what `draft` says. Raises NotFound, Missing, Invalid, Conflict."""
    row = models.Pool.objects.within(scope).select_for_update().filter(pk=pool_id).first()
    if row is None:
        raise NotFound("No such pool.")
    draft = rules.checked_pool(draft)
    _stays(row.organization_id, draft.organization_id)
    _fill(row, draft, PoolDraft)
    row.last_change = clock.now()
    with spoken(SENTENCES):
        row.save(force_update=True)
    _assign(scope, row, draft.servers)
    return queries.get_pool(scope, pool_id=pool_id)


@transaction.atomic
def delete_pool(scope: Scope, *, pool_id: int) -> None:
    """Remove a pool and what waits to be forwarded to it. Raises NotFound, Conflict (in_use) while a realm leads to it."""
    row = models.Pool.objects.within(scope).filter(pk=pool_id).first()
    if row is None:
        raise NotFound("No such pool.")
    with _unused("A realm leads to this pool."):
        row.delete()


@transaction.atomic
def create_realm(scope: Scope, *, draft: RealmDraft) -> Realm:
    """Add a realm. Raises Missing, Invalid, Conflict."""
    draft = rules.checked_realm(draft)
    _covered(scope, draft.organization_id)
    _reaches(scope, draft)
    now = clock.now()
    activate(scope.tenant_id)
    row = models.Realm(tenant_id=scope.tenant_id, created=now, last_change=now)
    _fill(row, draft, RealmDraft)
    with spoken(SENTENCES):
        row.save(force_insert=True)
    return queries.get_realm(scope, realm_id=row.pk)


@transaction.atomic
def update_realm(scope: Scope, *, realm_id: int, draft: RealmDraft) -> Realm:
    """Make a realm what `draft` says. Raises NotFound, Missing, Invalid, Conflict."""
    row = models.Realm.objects.within(scope).select_for_update().filter(pk=realm_id).first()
    if row is None:
        raise NotFound("No such realm.")
    draft = rules.checked_realm(draft)
    _covered(scope, draft.organization_id)
    _reaches(scope, draft)
    _fill(row, draft, RealmDraft)
    row.last_change = clock.now()
    with spoken(SENTENCES):
        row.save(force_update=True)
    return queries.get_realm(scope, realm_id=realm_id)


@transaction.atomic
def delete_realm(scope: Scope, *, realm_id: int) -> None:
    """Remove a realm: its users are GATE's own from now on. Raises NotFound."""
    row = models.Realm.objects.within(scope).filter(pk=realm_id).first()
    if row is None:
        raise NotFound("No such realm.")
    row.delete()


def _assign(scope: Scope, pool: models.Pool, names: tuple[str, ...]) -> None:
    """Give the pool these servers, in this order. Of servers of one name the nearest organization's is meant."""
    above = organizations.ancestor_ids(scope, pool.organization_id)
    rows = models.HomeServer.objects.within(scope).filter(organization_id__in=above).values_list("organization_id", "name", "pk")
    found = {name.casefold(): pk for _, name, pk in sorted(rows, key=lambda row: above.index(row[0]))}
    if unknown := [name for name in names if name.casefold() not in found]:
        raise Invalid.field("servers", f"There is no home server {unknown[0]!r} in this organization or above it.")
    models.PoolServer.objects.filter(pool=pool).delete()
    models.PoolServer.objects.bulk_create(
        models.PoolServer(tenant_id=scope.tenant_id, pool=pool, server_id=found[name.casefold()], position=position)
        for position, name in enumerate(names)
    )


def _reaches(scope: Scope, draft: RealmDraft) -> None:
    if draft.pool_id is None:
        return
    above = organizations.ancestor_ids(scope, draft.organization_id)
    if not models.Pool.objects.within(scope).filter(pk=draft.pool_id, organization_id__in=above).exists():
        raise Invalid.field("pool", "No such pool in this organization or above it.")


def _covered(scope: Scope, organization_id: int) -> None:
    if not scope.covers(organization_id):
        raise Invalid.field("organization", "No such organization.")


def _stays(stored: int, said: int) -> None:
    # Pools below may have the servers, realms below the pools.
    if stored != said:
        raise Invalid.field("organization", "It stays where it was made.")


@contextmanager
def _unused(sentence: str) -> Iterator[None]:
    try:
        yield
    except ProtectedError:
        raise Conflict(sentence, code="in_use") from None


def _sealed(server_id: int, plain: str) -> bytes:
    return seal.seal(plain.encode(), purpose=PURPOSE, row=f"home-server:{server_id}")


def _fill(row: models.HomeServer | models.Pool | models.Realm, draft: object, kind: type) -> None:
    # A stored one is a draft too; only what a draft says is written.
    for item in fields(kind):
        if item.name != "servers":
            setattr(row, item.name, getattr(draft, item.name))
