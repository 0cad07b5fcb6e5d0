"""What the RADIUS server keeps in memory follows the tables, within a second and through lost connections."""

import asyncio
import contextlib
import logging
import time

import pytest
import uvloop

from gate.access.types import Item
from gate.attributes import canonical
from gate.core import seal
from gate.database.link import Link
from gate.database.walls import SYSTEM
from gate.radiusd import store as module
from gate.radiusd.store import Store

# The database asked here is a copy of the one this asks for.
pytestmark = pytest.mark.django_db
SECOND = 1.0


def run(work):
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(asyncio.wait_for(work, timeout=30))


@contextlib.asynccontextmanager
async def watching(committed):
    link = Link(url=committed.url, name="store test", role=SYSTEM)
    store = Store(link)
    task = asyncio.create_task(store.watch())
    try:
        await within(lambda: store.profiles, 5)
        yield store, link
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await link.close()


async def within(true, seconds=SECOND):
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "not seen in time"
        await asyncio.sleep(0.005)


def loaded(committed):
    async def work():
        link = Link(url=committed.url, name="store test", role=SYSTEM)
        store = Store(link)
        try:
            await store.load()
        finally:
            await link.close()
        return store

    return run(work())


@pytest.fixture
def put_back(committed):
    """Statements that undo what a test changes."""
    undo = []
    yield lambda *statement: undo.append(statement)
    for statement in undo:
        committed.all(*statement)


def test_everything_is_read(committed):
    store, world = loaded(committed), committed.world
    client = store.clients.find("127.0.0.2")
    assert client.nas_id == world.nas["acme-west"]
    assert client.secret == world.nas_secret.encode()
    assert client.organization_id == world.organizations["acme-west"]
    assert client.path == f"{world.organizations['acme']}.{world.organizations['acme-west']}"
    assert client.location_id == world.locations["acme-west"]
    assert not client.require_message_authenticator
    assert world.nas_secret not in repr(client)
    acme, rival = world.organizations["acme"], world.organizations["rival"]
    assert store.access_points[acme, "02:00:00:00:00:02"] == (
        world.access_points["acme-west"], world.organizations["acme-west"], world.locations["acme-west"]
    )  # fmt: skip
    assert (rival, "02:00:00:00:00:02") not in store.access_points
    assert store.profiles[world.profiles["acme"]].replies == (Item("Session-Timeout", ":=", "3600"),)


def test_changes_are_seen_within_a_second(committed, put_back):
    world = committed.world
    nas, profile, point, west = (
        world.nas["acme-west"], world.profiles["acme-west"], world.access_points["acme-west"], world.organizations["acme-west"]
    )  # fmt: skip
    acme = world.organizations["acme"]
    put_back("UPDATE nas_nas SET address = '127.0.0.2/32', is_active = true WHERE id = %s", nas)
    put_back("UPDATE profiles_profile SET short_name = 'acme-west-profile' WHERE id = %s", profile)
    put_back("UPDATE places_accesspoint SET mac_addr = '02:00:00:00:00:02' WHERE id = %s", point)
    put_back("UPDATE organizations_organization SET is_active = true WHERE id = %s", west)

    async def work():
        async with watching(committed) as (store, _):
            ask = asyncio.to_thread
            await ask(committed.all, "UPDATE nas_nas SET address = '198.51.100.0/24' WHERE id = %s", nas)
            await within(lambda: store.clients.find("198.51.100.9") and store.clients.find("127.0.0.2") is None)
            await ask(committed.all, "UPDATE nas_nas SET is_active = false WHERE id = %s", nas)
            await within(lambda: store.clients.find("198.51.100.9") is None)
            await ask(committed.all, "UPDATE nas_nas SET is_active = true WHERE id = %s", nas)
            await within(lambda: store.clients.find("198.51.100.9"))
            await ask(committed.all, "UPDATE organizations_organization SET is_active = false WHERE id = %s", west)
            await within(lambda: store.clients.find("198.51.100.9") is None)
            await ask(committed.all, "UPDATE profiles_profile SET short_name = 'renamed' WHERE id = %s", profile)
            await within(lambda: store.profiles[profile].short_name == "renamed")
            await ask(committed.all, "UPDATE places_accesspoint SET mac_addr = '02:00:00:00:AA:02' WHERE id = %s", point)
            await within(lambda: (acme, "02:00:00:00:AA:02") in store.access_points)
            assert (acme, "02:00:00:00:00:02") not in store.access_points

    run(work())


def test_after_a_lost_connection_everything_is_read_again(committed, put_back):
    """What changed while nobody listened is seen too."""
    profile = committed.world.profiles["rival"]
    name = committed.one("SELECT short_name FROM profiles_profile WHERE id = %s", profile)
    put_back("UPDATE profiles_profile SET short_name = %s WHERE id = %s", name, profile)

    async def work():
        async with watching(committed) as (store, link):
            pid = (await link.connection()).info.backend_pid
            with committed.connection.transaction():
                committed.all("SELECT pg_terminate_backend(%s, 5000)", pid)
                committed.all("UPDATE profiles_profile SET short_name = 'unheard' WHERE id = %s", profile)
            await within(lambda: store.profiles[profile].short_name == "unheard", 5)
            await asyncio.to_thread(committed.all, "UPDATE profiles_profile SET short_name = 'heard' WHERE id = %s", profile)
            await within(lambda: store.profiles[profile].short_name == "heard")

    run(work())


def test_were_every_notice_lost_the_age_is_bounded(committed, put_back, monkeypatch):
    monkeypatch.setattr(module, "MAX_AGE", 0.1)
    committed.all("ALTER TABLE profiles_profile DISABLE TRIGGER profiles_profile_changed")
    profile = committed.world.profiles["rival"]
    name = committed.one("SELECT short_name FROM profiles_profile WHERE id = %s", profile)
    put_back("UPDATE profiles_profile SET short_name = %s WHERE id = %s", name, profile)
    put_back("ALTER TABLE profiles_profile ENABLE TRIGGER profiles_profile_changed")

    async def work():
        async with watching(committed) as (store, _):
            await asyncio.to_thread(committed.all, "UPDATE profiles_profile SET short_name = 'aged' WHERE id = %s", profile)
            await within(lambda: store.profiles[profile].short_name == "aged", 3)

    run(work())


@pytest.mark.parametrize("sealed", ["damaged", "another row", "another key", "empty"])
def test_a_secret_that_does_not_open_leaves_its_nas_out_and_serves_the_others(committed, put_back, caplog, sealed):
    nas = committed.world.nas["acme-east"]
    good = bytes(committed.one("SELECT secret_sealed FROM nas_nas WHERE id = %s", nas))
    put_back("UPDATE nas_nas SET secret_sealed = %s WHERE id = %s", good, nas)
    bad = {
        "damaged": good[:-1] + bytes((good[-1] ^ 1,)),
        "another row": seal.seal(b"secret", purpose="nas-secret", row="nas:0"),
        "another key": good[:1] + b"\0\0\0\0" + good[5:],
        "empty": b"",
    }[sealed]
    committed.all("UPDATE nas_nas SET secret_sealed = %s WHERE id = %s", bad, nas)
    with caplog.at_level(logging.ERROR):
        store = loaded(committed)
    assert store.clients.find("127.0.0.3") is None
    assert {store.clients.find(f"127.0.0.{n}").nas_id for n in (1, 2, 4)} == set(committed.world.nas.values()) - {nas}
    assert f"NAS {nas} is not served" in caplog.text


@pytest.mark.parametrize("column", ["check_attribute", "reply_attribute"])
@pytest.mark.parametrize(
    "stored",
    [
        '[{"attribute": "Filter-Id", "op": "="}]',
        "[7]",
        '{"Filter-Id": "x"}',
        '[{"attribute": "A", "op": "=", "value": 7}]',
        "7",
    ],
)
def test_a_profile_that_cannot_be_read_is_left_out_and_the_others_are_there(committed, put_back, caplog, column, stored):
    """Left out it refuses its users: a check nobody understood must not let in. The server goes on."""
    profile = committed.world.profiles["acme-east"]
    before = committed.one(f"SELECT {column}::text FROM profiles_profile WHERE id = %s", profile)
    put_back(f"UPDATE profiles_profile SET {column} = %s::jsonb WHERE id = %s", before, profile)
    committed.all(f"UPDATE profiles_profile SET {column} = %s::jsonb WHERE id = %s", stored, profile)
    with caplog.at_level(logging.ERROR):
        store = loaded(committed)
    assert set(store.profiles) == {number for (number,) in committed.all("SELECT id FROM profiles_profile")} - {profile}
    assert f"Profile {profile} cannot be read" in caplog.text


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        (("nas-port-type", "==", "wireless-802-11"), ("NAS-Port-Type", "==", "Wireless-802.11")),
        (("NAS-Port-Type", "==", "19"), ("NAS-Port-Type", "==", "Wireless-802.11")),
        (("NAS-Port", "==", "0x10"), ("NAS-Port", "==", "16")),
        (("NAS-Port", ">", " 007 "), ("NAS-Port", ">", "7")),
        (("Class", "!=", "banned"), ("Class", "!=", "0x62616e6e6564")),
        (("Framed-IPv6-Address", "==", "2001:DB8:0::1"), ("Framed-IPv6-Address", "==", "2001:db8::1")),
        (("Event-Timestamp", "<", "1772366400"), ("Event-Timestamp", "<", "2026-03-01T12:00:00Z")),
        (("User-Name", "==", "Eve"), ("User-Name", "==", "Eve")),
        (("User-Password", "==", "secret"), ("User-Password", "==", "secret")),
        (("Class", "!=", ""), ("Class", "!=", "")),
        (("Class", "==", "%{User-Name}"), ("Class", "==", "%{User-Name}")),
        (("NAS-Port-Type", "=~", "wireless"), ("NAS-Port-Type", "=~", "wireless")),
        (("NAS-Port-Type", "==", "no such word"), ("NAS-Port-Type", "==", "no such word")),
        (("No-Such-Attribute", "==", "x"), ("No-Such-Attribute", "==", "x")),
    ],
)
def test_check_items_are_spelled_as_requests_are_printed(item, expected):
    """Otherwise `Class != banned` would hold for everybody, the banned included."""
    attribute, value = canonical(*item)
    assert Item(attribute, item[1], value) == Item(*expected)


def test_many_changes_at_once_are_read_once_more(committed):
    """A form saves several tables; a hundred notices are not a hundred reads."""

    async def work():
        async with watching(committed) as (store, _):
            reads = 0
            load = store._loaders["profiles_profile"]

            async def counted():
                nonlocal reads
                reads += 1
                await load()

            store._loaders["profiles_profile"] = counted
            profile = committed.world.profiles["rival"]
            await asyncio.to_thread(_touch, committed, profile)
            await within(lambda: reads)
            assert reads <= 10

    run(work())


def _touch(committed, profile):
    with committed.connection.transaction():
        for number in range(100):
            committed.all("UPDATE profiles_profile SET description = %s WHERE id = %s", str(number), profile)
