"""The page of devices: everything is read, blocking is written."""

import pytest

from gate.devices import commands
from gate.devices.models import Device

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
