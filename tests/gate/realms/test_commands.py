"""Home servers, pools and realms by the commands, for three people: the tenant's own, one branch's, a stranger."""

from typing import Any

import pytest
from django.db import connection

from gate.core import seal
from gate.core.errors import Conflict, Invalid, NotFound
from gate.organizations import queries as organizations
from gate.realms import commands, models, queries
from gate.realms.types import HomeServerDraft, PoolDraft, RealmDraft

SECRET = "a shared secret".replace(" ", "-") + "-long"

pytestmark = pytest.mark.django_db


def _scope(world: Any, organization: str) -> Any:
    return organizations.scope_of(world.organizations[organization], permissions=frozenset({"*"}), actor="test")


def _server(world: Any, organization: str = "acme", name: str = "one", **said: Any) -> HomeServerDraft:
    return HomeServerDraft(organization_id=world.organizations[organization], name=name, host="192.0.2.1", **said)


def test_a_secret_is_sealed_to_its_row(world: Any) -> None:
    """It opens there alone, and a change without one keeps it."""
    scope = _scope(world, "acme")
    made = commands.create_server(scope, draft=_server(world), secret=SECRET)
    commands.update_server(scope, server_id=made.id, draft=_server(world, tries=5))
    row = models.HomeServer.unscoped.get(pk=made.id)
    assert row.tries == 5
    assert seal.unseal(row.secret_sealed, purpose=commands.PURPOSE, row=f"home-server:{made.id}") == SECRET.encode()
    with pytest.raises(seal.SealError):
        seal.unseal(row.secret_sealed, purpose=commands.PURPOSE, row=f"home-server:{made.id + 1}")
    commands.update_server(scope, server_id=made.id, draft=_server(world), secret=SECRET + "2")
    row.refresh_from_db()
    assert seal.unseal(row.secret_sealed, purpose=commands.PURPOSE, row=f"home-server:{made.id}") == (SECRET + "2").encode()


def test_names_are_unique_within_an_organization(world: Any) -> None:
    """In any case of letters; another organization may have it too."""
    scope = _scope(world, "acme")
    commands.create_server(scope, draft=_server(world), secret=SECRET)
    with pytest.raises(Conflict) as refused:
        commands.create_server(scope, draft=_server(world, name="ONE"), secret=SECRET)
    assert "name" in (refused.value.fields or {})
    commands.create_server(scope, draft=_server(world, "acme-west"), secret=SECRET)
    assert models.HomeServer.unscoped.count() == 2


def test_a_pool_has_servers_of_its_organization_and_of_those_above(world: Any) -> None:
    """In the order told; of one name the nearest. Never those of a branch beside it or of strangers."""
    scope = _scope(world, "acme")
    above = commands.create_server(scope, draft=_server(world, name="above"), secret=SECRET)
    commands.create_server(scope, draft=_server(world, name="one"), secret=SECRET)
    own = commands.create_server(scope, draft=_server(world, "acme-west", name="one"), secret=SECRET)
    commands.create_server(scope, draft=_server(world, "acme-east", name="beside"), secret=SECRET)
    commands.create_server(_scope(world, "rival"), draft=_server(world, "rival", name="theirs"), secret=SECRET)
    west = world.organizations["acme-west"]
    pool = commands.create_pool(scope, draft=PoolDraft(organization_id=west, name="p", servers=("one", "ABOVE")))
    assert pool.servers == ("one", "above")
    held = models.PoolServer.objects.filter(pool_id=pool.id).values_list("server_id", flat=True)
    assert list(held) == [own.id, above.id]
    for name in ("beside", "theirs", "nobody"):
        with pytest.raises(Invalid):
            commands.update_pool(scope, pool_id=pool.id, draft=PoolDraft(organization_id=west, name="p", servers=(name,)))
    assert queries.get_pool(scope, pool_id=pool.id).servers == ("one", "above")


def test_a_realm_leads_to_pools_of_its_organization_and_above(world: Any) -> None:
    """Or nowhere: then GATE answers itself."""
    scope = _scope(world, "acme")
    commands.create_server(scope, draft=_server(world), secret=SECRET)
    acme, west, east = (world.organizations[name] for name in ("acme", "acme-west", "acme-east"))
    top = commands.create_pool(scope, draft=PoolDraft(organization_id=acme, name="top", servers=("one",)))
    branch = commands.create_pool(scope, draft=PoolDraft(organization_id=west, name="branch", servers=("one",)))
    for organization_id, pool_id in ((west, branch.id), (west, None), (east, top.id)):
        name = f"r{pool_id or 'here'}.org"
        made = commands.create_realm(scope, draft=RealmDraft(organization_id=organization_id, name=name, pool_id=pool_id))
        assert made.pool_id == pool_id
    with pytest.raises(Invalid):
        commands.create_realm(scope, draft=RealmDraft(organization_id=east, name="x.org", pool_id=branch.id))


def test_what_is_used_stays(world: Any) -> None:
    """A server in a pool, a pool of a realm; then both go."""
    scope = _scope(world, "acme")
    acme = world.organizations["acme"]
    server = commands.create_server(scope, draft=_server(world), secret=SECRET)
    pool = commands.create_pool(scope, draft=PoolDraft(organization_id=acme, name="p", servers=("one",)))
    realm = commands.create_realm(scope, draft=RealmDraft(organization_id=acme, name="a.org", pool_id=pool.id))
    with pytest.raises(Conflict):
        commands.delete_server(scope, server_id=server.id)
    with pytest.raises(Conflict):
        commands.delete_pool(scope, pool_id=pool.id)
    commands.delete_realm(scope, realm_id=realm.id)
    commands.delete_pool(scope, pool_id=pool.id)
    commands.delete_server(scope, server_id=server.id)
    assert models.PoolServer.objects.count() == models.HomeServer.unscoped.count() == 0


def test_strangers_reach_nothing(world: Any) -> None:
    """Neither another tenant nor a branch beside it; nothing changes."""
    scope = _scope(world, "acme")
    west = world.organizations["acme-west"]
    server = commands.create_server(scope, draft=_server(world, "acme-west"), secret=SECRET)
    pool = commands.create_pool(scope, draft=PoolDraft(organization_id=west, name="p", servers=("one",)))
    realm = commands.create_realm(scope, draft=RealmDraft(organization_id=west, name="a.org", pool_id=pool.id))
    for stranger in ("rival", "acme-east"):
        other = _scope(world, stranger)
        with pytest.raises(NotFound):
            commands.update_server(other, server_id=server.id, draft=_server(world, stranger, name="mine"), secret=SECRET)
        with pytest.raises(NotFound):
            commands.delete_pool(other, pool_id=pool.id)
        with pytest.raises(NotFound):
            commands.delete_realm(other, realm_id=realm.id)
        draft = RealmDraft(organization_id=world.organizations[stranger], name="b.org", pool_id=pool.id)
        with pytest.raises(Invalid):
            commands.create_realm(other, draft=draft)
        with pytest.raises(Invalid):
            commands.create_realm(other, draft=RealmDraft(organization_id=west, name="b.org"))
    assert models.Realm.unscoped.count() == 1
    assert queries.get_server(scope, server_id=server.id).name == "one"


def test_the_second_wall_stands(world: Any) -> None:
    """Row-level security hides them from the web processes of another tenant."""
    commands.create_server(_scope(world, "acme"), draft=_server(world), secret=SECRET)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE gate_app")
        cursor.execute("SELECT set_config('gate.tenant', %s, true)", [str(world.organizations["rival"])])
        cursor.execute("SELECT count(*) FROM realms_homeserver")
        assert cursor.fetchone() == (0,)
        cursor.execute("SELECT set_config('gate.tenant', %s, true)", [str(world.organizations["acme"])])
        cursor.execute("SELECT count(*) FROM realms_homeserver")
        assert cursor.fetchone() == (1,)
        cursor.execute("RESET ROLE")
