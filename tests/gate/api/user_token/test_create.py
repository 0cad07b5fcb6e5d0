"""POST /user_token/"""

import json
from typing import Any

import pytest

import contract
from gate.credit.models import Balance, Entry
from gate.profiles.models import Profile
from gate.users.models import User

URL = "/api/v1/user_token/"
ENDPOINT = "POST /user_token/"


@pytest.fixture
def profiles(world: Any) -> None:
    """The profiles the examples name."""
    for name in ("internet_access", "wifi_premium", "email_access"):
        Profile.unscoped.create(
            tenant_id=world.organizations["acme"], organization_id=world.organizations["acme"], name=name, short_name=name,
            created=world.now, last_change=world.now,
        )  # fmt: skip


def stored() -> tuple[int, int, int]:
    return User.unscoped.count(), Balance.objects.count(), Entry.objects.count()


@pytest.mark.usefixtures("profiles")
def test_the_example_works_as_written(world: Any, web: Any) -> None:
    body = {**contract.requests(ENDPOINT)[0], "organization": world.organizations["acme"]}
    reply = web.post(URL, json=body, headers=world.owner.headers)
    assert reply.status_code == 201, reply.text
    contract.assert_keeps_to(ENDPOINT, reply.json())
    assert {name: reply.json()[name] for name in body if name != "password"} == {
        name: value for name, value in body.items() if name != "password"
    }
    assert "secure_password" not in reply.text
    balance = Balance.objects.get(user_id=reply.json()["id"])
    assert (balance.seconds, balance.began is None) == (0, False)
    assert not Entry.objects.exists()


def test_three_forms_of_the_body_and_the_time_given(world: Any, web: Any) -> None:
    forms: list[Any] = [
        {"username": "one", "user_time": 60}, {"data": {"username": "two", "user_time": 0}},
        {"data": json.dumps({"username": "three", "user_time": None})}, {"username": "four"},
    ]  # fmt: skip
    left = []
    for form in forms:
        reply = web.post(URL, json=form, headers=world.owner.headers)
        assert reply.status_code == 201
        left.append(web.get(f"{URL}{reply.json()['id']}/?balance=true", headers=world.owner.headers).json()["user_time"])
    assert left == [60, 0, None, 0]
    (entry,) = Entry.objects.all()
    assert (entry.seconds, entry.reason, entry.actor.partition(":")[0]) == (60, "api", "token")


def test_a_taken_username_is_400_here(world: Any, web: Any) -> None:
    before = stored()
    reply = web.post(URL, json={"username": "GUEST.acme-west", "user_time": 5}, headers=world.owner.headers)
    assert (reply.status_code, reply.json()["code"], set(reply.json()["errors"])) == (400, "duplicate", {"username"})
    assert stored() == before


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "username"),
        ({"username": "a b"}, "username"),
        ({"username": "ok", "user_time": -1}, "user_time"),
        ({"username": "ok", "user_time": 2**60}, "user_time"),
        ({"username": "ok", "user_time": "soon"}, "user_time"),
        ({"username": "ok", "user_time": 5, "profile": ["nothing"]}, "profile"),
        ({"username": "ok", "user_time": 5, "organization": 2**50}, "organization"),
    ],
)
def test_bad_values_leave_nothing(world: Any, web: Any, body: dict[str, Any], field: str) -> None:
    before = stored()
    reply = web.post(URL, json=body, headers=world.owner.headers)
    assert (reply.status_code, set(reply.json()["errors"])) == (400, {field})
    assert stored() == before


def test_who_may(world: Any, web: Any, grant: Any) -> None:
    before = stored()
    body = {"username": "new", "user_time": 5}
    assert web.post(URL, json=body).status_code == 401
    assert web.post(URL, json=body, headers=world.mate.headers).status_code == 403
    assert web.post(URL, json=body, headers=grant(world.owner, "user_token:read", "user:write")).status_code == 403
    for person in (world.east, world.stranger):
        reply = web.post(URL, json={**body, "organization": world.organizations["acme-west"]}, headers=person.headers)
        assert (reply.status_code, set(reply.json()["errors"])) == (400, {"organization"})
    assert stored() == before
    assert web.post(URL, json=body, headers=grant(world.west, "user_token:write")).status_code == 201
    assert web.post(URL, json=body, headers=world.stranger.headers).status_code == 201  # another tenant has its own names
