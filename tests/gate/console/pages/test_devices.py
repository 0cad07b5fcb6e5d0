"""The page of devices: everything is read, blocking is written."""

import pytest

from gate.devices import commands
from gate.devices.models import AuthorizedMac, Device

PATH = "devices/device/"


@pytest.fixture
def device(world):
    return commands.register(
        world.west.scope, fields={"imei": "123456789012345", "device_model": "Galaxy S24", "push_key": "fcm-secret"}
    )


@pytest.mark.parametrize(
    ("name", "sees"), [("owner", True), ("mate", True), ("west", True), ("east", False), ("stranger", False)]
)
def test_who_sees_it(world, desk, device, name, sees):
    browser = desk(world.people[name])
    assert ("Galaxy S24" in browser.get(PATH).text) is sees
    assert ("Galaxy S24" in browser.get(f"{PATH}?q=123456789012345").text) is sees
    page = browser.get(f"{PATH}{device.id}/change/")
    assert ("123456789012345" in page.text) is sees
    assert "fcm-secret" not in page.text


@pytest.mark.parametrize(("name", "may"), [("owner", True), ("mate", False), ("east", False), ("stranger", False)])
def test_who_blocks_it(world, desk, device, name, may):
    browser = desk(world.people[name])
    reply = browser.post(f"{PATH}{device.id}/change/", is_blocked="on", imei="999999999999999")
    assert Device.unscoped.get().is_blocked is may
    assert Device.unscoped.get().imei == "123456789012345"
    if may:
        assert reply.status_code == 302
        browser.post(f"{PATH}{device.id}/change/", is_blocked="")
        assert not Device.unscoped.get().is_blocked


def test_nobody_makes_or_deletes_one(world, desk, device):
    browser = desk(world.owner)
    assert browser.get(f"{PATH}add/").status_code == 403
    assert browser.post(f"{PATH}{device.id}/delete/", post="yes").status_code == 403
    assert Device.unscoped.exists()


# --- MAC addresses

MACS = "devices/authorizedmac/"


def pasted(world, **said):
    return {
        "addresses": "aa:bb:cc:dd:ee:01 printer\n0016.3e00.0002", "organization": world.organizations["acme-west"], "note": "",
        "is_active": "on", "user": "", "profile_names": "acme-west-profile", "expires_0": "", "expires_1": "",
    } | said  # fmt: skip


def test_a_list_of_addresses_is_pasted_found_changed_and_deleted(world, desk):
    browser = desk(world.owner)
    assert browser.post(f"{MACS}add/", **pasted(world)).status_code == 302
    one, two = AuthorizedMac.unscoped.order_by("id")
    assert (one.mac, one.note, two.mac, two.note) == ("AA:BB:CC:DD:EE:01", "printer", "00:16:3E:00:00:02", "")
    listed = browser.get(f"{MACS}?q=AABBCCDDEE01").text
    assert "AA:BB:CC:DD:EE:01" in listed
    assert "00:16:3E:00:00:02" not in listed
    assert "Randomised" in listed
    assert "acme-west-profile" in browser.get(f"{MACS}{one.pk}/change/").text
    said = {"note": "scanner", "user": "", "profile_names": "", "expires_0": "", "expires_1": ""}
    assert browser.post(f"{MACS}{one.pk}/change/", **said).status_code == 302
    one.refresh_from_db()
    assert (one.note, one.is_active, one.profiles.count()) == ("scanner", False, 0)
    assert browser.post(f"{MACS}{one.pk}/delete/", post="yes").status_code == 302
    assert AuthorizedMac.unscoped.count() == 1


def test_what_is_refused_is_said_in_the_form(world, desk):
    browser = desk(world.owner)
    reply = browser.post(f"{MACS}add/", **pasted(world, addresses="aa:bb:cc:dd:ee:01\nprinter"))
    assert "line 2: &#x27;printer&#x27; begins with no MAC address" in reply.text
    assert AuthorizedMac.unscoped.count() == 0


@pytest.mark.parametrize("name", ["mate", "east", "stranger"])
def test_others_authorise_nothing_there(world, desk, name):
    browser = desk(world.people[name])
    browser.post(f"{MACS}add/", **pasted(world))
    assert AuthorizedMac.unscoped.count() == 0
