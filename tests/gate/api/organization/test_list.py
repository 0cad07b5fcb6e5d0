"""GET /organization/"""

from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

import contract
import people
from gate.organizations import commands, queries

URL = "/api/v1/organization/"
ENDPOINT = "GET /organization/"


def names(reply: Any) -> list[str]:
    assert reply.status_code == 200, reply.text
    return [row["short_name"] for row in reply.json()["results"]]


def test_keeps_to_the_reference(world: Any, web: Any) -> None:
    reply = web.get(URL, headers=world.owner.headers)
    contract.assert_keeps_to(ENDPOINT, reply.json())
    west = reply.json()["results"][1]
    assert west["parent"] == west["parent_obj"]["id"] == world.organizations["acme"]
    for url in contract.urls(ENDPOINT):
        assert web.get(f"/api/v1{url}", headers=world.owner.headers).status_code == 200


def test_each_sees_the_own_organization_and_below(world: Any, web: Any) -> None:
    seen = {name: names(web.get(URL, headers=person.headers)) for name, person in world.people.items()}
    mine = ["acme", "acme-west", "acme-west-cafe", "acme-east"]
    assert seen == {
        "owner": mine, "mate": mine, "west": ["acme-west", "acme-west-cafe"], "east": ["acme-east"],
        "stranger": ["rival", "rival-north"],
    }  # fmt: skip


def test_what_lies_above_is_not_told_even_by_id(world: Any, web: Any) -> None:
    west, cafe = web.get(URL, headers=world.west.headers).json()["results"]
    assert (west["parent"], west["parent_obj"]) == (None, None)
    assert (cafe["parent"], cafe["parent_obj"]["parent"]) == (world.organizations["acme-west"], None)


def test_filters(world: Any, web: Any) -> None:
    west = world.organizations["acme-west"]
    for query, wanted in [
        (f"id={west}", ["acme-west"]),
        (f"id=org_{west}", ["acme-west"]),
        ("name=WEST", ["acme-west", "acme-west-cafe"]),
        (f"parent={west}", ["acme-west-cafe"]),
        ("parent=acme", ["acme-west", "acme-east"]),
        ("name=west&parent=acme", ["acme-west"]),
        ("is_active=true&limit=1&offset=1", ["acme-west"]),
        ("is_active=false", []),
        ("parent=rival", []),
        (f"id={world.organizations['rival']}", []),
    ]:
        assert names(web.get(f"{URL}?{query}", headers=world.owner.headers)) == wanted, query
    assert names(web.get(f"{URL}?parent=acme", headers=world.west.headers)) == []


def test_bad_values(world: Any, web: Any) -> None:
    for query in ("id=x", "is_active=perhaps", "limit=0", "offset=-1"):
        reply = web.get(f"{URL}?{query}", headers=world.owner.headers)
        assert (reply.status_code, set(reply.json()["errors"])) == (400, {query.partition("=")[0]})


def test_needs_a_token_that_may_read(world: Any, web: Any, grant: Any) -> None:
    assert web.get(URL).status_code == 401
    assert web.get(URL, headers=grant(world.owner, "user:read")).status_code == 403
    assert web.post(URL, json={}, headers=world.owner.headers).status_code == 405


def test_statements_do_not_grow_with_rows(world: Any, web: Any) -> None:
    web.get(URL, headers=world.owner.headers)

    def asked() -> int:
        with CaptureQueriesContext(connection) as captured:
            web.get(f"{URL}?limit=100", headers=world.owner.headers)
        return len([query for query in captured if "ROLE" not in query["sql"] and "set_config" not in query["sql"]])

    few = asked()
    with people.as_web_process():
        for number in range(10):
            fields = {"name": "More", "short_name": f"more-{number}"}
            commands.create_child(world.owner.scope, parent_id=world.organizations["acme"], fields=fields)
    assert queries.find_root("ACME") == world.organizations["acme"]
    assert asked() == few == 3
