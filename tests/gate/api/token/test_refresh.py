"""POST /token/refresh/"""

import datetime as dt
from typing import Any

import httpx
import pytest
from django.db import connection

import people
from gate.core import clock
from gate.tokens import persons
from gate.tokens.models import Family

PATH = "/api/v1/token/refresh/"
SIGN_IN = "/api/v1/device_app_user_authenticate/"


@pytest.fixture
def tokens(world: Any, web: httpx.Client) -> dict[str, Any]:
    body = {"username": "guest.acme", "password": people.PASSWORD}
    made: dict[str, Any] = web.post(SIGN_IN, json=body, headers=world.owner.headers).json()
    return made


def refresh(web: httpx.Client, token: Any) -> httpx.Response:
    return web.post(PATH, json={"refresh_token": token})


def reaches(web: httpx.Client, token: str) -> int:
    return web.get("/api/v1/device_app_locations/", headers={"Authorization": f"Bearer {token}"}).status_code


def log() -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT type, status, action, source, username FROM txlog_event WHERE type IN ('ue', 'uo') ORDER BY id")
        return list(cursor.fetchall())


def test_gives_the_next_tokens(web: httpx.Client, tokens: dict[str, Any]) -> None:
    reply = refresh(web, tokens["refresh_token"])
    assert reply.status_code == 200
    told = reply.json()
    assert told["refresh_token"] != tokens["refresh_token"]
    assert (told["token_type"], told["expires_in"], told["session_id"]) == ("Bearer", 3600, tokens["session_id"])
    assert reaches(web, told["access_token"]) == 200
    assert reaches(web, tokens["access_token"]) == 200  # for the rest of its hour
    assert log() == [("ue", "u200", "re", "d", "guest.acme")]


def test_reuse_ends_the_sign_in(web: httpx.Client, tokens: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    told = refresh(web, tokens["refresh_token"]).json()
    later = clock.now() + persons.OVERLAP + dt.timedelta(seconds=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    again = refresh(web, tokens["refresh_token"])
    assert (again.status_code, again.json()["code"]) == (401, "unauthenticated")
    assert again.headers["www-authenticate"] == "Bearer"
    assert refresh(web, told["refresh_token"]).status_code == 401
    assert reaches(web, told["access_token"]) == 401
    assert log()[1:] == [("ue", "u403", "re", "d", "guest.acme")]
    assert Family.unscoped.get().reason == "reuse"


@pytest.mark.parametrize(
    ("body", "status"),
    [({}, 400), ({"refresh_token": ""}, 400), ({"refresh_token": 5}, 400), ({"refresh_token": None}, 400), ([], 400),
     ({"refresh_token": "x" * 200}, 400), ({"refresh_token": "gater_" + "x" * 43}, 401), ({"refresh_token": "x"}, 401)],
)  # fmt: skip
def test_what_is_no_refresh_token(web: httpx.Client, tokens: dict[str, Any], body: Any, status: int) -> None:
    assert web.post(PATH, json=body).status_code == status
    assert refresh(web, tokens["refresh_token"]).status_code == 200


def test_neither_kind_of_bearer_is_a_refresh_token(world: Any, web: httpx.Client, tokens: dict[str, Any]) -> None:
    assert refresh(web, world.owner.token).status_code == 401
    assert refresh(web, tokens["access_token"]).status_code in {400, 401}
    assert reaches(web, tokens["refresh_token"]) == 401
