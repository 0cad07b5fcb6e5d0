"""Devices found by whatever names them, within a scope."""

import dataclasses
from typing import Any, cast

import pytest

from gate.core.errors import Forbidden, Invalid, NotFound
from gate.devices import commands, queries, rules
from gate.devices.models import Device
from gate.devices.types import DeviceFields, Named

IDENTIFIERS: Any = {
    "number": "+1234567890", "generic_id": "app-1", "imei": "123456789012345", "imsi": "311480123456789",
    "iccid": "89014103271234567890", "mac_addr": "00:1B:44:11:3A:B7",
}  # fmt: skip


@pytest.mark.parametrize("name", IDENTIFIERS)
def test_found_by_any_identifier_within_reach(world: Any, name: str) -> None:
    device = commands.register(world.west.scope, fields=cast("DeviceFields", IDENTIFIERS))
    for person, expected in ((world.owner, device), (world.west, device), (world.east, None), (world.stranger, None)):
        assert queries.find(person.scope, **{name: IDENTIFIERS[name]}) == expected
    assert queries.find(world.owner.scope, **cast("Any", {name: ""})) is None
    assert queries.find(world.owner.scope) is None


def test_what_names_two_is_ambiguous(world: Any) -> None:
    for imei in ("100000000000001", "100000000000002"):
        commands.register(world.owner.scope, fields={"imei": imei, "generic_id": "same"})
    with pytest.raises(Invalid) as refused:
        queries.find(world.owner.scope, generic_id="same")
    assert refused.value.code == "ambiguous"
    # A report has to be somebody's: the app's latest device.
    found = queries.reporters(world.owner.scope, [Named(generic_id="same"), Named(imei="100000000000001"), Named()])
    assert {one.generic_id or one.imei: reporter.device_id for one, reporter in found.items()} == {
        "same": Device.unscoped.get(imei="100000000000002").pk,
        "100000000000001": Device.unscoped.get(imei="100000000000001").pk,
    }


def test_devices_of_users(world: Any) -> None:
    one = commands.register(world.owner.scope, fields={"generic_id": "1"}, user_id=world.users["acme"])
    two = commands.register(world.west.scope, fields={"generic_id": "2"}, user_id=world.users["acme-west"])
    commands.register(world.owner.scope, fields={"generic_id": "3"})
    users = [world.users["acme"], world.users["acme-west"], world.users["rival"]]
    assert queries.list_of_users(world.owner.scope, users) == {users[0]: [one], users[1]: [two]}
    assert queries.list_of_users(world.west.scope, users) == {users[1]: [two]}
    assert queries.list_of_user(world.owner.scope, users[0]) == [one]
    mine = dataclasses.replace(world.owner.scope, own_only=True, user_id=users[0])
    assert queries.list_of_users(mine, users) == {users[0]: [one]}
    assert queries.find(mine, generic_id="3") is None
    nobody = dataclasses.replace(mine, user_id=None)
    assert queries.find(nobody, generic_id="3") is None
    with pytest.raises(NotFound):
        queries.get(mine, two.id)


def test_blocked_and_unblocked(world: Any) -> None:
    device = commands.register(world.owner.scope, fields={"generic_id": "1"})
    rules.check_not_blocked(device)
    with pytest.raises(NotFound):
        commands.set_blocked(world.stranger.scope, device.id, blocked=True)
    with pytest.raises(Forbidden):
        rules.check_not_blocked(commands.set_blocked(world.owner.scope, device.id, blocked=True))
    assert not commands.set_blocked(world.owner.scope, device.id, blocked=False).is_blocked


def test_a_push_key_goes_nowhere(world: Any) -> None:
    device = commands.register(world.owner.scope, fields={"generic_id": "1", "push_key": "fcm-secret"})
    assert "fcm-secret" not in repr(device)
    assert b"fcm-secret" not in bytes(Device.unscoped.get().push_key_sealed or b"")
    commands.update(world.owner.scope, device.id, fields={"push_key": ""})
    assert Device.unscoped.get().push_key_sealed is None
