"""api/errors.py: the one table, seen from outside."""

import datetime as dt
import json
import logging
from typing import Any

import pytest
from django.db import OperationalError
from django.test import RequestFactory

from gate.api import errors
from gate.core.errors import Conflict, Forbidden, GateError, Invalid, Missing, NotFound, TooMany, Unauthenticated, Unavailable
from gate.users import queries
from gate.users.errors import Locked, SignInRefused, Throttled, WrongCredentials

URL = "/api/v1/user/"


def status(error: GateError, path: str = URL, method: str = "POST") -> int:
    return errors.status_of(RequestFactory().generic(method, path), error)


def test_every_error_of_the_tree_has_a_status() -> None:
    def below(kind: type[GateError]) -> set[type[GateError]]:
        return {kind, *(found for child in kind.__subclasses__() for found in below(child))}

    # The two are never raised themselves. Rooms' own errors have the status of the kind they are of; those of the commands at a
    # shell never reach HTTP.
    named = {kind for kind in below(GateError) if not kind.__module__.startswith("gate.commands.")} - {GateError, SignInRefused}
    assert {kind for kind in named if not set(kind.__mro__) & set(errors.STATUSES)} == set()


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (Unauthenticated("x"), 401), (Forbidden("x"), 403), (NotFound("x"), 404), (Missing("x"), 400), (Invalid("x"), 400),
        (Conflict("x"), 409), (TooMany("x", retry_after=1), 429), (Unavailable("x"), 503), (GateError("x"), 500),
    ],
)  # fmt: skip
def test_statuses(error: GateError, code: int) -> None:
    assert status(error) == code


def test_failed_sign_ins_have_the_keys_of_the_reference() -> None:
    until = dt.datetime(2024, 1, 15, 9, 45, tzinfo=dt.UTC)
    for error, code, told in (
        (WrongCredentials(username="u", attempts_remaining=2, locked_until=None), 422, (2, None)),
        (Locked(username="u", locked_until=until), 403, (0, "2024-01-15T09:45:00Z")),
        (Throttled(username="u", retry_after=9), 429, (None, None)),
    ):
        request = RequestFactory().post("/api/v1/portal_login/")
        reply = errors.respond(request, error)
        body = json.loads(reply.content)
        assert reply.status_code == code
        assert (body["attempts_remaining"], body["lockout_time"]) == told
        assert (body["authenticated"], body["status"], body["message"]) == (False, "error", body["detail"])
        assert body["error_code"] == body["code"].upper()


def test_where_refused_values_are_422() -> None:
    for path in ("/api/v1/device_app_register/", "/api/v1/portal_login/"):
        assert status(Invalid("x"), path) == 422
        assert status(Missing("x"), path) == 400
        assert status(Invalid("x", code="malformed"), path) == 400
        assert status(Conflict("x"), path) == 409
    for path in ("/api/v1/device_app_access_points/", "/api/v1/hostspot_access_points/", "/api/v1/hostspot_locations/"):
        assert status(Invalid("x"), path, "GET") == 422
    for path in ("/api/v1/device_app_locations/", "/api/v1/txlog_portal/", "/api/v1/user/"):
        assert status(Invalid("x"), path, "GET") == 400
    assert status(Conflict("x", code="duplicate"), "/api/v1/user_token/") == 400


def test_what_nobody_expected_is_told_without_its_reason(world: Any, web: Any, monkeypatch: Any, caplog: Any) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError("the secret is swordfish")

    monkeypatch.setattr(queries, "count", fail)
    with caplog.at_level(logging.ERROR, logger="gate.web"):
        reply = web.get(URL, headers=world.owner.headers)
    assert reply.status_code == 500
    assert "swordfish" not in reply.text
    assert reply.json()["code"] == "internal"
    assert reply.json()["request_id"] == reply.headers["X-Request-ID"]
    assert reply.headers["X-Request-ID"] in caplog.text
    assert "swordfish" in caplog.text


def test_a_database_that_is_away_is_told_as_such(world: Any, web: Any, monkeypatch: Any) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise OperationalError("connection to server at 10.0.0.1 failed")

    monkeypatch.setattr(queries, "count", fail)
    reply = web.get(URL, headers=world.owner.headers)
    assert (reply.status_code, reply.json()["code"], reply.headers["Retry-After"]) == (503, "unavailable", "5")
    assert "10.0.0.1" not in reply.text


def test_bodies_that_are_too_large(world: Any, web: Any) -> None:
    for size in (3, 11):
        content = b'{"username": "' + b"x" * (size * 1024 * 1024) + b'"}'
        reply = web.post(URL, content=content, headers={**world.owner.headers, "Content-Type": "application/json"})
        assert (reply.status_code, reply.json()["code"]) == (400, "body_too_large")
