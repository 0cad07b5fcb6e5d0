"""GET /user_token/"""

from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

import contract
import people
from gate.credit import commands

URL = "/api/v1/user_token/"
ENDPOINT = "GET /user_token/"


def names(reply: Any) -> list[str]:
    assert reply.status_code == 200, reply.text
    return [row["username"] for row in reply.json()["results"]]


def test_keeps_to_the_reference(world: Any, web: Any) -> None:
    contract.assert_keeps_to(ENDPOINT, web.get(f"{URL}?balance=true", headers=world.owner.headers).json())
    for url in contract.urls(ENDPOINT):
        assert web.get(f"/api/v1{url}", headers=world.owner.headers).status_code == 200


def test_the_balance_where_asked_for(world: Any, web: Any) -> None:
    with people.as_web_process():
        commands.set_balance(world.owner.scope, world.users["acme"], seconds=3600, reason="api", actor="token:1")
    assert "user_time" not in web.get(URL, headers=world.owner.headers).json()["results"][0]
    shown = web.get(f"{URL}?balance=true", headers=world.owner.headers).json()["results"]
    assert {row["id"]: row["user_time"] for row in shown if row["user_time"] is not None} == {world.users["acme"]: 3600}


def test_the_username_is_the_whole_one(world: Any, web: Any) -> None:
    for query, wanted in [
        ("username=GUEST.acme", ["guest.acme"]),
        ("username=guest", []),
        ("username=guest.rival", []),
        ("organization=acme-west", ["west@staff", "guest.acme-west"]),
        (f"organization=org_{world.organizations['acme-west']}&username=guest.acme-west", ["guest.acme-west"]),
        ("organization=acme-west&username=guest.acme", []),
        ("organization=rival", []),
        ("limit=1&offset=2", ["west@staff"]),
    ]:
        assert names(web.get(f"{URL}?{query}", headers=world.owner.headers)) == wanted, query


def test_each_sees_the_own_organization_and_below(world: Any, web: Any) -> None:
    seen = {name: set(names(web.get(URL, headers=person.headers))) for name, person in world.people.items()}
    west, east = {"west@staff", "guest.acme-west"}, {"east@staff", "guest.acme-east"}
    everything = west | east | {"owner@staff", "mate@staff", "guest.acme"}
    assert seen == {
        "owner": everything, "mate": everything, "west": west, "east": east, "stranger": {"stranger@staff", "guest.rival"},
    }  # fmt: skip


def test_needs_a_token_that_may_read(world: Any, web: Any, grant: Any) -> None:
    assert web.get(URL).status_code == 401
    assert web.get(URL, headers=grant(world.owner, "user_token:write", "user:read")).status_code == 403
    assert web.get(f"{URL}?limit=0", headers=world.owner.headers).status_code == 400


def test_statements_do_not_grow_with_rows(world: Any, web: Any) -> None:
    url = f"{URL}?limit=100&balance=true"
    web.get(url, headers=world.owner.headers)

    def asked() -> int:
        with CaptureQueriesContext(connection) as captured:
            web.get(url, headers=world.owner.headers)
        return len([query for query in captured if "ROLE" not in query["sql"] and "set_config" not in query["sql"]])

    few = asked()
    with people.as_web_process():
        for number in range(20):
            commands.create_user(world.owner.scope, fields={"username": f"more.{number}", "profile": ["acme-profile"]})
    assert asked() == few == 4  # the count, the users, their profiles, their balances
