import dataclasses
import datetime as dt
from decimal import Decimal

import pytest

from gate.core.errors import Conflict, Invalid, NotFound
from gate.places import commands, queries
from gate.places.types import AccessDeviceDraft, AccessPointDraft, LocationDraft, PlaceFilter


def draft(world, **said):
    return LocationDraft(
        **{"organization_id": world.organizations["acme-west"], "name": "New site", "short_name": "new-site"} | said
    )


def test_the_owner_and_the_branch_see_a_new_location_the_sibling_and_the_stranger_do_not(world):
    made = commands.create_location(world.owner.scope, draft=draft(world))
    for person in (world.owner, world.west):
        assert queries.get_location(person.scope, location_id=made.id) == made
    for person in (world.east, world.stranger):
        with pytest.raises(NotFound):
            queries.get_location(person.scope, location_id=made.id)
        with pytest.raises(NotFound):
            commands.update_location(person.scope, location_id=made.id, draft=made)
        with pytest.raises(NotFound):
            commands.delete_location(person.scope, location_id=made.id)
    assert queries.get_location(world.owner.scope, location_id=made.id) == made


def test_a_place_cannot_be_put_into_an_organization_out_of_reach(world):
    for name in ("acme", "acme-east", "rival"):
        with pytest.raises(Invalid, match="No such organization"):
            commands.create_location(world.west.scope, draft=draft(world, organization_id=world.organizations[name]))


def test_an_update_keeps_what_the_draft_keeps_and_stamps_the_change(world):
    made = commands.create_location(world.owner.scope, draft=draft(world, city="Utrecht"))
    changed = commands.update_location(world.owner.scope, location_id=made.id, draft=dataclasses.replace(made, name="Renamed"))
    assert (changed.name, changed.city, changed.created) == ("Renamed", "Utrecht", made.created)
    assert changed.last_change > made.last_change


def test_a_taken_short_name_is_a_conflict_naming_the_field(world):
    commands.create_location(world.owner.scope, draft=draft(world))
    with pytest.raises(Conflict) as refused:
        commands.create_location(
            world.east.scope, draft=draft(world, organization_id=world.organizations["acme-east"], short_name="NEW-site")
        )
    assert list(refused.value.fields) == ["short_name"]
    # Another tenant's names are its own.
    commands.create_location(world.stranger.scope, draft=draft(world, organization_id=world.organizations["rival"]))


def test_an_access_point_has_one_mac_and_a_location_within_reach(world):
    base = AccessPointDraft(
        organization_id=world.organizations["acme-west"], name="AP", short_name="ap", mac_addr="02-00-00-AA-BB-CC",
        location_id=world.locations["acme-west"],
    )  # fmt: skip
    made = commands.create_access_point(world.west.scope, draft=base)
    assert made.mac_addr == "02:00:00:AA:BB:CC"
    with pytest.raises(Conflict) as refused:
        commands.create_access_point(world.west.scope, draft=dataclasses.replace(base, short_name="other"))
    assert list(refused.value.fields) == ["mac_addr"]
    for elsewhere in ("acme-east", "rival"):
        moved = dataclasses.replace(made, location_id=world.locations[elsewhere])
        with pytest.raises(Invalid) as refused_too:
            commands.update_access_point(world.west.scope, access_point_id=made.id, draft=moved)
        assert list(refused_too.value.fields) == ["location"]
    assert queries.get_access_point(world.west.scope, access_point_id=made.id) == made


def test_deleting_a_location_leaves_what_stood_in_it(world):
    device = commands.create_access_device(
        world.owner.scope,
        draft=AccessDeviceDraft(
            organization_id=world.organizations["acme"], name="Door", short_name="door", location_id=world.locations["acme"]
        ),
    )
    commands.delete_location(world.owner.scope, location_id=world.locations["acme"])
    assert queries.get_access_device(world.owner.scope, access_device_id=device.id).location_id is None
    commands.delete_access_device(world.owner.scope, access_device_id=device.id)
    with pytest.raises(NotFound):
        queries.get_access_device(world.owner.scope, access_device_id=device.id)


def test_lists_filter_and_page_in_the_order_of_ids(world):
    scope = world.owner.scope
    off = commands.create_location(scope, draft=draft(world, is_active=False))
    page = queries.list_locations(scope, limit=2)
    assert page.count == 4
    assert [row.id for row in page.results] == [world.locations["acme"], world.locations["acme-west"]]
    assert [row.id for row in queries.list_locations(scope, limit=2, offset=3).results] == [off.id]
    narrow = queries.list_locations(scope, where=PlaceFilter(is_active=False), limit=20)
    assert [row.id for row in narrow.results] == [off.id]
    mapped = queries.list_locations(scope, where=PlaceFilter(have_coordinates=True), limit=20)
    assert mapped.count == 3
    assert mapped.results[0].latitude == Decimal("37.774900")
    assert [row.id for row in queries.list_locations(scope, where=PlaceFilter(have_coordinates=False), limit=20).results] == [
        off.id
    ]
    later = PlaceFilter(last_change_gte=off.last_change)
    assert [row.id for row in queries.list_locations(scope, where=later, limit=20).results] == [off.id]
    future = PlaceFilter(last_change_gte=off.last_change + dt.timedelta(seconds=1))
    assert queries.list_locations(scope, where=future, limit=20).count == 0
    assert queries.list_locations(world.stranger.scope, limit=20).count == 1
    assert queries.list_access_points(world.east.scope, limit=20).count == 1
    assert queries.list_access_points(scope, where=PlaceFilter(location_id=world.locations["acme"]), limit=20).count == 1


def test_names_are_told_only_within_reach(world):
    everything = list(world.locations.values())
    assert queries.location_names(world.west.scope, location_ids=everything) == {world.locations["acme-west"]: "acme-west site"}
    points = list(world.access_points.values())
    assert queries.access_point_names(world.stranger.scope, access_point_ids=points) == {world.access_points["rival"]: "rival AP"}
