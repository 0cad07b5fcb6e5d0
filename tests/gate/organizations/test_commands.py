"""organizations/commands.py and queries.py: the tree keeps true to itself."""

import threading
from typing import Any

import pytest
from django.db import connection

import people
from gate.core.errors import Conflict, Invalid, Missing, NotFound
from gate.core.tenancy import activate
from gate.organizations import commands, queries
from gate.organizations.models import Organization
from gate.organizations.types import OrganizationFields


def scope(world: Any, place: str = "acme") -> Any:
    """Resolved anew, as a token would be."""
    activate(world.organizations["acme"])
    return queries.scope_of(world.organizations[place], permissions=frozenset({"*"}), actor="test")


def paths() -> dict[int, str]:
    return dict(Organization.unscoped.values_list("pk", "path"))


def assert_true_to_itself() -> None:
    """Every path is the parent's path and the own id, every tenant the root's."""
    rows = {row.pk: row for row in Organization.unscoped.all()}
    for row in rows.values():
        above = rows[row.parent_id] if row.parent_id else None
        assert row.path == (f"{above.path}.{row.pk}" if above else str(row.pk))
        assert row.tenant_id == (above.tenant_id if above else row.pk)


def test_a_new_tenant_is_its_own(world: Any) -> None:
    made = commands.create_root({"name": "New", "short_name": "new"})
    assert (made.tenant_id, made.path, made.parent_id) == (made.id, str(made.id), None)
    assert queries.find_root("NEW") == made.id
    with pytest.raises(Conflict):
        commands.create_root({"name": "Other", "short_name": "New"})
    assert_true_to_itself()


def test_children(world: Any) -> None:
    with people.as_web_process():
        west = scope(world, "acme-west")
        made = commands.create_child(
            west, parent_id=world.organizations["acme-west-cafe"], fields={"name": "B", "short_name": "b"}
        )
        assert made.tenant_id == world.organizations["acme"]
        assert queries.get(scope(world, "acme-west"), made.id) == made
        for place in ("acme", "acme-east", "rival"):
            with pytest.raises(Invalid, match="parent"):
                commands.create_child(west, parent_id=world.organizations[place], fields={"name": "C", "short_name": "c"})
        with pytest.raises(Conflict):
            commands.create_child(west, parent_id=world.organizations["acme-west"], fields={"name": "D", "short_name": "ACME"})
        with pytest.raises(Missing):
            commands.create_child(west, parent_id=world.organizations["acme-west"], fields={"name": "D"})
    assert_true_to_itself()


def test_moving_takes_everything_below_along(world: Any) -> None:
    with people.as_web_process():
        commands.move(scope(world), world.organizations["acme-west"], parent_id=world.organizations["acme-east"])
    assert_true_to_itself()
    ids = world.organizations
    assert paths()[ids["acme-west-cafe"]] == f"{ids['acme']}.{ids['acme-east']}.{ids['acme-west']}.{ids['acme-west-cafe']}"
    assert set(scope(world, "acme-east").organization_ids) == {ids["acme-east"], ids["acme-west"], ids["acme-west-cafe"]}


def test_moves_that_cannot_be(world: Any) -> None:
    before, ids = paths(), world.organizations
    for place, parent, who in [
        ("acme-west", "acme-west", "acme"),
        ("acme-west", "acme-west-cafe", "acme"),
        ("acme-west", "rival", "acme"),
        ("acme", "acme-west", "acme"),
        ("acme-west-cafe", "acme-east", "acme-west"),
    ]:
        with pytest.raises(Invalid):
            commands.move(scope(world, who), ids[place], parent_id=ids[parent])
    with pytest.raises(NotFound):
        commands.move(scope(world, "acme-east"), ids["acme-west"], parent_id=ids["acme-east"])
    assert paths() == before


def test_update_and_delete(world: Any) -> None:
    ids = world.organizations
    with people.as_web_process():
        mine = scope(world)
        changed = commands.update(
            mine, ids["acme-west"], fields={"name": "West", "max_api_calls": 5, "timezone": "Europe/Madrid"}
        )
        assert (changed.name, changed.max_api_calls, changed.short_name) == ("West", 5, "acme-west")
        with pytest.raises(NotFound):
            commands.update(scope(world, "acme-east"), ids["acme-west"], fields={"name": "X"})
        with pytest.raises(Conflict):
            commands.update(mine, ids["acme-west"], fields={"short_name": "acme-east"})
        with pytest.raises(Conflict) as caught:
            commands.delete(mine, ids["acme-west"])
        assert caught.value.code == "in_use"
        commands.delete(mine, ids["acme-west-cafe"])
        assert queries.get(mine, ids["acme-west-cafe"]).deleted
        with pytest.raises(Invalid):
            commands.delete(mine, ids["acme"])


@pytest.mark.parametrize(
    "fields",
    [
        {"name": " "}, {"name": "x" * 201}, {"short_name": "a b"}, {"short_name": "-a"}, {"country_code": "USA"},
        {"currency": "E"}, {"timezone": "Mars/Olympus"}, {"primary_color": "red"}, {"platform": -1}, {"max_users": 2**31},
    ],
)  # fmt: skip
def test_refused_values(world: Any, fields: OrganizationFields) -> None:
    before = Organization.unscoped.filter(pk=world.organizations["acme"]).values().get()
    with pytest.raises(Invalid) as caught:
        commands.update(scope(world), world.organizations["acme"], fields=fields)
    assert set(caught.value.fields) == set(fields)
    assert Organization.unscoped.filter(pk=world.organizations["acme"]).values().get() == before


def test_subtrees_and_ancestors(world: Any) -> None:
    ids = world.organizations
    mine = scope(world)
    assert set(queries.subtree_ids(mine, ids["acme-west"])) == {ids["acme-west"], ids["acme-west-cafe"]}
    assert queries.subtree_ids(mine, ids["rival"]) == ()
    assert queries.ancestor_ids(scope(world, "acme-west"), ids["acme-west-cafe"]) == (
        ids["acme"], ids["acme-west"], ids["acme-west-cafe"],
    )  # fmt: skip
    assert queries.ancestor_ids(mine, ids["rival-north"]) == ()
    with pytest.raises(NotFound):
        queries.scope_of(2**60, permissions=frozenset(), actor="")


@pytest.mark.django_db(transaction=True)
def test_two_moves_at_once_make_no_ring() -> None:
    world = people.make_world()
    ids = world.organizations
    start, outcomes = threading.Barrier(2), []

    def move(child: str, parent: str) -> None:
        mine = scope(world)
        start.wait(timeout=10)
        try:
            commands.move(mine, ids[child], parent_id=ids[parent])
            outcomes.append("moved")
        except Invalid:
            outcomes.append("refused")
        finally:
            connection.close()

    pairs = [("acme-west", "acme-east"), ("acme-east", "acme-west-cafe")]
    threads = [threading.Thread(target=move, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)
    assert sorted(outcomes) == ["moved", "refused"]
    assert_true_to_itself()
