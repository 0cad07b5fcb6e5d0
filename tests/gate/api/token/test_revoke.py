"""POST /token/revoke/"""

from typing import Any

import httpx
import pytest
from django.db import connection

import people

PATH = "/api/v1/token/revoke/"
SIGN_IN = "/api/v1/device_app_user_authenticate/"


@pytest.fixture
def sign_in(world: Any, web: httpx.Client) -> Any:
    def send() -> dict[str, Any]:
        body = {"username": "guest.acme", "password": people.PASSWORD}
        made: dict[str, Any] = web.post(SIGN_IN, json=body, headers=world.owner.headers).json()
        return made

    return send


def bearer(tokens: dict[str, Any]) -> dict[str, str]:
    return {"Authorization": f"Bearer {tokens['access_token']}"}


def is_out(web: httpx.Client, tokens: dict[str, Any]) -> bool:
    reached = web.get("/api/v1/device_app_locations/", headers=bearer(tokens)).status_code
    refreshed = web.post("/api/v1/token/refresh/", json={"refresh_token": tokens["refresh_token"]}).status_code
    assert (reached, refreshed) in {(200, 200), (401, 401)}
    return reached == 401


@pytest.mark.parametrize("by", ["refresh", "access", "both"])
def test_signs_out_and_may_be_said_twice(web: httpx.Client, sign_in: Any, by: str) -> None:
    tokens, other = sign_in(), sign_in()
    body = {} if by == "access" else {"refresh_token": tokens["refresh_token"]}
    headers = {} if by == "refresh" else bearer(tokens)
    for _ in range(2):
        reply = web.post(PATH, json=body, headers=headers)
        assert (reply.status_code, reply.json()) == (200, {"success": True})
    assert is_out(web, tokens)
    assert not is_out(web, other)
    with connection.cursor() as cursor:
        cursor.execute("SELECT status, action, username FROM txlog_event WHERE type = 'uo'")
        assert cursor.fetchall() == [("u200", "lo", "guest.acme")]


def test_says_the_same_of_tokens_that_are_none(web: httpx.Client, sign_in: Any) -> None:
    tokens = sign_in()
    for body, headers in (
        ({"refresh_token": "gater_" + "x" * 43}, {}), ({}, {"Authorization": "Bearer x.y.z"}), ({"refresh_token": "x"}, {}),
    ):  # fmt: skip
        assert web.post(PATH, json=body, headers=headers).json() == {"success": True}
    assert not is_out(web, tokens)


def test_an_api_token_is_never_revoked_here(world: Any, web: httpx.Client, sign_in: Any) -> None:
    tokens = sign_in()
    assert web.post(PATH, json={"refresh_token": tokens["refresh_token"]}, headers=world.owner.headers).status_code == 200
    assert web.post(PATH, json={}, headers=world.owner.headers).status_code == 200
    assert is_out(web, tokens)
    assert web.get("/api/v1/organization/", headers=world.owner.headers).status_code == 200


@pytest.mark.parametrize("body", [{}, {"refresh_token": ""}, [], {"refresh_token": 7}])
def test_something_has_to_be_sent(web: httpx.Client, world: Any, body: Any) -> None:
    assert web.post(PATH, json=body).status_code == 400
