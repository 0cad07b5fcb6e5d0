"""GET /aaa_profile/"""

from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

import contract
import people
from gate.attributes import RadiusDictionary
from gate.profiles import commands

URL = "/api/v1/aaa_profile/"
ENDPOINT = "GET /aaa_profile/"


def names(reply: Any) -> list[str]:
    assert reply.status_code == 200, reply.text
    return [row["short_name"] for row in reply.json()["results"]]


def test_keeps_to_the_reference(world: Any, web: Any) -> None:
    for url in contract.urls(ENDPOINT):
        contract.assert_keeps_to(ENDPOINT, web.get(f"/api/v1{url}", headers=world.owner.headers).json())


def test_each_sees_the_own_organization_and_below(world: Any, web: Any) -> None:
    seen = {name: names(web.get(URL, headers=person.headers)) for name, person in world.people.items()}
    mine = ["acme-profile", "acme-west-profile", "acme-east-profile"]
    assert seen == {
        "owner": mine, "mate": mine, "west": ["acme-west-profile"], "east": ["acme-east-profile"],
        "stranger": ["rival-profile"],
    }  # fmt: skip


def test_pages_and_filters(world: Any, web: Any) -> None:
    first = web.get(f"{URL}?limit=2&colour=red", headers=world.owner.headers).json()
    assert (first["count"], first["previous"]) == (3, None)
    assert first["next"] == "http://testserver/api/v1/aaa_profile/?colour=red&limit=2&offset=2"
    second = web.get(first["next"], headers=world.owner.headers).json()
    assert ([row["short_name"] for row in second["results"]], second["next"]) == (["acme-east-profile"], None)
    assert web.get(second["previous"], headers=world.owner.headers).json()["results"] == first["results"]
    assert names(web.get(f"{URL}?organization=acme-west", headers=world.owner.headers)) == ["acme-west-profile"]
    assert names(web.get(f"{URL}?organization=acme", headers=world.west.headers)) == []
    assert names(web.get(f"{URL}?short_name=ACME-profile", headers=world.owner.headers)) == ["acme-profile"]


def test_bad_values(world: Any, web: Any) -> None:
    for query in ("limit=0", "limit=-1", "limit=x", "offset=-1", "offset=x", f"offset={2**63}"):
        reply = web.get(f"{URL}?{query}", headers=world.owner.headers)
        assert (reply.status_code, set(reply.json()["errors"])) == (400, {query.partition("=")[0]})


def test_needs_a_token_that_may_read(world: Any, web: Any, grant: Any) -> None:
    assert web.get(URL).status_code == 401
    assert web.get(URL, headers=grant(world.owner, "user:read")).status_code == 403


def test_statements_do_not_grow_with_rows(world: Any, web: Any) -> None:
    web.get(URL, headers=world.owner.headers)

    def asked() -> int:
        with CaptureQueriesContext(connection) as captured:
            web.get(f"{URL}?limit=100", headers=world.owner.headers)
        return len([query for query in captured if "ROLE" not in query["sql"] and "set_config" not in query["sql"]])

    few = asked()
    for number in range(20):
        fields = {"name": "more", "short_name": f"more-{number}"}
        with people.as_web_process():
            commands.create(world.owner.scope, fields=fields, dictionary=RadiusDictionary())
    assert asked() == few == 2
