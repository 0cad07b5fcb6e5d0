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


LIMITS = {
    "rate_up": 2_000_000, "rate_down": 10**12, "quota_up": 1, "quota_down": None, "quota_total": 2**63 - 1,
    "session_timeout": 3600, "idle_timeout": 600, "vlan": 4094, "role": "staff", "redirect_url": "https://example.com/?a=b",
    "max_sessions": 3,
}  # fmt: skip


def test_limits_are_kept_changed_and_emptied(world: Any, web: Any) -> None:
    made = web.post(URL, json={**BODY, **LIMITS}, headers=world.owner.headers).json()
    assert {name: made[name] for name in LIMITS} == LIMITS
    one = f"{URL}{made['id']}/"
    changed = web.patch(one, json={"rate_up": None, "vlan": 5}, headers=world.owner.headers).json()
    assert {name: changed[name] for name in LIMITS} == {**LIMITS, "rate_up": None, "vlan": 5}
    whole = {"name": "Staff", "short_name": "staff"}
    emptied = web.put(one, json=whole, headers=world.owner.headers).json()
    assert {emptied[name] for name in LIMITS} == {None, ""}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("rate_up", 999), ("rate_up", "1000000"), ("rate_up", 10**12 + 1), ("quota_total", 0),
        ("session_timeout", 2**32), ("idle_timeout", -1), ("vlan", 4095), ("vlan", 0), ("vlan", True), ("role", "x" * 201),
        ("role", "é" * 150), ("role", "a\nb"), ("role", None), ("redirect_url", "ftp://example.com"), ("max_sessions", 0),
        ("redirect_url", "https://exa mple.com"), ("redirect_url", "https://" + "x" * 230),
    ],
)  # fmt: skip
def test_a_limit_out_of_its_bounds_is_refused(world: Any, web: Any, name: str, value: Any) -> None:
    before = stored()
    reply = web.post(URL, json={**BODY, name: value}, headers=world.owner.headers)
    assert (reply.status_code, set(reply.json()["errors"])) == (400, {name})
    assert stored() == before


@pytest.mark.parametrize(("op", "value"), [("==", "whenever"), ("!=", "Wk"), (":=", "Wk0900-1800")])
def test_a_time_of_the_week_is_read_when_it_is_written(world: Any, web: Any, op: str, value: str) -> None:
    item = {"attribute": "Login-Time", "op": op, "value": value}
    reply = web.post(URL, json={**BODY, "check_attribute": [item]}, headers=world.owner.headers)
    assert (reply.status_code, set(reply.json()["errors"])) == (400, {"check_attribute"})
    good = {**BODY, "check_attribute": [{**item, "op": "==", "value": "Wk0900-1800,Sa"}]}
    assert web.post(URL, json=good, headers=world.owner.headers).status_code == 201
