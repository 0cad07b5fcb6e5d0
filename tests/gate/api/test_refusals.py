"""What any endpoint answers, whatever it is about: 401, 403, 404, 429, 500, 503, each provoked on each.

Which statuses an endpoint documents is the document's to say; here every one of these it documents is brought about.
"""

from typing import Any

import pytest
from django.db import OperationalError
from ninja.operation import Operation as Endpoint

import described
from gate.organizations.models import Organization
from gate.users.rules import CATEGORIES

OPERATIONS = described.operations()
GUARDED = [one for one in OPERATIONS if one.details.get("security")]


def ask(web: Any, operation: described.Operation, headers: dict[str, str], *, key: str = "999999999") -> Any:
    """The operation's own example, about a row that is not there."""
    path = operation.path
    for parameter in operation.parameters("path"):
        path = path.replace("{" + parameter["name"] + "}", key)
    body = None
    if "requestBody" in operation.details:
        shown = operation.details["requestBody"]["content"]["application/json"]["examples"]
        body = next(iter(shown.values()))["value"]
    return web.request(operation.method, f"{described.BASE}{path}", json=body, headers=headers)


def told(reply: Any) -> tuple[int, str]:
    return reply.status_code, reply.json()["code"] if reply.content else ""


@pytest.mark.parametrize("sent", [None, "Bearer gate_nobody", "Bearer a.b.c", "Bearer ", "Basic eDp5"])
def test_without_a_token(web: Any, sent: str | None) -> None:
    headers = {} if sent is None else {"Authorization": sent}
    answers = {one.endpoint: told(ask(web, one, headers)) for one in GUARDED}
    assert {endpoint: answer for endpoint, answer in answers.items() if answer != (401, "unauthenticated")} == {}


def test_with_a_token_for_everything_else(world: Any, web: Any, grant: Any) -> None:
    answers = {}
    for one in GUARDED:
        action = "read" if one.method == "GET" else "write"
        others = {f"{category}:{what}" for category in CATEGORIES for what in ("read", "write")} - {f"{one.category}:{action}"}
        answers[one.endpoint] = told(ask(web, one, grant(world.owner, *sorted(others))))
    assert {endpoint: answer for endpoint, answer in answers.items() if answer != (403, "forbidden")} == {}


@pytest.mark.parametrize("key", ["999999999", "nobody", "user_999999999", "9" * 40, "%20", "é"])
def test_what_is_not_there(world: Any, web: Any, key: str) -> None:
    answers = {one.endpoint: told(ask(web, one, world.owner.headers, key=key)) for one in OPERATIONS if one.parameters("path")}
    assert {endpoint: answer for endpoint, answer in answers.items() if answer != (404, "not_found")} == {}


def test_when_the_calls_of_the_month_are_used_up(world: Any, web: Any) -> None:
    Organization.unscoped.filter(pk=world.organizations["acme"]).update(max_api_calls=0)
    answers = {one.endpoint: ask(web, one, world.owner.headers).status_code for one in GUARDED}
    assert {endpoint: answer for endpoint, answer in answers.items() if answer != 429} == {}


@pytest.mark.parametrize(("error", "status"), [(ZeroDivisionError("swordfish"), 500), (OperationalError("10.0.0.1"), 503)])
def test_when_gate_or_its_database_fails(world: Any, web: Any, monkeypatch: Any, error: Exception, status: int) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr(Endpoint, "_get_values", fail)
    for one in OPERATIONS:
        reply = ask(web, one, world.owner.headers)
        assert reply.status_code == status, one
        assert str(error) not in reply.text
        assert reply.json()["request_id"] == reply.headers["X-Request-ID"]


@pytest.mark.parametrize("raw", [b"", b"{", b'{"data": "{"}', b"[1", b"\xff", b'"text"', b"[]", b"null"])
def test_bodies_that_are_none(world: Any, web: Any, raw: bytes) -> None:
    headers = {**world.owner.headers, "Content-Type": "application/json"}
    for one in OPERATIONS:
        if one.details.get("requestBody", {}).get("required"):
            path = one.path
            for parameter in one.parameters("path"):
                path = path.replace("{" + parameter["name"] + "}", str(world.users["acme"]))
            reply = web.request(one.method, f"{described.BASE}{path}", content=raw, headers=headers)
            assert reply.status_code in {400, 404, 422}, one
