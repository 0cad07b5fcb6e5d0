"""Changed limits and MAC addresses taken back on their way to NAS, on real sockets: from the edit to what the NAS was told."""

import asyncio
import contextlib
import threading
from pathlib import Path

import pytest
from django.db import connection, connections

import sessions
from coa_nas import coa_nas, nak
from freeradius_nas import PROGRAM, freeradius_nas
from gate.attributes import RadiusDictionary
from gate.control import queries
from gate.core import clock
from gate.credit import commands as credit
from gate.devices import commands as devices
from gate.devices import mac_commands
from gate.devices.types import DeviceFields
from gate.jobs.live_control import LiveControl
from gate.jobs.renewals import Renewals
from gate.profiles import commands as profiles
from gate.radiusd.replies import with_limits
from radius_server import until

# The committed database is a copy of the one this asks for.
pytestmark = pytest.mark.django_db


@pytest.fixture
def here(committed, django_db_blocker):
    """The committed database, with nothing asked for yet; this process's connections go to it."""
    with django_db_blocker.unblock():
        held, known = connections["default"], connections.settings["default"]
        template, known["NAME"] = known["NAME"], committed.one("SELECT current_database()")
        connections["default"] = connections.create_connection("default")
        try:
            for table in ("control_request", "control_renewal", "accounting_live", "credit_entry", "credit_balance",
                          "access_sign_in", "devices_withdrawn", "devices_authorizedmac", "devices_device"):  # fmt: skip
                committed.all(f"DELETE FROM {table}")
            committed.all("UPDATE nas_nas SET live_control = 'both', vendor = '', unchangeable = 'leave'")
            yield committed
        finally:
            connection.close()
            connections["default"], known["NAME"] = held, template


@pytest.fixture
def running(here):
    """Both halves of the worker's part, as `gate worker` runs them."""
    holder, started = {}, threading.Event()

    async def work():
        control = LiveControl(url=here.url, bind="127.0.0.1", default_port=3799, waits=(0.1, 0.1, 0.1), poll=0.2)
        tasks = [
            asyncio.create_task(control.run()),
            asyncio.create_task(Renewals(render=with_limits, pace=0.01, look=0.05).run()),
        ]
        holder["loop"], holder["tasks"] = asyncio.get_running_loop(), tasks
        started.set()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(*tasks)
        await asyncio.gather(*tasks, return_exceptions=True)

    thread = threading.Thread(target=lambda: asyncio.run(work()), daemon=True)
    thread.start()
    started.wait(5)
    try:
        yield
    finally:
        for task in holder["tasks"]:
            holder["loop"].call_soon_threadsafe(task.cancel)
        thread.join(10)
        assert not thread.is_alive()


@pytest.fixture
def nas(here):
    """acme's NAS."""
    with coa_nas(here.world.nas_secret.encode()) as device:
        here.all("UPDATE nas_nas SET coa_port = %s WHERE id = %s", device.port, here.world.nas["acme"])
        yield device


def limit(here, **fields):
    """Change acme's profile, and do not wait for edits that may follow."""
    profiles.update(here.world.owner.scope, here.world.profiles["acme"], fields=fields, dictionary=RadiusDictionary())
    here.all("UPDATE control_renewal SET due = now()")


def final(here, session, count=1):
    """What came of the requests about a session, newest first."""
    scope = here.world.owner.scope
    return until(
        lambda: len(found := queries.of_session(scope, session)) == count and all(one.answered for one in found) and found
    )


def online(here, mac, method, **changed):
    """A session of a device, and the sign-in it began with."""
    world = here.world
    here.all(
        "INSERT INTO access_sign_in (at, tenant_id, organization_id, nas_id, username, callingstationid, method, accepted,"
        " reason) VALUES (%s, %s, %s, %s, 'x', %s, %s, true, '')",
        clock.now(), world.organizations["acme"], world.organizations["acme"], world.nas["acme"], mac, method,
    )  # fmt: skip
    return sessions.add(world, callingstationid=mac, **changed)


def test_an_edit_reaches_the_nas_and_so_does_credit(here, nas, running):
    session = sessions.add(here.world, acctsessionid="s1")
    limit(here, idle_timeout=77)
    (done,) = final(here, session)
    assert (done.kind, done.reason, done.state) == ("coa", "profile-changed", "acknowledged")
    assert nas.requests[-1][0] == 43
    assert (nas.named()["Idle-Timeout"], nas.named()["Acct-Session-Id"]) == ("77", "s1")
    credit.grant(here.world.owner.scope, here.world.users["acme"], seconds=120, reason="operator", actor="x")
    here.all("UPDATE control_renewal SET due = now()")
    newest, _ = final(here, session, 2)
    assert (newest.reason, newest.state) == ("credit-changed", "acknowledged")
    assert nas.named()["Session-Timeout"] == "180"
    assert "Idle-Timeout" not in nas.named()
    limit(here, idle_timeout=None)


def test_three_hundred_sessions_are_told_once_each(here, nas, running):
    rows = {sessions.add(here.world, acctsessionid=f"s{number}"): f"s{number}" for number in range(300)}
    limit(here, idle_timeout=55)
    until(lambda: here.one("SELECT count(*) FROM control_request WHERE state = 'acknowledged'") == 300, within=20)
    assert sorted(nas.named(place)["Acct-Session-Id"] for place in range(len(nas.requests))) == sorted(rows.values())
    assert here.one("SELECT count(*) FROM control_renewal") == 0
    limit(here, idle_timeout=None)


def test_a_no_ends_the_session_where_the_operator_chose_so(here, nas, running):
    here.all("UPDATE nas_nas SET unchangeable = 'disconnect'")
    nas.answer = nak(nas.secret, 503)
    session = sessions.add(here.world)
    limit(here, idle_timeout=33)
    ended, refused = final(here, session, 2)
    assert (refused.kind, refused.state, refused.error_cause) == ("coa", "refused", 503)
    assert (ended.kind, ended.reason, ended.state) == ("disconnect", "profile-changed", "gone")
    assert [request[0] for request in nas.requests] == [43, 40]
    limit(here, idle_timeout=None)


@pytest.mark.skipif(
    not Path(PROGRAM).exists(), reason="FreeRADIUS is not installed, so it is NOT tried as a NAS: apt-get install freeradius"
)
def test_freeradius_takes_the_new_limits(here, running, tmp_path):
    with freeradius_nas(tmp_path, secret=here.world.nas_secret) as port:
        here.all("UPDATE nas_nas SET coa_port = %s, vendor = 'mikrotik'", port)
        session = sessions.add(here.world, acctsessionid="known")
        limit(here, rate_up=1_000_000, rate_down=8_000_000, idle_timeout=99)
        (done,) = final(here, session)
    log = (tmp_path / "log").read_text()
    assert (done.state, done.kind) == ("acknowledged", "coa"), log
    assert 'Mikrotik-Rate-Limit = "1000000/8000000"' in log
    assert "Idle-Timeout = 99" in log
    limit(here, rate_up=None, rate_down=None, idle_timeout=None)


@pytest.mark.parametrize("take_back", ["delete", "switch off", "end"])
def test_a_mac_address_taken_back_ends_its_sessions_at_once(here, nas, running, take_back):
    scope, owner = here.world.owner.scope, here.world.users["acme"]
    mac, other = "00:16:3E:00:00:01", "00:16:3E:00:00:02"
    held, _ = mac_commands.authorize(scope, addresses=[(mac, ""), (other, "")], fields={"user_id": owner})
    mine = online(here, mac, "mac", acctsessionid="door")
    kept = [online(here, other, "mac"), online(here, "00:16:3E:00:00:03", "pap")]
    if take_back == "delete":
        mac_commands.delete(scope, held.id)
    elif take_back == "switch off":
        mac_commands.update(scope, held.id, fields={"is_active": False})
    else:
        mac_commands.update(scope, held.id, fields={"expires": clock.now()})
    (done,) = final(here, mine)
    assert (done.kind, done.reason, done.state) == ("disconnect", "mac-withdrawn", "acknowledged")
    assert [(request[0], nas.named(place)["Acct-Session-Id"]) for place, request in enumerate(nas.requests)] == [(40, "door")]
    assert [queries.of_session(scope, session) for session in kept] == [[], []]


def test_a_blocked_device_and_those_of_an_organization_that_switches_it_off(here, nas, running):
    scope, acme = here.world.owner.scope, here.world.organizations["acme"]
    here.all("UPDATE organizations_organization SET device_mac_sign_in = true WHERE id = %s", acme)
    first, second = "00:16:3E:00:00:01", "00:16:3E:00:00:02"
    one, _ = (
        devices.register(scope, fields=DeviceFields(mac_addr=mac), user_id=here.world.users["acme"]) for mac in (first, second)
    )
    mine, other = online(here, first, "device"), online(here, second, "device")
    devices.set_blocked(scope, one.id, blocked=True)
    assert [(done.kind, done.reason, done.state) for done in final(here, mine)] == [
        ("disconnect", "device-blocked", "acknowledged")
    ]
    assert queries.of_session(scope, other) == []
    here.all("UPDATE organizations_organization SET device_mac_sign_in = false WHERE id = %s", acme)
    assert [(done.kind, done.reason, done.state) for done in final(here, other)] == [
        ("disconnect", "mac-withdrawn", "acknowledged")
    ]
    assert len(nas.requests) == 2


def test_a_list_of_addresses_taken_back_ends_each_session_once(here, nas, running):
    """As fast as one NAS has room for, 256 under way."""
    scope = here.world.owner.scope
    macs = [f"00:16:3E:00:01:{number:02X}" for number in range(200)]
    mac_commands.authorize(scope, addresses=[(mac, "") for mac in macs], fields={})
    for number, mac in enumerate(macs):
        online(here, mac, "mac", acctsessionid=f"s{number}", user_id=None, username=mac)
    here.all("DELETE FROM devices_authorizedmac")
    until(lambda: here.one("SELECT count(*) FROM control_request WHERE state = 'acknowledged'") == 200, within=20)
    told = sorted(nas.named(place)["Acct-Session-Id"] for place in range(len(nas.requests)))
    assert told == sorted(f"s{number}" for number in range(200))
