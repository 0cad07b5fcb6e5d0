"""GET, PUT, PATCH, DELETE /user_token/{id}/"""

from typing import Any

import pytest

import contract
from gate.credit.models import Balance, Entry
from gate.profiles.models import Profile
from gate.users.models import User

URL = "/api/v1/user_token/"


def address(world: Any, place: str = "acme") -> str:
    return f"{URL}{world.users[place]}/"


def row(world: Any) -> dict[str, Any]:
    return User.unscoped.filter(pk=world.users["acme"]).values().get()


def left(world: Any) -> tuple[int | None, list[int]]:
    balance = Balance.objects.filter(user_id=world.users["acme"]).first()
    entries = Entry.objects.filter(user_id=world.users["acme"]).order_by("pk")
    return None if balance is None or balance.began is None else balance.seconds, list(entries.values_list("seconds", flat=True))


def example(world: Any, method: str) -> dict[str, Any]:
    body = dict(contract.requests(f"{method} /user_token/{{id}}/")[0])
    places = {1: "acme", 2: "acme-west"}
    if "organization" in body:
        body["organization"] = world.organizations[places[body["organization"]]]
    for name in body.get("profile", []):
        Profile.unscoped.create(
            tenant_id=world.organizations["acme"], organization_id=world.organizations["acme"], name=name, short_name=name,
            created=world.now, last_change=world.now,
        )  # fmt: skip
    return body


def test_get(world: Any, web: Any) -> None:
    for person in (world.owner, world.mate):
        reply = web.get(f"{address(world)}?balance=true", headers=person.headers)
        assert (reply.status_code, reply.json()["user_time"]) == (200, None)
        contract.assert_keeps_to("GET /user_token/{id}/", reply.json())
    assert "user_time" not in web.get(address(world), headers=world.owner.headers).json()
    assert web.get(f"{URL}user_{world.users['acme']}/", headers=world.owner.headers).status_code == 200


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_the_examples_work_as_written(world: Any, web: Any, method: str) -> None:
    body = example(world, method)
    reply = web.request(method, address(world), json=body, headers=world.owner.headers)
    assert reply.status_code == 200, reply.text
    contract.assert_keeps_to(f"{method} /user_token/{{id}}/", reply.json())
    assert {name: reply.json()[name] for name in body} == body
    assert left(world) == (body["user_time"], [body["user_time"]])


def test_put_resets_what_it_does_not_name_but_password_and_credit(world: Any, web: Any) -> None:
    web.patch(address(world), json={"klass": "k", "user_time": 90, "password": "first"}, headers=world.owner.headers)
    password = row(world)["password"]
    reply = web.put(address(world), json={"username": "guest.acme"}, headers=world.owner.headers).json()
    assert (reply["klass"], reply["profile"], reply["user_time"]) == (None, [], 90)
    assert row(world)["password"] == password
    assert left(world) == (90, [90])
    assert web.put(address(world), json={"user_time": 5}, headers=world.owner.headers).status_code == 400


def test_every_change_of_the_time_is_an_entry(world: Any, web: Any) -> None:
    for seconds in (7200, 5400, 5400, 0, None, None, 30):
        reply = web.patch(address(world), json={"user_time": seconds}, headers=world.owner.headers)
        assert (reply.status_code, reply.json()["user_time"]) == (200, seconds)
    assert left(world) == (30, [7200, -1800, -5400, 30])


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_refused_values_change_nothing(world: Any, web: Any, method: str) -> None:
    web.patch(address(world), json={"user_time": 90}, headers=world.owner.headers)
    before = row(world), left(world)
    for body, field in [
        ({"username": "guest.acme", "user_time": -5}, "user_time"),
        ({"username": "guest.acme-west", "user_time": 5}, "username"),
        ({"username": "guest.acme", "user_time": 5, "profile": ["nothing"]}, "profile"),
        ({"username": "guest.acme", "user_time": 5, "is_active": None}, "is_active"),
    ]:
        reply = web.request(method, address(world), json=body, headers=world.owner.headers)
        assert (reply.status_code, set(reply.json()["errors"])) == (400, {field})
        assert (row(world), left(world)) == before


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_out_of_reach_is_not_there(world: Any, web: Any, method: str) -> None:
    before = row(world), left(world)
    json = {"username": "hijacked", "user_time": 5} if method in {"PUT", "PATCH"} else None
    replies = [
        web.request(method, address(world), json=json, headers=p.headers) for p in (world.west, world.east, world.stranger)
    ]
    replies += [web.request(method, f"{URL}{where}/", json=json, headers=world.owner.headers) for where in (2**60, "x")]
    assert {reply.status_code for reply in replies} == {404}
    assert len({reply.text for reply in replies}) == 1
    assert (row(world), left(world)) == before


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_a_mate_who_may_only_read_changes_nothing(world: Any, web: Any, method: str) -> None:
    before = row(world), left(world)
    json = {"username": "hijacked", "user_time": 5} if method != "DELETE" else None
    assert web.request(method, address(world), json=json, headers=world.mate.headers).status_code == 403
    assert web.request(method, address(world), json=json).status_code == 401
    assert (row(world), left(world)) == before


def test_delete_keeps_the_ledger(world: Any, web: Any) -> None:
    web.patch(address(world), json={"user_time": 90}, headers=world.owner.headers)
    reply = web.delete(address(world), headers=world.owner.headers)
    assert (reply.status_code, reply.content) == (204, b"")
    assert web.get(address(world), headers=world.owner.headers).status_code == 404
    assert left(world) == (None, [90])
    assert web.delete(address(world), headers=world.owner.headers).status_code == 404
