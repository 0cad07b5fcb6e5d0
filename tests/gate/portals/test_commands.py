"""Portals are set within reach; sessions open once a device and end once, each end with one line in the log."""

import datetime as dt

import pytest
from django.db import connection

import portals
from gate.core import clock
from gate.core.errors import Conflict, Invalid, NotFound
from gate.portals import commands, queries, rules
from gate.portals.models import Portal, Session
from gate.portals.types import Ending, EndReason, Guest, PortalDraft
from people import as_web_process

pytestmark = pytest.mark.django_db


def draft(world, organization="acme", **changed):
    values = {"organization_id": world.organizations[organization], "name": "Guests", "short_name": "guests"}
    return PortalDraft(**values | changed)


def opened(world, *, mac="02:AA:00:00:00:01", user="acme", seconds=600, now=None, person=None):
    scope = (person or world.owner).scope
    visit = rules.visit({"uid": "x", "mac": mac, "ap_mac": "02:00:00:00:00:01", "ip": "192.0.2.9"})
    guest = Guest(user_id=world.users[user], username=f"guest.{user}", email="", external_id=None)
    site = queries.site(scope, ap_mac=visit.ap_mac)
    return commands.open_session(
        scope, visit=visit, site=site, guest=guest, seconds=seconds, idle_timeout=None, now=now or clock.now()
    )


def ended(number):
    row = Session.unscoped.get(pk=number)
    return row.end_reason if row.ended else None


# --- portals ---------------------------------------------------------------------------------------------------------------


def test_set_changed_and_removed(world):
    with as_web_process():
        made = commands.create(world.west.scope, draft=draft(world, "acme-west", profile_id=world.profiles["acme"]))
        assert queries.get(world.owner.scope, made.id) == made
        changed = commands.update(world.west.scope, made.id, draft=draft(world, "acme-west", register_unknown=True))
        assert (changed.register_unknown, changed.profile_id) == (True, None)
        commands.delete(world.west.scope, made.id)
    assert not Portal.unscoped.exists()


@pytest.mark.parametrize("person", ["stranger", "east"])
def test_out_of_reach(world, person):
    portal = portals.add_portal(world, "acme-west")
    scope = world.people[person].scope
    with pytest.raises(NotFound):
        queries.get(scope, portal)
    with pytest.raises(NotFound):
        commands.update(scope, portal, draft=draft(world, "acme-west"))
    with pytest.raises(NotFound):
        commands.delete(scope, portal)
    with pytest.raises(Invalid):
        commands.create(scope, draft=draft(world, "acme-west"))
    assert Portal.unscoped.get().name == "acme-west portal"


@pytest.mark.parametrize("profile", ["acme-east", "rival"])
def test_profiles_come_from_above(world, profile):
    with pytest.raises(Invalid) as refused:
        commands.create(world.owner.scope, draft=draft(world, "acme-west", profile_id=world.profiles[profile]))
    assert list(refused.value.fields) == ["profile"]


def test_one_portal_an_organization_and_one_name_a_tenant(world):
    commands.create(world.owner.scope, draft=draft(world))
    with pytest.raises(Conflict) as refused:
        commands.create(world.owner.scope, draft=draft(world, short_name="other"))
    assert list(refused.value.fields) == ["organization"]
    with pytest.raises(Conflict) as refused:
        commands.create(world.owner.scope, draft=draft(world, "acme-west", short_name="GUESTS"))
    assert list(refused.value.fields) == ["short_name"]
    commands.create(world.stranger.scope, draft=draft(world, "rival"))


# --- sessions --------------------------------------------------------------------------------------------------------------


def test_row_level_security_keeps_tenants_apart(world):
    """Whatever a query says, the role of the web processes sees its own tenant's sessions and portals."""
    opened(world)
    portals.add_portal(world)
    with as_web_process(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('gate.tenant', %s, false)", [str(world.organizations["rival"])])
        for table in ("portals_session", "portals_portal"):
            cursor.execute(f"SELECT count(*) FROM {table}")
            assert cursor.fetchone() == (0,)


def test_an_end_is_written_once_and_its_line_too(world):
    session = opened(world)
    ending = Ending(session_id=session.id, reason=EndReason.LOGOUT, at=clock.now(), external_session="a1")
    assert commands.end_sessions([ending], source="r") == 1
    assert commands.end_sessions([ending, ending], source="r") == 0
    later = Ending(session_id=session.id, reason=EndReason.DISCONNECT, at=clock.now())
    assert commands.end_sessions([later], source="s") == 0
    assert ended(session.id) == "logout"
    assert portals.log("type", "status", "source", "external_session", "page_id") == [
        ("ui", "h201", "s", None, session.id), ("uo", "n200", "r", "a1", session.id),
    ]  # fmt: skip


def test_what_is_over_is_ended_a_window_at_a_time_for_all_tenants(world):
    past = clock.now() - dt.timedelta(hours=1)
    gone = [opened(world, mac=f"02:AA:00:00:00:{n:02X}", now=past).id for n in range(5)]
    gone.append(opened(world, user="rival", person=world.stranger, now=past).id)
    kept = opened(world, mac="02:AA:00:00:00:FF").id
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE gate_system")
        assert commands.end_due(now=clock.now(), limit=2) == 6
        assert commands.end_due(now=clock.now(), limit=2) == 0
        cursor.execute("RESET ROLE")
    assert {ended(number) for number in gone} == {"session-timeout"}
    assert ended(kept) is None
    assert sorted(portals.log("type", "tenant_id")).count(("st", world.organizations["rival"])) == 1
    assert len([kind for (kind,) in portals.log("type") if kind == "st"]) == 6


def test_a_deleted_user_s_sessions_go_along(world):
    from gate.users import commands as users

    opened(world)
    users.delete(world.owner.scope, world.users["acme"])
    assert not Session.unscoped.exists()


@pytest.mark.parametrize("depth", [0, 1, 2])
def test_where_a_guest_stands(world, depth):
    """The nearest portal on the way up, wherever the caller stands."""
    organization = ["acme", "acme-west", "acme-west-cafe"][depth]
    nearest = portals.add_portal(world, organization)
    if depth:
        portals.add_portal(world, "acme")
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE places_accesspoint SET organization_id = %s WHERE id = %s",
            [world.organizations["acme-west-cafe"], world.access_points["acme-west"]],
        )
    for person in (world.owner, world.west):
        site = queries.site(person.scope, ap_mac="02:00:00:00:00:02")
        assert site.organization_id == world.organizations["acme-west-cafe"]
        assert site.portal.id == nearest
    assert queries.site(world.stranger.scope, ap_mac="02:00:00:00:00:02").portal is None
