"""POST /device_app_user_update/"""

from typing import Any, cast

import bcrypt
import pytest
from django.db import connection

import contract
import people
from gate.core.tenancy import Scope
from gate.devices import commands
from gate.devices.models import Device
from gate.devices.types import Device as Registered
from gate.devices.types import DeviceFields
from gate.users import hashing
from gate.users.models import User

ENDPOINT = "POST /device_app_user_update/"
URL = "/api/v1/device_app_user_update/"
AUTHENTICATE = "/api/v1/device_app_user_authenticate/"
IMEI = "123456789012345"


def rows() -> list[Any]:
    return [*Device.unscoped.order_by("pk").values(), *User.unscoped.order_by("pk").values()]


def a_device(scope: Scope, user_id: int | None = None, **fields: Any) -> Registered:
    return commands.register(scope, fields=cast("DeviceFields", fields), user_id=user_id)


@pytest.fixture
def device(world: Any) -> Registered:
    """A device of the owner's guest."""
    return a_device(world.owner.scope, world.users["acme"], imei=IMEI, number="+1234567890")


@pytest.fixture
def person(world: Any, web: Any) -> dict[str, str]:
    """Headers of the access token of a subscriber."""
    said = {"username": "guest.acme", "password": people.PASSWORD}
    return {
        "Authorization": f"Bearer {web.post(AUTHENTICATE, json=said, headers=world.owner.headers).json()['access_token']}"
    }  # fmt: skip


@pytest.mark.parametrize("example", contract.requests(ENDPOINT))
def test_the_examples(world: Any, web: Any, device: Registered, example: Any) -> None:
    User.unscoped.filter(pk=world.users["acme"]).update(username="john.doe", username_key="john.doe")
    reply = web.post(URL, json=example, headers=world.owner.headers)
    assert reply.status_code == 201
    contract.assert_keeps_to(ENDPOINT, reply.json())
    assert reply.json()["password"] is None
    assert reply.json()["status"] == "success"
    assert "$2a$" not in reply.text
    user = User.unscoped.get(pk=world.users["acme"])
    assert (user.external_id, user.klass) == ("ext_12345", "premium")
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT source FROM txlog_event")
        assert cursor.fetchall() == [("d",)]


@pytest.mark.parametrize(
    "named", [{"imei": IMEI}, {"number": "+1 234 567 890"}, {"username": "Guest.Acme"}, {"device_id": "dev"}, {"device_id": "id"}]
)
def test_any_identifier_finds_it_and_the_rest_changes(world: Any, web: Any, device: Registered, named: Any) -> None:
    if "device_id" in named:
        named = {"device_id": device.id if named["device_id"] == "id" else f"dev_{device.id}"}
    said = {**named, "generic_id": "new", "imsi": "310260123456789", "mac_addr": "00-00-5e-00-53-01", "user_class": "gold"}
    reply = web.post(URL, json=said, headers=world.owner.headers)
    assert reply.status_code == 201
    changed = Device.unscoped.get()
    assert (changed.imei, changed.generic_id, changed.imsi) == (IMEI, "new", "310260123456789")
    assert changed.mac_addr == "00:00:5E:00:53:01"
    assert User.unscoped.get(pk=world.users["acme"]).klass == "gold"


def test_a_new_name_renames_the_user_of_the_device(world: Any, web: Any, device: Registered) -> None:
    reply = web.post(URL, json={"imei": IMEI, "username": "renamed"}, headers=world.owner.headers)
    assert (reply.status_code, reply.json()["username"]) == (201, "renamed")
    assert User.unscoped.get(pk=world.users["acme"]).username_key == "renamed"


def test_a_device_of_nobody_becomes_the_named_user_s(world: Any, web: Any) -> None:
    a_device(world.owner.scope, imei=IMEI)
    reply = web.post(URL, json={"imei": IMEI, "username": "guest.acme"}, headers=world.owner.headers)
    assert reply.status_code == 201
    assert Device.unscoped.get().user_id == world.users["acme"]


@pytest.mark.parametrize("hashed", [False, True])
def test_a_password_in_clear_or_as_a_hash(world: Any, web: Any, device: Registered, hashed: bool) -> None:
    said = bcrypt.hashpw(b"new password", bcrypt.gensalt(4)).decode() if hashed else "new password"
    reply = web.post(URL, json={"username": "guest.acme", "password": said}, headers=world.owner.headers)
    assert (reply.status_code, reply.json()["password"]) == (201, None)
    assert said not in reply.text
    user = User.unscoped.get(pk=world.users["acme"])
    assert hashing.check_password("new password", user.password)
    assert (user.password_version, user.password == said) == (1, hashed)


def test_what_names_two_is_refused_and_changes_nothing(world: Any, web: Any, device: Registered) -> None:
    a_device(world.owner.scope, imei="000000000000002", generic_id="second")
    User.unscoped.filter(pk__in=[world.users["acme-west"], world.users["acme-east"]]).update(external_id="same")
    before = rows()
    for said in (
        {"imei": IMEI, "generic_id": "second", "user_class": "x"},
        {"imei": IMEI, "username": "guest.acme-west", "user_class": "x"},
        {"username": "guest.acme", "user_external_id": "same"},
        {"user_external_id": "same", "user_class": "x"},
    ):
        reply = web.post(URL, json=said, headers=world.owner.headers)
        assert (reply.status_code, reply.json()["code"]) == (422, "ambiguous"), said
    assert rows() == before


@pytest.mark.parametrize(
    ("said", "status", "field"),
    [
        ({}, 400, "imei"),
        ({"user_class": "x", "password": "y"}, 400, "username"),
        ({"imei": "1"}, 422, "imei"),
        ({"imei": "999999999999999"}, 422, None),
        ({"username": "nobody"}, 422, None),
        ({"imei": IMEI, "username": "has a space"}, 422, "username"),
        ({"imei": IMEI, "password": "$2a$31$" + "x" * 53}, 422, "password"),
        ({"imei": "000000000000003", "username": "nobody"}, 422, "username"),
        ({"imei": "000000000000003", "password": "x"}, 422, "password"),
        ({"username": "guest.acme-west", "iccid": "8901410327123456789"}, 422, "iccid"),
    ],
)
def test_refused(world: Any, web: Any, device: Registered, said: Any, status: int, field: str | None) -> None:
    a_device(world.owner.scope, generic_id="taken", mac_addr="02:00:00:00:00:99", imei="000000000000003")
    before = rows()
    reply = web.post(URL, json=said, headers=world.owner.headers)
    assert reply.status_code == status
    if field is not None:
        assert field in reply.json()["errors"]
    assert rows() == before


def test_a_mac_address_of_another_branch_is_taken(world: Any, web: Any) -> None:
    """In reach it would name two devices; out of reach it is only refused."""
    a_device(world.west.scope, imei=IMEI)
    a_device(world.east.scope, mac_addr="02:00:00:00:00:99")
    before = rows()
    reply = web.post(URL, json={"imei": IMEI, "mac_addr": "02:00:00:00:00:99"}, headers=world.west.headers)
    assert (reply.status_code, set(reply.json()["errors"])) == (422, {"mac_addr"})
    assert rows() == before


def test_a_blocked_device_is_refused(world: Any, web: Any, device: Registered) -> None:
    commands.set_blocked(world.owner.scope, device.id, blocked=True)
    before = rows()
    reply = web.post(URL, json={"imei": IMEI, "user_class": "x"}, headers=world.owner.headers)
    assert (reply.status_code, reply.json()["code"]) == (403, "device_blocked")
    assert rows() == before


def test_who_may(world: Any, web: Any, device: Registered, grant: Any) -> None:
    before = rows()
    said = {"imei": IMEI, "user_class": "x"}
    assert web.post(URL, json=said).status_code == 401
    assert web.post(URL, json=said, headers=world.mate.headers).status_code == 403
    for outside in (world.west, world.east, world.stranger):
        assert web.post(URL, json=said, headers=outside.headers).status_code == 422
        assert web.post(URL, json={"username": "guest.acme", "password": "x"}, headers=outside.headers).status_code == 422
    staff = {"username": "owner@staff", "password": "mine now"}
    assert web.post(URL, json=staff, headers=grant(world.owner, "device_app_user_update:write")).status_code == 403
    assert rows() == before


def test_a_subscriber_changes_the_own_device_and_password_alone(
    world: Any, web: Any, device: Registered, person: dict[str, str]
) -> None:
    a_device(world.owner.scope, world.users["acme-west"], imei="000000000000002")
    before = rows()
    for said, status in [
        ({"imei": IMEI, "user_class": "premium"}, 403),
        ({"imei": IMEI, "user_external_id": "mine"}, 403),
        ({"imei": IMEI, "username": "guest.acme-west"}, 403),
        ({"username": "guest.acme-west", "password": "x"}, 403),
        ({"device_id": Device.unscoped.get(imei="000000000000002").pk, "imei": IMEI, "number": "123"}, 201),
        ({"imei": "000000000000002", "number": "123"}, 422),
    ]:
        reply = web.post(URL, json=said, headers=person)
        assert reply.status_code == status, said
        if status != 201:
            assert rows() == before
        before = rows()
    assert Device.unscoped.get(imei="000000000000002").number is None
    assert web.post(URL, json={"imei": IMEI, "password": "my new one"}, headers=person).status_code == 201
    assert hashing.check_password("my new one", User.unscoped.get(pk=world.users["acme"]).password)
