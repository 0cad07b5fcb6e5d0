"""GET, PUT, PATCH, DELETE /aaa_profile/{id}/"""

from typing import Any

import pytest

import contract
from gate.profiles.models import Profile

URL = "/api/v1/aaa_profile/"
PUT = {"name": "New", "short_name": "new"}


def address(world: Any, place: str = "acme") -> str:
    return f"{URL}{world.profiles[place]}/"


def row(world: Any, place: str = "acme") -> dict[str, Any]:
    found: dict[str, Any] = Profile.unscoped.filter(pk=world.profiles[place]).values().get()
    return found


def test_get(world: Any, web: Any) -> None:
    for person in (world.owner, world.mate):
        reply = web.get(address(world), headers=person.headers)
        assert reply.status_code == 200
        contract.assert_keeps_to("GET /aaa_profile/{id}/", reply.json())


@pytest.mark.parametrize("number", range(3))
def test_put_examples_work_as_written(world: Any, web: Any, number: int) -> None:
    body = contract.requests("PUT /aaa_profile/{id}/")[number]
    reply = web.put(address(world), json=body, headers=world.owner.headers)
    assert reply.status_code == 200, reply.text
    contract.assert_keeps_to("GET /aaa_profile/{id}/", reply.json())
    assert {name: reply.json()[name] for name in body} == body


@pytest.mark.parametrize("number", range(3))
def test_patch_examples_work_as_written(world: Any, web: Any, number: int) -> None:
    body = contract.requests("PATCH /aaa_profile/{id}/")[number]
    before = web.get(address(world), headers=world.owner.headers).json()
    reply = web.patch(address(world), json=body, headers=world.owner.headers)
    assert reply.status_code == 200, reply.text
    contract.assert_keeps_to("PATCH /aaa_profile/{id}/", reply.json())
    assert reply.json() == {**before, **body}


def test_put_empties_what_it_does_not_name(world: Any, web: Any) -> None:
    reply = web.put(address(world), json=PUT, headers=world.owner.headers)
    assert reply.json() | PUT | {"description": "", "reply_attribute": [], "check_attribute": []} == reply.json()
    assert web.put(address(world), json={"name": "x"}, headers=world.owner.headers).status_code == 400


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_an_item_without_a_value_has_an_empty_one(world: Any, web: Any, method: str) -> None:
    body = {**PUT, "check_attribute": [{"attribute": "NAS-Port-Type", "op": "=*"}]}
    reply = web.request(method, address(world), json=body, headers=world.owner.headers)
    assert reply.status_code == 200, reply.text
    assert reply.json()["check_attribute"] == [{"attribute": "NAS-Port-Type", "op": "=*", "value": ""}]


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_out_of_reach_is_not_there(world: Any, web: Any, method: str) -> None:
    before = row(world)
    bodies = set()
    targets = [
        (world.west, world.profiles["acme"]),
        (world.east, world.profiles["acme"]),
        (world.owner, 2**60),
        (world.owner, "x"),
    ]
    for person, number in [*targets, (world.stranger, world.profiles["acme"])]:
        json = PUT if method in {"PUT", "PATCH"} else None
        reply = web.request(method, f"{URL}{number}/", json=json, headers=person.headers)
        assert reply.status_code == 404
        bodies.add(reply.text)
    assert len(bodies) == 1
    assert row(world) == before


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_a_mate_who_may_only_read_changes_nothing(world: Any, web: Any, method: str) -> None:
    before = row(world)
    json = PUT if method != "DELETE" else None
    assert web.request(method, address(world), json=json, headers=world.mate.headers).status_code == 403
    assert web.request(method, address(world), json=json).status_code == 401
    assert row(world) == before


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_refused_values_change_nothing(world: Any, web: Any, method: str) -> None:
    before = row(world)
    bad = {**PUT, "check_attribute": [{"attribute": "User-Name", "op": "=~", "value": "(?=x)"}]}
    reply = web.request(method, address(world), json=bad, headers=world.owner.headers)
    assert (reply.status_code, set(reply.json()["errors"])) == (400, {"check_attribute"})
    taken = {**PUT, "short_name": "acme-west-profile"}
    assert web.request(method, address(world), json=taken, headers=world.owner.headers).status_code == 409
    assert row(world) == before


def test_delete(world: Any, web: Any) -> None:
    reply = web.delete(address(world), headers=world.owner.headers)
    assert (reply.status_code, reply.json()["code"]) == (409, "in_use")
    assert row(world)
    web.patch(f"/api/v1/user/{world.users['acme']}/", json={"profile": []}, headers=world.owner.headers)
    reply = web.delete(address(world), headers=world.owner.headers)
    assert (reply.status_code, reply.content) == (204, b"")
    assert web.get(address(world), headers=world.owner.headers).status_code == 404
