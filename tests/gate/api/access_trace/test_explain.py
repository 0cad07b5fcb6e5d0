"""POST /access_trace/explain/"""

from typing import Any

import pytest
from django.db import connection

from gate.profiles.models import Profile
from gate.realms import commands
from gate.realms.types import HomeServerDraft, PoolDraft, RealmDraft

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


@pytest.fixture
def campus(world: Any) -> Any:
    """Acme's realm example.edu, of two home servers; what the RADIUS server found of them is said by calling it."""
    scope, acme = world.owner.scope, world.organizations["acme"]
    ids = {}
    for name in ("one", "two"):
        made = commands.create_server(
            scope, draft=HomeServerDraft(organization_id=acme, name=name, host="192.0.2.7"), secret="s" * 16
        )
        ids[name] = made.id
    pool = commands.create_pool(scope, draft=PoolDraft(organization_id=acme, name="campus", servers=("one", "two")))
    draft = RealmDraft(organization_id=acme, name="example.edu", pool_id=pool.id, when_dead="reject")
    commands.create_realm(scope, draft=draft)

    def found(**states: str) -> None:
        with connection.cursor() as cursor:
            for name, state in states.items():
                cursor.execute(
                    "INSERT INTO realms_health (server_id, tenant_id, auth_state, last_answer)"
                    " VALUES (%s, %s, %s, '2026-03-01T14:30:25Z')"
                    " ON CONFLICT (server_id) DO UPDATE SET auth_state = EXCLUDED.auth_state",
                    [ids[name], acme, state],
                )

    return found


def test_a_realm_of_home_servers_is_theirs_to_decide(world: Any, web: Any, campus: Any) -> None:
    """Told to whoever reaches the NAS, by the names alone; nobody is refused for being unknown to GATE."""
    campus(two="zombie")
    for person, nas in ((world.owner, "acme"), (world.west, "acme-west")):
        answer = asked(web, person, username="Ann@Example.EDU", nas=str(world.nas[nas]))
        assert (answer["accepted"], answer["reason"], answer["user"]) == (None, "proxied", None)
        assert answer["realm"] == {
            "name": "example.edu", "organization_id": f"org_{world.organizations['acme']}", "pool": "campus", "mode": "failover",
            "when_dead": "reject",
            "home_servers": [
                {"name": "one", "state": "unknown", "last_answer": None},
                {"name": "two", "state": "zombie", "last_answer": "2026-03-01T14:30:25.000000Z"},
            ],
        }  # fmt: skip
        assert [step["about"] for step in answer["steps"]] == ["realm", "home server"]
    mate = web.post(URL, json={"username": "ann@example.edu"}, headers=world.mate.headers)
    assert (mate.status_code, "realm" in mate.json()) == (403, False), "who may only read asks nothing, as ever"
    campus(one="dead", two="alive")
    answer = asked(web, world.owner, username="ann@example.edu")
    assert [server["name"] for server in answer["realm"]["home_servers"]] == ["two", "one"], "the dead is not asked"
    campus(two="dead")
    assert asked(web, world.owner, username="ann@example.edu")["steps"][-1]["holds"] is False


def test_a_realm_counts_where_it_holds(world: Any, web: Any, campus: Any) -> None:
    """Not for a stranger's NAS, nor for names without it, nor where one nearer to the NAS keeps it with GATE."""
    stranger = asked(web, world.stranger, username="ann@example.edu", nas=str(world.nas["rival"]))
    assert (stranger["accepted"], stranger["reason"], stranger["realm"]) == (False, "unknown-user", None)
    assert asked(web, world.owner, username="ann")["reason"] == "unknown-user"
    assert asked(web, world.owner, username="ann@else.where")["reason"] == "unknown-user"
    west = RealmDraft(organization_id=world.organizations["acme-west"], name="*.edu", pool_id=None)
    commands.create_realm(world.owner.scope, draft=west)
    assert asked(web, world.west, username="ann@example.edu", nas=str(world.nas["acme-west"]))["reason"] == "unknown-user"
    assert asked(web, world.owner, username="ann@example.edu", nas=str(world.nas["acme"]))["reason"] == "proxied"


@pytest.mark.parametrize("body", [{}, {"username": ""}, {"username": "x", "mac": "no"}, {"username": "x", "attributes": "x"}])
def test_what_cannot_be_asked(world: Any, web: Any, body: Any) -> None:
    assert web.post(URL, json=body, headers=world.owner.headers).status_code == 400
