"""POST /user/"""

import json
import threading
from typing import Any

import pytest
from django.db import connection

import contract
import people
from gate.core.errors import Conflict
from gate.organizations.models import Organization
from gate.profiles.models import Profile
from gate.users import commands, hashing
from gate.users.models import User

URL = "/api/v1/user/"
ENDPOINT = "POST /user/"


@pytest.fixture
def profiles(world: Any) -> None:
    """The profiles the examples name."""
    for name in ("developer_access", "vpn_user"):
        Profile.unscoped.create(
            tenant_id=world.organizations["acme"], organization_id=world.organizations["acme"], name=name, short_name=name,
            created=world.now, last_change=world.now,
        )  # fmt: skip


@pytest.mark.usefixtures("profiles")
def test_the_example_works_as_written(world: Any, web: Any) -> None:
    body = {**contract.requests(ENDPOINT)[0], "organization": world.organizations["acme"]}
    reply = web.post(URL, json=body, headers=world.owner.headers)
    assert reply.status_code == 201, reply.text
    contract.assert_keeps_to(ENDPOINT, reply.json())
    assert reply.json() | {name: value for name, value in body.items() if name != "password"} == reply.json()
    assert "SecurePassword" not in reply.text
    stored = User.unscoped.get(pk=reply.json()["id"])
    assert stored.password.startswith("$argon2id$")
    assert hashing.check_password(body["password"], stored.password)
    assert (stored.password_sealed, stored.verifier, stored.role) == (None, None, "device_user")


def test_three_forms_of_the_body(world: Any, web: Any) -> None:
    body = {"username": "one", "description": "x"}
    forms: list[Any] = [body, {"data": {**body, "username": "two"}}, {"data": json.dumps({**body, "username": "three"})}]
    for form in forms:
        reply = web.post(URL, json=form, headers=world.owner.headers)
        assert (reply.status_code, reply.json()["description"]) == (201, "x")


def test_who_may(world: Any, web: Any, grant: Any) -> None:
    before = User.unscoped.count()
    body = {"username": "new"}
    assert web.post(URL, json=body).status_code == 401
    assert web.post(URL, json=body, headers=world.mate.headers).status_code == 403
    assert web.post(URL, json=body, headers=grant(world.owner, "user:read", "user_token:write")).status_code == 403
    assert User.unscoped.count() == before
    assert web.post(URL, json=body, headers=grant(world.owner, "user:write")).status_code == 201
    # Another tenant has its own names; this one has not, wherever in the tree.
    assert web.post(URL, json=body, headers=world.stranger.headers).status_code == 201
    assert web.post(URL, json={"username": "NEW"}, headers=world.east.headers).status_code == 409


def test_the_organization(world: Any, web: Any) -> None:
    west, cafe = world.organizations["acme-west"], world.organizations["acme-west-cafe"]
    assert web.post(URL, json={"username": "a"}, headers=world.west.headers).json()["organization"] == west
    below = web.post(URL, json={"username": "b", "organization": f"org_{cafe}"}, headers=world.west.headers)
    assert below.json()["organization"] == cafe
    before = User.unscoped.count()
    for place in ("acme", "acme-east", "rival"):
        reply = web.post(URL, json={"username": "c", "organization": world.organizations[place]}, headers=world.west.headers)
        assert (reply.status_code, set(reply.json()["errors"])) == (400, {"organization"})
    assert User.unscoped.count() == before


def test_profiles_come_from_the_organization_and_above(world: Any, web: Any) -> None:
    body = {"username": "a", "profile": ["ACME-profile", "acme-west-profile"]}
    reply = web.post(URL, json=body, headers=world.west.headers)
    assert reply.json()["profile"] == ["acme-profile", "acme-west-profile"]
    before = User.unscoped.count()
    for name in ("acme-east-profile", "rival-profile", "nothing"):
        reply = web.post(URL, json={"username": "b", "profile": [name]}, headers=world.west.headers)
        assert (reply.status_code, set(reply.json()["errors"])) == (400, {"profile"})
    assert User.unscoped.count() == before


def test_a_taken_username_is_a_conflict_in_any_case(world: Any, web: Any) -> None:
    before = User.unscoped.count()
    for name in ("guest.acme", "GUEST.acme-WEST"):
        reply = web.post(URL, json={"username": name}, headers=world.owner.headers)
        assert (reply.status_code, reply.json()["code"], set(reply.json()["errors"])) == (409, "duplicate", {"username"})
    assert User.unscoped.count() == before


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({}, "username", "missing"),
        ({"username": ""}, "username", "missing"),
        ({"username": None}, "username", "invalid"),
        ({"username": 12}, "username", "invalid"),
        ({"username": "two words"}, "username", "invalid"),
        ({"username": "a/b"}, "username", "invalid"),
        ({"username": "x" * 151}, "username", "invalid"),
        ({"username": "ß" * 80}, "username", "invalid"),
        ({"username": "ok", "email": "not an address"}, "email", "invalid"),
        ({"username": "ok", "expiration": "someday"}, "expiration", "invalid"),
        ({"username": "ok", "is_active": "perhaps"}, "is_active", "invalid"),
        ({"username": "ok", "organization": "here"}, "organization", "invalid"),
        ({"username": "ok", "profile": "vpn"}, "profile", "invalid"),
        ({"username": "ok", "avatar_url": "javascript:alert(1)"}, "avatar_url", "invalid"),
        ({"username": "ok", "external_id": "x" * 201}, "external_id", "invalid"),
        ({"username": "ok", "password": "x" * 1025}, "password", "invalid"),
    ],
)
def test_bad_values_are_refused_by_name(world: Any, web: Any, body: dict[str, Any], field: str, code: str) -> None:
    before = User.unscoped.count()
    reply = web.post(URL, json=body, headers=world.owner.headers)
    assert (reply.status_code, reply.json()["code"], set(reply.json()["errors"])) == (400, code, {field})
    assert User.unscoped.count() == before
    assert "x" * 100 not in reply.text


@pytest.mark.parametrize("name", ["a", "john.doe@company.com", "AA:BB:CC:DD:EE:FF", "a+b-c_d", "Zoë", "用户", "x" * 150])
def test_good_usernames(world: Any, web: Any, name: str) -> None:
    reply = web.post(URL, json={"username": name}, headers=world.owner.headers)
    assert (reply.status_code, reply.json()["username"]) == (201, name)
    found = web.get(URL, params={"username": name.upper()}, headers=world.owner.headers).json()["results"]
    assert reply.json() in found


def test_a_date_alone_is_the_whole_day_of_expiration(world: Any, web: Any) -> None:
    for text, wanted in [("2030-12-31", "2030-12-31T23:59:59Z"), ("2030-12-31T10:00:00+02:00", "2030-12-31T08:00:00Z")]:
        reply = web.post(URL, json={"username": f"u{wanted[11:13]}", "expiration": text}, headers=world.owner.headers)
        assert reply.json()["expiration"] == wanted


def test_recoverable_passwords_are_sealed_where_the_organization_wants_it(world: Any, web: Any) -> None:
    Organization.unscoped.filter(pk=world.organizations["acme-west"]).update(recoverable_passwords=True)
    for place, kept in [("acme", False), ("acme-west", True)]:
        body = {"username": f"u.{place}", "password": "s3cret", "organization": world.organizations[place]}
        number = web.post(URL, json=body, headers=world.owner.headers).json()["id"]
        sealed = User.unscoped.get(pk=number).password_sealed
        assert (sealed is not None) is kept
        assert sealed is None or b"s3cret" not in bytes(sealed)


@pytest.mark.django_db(transaction=True)
def test_two_at_once_make_one_user() -> None:
    world = people.make_world()
    start, outcomes = threading.Barrier(2), []

    def make() -> None:
        start.wait(timeout=10)
        try:
            commands.create(world.owner.scope, fields={"username": "race"})
            outcomes.append("made")
        except Conflict as error:
            outcomes.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=make) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)
    assert sorted(outcomes) == ["duplicate", "made"]
    assert User.unscoped.filter(username_key="race").count() == 1
