"""GET, PUT, PATCH, DELETE /user_extra/{id}/"""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

import contract
from gate.users.models import User, UserExtra

URL = "/api/v1/user_extra/"
Add = Callable[..., int]


def rows() -> list[dict[str, Any]]:
    return list(UserExtra.unscoped.order_by("pk").values())


def example(world: Any, method: str) -> dict[str, Any]:
    body = dict(contract.requests(f"{method} /user_extra/{{id}}/")[0])
    if "parent" in body:
        body["parent"] = world.users["acme"]
    return body


def test_get(world: Any, web: Any, add: Add) -> None:
    number = add(title="Dr.", birthday=dt.date(1985, 6, 15))
    for person in (world.owner, world.mate):
        reply = web.get(f"{URL}{number}/", headers=person.headers)
        assert reply.status_code == 200
        contract.assert_keeps_to("GET /user_extra/{id}/", reply.json())
        assert (reply.json()["id"], reply.json()["title"], reply.json()["birthday"]) == (number, "Dr.", "1985-06-15")
        assert "device_info" not in reply.json()
    assert web.get(f"{URL}{number}/?device_info=1", headers=world.owner.headers).json()["device_info"] == []
    assert web.get(f"{URL}{number}/?device_info=x", headers=world.owner.headers).status_code == 400


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_the_examples_work_as_written(world: Any, web: Any, add: Add, method: str) -> None:
    number, body = add(), example(world, method)
    reply = web.request(method, f"{URL}{number}/", json=body, headers=world.owner.headers)
    assert reply.status_code == 200, reply.text
    contract.assert_keeps_to(f"{method} /user_extra/{{id}}/", reply.json())
    assert {name: reply.json()[name] for name in body} == body


def test_put_empties_what_it_does_not_name(world: Any, web: Any, add: Add) -> None:
    number = add(title="Dr.", tax_id="1", accept_terms=True, age=5, birthday=dt.date(1990, 1, 1), custom_field_3="x")
    reply = web.put(f"{URL}{number}/", json={"parent": world.users["acme"], "city": "Eugene"}, headers=world.owner.headers)
    kept = {name: value for name, value in reply.json().items() if value is not None}
    assert kept == {"id": number, "parent": world.users["acme"], "city": "Eugene", "accept_terms": False}
    assert rows()[0]["tax_id_sealed"] is None
    missing = web.put(f"{URL}{number}/", json={"city": "x"}, headers=world.owner.headers)
    assert (missing.status_code, set(missing.json()["errors"])) == (400, {"parent"})


def test_patch_changes_what_it_names(world: Any, web: Any, add: Add, on: Any) -> None:
    on(dt.datetime(2024, 2, 29, tzinfo=dt.UTC))
    number = add(title="Dr.", tax_id="1", passport_number="2", age=5, country_id="us")
    url = f"{URL}{number}/"
    before = web.get(url, headers=world.owner.headers).json()
    assert before["age_range"] == "0-12"
    change = {"title": None, "tax_id": "3", "country_id": "DE"}
    assert web.patch(url, json=change, headers=world.owner.headers).json() == {**before, **change}
    # The age given before belonged to another birthday.
    change = {"birthday": "2000-02-29"}
    after = web.patch(url, json=change, headers=world.owner.headers).json()
    assert (after["age"], after["age_range"]) == (24, "18-24")
    both = web.patch(url, json={"birthday": "2000-03-01", "age": 9}, headers=world.owner.headers).json()
    assert (both["age"], both["age_range"]) == (9, "0-12")
    same = rows()
    assert web.patch(url, json={}, headers=world.owner.headers).json() == both
    assert {**rows()[0], "last_change": None} == {**same[0], "last_change": None}


def test_another_parent(world: Any, web: Any, add: Add) -> None:
    number, other = add("acme", tax_id="1"), add("acme-east")
    url = f"{URL}{number}/"
    moved = web.patch(url, json={"parent": world.users["acme-west"]}, headers=world.owner.headers)
    assert (moved.json()["parent"], moved.json()["tax_id"]) == (world.users["acme-west"], "1")
    assert web.get(url, headers=world.west.headers).status_code == 200
    before = rows()
    for parent in (world.users["acme-east"], world.users["rival"], 2**60, None):
        for method in ("PATCH", "PUT"):
            reply = web.request(method, url, json={"parent": parent}, headers=world.owner.headers)
            assert (reply.status_code, set(reply.json()["errors"])) == (400, {"parent"})
    assert web.patch(url, json={"parent": world.users["acme"]}, headers=world.west.headers).status_code == 400
    assert rows() == before
    assert other


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_refused_values_change_nothing(world: Any, web: Any, add: Add, method: str) -> None:
    number = add(title="Dr.")
    before = rows()
    for change in ({"gender": "x"}, {"birthday": "yesterday"}, {"age": 500}, {"accept_terms": None}, {"title": "x" * 51}):
        body = {"parent": world.users["acme"], "city": "Eugene", **change}
        reply = web.request(method, f"{URL}{number}/", json=body, headers=world.owner.headers)
        assert (reply.status_code, set(reply.json()["errors"])) == (400, set(change))
    assert rows() == before


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_out_of_reach_is_not_there(world: Any, web: Any, add: Add, method: str) -> None:
    number = add()
    before = rows()
    json = {"parent": world.users["acme"], "title": "x"} if method in {"PUT", "PATCH"} else None
    replies = [
        web.request(method, f"{URL}{number}/", json=json, headers=person.headers)
        for person in (world.west, world.east, world.stranger)
    ]
    replies += [web.request(method, f"{URL}{where}/", json=json, headers=world.owner.headers) for where in (2**60, "x")]
    assert {reply.status_code for reply in replies} == {404}
    assert len({reply.text for reply in replies}) == 1
    assert rows() == before


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_who_may_change(world: Any, web: Any, add: Add, grant: Any, method: str) -> None:
    number, staff = add(), add(parent=world.mate.user_id)
    before = rows()
    json = {"parent": world.users["acme"], "title": "x"} if method != "DELETE" else None
    url = f"{URL}{number}/"
    assert web.request(method, url, json=json).status_code == 401
    assert web.request(method, url, json=json, headers=world.mate.headers).status_code == 403
    assert web.request(method, url, json=json, headers=grant(world.owner, "user_extra:read")).status_code == 403
    narrow = grant(world.owner, "user_extra:write")
    assert web.request(method, f"{URL}{staff}/", json=json, headers=narrow).status_code == 403
    assert rows() == before


def test_delete(world: Any, web: Any, add: Add) -> None:
    number = add()
    reply = web.delete(f"{URL}{number}/", headers=world.owner.headers)
    assert (reply.status_code, reply.content) == (204, b"")
    assert web.delete(f"{URL}{number}/", headers=world.owner.headers).status_code == 404
    assert User.unscoped.filter(pk=world.users["acme"]).exists()
    add()
    User.unscoped.filter(pk=world.users["acme"]).delete()
    assert rows() == []
