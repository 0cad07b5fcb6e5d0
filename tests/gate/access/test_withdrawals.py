"""Whose session ends when a MAC address lets nobody in any longer, and whose stays."""

import datetime as dt

import pytest
from django.db import connection

import people
from gate.access import withdrawals
from gate.core import clock
from gate.devices import commands as devices
from gate.devices import mac_commands
from gate.devices.models import AuthorizedMac, Device
from gate.organizations.models import Organization
from gate.portals.models import Session
from gate.users.models import User
from sessions import add

pytestmark = pytest.mark.django_db
MAC = "00:16:3E:00:00:01"


@pytest.fixture(autouse=True)
def _as_the_worker(world):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE gate_system")
    yield
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")


def rows(statement, *parameters):
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall() if cursor.description else []


def run(now=None, **named):
    withdrawals.end_withdrawn(now=now or clock.now(), **named)
    return asked()


def asked():
    return rows("SELECT radacctid, reason, source FROM control_request ORDER BY id")


def owned(world, *, place="acme", mac=MAC, user=None, **columns):
    now = clock.now()
    return AuthorizedMac.unscoped.create(
        tenant_id=world.organizations["rival" if place.startswith("rival") else "acme"],
        organization_id=world.organizations[place], mac=mac, user_id=user, created=now, last_change=now, **columns,
    )  # fmt: skip


def device(world, *, mac=MAC, switched_on=True, **columns):
    now, acme = clock.now(), world.organizations["acme"]
    Organization.unscoped.filter(pk=acme).update(device_mac_sign_in=switched_on)
    return Device.unscoped.create(
        tenant_id=acme, organization_id=acme, user_id=world.users["acme"], mac_addr=mac, created=now, last_change=now, **columns
    )


def came(world, method, *, place="acme", mac=MAC, at=None, accepted=True):
    """A sign-in of the device, as the log has it."""
    tenant = world.organizations["rival" if place.startswith("rival") else "acme"]
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        cursor.execute(
            "INSERT INTO access_sign_in (at, tenant_id, organization_id, nas_id, username, callingstationid, method, accepted,"
            " reason) VALUES (%s, %s, %s, %s, 'x', %s, %s, %s, '')",
            [at or clock.now(), tenant, world.organizations[place], world.nas[place], mac, method, accepted],
        )
        cursor.execute("SET LOCAL ROLE gate_system")


def online(world, method="mac", *, place="acme", mac=MAC, **changed):
    """A session of the device under its user's name, and the sign-in before it."""
    if method is not None:
        came(world, method, place=place, mac=mac)
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        made = add(world, place=place, **{"callingstationid": mac} | changed)
        cursor.execute("SET LOCAL ROLE gate_system")
    return made


def test_while_the_word_holds_nobody_is_asked_to_leave(world):
    word = owned(world)
    online(world)
    AuthorizedMac.unscoped.filter(pk=word.pk).update(note="in the hall", expires=clock.now() + dt.timedelta(days=1))
    assert run() == []


@pytest.mark.parametrize(
    "take_back",
    [
        lambda word: word.delete(),
        lambda word: AuthorizedMac.unscoped.filter(pk=word.pk).update(is_active=False),
        lambda word: AuthorizedMac.unscoped.filter(pk=word.pk).update(expires=clock.now()),
        lambda word: AuthorizedMac.unscoped.filter(pk=word.pk).update(mac="00:16:3E:00:00:77"),
    ],
)
def test_a_word_taken_back_ends_what_it_let_in_once(world, take_back):
    word = owned(world, user=world.users["acme"])
    mine = online(world)
    online(world, mac="00:16:3E:00:00:02")
    online(world, place="rival")
    take_back(word)
    assert run() == [(mine, "mac-withdrawn", "s")]
    assert run() == [(mine, "mac-withdrawn", "s")]


def test_of_nobody_and_under_the_address(world):
    """No user, and a log that has the sign-in no more."""
    word = owned(world)
    mine = online(world, None, user_id=None, username="00163e000001")
    word.delete()
    assert run() == [(mine, "mac-withdrawn", "s")]


def test_its_time_being_over_by_itself(world):
    now = clock.now()
    owned(world, expires=now + dt.timedelta(hours=1))
    mine = online(world)
    rows("DELETE FROM devices_withdrawn")
    assert run(now) == []
    assert run(now + dt.timedelta(hours=2)) == [(mine, "mac-withdrawn", "s")]


def test_who_came_by_password_stays(world):
    word = owned(world, user=world.users["acme"])
    online(world, "pap")
    online(world, "eap-tls")
    online(world, None)
    User.unscoped.filter(pk=world.users["acme"]).update(username=MAC, username_key=MAC.lower())
    online(world, None, username=MAC)
    word.delete()
    assert run() == []


def test_the_sign_in_before_the_session_counts(world):
    """One refused, one by the address, one by password an hour later and for another session."""
    word = owned(world)
    now = clock.now()
    came(world, "pap", at=now - dt.timedelta(hours=4))
    came(world, "mac", at=now - dt.timedelta(hours=3))
    came(world, "pap", at=now - dt.timedelta(hours=3) + dt.timedelta(seconds=1), accepted=False)
    came(world, "pap", at=now - dt.timedelta(hours=2))
    mine = online(world, None, acctstarttime=now - dt.timedelta(hours=3))
    online(world, None)
    word.delete()
    assert run() == [(mine, "mac-withdrawn", "s")]


def test_another_word_that_lets_it_in_keeps_it(world):
    near, far = owned(world, place="acme-west"), owned(world)
    west, top = online(world, place="acme-west"), online(world)
    far.delete()
    assert run() == [(top, "mac-withdrawn", "s")]
    near.delete()
    assert run() == [(top, "mac-withdrawn", "s"), (west, "mac-withdrawn", "s")]


def test_a_registered_device_or_a_portal_s_session_keeps_it(world):
    word = owned(world)
    mine = online(world)
    registered = device(world)
    word.delete()
    assert run() == []
    now, acme = clock.now(), world.organizations["acme"]
    Session.unscoped.create(
        tenant_id=acme, organization_id=acme, user_id=world.users["acme"], uid="x", mac=MAC, ap_mac="02:00:00:00:00:01",
        ip="192.0.2.9", session_timeout=3600, opened=now, expires=now + dt.timedelta(hours=1), end_reason="",
    )  # fmt: skip
    registered.delete()
    assert run() == []
    Session.unscoped.update(ended=now, end_reason="disconnect")
    assert run() == [(mine, "mac-withdrawn", "s")]


def test_a_registered_device_that_is_given_away_or_deleted(world):
    device(world)
    mine = online(world, "device")
    other = device(world, mac="00:16:3E:00:00:02")
    second = online(world, "device", mac="00:16:3E:00:00:02")
    assert run() == []
    Device.unscoped.filter(mac_addr=MAC).update(user_id=None)
    assert run() == [(mine, "mac-withdrawn", "s")]
    other.delete()
    assert run()[1:] == [(second, "mac-withdrawn", "s")]


def test_a_blocked_device_is_out_whatever_let_it_in_but_a_password(world):
    owned(world)
    registered = device(world)
    ended = []
    for number, method in enumerate(("mac", "device", "portal", "pap")):
        start = clock.now() + dt.timedelta(minutes=10 * number)
        came(world, method, at=start)
        ended.append(online(world, None, acctstarttime=start))
    devices.set_blocked(world.owner.scope, registered.pk, blocked=True)
    assert run() == [(session, "device-blocked", "s") for session in ended[:3]]
    devices.set_blocked(world.owner.scope, registered.pk, blocked=False)


def test_an_organization_that_switches_it_off_ends_its_users_devices_alone(world):
    device(world)
    mine = online(world, "device")
    online(world, "pap", mac="00:16:3E:00:00:02")
    online(world, "device", place="acme-west", mac="00:16:3E:00:00:03")
    Organization.unscoped.filter(pk=world.organizations["acme"]).update(device_mac_sign_in=False)
    assert rows("SELECT mac, organization_id FROM devices_withdrawn") == [("", world.organizations["acme"])]
    assert run() == [(mine, "mac-withdrawn", "s")]


def test_a_session_that_begins_just_after_is_found_too(world):
    owned(world).delete()
    came(world, "mac")
    assert run() == []
    mine = online(world, None)
    assert run() == [(mine, "mac-withdrawn", "s")]


def test_at_once_and_no_more_often_than_something_happens(world, django_assert_num_queries):
    word = owned(world)
    mine = online(world)
    assert withdrawals.end_fresh(now=clock.now()) == 0
    word.delete()
    assert withdrawals.end_fresh(now=clock.now()) == 1
    assert asked() == [(mine, "mac-withdrawn", "s")]
    with django_assert_num_queries(3):  # the savepoint, the look, its end
        assert withdrawals.end_fresh(now=clock.now()) == 0


def test_lines_are_kept_for_a_day(world):
    owned(world).delete()
    mine = online(world)
    later = clock.now() + withdrawals.KEPT + dt.timedelta(minutes=1)
    assert run(later) == []
    assert rows("SELECT * FROM devices_withdrawn") == []
    assert mine


def test_a_window_at_a_time(world):
    word = owned(world)
    for _ in range(4):
        online(world, "pap", mac="00:16:3E:00:00:02")
    mine = [online(world) for _ in range(5)]
    word.delete()
    assert run(window=2) == [(session, "mac-withdrawn", "s") for session in mine]


def test_nas_that_take_nothing_are_not_asked_and_others_again_after_an_hour(world):
    word = owned(world)
    mine = online(world)
    word.delete()
    rows("UPDATE nas_nas SET live_control = 'off'")
    assert run() == []
    rows("UPDATE nas_nas SET live_control = 'disconnect'")
    assert len(run()) == 1
    rows("UPDATE control_request SET state = 'refused', answered = now()")
    assert len(run()) == 1
    assert run(clock.now() + dt.timedelta(hours=1, minutes=1)) == [(mine, "mac-withdrawn", "s")] * 2


def test_an_operator_takes_it_back_under_the_role_of_the_web(world):
    word = owned(world)
    second = owned(world, mac="00:16:3E:00:00:02")
    with people.as_web_process():
        mac_commands.delete(world.owner.scope, word.pk)
        mac_commands.update(world.owner.scope, second.pk, fields={"is_active": False})
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE gate_system")
    assert rows("SELECT mac FROM devices_withdrawn ORDER BY mac") == [(MAC,), ("00:16:3E:00:00:02",)]
