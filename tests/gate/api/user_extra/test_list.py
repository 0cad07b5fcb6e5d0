"""GET /user_extra/"""

from collections.abc import Callable
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

import contract
import people
from gate.devices import commands as devices
from gate.users import commands

URL = "/api/v1/user_extra/"
ENDPOINT = "GET /user_extra/"
Add = Callable[..., int]


def parents(reply: Any) -> list[int]:
    assert reply.status_code == 200, reply.text
    return [row["parent"] for row in reply.json()["results"]]


def test_keeps_to_the_reference(world: Any, web: Any, add: Add) -> None:
    add(tax_id="123-45-6789", birthday=world.now.date().replace(year=1985))
    reply = web.get(URL, headers=world.owner.headers)
    contract.assert_keeps_to(ENDPOINT, reply.json())
    assert reply.json()["results"][0]["tax_id"] == "123-45-6789"
    assert "device_info" not in reply.json()["results"][0]
    for url in contract.urls(ENDPOINT):
        assert web.get(f"/api/v1{url}", headers=world.owner.headers).status_code == 200


def test_each_sees_the_own_organization_and_below(world: Any, web: Any, add: Add) -> None:
    for place in ("acme", "acme-west", "acme-east", "rival"):
        add(place)
    users = world.users
    assert {name: parents(web.get(URL, headers=person.headers)) for name, person in world.people.items()} == {
        "owner": [users["acme"], users["acme-west"], users["acme-east"]],
        "mate": [users["acme"], users["acme-west"], users["acme-east"]],
        "west": [users["acme-west"]], "east": [users["acme-east"]], "stranger": [users["rival"]],
    }  # fmt: skip


def test_filters(world: Any, web: Any, add: Add) -> None:
    for place in ("acme", "acme-west", "rival"):
        add(place)
    acme, west = world.users["acme"], world.users["acme-west"]
    for query, wanted in [
        (f"parent={west}", [west]),
        (f"parent=user_{acme}", [acme]),
        (f"parent={world.users['rival']}", []),
        (f"parent__organization_id={world.organizations['acme-west']}", [west]),
        (f"parent__organization_id=org_{world.organizations['acme']}", [acme]),
        ("parent__organization_id=acme-west", [west]),
        (f"parent__organization_id=acme-west&parent={acme}", []),
        ("parent__organization_id=rival", []),
        ("limit=1&offset=1", [west]),
    ]:
        assert parents(web.get(f"{URL}?{query}", headers=world.owner.headers)) == wanted, query
    for query in ("parent=x", "limit=0", "offset=-1", "device_info=perhaps"):
        reply = web.get(f"{URL}?{query}", headers=world.owner.headers)
        assert (reply.status_code, set(reply.json()["errors"])) == (400, {query.partition("=")[0]})


def test_who_moves_takes_the_record_along(world: Any, web: Any, add: Add) -> None:
    add("acme")
    assert parents(web.get(URL, headers=world.west.headers)) == []
    with people.as_web_process():
        commands.update(world.owner.scope, world.users["acme"], fields={"organization_id": world.organizations["acme-west-cafe"]})
    assert parents(web.get(URL, headers=world.west.headers)) == [world.users["acme"]]
    assert parents(web.get(f"{URL}?parent__organization_id=acme", headers=world.owner.headers)) == []


def test_devices_where_asked_for(world: Any, web: Any, add: Add) -> None:
    add("acme"), add("acme-west")
    with people.as_web_process():
        made = devices.register(
            world.owner.scope, fields={"imei": "123456789012345", "device_type": "ph"}, user_id=world.users["acme"]
        )
    first, second = web.get(f"{URL}?device_info=true", headers=world.owner.headers).json()["results"]
    (device,) = first["device_info"]
    assert (device["device_id"], device["imei"], device["device_type"]) == (f"dev_{made.id}", "123456789012345", "ph")
    assert second["device_info"] == []
    one = web.get(f"{URL}{first['id']}/?device_info=true", headers=world.owner.headers).json()
    assert one == first


def test_needs_a_token_that_may_read(world: Any, web: Any, grant: Any) -> None:
    assert web.get(URL).status_code == 401
    assert web.get(URL, headers=grant(world.owner, "user_extra:write", "user:read")).status_code == 403


def test_statements_do_not_grow_with_rows(world: Any, web: Any, add: Add) -> None:
    url = f"{URL}?limit=100&device_info=true"
    web.get(url, headers=world.owner.headers)

    def asked() -> int:
        with CaptureQueriesContext(connection) as captured:
            web.get(url, headers=world.owner.headers)
        return len([query for query in captured if "ROLE" not in query["sql"] and "set_config" not in query["sql"]])

    add("acme")
    few = asked()
    add("acme-west", tax_id="1"), add("acme-east")
    assert asked() == few == 3  # the count, the records, the devices


def test_the_second_wall(world: Any, add: Add) -> None:
    add("acme")
    with people.as_web_process(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('gate.tenant', %s, false)", [str(world.organizations["rival"])])
        cursor.execute("SELECT count(*) FROM users_userextra")
        assert cursor.fetchone()[0] == 0
