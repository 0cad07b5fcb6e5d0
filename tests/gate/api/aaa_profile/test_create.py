"""POST /aaa_profile/"""

import json
from typing import Any

import pytest

import contract
from gate.profiles.models import Profile

URL = "/api/v1/aaa_profile/"
ENDPOINT = "POST /aaa_profile/"
BODY = {"name": "Staff", "short_name": "staff", "reply_attribute": [{"attribute": "Idle-Timeout", "op": "=", "value": "60"}]}


def stored() -> int:
    return Profile.unscoped.count()


@pytest.mark.parametrize("number", range(4))
def test_the_examples_work_as_written(world: Any, web: Any, number: int) -> None:
    body = contract.requests(ENDPOINT)[number]
    reply = web.post(URL, json=body, headers=world.owner.headers)
    assert reply.status_code == 201, reply.text
    contract.assert_keeps_to(ENDPOINT, reply.json())
    assert reply.json()["organization_id"] == f"org_{world.organizations['acme']}"
    for name, value in body.items():
        assert reply.json()[name] == value
    assert web.get(f"{URL}{reply.json()['id']}/", headers=world.owner.headers).json() == reply.json()


def test_three_forms_of_the_body(world: Any, web: Any) -> None:
    forms: list[Any] = [BODY, {"data": {**BODY, "short_name": "two"}}, {"data": json.dumps({**BODY, "short_name": "three"})}]
    for form in forms:
        reply = web.post(URL, json=form, headers=world.owner.headers)
        assert reply.status_code == 201
        assert reply.json()["reply_attribute"] == BODY["reply_attribute"]


def test_who_may(world: Any, web: Any) -> None:
    before = stored()
    assert web.post(URL, json=BODY).status_code == 401
    assert web.post(URL, json=BODY, headers=world.mate.headers).status_code == 403
    assert stored() == before
    # Another tenant has its own names.
    assert web.post(URL, json=BODY, headers=world.owner.headers).status_code == 201
    assert web.post(URL, json=BODY, headers=world.stranger.headers).status_code == 201


def test_in_an_organization_below_but_not_beside_or_above(world: Any, web: Any) -> None:
    below = {**BODY, "organization": f"org_{world.organizations['acme-west-cafe']}"}
    reply = web.post(URL, json=below, headers=world.west.headers)
    assert reply.json()["organization_id"] == below["organization"]
    before = stored()
    for place in ("acme", "acme-east", "rival"):
        body = {**BODY, "short_name": "other", "organization": world.organizations[place]}
        reply = web.post(URL, json=body, headers=world.west.headers)
        assert (reply.status_code, set(reply.json()["errors"])) == (400, {"organization"})
    assert stored() == before


def test_a_taken_short_name_is_a_conflict(world: Any, web: Any) -> None:
    before = stored()
    # Taken in the tenant, also where the caller does not see the other profile, and in any case.
    reply = web.post(URL, json={**BODY, "short_name": "ACME-profile"}, headers=world.west.headers)
    assert (reply.status_code, reply.json()["code"], set(reply.json()["errors"])) == (409, "duplicate", {"short_name"})
    assert stored() == before


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({"name": "x"}, "short_name", "missing"),
        ({"short_name": "x"}, "name", "missing"),
        ({**BODY, "name": ""}, "name", "invalid"),
        ({**BODY, "name": None}, "name", "invalid"),
        ({**BODY, "short_name": "two words"}, "short_name", "invalid"),
        ({**BODY, "description": 3}, "description", "invalid"),
        ({**BODY, "reply_attribute": "x"}, "reply_attribute", "invalid"),
        ({**BODY, "reply_attribute": [{"attribute": "No-Such", "op": "=", "value": "1"}]}, "reply_attribute", "invalid"),
        ({**BODY, "reply_attribute": [{"attribute": "Idle-Timeout", "op": "==", "value": "1"}]}, "reply_attribute", "invalid"),
        ({**BODY, "check_attribute": [{"attribute": "NAS-Port-Type", "op": ":=", "value": "1"}]}, "check_attribute", "invalid"),
    ],
)
def test_bad_values_are_refused_by_name(world: Any, web: Any, body: dict[str, Any], field: str, code: str) -> None:
    before = stored()
    reply = web.post(URL, json=body, headers=world.owner.headers)
    assert (reply.status_code, reply.json()["code"]) == (400, code)
    assert set(reply.json()["errors"]) == {field}
    assert stored() == before


def test_a_refused_item_is_named_by_its_place(world: Any, web: Any) -> None:
    items = [*BODY["reply_attribute"], {"attribute": "Idle-Timeout", "op": "=", "value": "soon"}]  # type: ignore[misc]
    reply = web.post(URL, json={**BODY, "reply_attribute": items}, headers=world.owner.headers)
    assert reply.json()["errors"]["reply_attribute"][0].startswith("item 1 (Idle-Timeout): ")


def test_no_json(world: Any, web: Any) -> None:
    headers = {**world.owner.headers, "Content-Type": "application/json"}
    for content in (b"", b"{", b"\xff", b"[" * 5000 + b"]" * 5000, b'{"data": "{"}', b'{"name": "a\\u0000b", "short_name": "x"}'):
        reply = web.post(URL, content=content, headers=headers)
        assert reply.status_code == 400, content
        assert set(reply.json()) <= {"detail", "code", "errors"}
