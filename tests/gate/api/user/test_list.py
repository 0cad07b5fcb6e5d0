"""GET /user/"""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

import contract
import people
from gate.core.tenancy import ScopeMissing
from gate.users import commands
from gate.users.models import User

URL = "/api/v1/user/"
ENDPOINT = "GET /user/"


def names(reply: Any) -> list[str]:
    assert reply.status_code == 200, reply.text
    return [row["username"] for row in reply.json()["results"]]


def test_keeps_to_the_reference(world: Any, web: Any) -> None:
    reply = web.get(URL, headers=world.owner.headers)
    contract.assert_keeps_to(ENDPOINT, reply.json())
    assert not {"password", "verifier", "password_sealed"} & set(reply.json()["results"][0])
    for url in contract.urls(ENDPOINT):
        assert web.get(f"/api/v1{url}", headers=world.owner.headers).status_code == 200


def test_each_sees_the_own_organization_and_below(world: Any, web: Any) -> None:
    with people.as_web_process():
        commands.create(
            world.owner.scope, fields={"username": "cafe.guest", "organization_id": world.organizations["acme-west-cafe"]}
        )
    seen = {name: set(names(web.get(URL, headers=person.headers))) for name, person in world.people.items()}
    west, east = {"west@staff", "guest.acme-west", "cafe.guest"}, {"east@staff", "guest.acme-east"}
    everything = west | east | {"owner@staff", "mate@staff", "guest.acme"}
    assert seen == {
        "owner": everything, "mate": everything, "west": west, "east": east, "stranger": {"stranger@staff", "guest.rival"},
    }  # fmt: skip


def test_filters(world: Any, web: Any) -> None:
    guest = world.users["acme-west"]
    for query, wanted in [
        (f"id={guest}", ["guest.acme-west"]),
        (f"id=user_{guest}", ["guest.acme-west"]),
        ("username=ACME-w", ["guest.acme-west"]),
        ("username=100%25", []),
        ("organization=acme-west", ["west@staff", "guest.acme-west"]),
        (f"organization=org_{world.organizations['acme-west']}&username=guest", ["guest.acme-west"]),
        ("organization=rival", []),
        (f"id={world.users['rival']}", []),
        ("username=&limit=1&offset=1", ["mate@staff"]),
    ]:
        assert names(web.get(f"{URL}?{query}", headers=world.owner.headers)) == wanted, query


def test_pages(world: Any, web: Any) -> None:
    url: str | None = f"{URL}?limit=3&username=a"
    seen = []
    while url:
        reply = web.get(url, headers=world.owner.headers).json()
        assert reply["count"] == 7
        seen += [row["id"] for row in reply["results"]]
        url = reply["next"]
    assert seen == sorted(set(seen))
    assert len(seen) == 7
    beyond = web.get(f"{URL}?offset=100", headers=world.owner.headers).json()
    assert (beyond["results"], beyond["next"]) == ([], None)


def test_bad_values(world: Any, web: Any) -> None:
    for query in ("id=x", "limit=0", "offset=-1", "limit=1.5"):
        reply = web.get(f"{URL}?{query}", headers=world.owner.headers)
        assert (reply.status_code, set(reply.json()["errors"])) == (400, {query.partition("=")[0]})


def test_needs_a_token_that_may_read(world: Any, web: Any, grant: Any) -> None:
    assert web.get(URL).status_code == 401
    assert web.get(URL, headers=grant(world.owner, "user:write")).status_code == 403


def test_statements_do_not_grow_with_rows(world: Any, web: Any) -> None:
    web.get(URL, headers=world.owner.headers)

    def asked() -> int:
        with CaptureQueriesContext(connection) as captured:
            web.get(f"{URL}?limit=100", headers=world.owner.headers)
        return len([query for query in captured if "ROLE" not in query["sql"] and "set_config" not in query["sql"]])

    few = asked()
    with people.as_web_process():
        for number in range(20):
            commands.create(world.owner.scope, fields={"username": f"more.{number}", "profile": ["acme-profile"]})
    assert asked() == few == 3


def test_the_second_wall(world: Any) -> None:
    """A statement that forgets the tenant, run for another tenant, finds and changes nothing."""
    with people.as_web_process(), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM users_user")
        assert cursor.fetchone()[0] == 0  # no tenant told
        cursor.execute("SELECT set_config('gate.tenant', %s, false)", [str(world.organizations["rival"])])
        cursor.execute("SELECT count(*) FROM users_user WHERE tenant_id = %s", [world.organizations["acme"]])
        assert cursor.fetchone()[0] == 0
        cursor.execute("UPDATE users_user SET is_active = false WHERE id = %s", [world.users["acme"]])
        assert cursor.rowcount == 0
    assert User.unscoped.get(pk=world.users["acme"]).is_active


def test_no_scope_no_rows(world: Any) -> None:
    with pytest.raises(ScopeMissing):
        User.objects.count()
