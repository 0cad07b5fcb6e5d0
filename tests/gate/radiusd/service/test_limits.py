"""Limits of profiles through a real server: rendered for the NAS, sessions counted, hours of the NAS's organization."""

import dataclasses
import datetime as dt
import itertools
import json
import zoneinfo

import pytest

from gate.protocols.radius.dictionary.vendors import mikrotik, wispr
from people import PASSWORD
from radius_nas import ACCEPT, REJECT, START, STOP, number
from radius_server import until

# The server's own database is a copy of the one this asks for.
pytestmark = pytest.mark.django_db

CALLING = 31
_numbers = itertools.count(1)


@dataclasses.dataclass
class Guest:
    """A user with a profile of their own."""

    id: int
    name: str
    profile: int


@pytest.fixture
def guest(server, committed):
    """Makes users whose profile limits this; other tests know the profiles there are."""
    profiles = []

    def made(*checks, **limits):
        user, name = committed.user()
        acme = committed.world.organizations["acme"]
        held = {
            "tenant_id": acme, "organization_id": acme, "name": "Limits", "short_name": f"limits{next(_numbers)}",
            "description": "", "reply_attribute": "[]", "check_attribute": json.dumps(checks),
        } | limits  # fmt: skip
        profile = committed.one(
            f"INSERT INTO profiles_profile ({', '.join(held)}, created, last_change)"
            f" VALUES ({', '.join(['%s'] * len(held))}, now(), now()) RETURNING id",
            *held.values(),
        )
        committed.all(
            "INSERT INTO users_userprofile (tenant_id, user_id, profile_id, position) VALUES (%s, %s, %s, 0)", acme, user, profile
        )
        until(lambda: profile in server.service.store.profiles)
        profiles.append(profile)
        return Guest(user, name, profile)

    yield made
    committed.all("DELETE FROM users_userprofile WHERE profile_id = ANY(%s)", profiles)
    committed.all("DELETE FROM profiles_profile WHERE id = ANY(%s)", profiles)
    committed.all("UPDATE nas_nas SET vendor = '' WHERE address = '127.0.0.2'")


def test_the_same_profile_in_the_words_of_two_makes(server, committed, guest):
    held = guest(rate_up=2_000_000, rate_down=8_000_000, idle_timeout=90, session_timeout=600)
    committed.all("UPDATE nas_nas SET vendor = 'mikrotik' WHERE address = '127.0.0.2'")
    until(lambda: server.service.store.clients.find("127.0.0.2").vendor == "mikrotik")
    generic = server.nas().ask(server.nas().pap(held.name, PASSWORD))
    router = server.nas("acme-west").ask(server.nas("acme-west").pap(held.name, PASSWORD))
    for answer in (generic, router):
        assert (answer.get(27), answer.get(28)) == (number(600), number(90))
    assert generic.vendor(wispr.VENDOR, wispr.WISPR_BANDWIDTH_MAX_UP) == number(2_000_000)
    assert router.vendor(wispr.VENDOR, wispr.WISPR_BANDWIDTH_MAX_UP) is None
    assert router.vendor(mikrotik.VENDOR, mikrotik.MIKROTIK_RATE_LIMIT) == b"2000000/8000000"
    committed.all("UPDATE profiles_profile SET rate_up = 1000000 WHERE id = %s", held.profile)
    until(lambda: server.service.store.profiles[held.profile].limits.rate_up == 1_000_000)
    again = server.nas("acme-west").ask(server.nas("acme-west").pap(held.name, PASSWORD))
    assert again.vendor(mikrotik.VENDOR, mikrotik.MIKROTIK_RATE_LIMIT) == b"1000000/8000000"


def test_so_many_devices_and_no_more(server, committed, guest, run_id):
    held = guest(max_sessions=2)
    nas, west = server.nas(), server.nas("acme-west")

    def sign_in(where, mac):
        return where.ask(where.pap(held.name, PASSWORD, (CALLING, mac.encode()))).code

    def start(where, session, mac, status=START):
        where.ask(where.accounting(status, f"{run_id}-{session}", held.name, (CALLING, mac.encode())))

    start(nas, 1, "02-00-00-00-00-01")
    # What was lost of the Stops of one device at one NAS counts once, however it is written.
    start(nas, 2, "02:00:00:00:00:01")
    assert sign_in(nas, "02-00-00-00-00-02") == ACCEPT
    start(nas, 3, "02-00-00-00-00-02")
    assert sign_in(nas, "02-00-00-00-00-03") == REJECT
    # A device that is in comes again; at another NAS it is one more.
    assert sign_in(nas, "0200.0000.0001") == ACCEPT
    assert sign_in(west, "02-00-00-00-00-01") == REJECT
    until(lambda: committed.all(
        "SELECT reason FROM access_sign_in WHERE username = %s AND reason = 'too-many-sessions 2 open, 2 allowed'", held.name
    ))  # fmt: skip
    start(nas, 3, "02-00-00-00-00-02", STOP)
    assert sign_in(west, "02-00-00-00-00-01") == ACCEPT
    # Nothing heard for three intervals: it counts no more.
    start(west, 4, "02-00-00-00-00-04")
    assert sign_in(nas, "02-00-00-00-00-05") == REJECT
    old = "UPDATE accounting_live SET acctinterval = 60, acctupdatetime = now() - make_interval(secs => %s) WHERE user_id = %s"
    committed.all(old, 175, held.id)
    assert sign_in(nas, "02-00-00-00-00-05") == REJECT
    committed.all(old, 185, held.id)
    assert sign_in(nas, "02-00-00-00-00-05") == ACCEPT


def test_hours_are_those_of_the_nas_s_organization(server, committed, guest):
    """The whole day that it is in Kiritimati, UTC+14, and at no moment in Pago Pago, UTC-11."""
    there = dt.datetime.now(tz=zoneinfo.ZoneInfo("Pacific/Kiritimati"))
    days = "".join(("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")[day.weekday()] for day in (there, there + dt.timedelta(days=1)))
    held = guest({"attribute": "Login-Time", "op": "==", "value": days})
    west, zones = server.nas("acme-west"), "UPDATE organizations_organization SET timezone = %s WHERE short_name = 'acme-west'"
    try:
        for zone, code in (("Pacific/Kiritimati", ACCEPT), ("Pacific/Pago_Pago", REJECT)):
            committed.all(zones, zone)
            until(lambda zone=zone: zone in map(str, server.service.store.zones.values()))
            assert west.ask(west.pap(held.name, PASSWORD)).code == code
    finally:
        committed.all(zones, "UTC")


def test_each_sign_in_leaves_its_trace(server, committed, guest):
    usual, limited = guest(session_timeout=600), guest({"attribute": "User-Password", "op": "!=", "value": ""}, idle_timeout=9)
    for held in (usual, limited):
        assert server.nas().ask(server.nas().pap(held.name, PASSWORD)).code == ACCEPT
    assert server.nas().ask(server.nas().pap(usual.name, "wrong")).code == REJECT
    asked = "SELECT session_timeout, limited_by, profiles, trace FROM access_sign_in WHERE username = %s ORDER BY id"
    until(lambda: len(committed.all(asked, usual.name)) == 2 and committed.all(asked, limited.name))
    first, second = committed.all(asked, usual.name)
    assert first == (600, "profile", str(usual.profile), None)
    assert second[:3] == (None, None, str(usual.profile))
    assert '["credential","right, portal, mac or device","wrong",false]' in second[3]
    ((_, _, _, trace),) = committed.all(asked, limited.name)
    assert "User-Password" in trace
    assert "(hidden)" in trace
    assert PASSWORD not in trace


def test_no_such_zone_is_utc():
    from gate.radiusd.store import _zone

    assert _zone("Nowhere/Town") is dt.UTC
    assert str(_zone("Europe/Rome")) == "Europe/Rome"


def test_a_number_of_the_users_own_goes_before_that_of_the_profiles(server, committed, guest, run_id):
    held, (plain, name) = guest(max_sessions=1), committed.user()
    nas = server.nas()

    def sign_in(who):
        return nas.ask(nas.pap(who, PASSWORD, (CALLING, b"02-00-00-00-00-09"))).code

    for number_of_session, who in enumerate((held.name, name, name)):
        mac = f"02-00-00-00-01-{number_of_session:02d}".encode()
        nas.ask(nas.accounting(START, f"{run_id}-own{number_of_session}", who, (CALLING, mac)))
    assert (sign_in(held.name), sign_in(name)) == (REJECT, ACCEPT)
    committed.all("UPDATE users_user SET max_sessions = 2 WHERE id = ANY(%s)", [held.id, plain])
    until(lambda: server.service.store.users_counted)
    assert (sign_in(held.name), sign_in(name)) == (ACCEPT, REJECT)
    committed.all("UPDATE users_user SET max_sessions = NULL WHERE id = ANY(%s)", [held.id, plain])
    until(lambda: not server.service.store.users_counted)
    assert (sign_in(held.name), sign_in(name)) == (REJECT, ACCEPT)
