"""POST /access_trace/explain/"""

from typing import Any

import pytest
from django.db import connection

from gate.profiles.models import Profile

URL = "/api/v1/access_trace/explain/"


def name_of(number: int) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT username FROM users_user WHERE id = %s", [number])
        ((name,),) = cursor.fetchall()
    return str(name)


def asked(web: Any, person: Any, **body: Any) -> Any:
    reply = web.post(URL, json=body, headers=person.headers)
    assert reply.status_code == 200, reply.text
    return reply.json()


def signs_in() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM access_sign_in")
        return int(cursor.fetchone()[0])


def test_a_grant_and_where_its_time_comes_from(world: Any, web: Any) -> None:
    before = signs_in()
    answer = asked(web, world.owner, username=name_of(world.users["acme"]).upper())
    assert (answer["accepted"], answer["session_timeout"], answer["limited_by"]) == (True, 3600, "profile")
    assert answer["profiles"] == ["acme-profile"]
    assert all(step["holds"] for step in answer["steps"])
    assert signs_in() == before


def test_a_check_is_compared_as_in_a_sign_in(world: Any, web: Any) -> None:
    items = [{"attribute": "NAS-Port-Type", "op": "==", "value": "wireless-802-11"}]
    Profile.unscoped.filter(pk=world.profiles["acme"]).update(check_attribute=items)
    name = name_of(world.users["acme"])
    answer = asked(web, world.owner, username=name)
    assert answer["reason"] == "check-failed"
    assert answer["steps"][-1]["expected"] == "== Wireless-802.11"
    assert answer["steps"][-1]["actual"] == "(absent)"
    sent = [{"attribute": "nas-port-type", "value": "19"}]
    assert asked(web, world.owner, username=name, attributes=sent)["accepted"]


def test_who_is_out_of_reach_is_unknown(world: Any, web: Any) -> None:
    name = name_of(world.users["acme"])
    for person in (world.stranger, world.west):
        answer = asked(web, person, username=name)
        assert (answer["reason"], answer["user"]) == ("unknown-user", None)
        assert answer == asked(web, person, username="there-is-nobody")
    assert web.post(URL, json={"username": name}).status_code == 401


def test_a_nas_by_id_name_and_address(world: Any, web: Any) -> None:
    number = world.nas["acme"]
    name = name_of(world.users["acme"])
    with connection.cursor() as cursor:
        cursor.execute("SELECT short_name, host(address) FROM nas_nas WHERE id = %s", [number])
        ((short, address),) = cursor.fetchall()
    for named in (str(number), short.upper(), address):
        assert asked(web, world.owner, username=name, nas=named)["nas"] == number
    for person, named in ((world.stranger, str(number)), (world.west, short), (world.owner, "no-such")):
        assert web.post(URL, json={"username": name, "nas": named}, headers=person.headers).status_code == 404


def test_sessions_are_counted_as_in_a_sign_in(world: Any, web: Any) -> None:
    import sessions

    Profile.unscoped.filter(pk=world.profiles["acme"]).update(max_sessions=1)
    name = name_of(world.users["acme"])
    sessions.add(world, callingstationid="02-00-00-00-00-01", user_id=world.users["acme"], acctstoptime=None)
    nas = str(world.nas["acme"])
    assert asked(web, world.owner, username=name, nas=nas, mac="02:00:00:00:00:02")["reason"] == "too-many-sessions"
    assert asked(web, world.owner, username=name, nas=nas, mac="02:00:00:00:00:01")["accepted"]


@pytest.mark.parametrize("body", [{}, {"username": ""}, {"username": "x", "mac": "no"}, {"username": "x", "attributes": "x"}])
def test_what_cannot_be_asked(world: Any, web: Any, body: Any) -> None:
    assert web.post(URL, json=body, headers=world.owner.headers).status_code == 400
