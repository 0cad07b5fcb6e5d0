"""Reads of home servers, pools and realms for the ways in that act for someone. None of them gives a secret away."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from django.db import connection

from gate.core.errors import NotFound
from gate.core.tenancy import Scope, activate
from gate.realms import models, rules, sql
from gate.realms.types import HomeServer, KnownServer, Lead, Pool, Realm

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


def lead_of(scope: Scope, *, path: str, username: str) -> Lead | None:
    """Where the user's realm leads to at a place in the caller's tree; None where GATE itself decides.

    By the same table as the RADIUS server's. Realms of organizations above the caller's hold as well: they are told of, as in the
    log of sign-ins, by their names alone.
    """
    activate(scope.tenant_id)
    above = [int(number) for number in path.split(".")]
    realms: dict[int, dict[str, tuple[Any, ...]]] = {}
    with connection.cursor() as cursor:
        cursor.execute(sql.HOLDING, {"tenant": scope.tenant_id, "above": above})
        for row in cursor.fetchall():
            realms.setdefault(row[0], {})[rules.realm_key(row[2])] = row
        found = rules.Table([realms[number] for number in rules.levels(path, realms)]).find(username)
        if found is None or found[3] is None:
            return None
        organization_id, organization, realm, pool_id, when_dead = found
        cursor.execute(sql.LED_TO, {"tenant": scope.tenant_id, "pool": pool_id})
        rows = cursor.fetchall()
    if not rows:
        # Taken away between the two.
        return None
    pool, mode = rows[0][:2]
    servers = [KnownServer(name=name, state=state, last_answer=heard) for _, _, name, state, heard in rows if name is not None]
    # As radiusd/proxy/targets.py has them: zombies behind all others, the dead not at all.
    servers.sort(key=lambda server: ("zombie", "dead").index(server.state) + 1 if server.state in {"zombie", "dead"} else 0)
    return Lead(
        realm=realm, organization_id=organization_id, organization=organization, pool=pool, mode=mode, when_dead=when_dead,
        servers=tuple(servers),
    )  # fmt: skip


def get_realm(scope: Scope, *, realm_id: int) -> Realm:
    """One realm. Raises NotFound."""
    found = models.Realm.objects.within(scope).filter(pk=realm_id).values(*_REALM).first()
    if found is None:
        raise NotFound("No such realm.")
    return Realm(**found)
