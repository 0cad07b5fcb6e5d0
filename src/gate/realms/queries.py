"""Reads of home servers, pools and realms for the ways in that act for someone. None of them gives a secret away."""

from collections.abc import Mapping, Sequence
from dataclasses import fields

from gate.core.errors import NotFound
from gate.core.tenancy import Scope
from gate.realms import models
from gate.realms.types import HomeServer, Pool, Realm

_SERVER = tuple(item.name for item in fields(HomeServer))
_POOL = tuple(item.name for item in fields(Pool) if item.name != "servers")
_REALM = tuple(item.name for item in fields(Realm))


def get_server(scope: Scope, *, server_id: int) -> HomeServer:
    """One home server. Raises NotFound."""
    found = models.HomeServer.objects.within(scope).filter(pk=server_id).values(*_SERVER).first()
    if found is None:
        raise NotFound("No such home server.")
    return HomeServer(**found)


def get_pool(scope: Scope, *, pool_id: int) -> Pool:
    """One pool, with the names of its servers in their order. Raises NotFound."""
    found = models.Pool.objects.within(scope).filter(pk=pool_id).values(*_POOL).first()
    if found is None:
        raise NotFound("No such pool.")
    return Pool(**found, servers=tuple(pool_servers(scope, pool_ids=[pool_id]).get(pool_id, ())))


def pool_servers(scope: Scope, *, pool_ids: Sequence[int]) -> Mapping[int, Sequence[str]]:
    """Names of the servers of those of `pool_ids` that the scope reaches, by pool, in their order."""
    reached = models.Pool.objects.within(scope).filter(pk__in=pool_ids)
    rows = models.PoolServer.objects.filter(pool__in=reached, tenant_id=scope.tenant_id).order_by("pool_id", "position")
    found: dict[int, list[str]] = {}
    for pool_id, name in rows.values_list("pool_id", "server__name"):
        found.setdefault(pool_id, []).append(name)
    return found


def get_realm(scope: Scope, *, realm_id: int) -> Realm:
    """One realm. Raises NotFound."""
    found = models.Realm.objects.within(scope).filter(pk=realm_id).values(*_REALM).first()
    if found is None:
        raise NotFound("No such realm.")
    return Realm(**found)
