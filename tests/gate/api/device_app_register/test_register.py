"""POST /device_app_register/"""

from typing import Any

import pytest
from django.db import connection

import contract
import people
from gate.core import seal
from gate.devices import commands
from gate.devices.models import Device
from gate.organizations.models import Organization
from gate.users import hashing
from gate.users.models import User

ENDPOINT = "POST /device_app_register/"
URL = "/api/v1/device_app_register/"
EXAMPLE = contract.requests(ENDPOINT)[0]
IDENTIFIED = {"imei": "123456789012345"}


def open_doors(world: Any, name: str = "acme") -> None:
    Organization.unscoped.filter(pk=world.organizations[name]).update(self_registration=True)


def counts() -> tuple[int, int]:
    return Device.unscoped.count(), User.unscoped.count()


def events() -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT type, source, status, username, new_user FROM txlog_event ORDER BY id")
        return list(cursor.fetchall())


@pytest.fixture
def person(world: Any, web: Any) -> dict[str, str]:
    """Headers of the access token of a subscriber."""
    said = {"username": "guest.acme", "password": people.PASSWORD}
    reply = web.post("/api/v1/device_app_user_authenticate/", json=said, headers=world.owner.headers)
    return {"Authorization": f"Bearer {reply.json()['access_token']}"}


@pytest.mark.parametrize("wrap", [lambda body: body, lambda body: {"data": body}])
def test_the_example_registers_a_device_and_its_user(world: Any, web: Any, wrap: Any) -> None:
    open_doors(world)
    reply = web.post(URL, json=wrap(EXAMPLE), headers=world.owner.headers)
    assert reply.status_code == 201
    contract.assert_keeps_to(ENDPOINT, reply.json())
    told = {name: value for name, value in EXAMPLE.items() if name != "password"}
    assert reply.json() | told == reply.json()
    assert "password" not in reply.json()
    device = Device.unscoped.get()
    assert reply.json()["device_id"] == f"dev_{device.pk}"
    user = User.unscoped.get(username="john.doe")
    assert (device.user_id, user.klass, user.role) == (user.pk, "premium", "device_user")
    assert hashing.check_password("securePassword123", user.password)
    assert events() == [("ur", "d", "h201", "john.doe", True)]
    sealed = bytes(device.push_key_sealed or b"")
    assert seal.unseal(sealed, purpose="push-key", row=f"device:{device.pk}") == b"fcm-token-abc123xyz789"


def test_a_known_user_is_signed_in_and_stays_as_they_are(world: Any, web: Any) -> None:
    said = {**IDENTIFIED, "username": "GUEST.acme-west", "password": people.PASSWORD, "user_class": "premium"}
    reply = web.post(URL, json=said, headers=world.owner.headers)
    assert (reply.status_code, reply.json()["username"], reply.json()["user_class"]) == (201, "guest.acme-west", None)
    device = Device.unscoped.get()
    assert (device.user_id, device.organization_id) == (world.users["acme-west"], world.organizations["acme-west"])
    assert User.unscoped.get(pk=world.users["acme-west"]).klass is None


@pytest.mark.parametrize(
    ("username", "open_"), [("guest.acme", True), ("guest.acme", False), ("nobody", False), ("guest.rival", False)]
)
def test_a_wrong_password_and_an_unknown_name_look_alike(world: Any, web: Any, username: str, open_: bool) -> None:
    if open_:
        open_doors(world)
    before = counts()
    reply = web.post(URL, json={**IDENTIFIED, "username": username, "password": "wrong"}, headers=world.owner.headers)
    assert (reply.status_code, reply.json()["code"], reply.json()["attempts_remaining"]) == (422, "auth_failed", 4)
    assert counts() == before


def test_guesses_lock_the_name_out(world: Any, web: Any) -> None:
    said = {**IDENTIFIED, "username": "guest.acme", "password": "wrong"}
    assert {web.post(URL, json=said, headers=world.owner.headers).status_code for _ in range(5)} == {422}
    said["password"] = people.PASSWORD
    reply = web.post(URL, json=said, headers=world.owner.headers)
    assert (reply.status_code, reply.json()["code"]) == (403, "account_locked")
    assert reply.json()["lockout_time"]
    assert not Device.unscoped.exists()


def test_a_person_s_token_makes_the_device_theirs(world: Any, web: Any, person: dict[str, str]) -> None:
    reply = web.post(URL, json={**IDENTIFIED, "user_class": "premium"}, headers=person)
    assert (reply.status_code, reply.json()["username"], reply.json()["user_class"]) == (201, "guest.acme", None)
    assert Device.unscoped.get().user_id == world.users["acme"]
    other = {"mac_addr": "00:1B:44:11:3A:B7", "username": "guest.acme-west", "password": people.PASSWORD}
    reply = web.post(URL, json=other, headers=person)
    assert (reply.status_code, set(reply.json()["errors"])) == (422, {"username"})
    assert Device.unscoped.count() == 1


def test_a_device_of_nobody_keeps_what_was_said_of_its_user(world: Any, web: Any) -> None:
    said = {**IDENTIFIED, "user_external_id": "ext-1", "user_class": "gold"}
    reply = web.post(URL, json=said, headers=world.west.headers).json()
    assert (reply["username"], reply["user_external_id"], reply["user_class"]) == (None, "ext-1", "gold")
    device = Device.unscoped.get()
    assert (device.user_id, device.organization_id, device.tenant_id) == (
        None, world.organizations["acme-west"], world.organizations["acme"],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("said", "stored"),
    [
        ({"mac_addr": "001b.4411.3ab7"}, {"mac_addr": "00:1B:44:11:3A:B7"}),
        ({"number": "+1 (234) 567-890"}, {"number": "+1234567890"}),
        ({"generic_id": "  a  ", "imei": ""}, {"generic_id": "a", "imei": None}),
        ({"iccid": "8901410327123456789"}, {"iccid": "8901410327123456789"}),
        ({"imsi": "31148012345678", "device_type": "io"}, {"imsi": "31148012345678", "device_type": "io"}),
    ],
)
def test_identifiers_in_any_notation(world: Any, web: Any, said: Any, stored: Any) -> None:
    reply = web.post(URL, json=said, headers=world.owner.headers)
    assert reply.status_code == 201
    assert Device.unscoped.filter(**stored).exists()
    assert reply.json() | stored == reply.json()


@pytest.mark.parametrize(
    ("said", "status", "field"),
    [
        ({"imei": "12345678901234"}, 422, "imei"),
        ({"imei": "1234567890123456"}, 422, "imei"),
        ({"imei": "١٢٣٤٥٦٧٨٩٠١٢٣٤٥"}, 422, "imei"),
        ({"imsi": "1234567890123"}, 422, "imsi"),
        ({"iccid": "123"}, 422, "iccid"),
        ({"mac_addr": "00:1B:44:11:3A"}, 422, "mac_addr"),
        ({"number": "call me"}, 422, "number"),
        ({"generic_id": "a\nb"}, 422, "generic_id"),
        ({**IDENTIFIED, "device_type": "xx"}, 422, "device_type"),
        ({**IDENTIFIED, "home_mobile_network_mccmnc": "1"}, 422, "home_mobile_network_mccmnc"),
        ({**IDENTIFIED, "os_version": "x" * 51}, 422, "os_version"),
        ({**IDENTIFIED, "imei": 5}, 422, "imei"),
        ({}, 400, "imei"),
        ({"device_model": "Galaxy S24"}, 400, "mac_addr"),
        ({**IDENTIFIED, "username": "guest.acme"}, 400, "password"),
        ({**IDENTIFIED, "password": "x"}, 400, "username"),
    ],
)
def test_refused(world: Any, web: Any, said: Any, status: int, field: str) -> None:
    before = counts()
    reply = web.post(URL, json=said, headers=world.owner.headers)
    assert reply.status_code == status
    assert field in reply.json()["errors"]
    assert counts() == before


def test_no_json_is_400(world: Any, web: Any) -> None:
    reply = web.post(URL, content=b"{", headers=world.owner.headers)
    assert (reply.status_code, reply.json()["code"]) == (400, "malformed")


@pytest.mark.parametrize(
    ("second", "field"),
    [({"imei": "123456789012345"}, "imei"), ({"generic_id": "x", "mac_addr": "00-1b-44-11-3a-b7"}, "mac_addr")],
)
def test_a_known_imei_or_mac_is_a_conflict_and_leaves_nothing(world: Any, web: Any, second: Any, field: str) -> None:
    open_doors(world)
    assert web.post(URL, json=EXAMPLE, headers=world.owner.headers).status_code == 201
    before = counts()
    reply = web.post(URL, json={**second, "username": "new", "password": "a password"}, headers=world.owner.headers)
    assert (reply.status_code, set(reply.json()["errors"])) == (409, {field})
    assert counts() == before  # nor was the new user made
    assert len(events()) == 1
    # Another tenant has its own devices.
    assert web.post(URL, json=second, headers=world.stranger.headers).status_code == 201


def test_who_may(world: Any, web: Any, grant: Any) -> None:
    assert web.post(URL, json=IDENTIFIED).status_code == 401
    assert web.post(URL, json=IDENTIFIED, headers=world.mate.headers).status_code == 403
    assert web.post(URL, json=IDENTIFIED, headers=grant(world.owner, "device_app_user_update:write")).status_code == 403
    assert not Device.unscoped.exists()
    assert web.post(URL, json=IDENTIFIED, headers=grant(world.owner, "device_app_register:write")).status_code == 201


def test_a_staff_account_is_never_registered_over(world: Any, web: Any) -> None:
    open_doors(world)
    said = {**IDENTIFIED, "username": "owner@staff", "password": "guessed"}
    before = counts()
    assert web.post(URL, json=said, headers=world.owner.headers).status_code == 422
    assert counts() == before


def test_a_deleted_user_leaves_the_device(world: Any, web: Any) -> None:
    device = commands.register(world.owner.scope, fields={"imei": "123456789012345"}, user_id=world.users["acme"])
    assert web.delete(f"/api/v1/user/{world.users['acme']}/", headers=world.owner.headers).status_code == 204
    assert Device.unscoped.get(pk=device.id).user_id is None
