"""GET /access_trace/"""

import datetime as dt
from typing import Any

import pytest
from django.db import connection

from gate.access import explain, sql
from gate.access.rules import decide
from gate.access.types import Facts, Item, ProfileFacts, Proof, Reason, Refusal, UserFacts
from gate.core import clock
from gate.database import arrays
from gate.protocols.eap import packet
from gate.protocols.eap.steps import Failed
from gate.radiusd import eap_trace
from gate.radiusd.journal import SignIn, columns

URL = "/api/v1/access_trace/"


def add(world: Any, place: str = "acme", *, at: dt.datetime | None = None, user: bool = True, **changed: Any) -> None:
    """A sign-in at the NAS of a place, written as the RADIUS server writes it."""
    now = at or clock.now()
    check = Item("NAS-Port-Type", "==", changed.pop("port", "Ethernet"))
    profile = ProfileFacts(id=world.profiles["acme"], short_name="acme-profile", checks=(check,), replies=())
    who = UserFacts(
        id=world.users[place], organization_id=world.organizations[place], organization_active=True, is_active=True,
        expiration=None, credit=None, klass=None, profiles=(profile,),
    )  # fmt: skip
    facts = Facts(
        user=who if user else None, proof=changed.pop("proof", Proof.RIGHT),
        request={"NAS-Port-Type": ["Ethernet"], "User-Password": ["hunter2"]},
    )  # fmt: skip
    decision = decide(facts, now)
    tenant = world.organizations["rival" if place == "rival" else "acme"]
    reason = "" if not hasattr(decision, "reason") else f"{decision.reason} {decision.detail}".rstrip()
    entry = SignIn(
        now.timestamp(), tenant, world.organizations[place], world.nas[place], world.users[place] if user else None, None,
        changed.get("username", f"{place}-guest"), changed.get("mac", "0A-0B-0C-0D-0E-0F"), None, "PAP", not reason, reason,
        facts, decision,
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(sql.LOG, columns([entry]))


def found(web: Any, person: Any, **where: Any) -> list[Any]:
    reply = web.get(URL, params=where, headers=person.headers)
    assert reply.status_code == 200, reply.text
    return list(reply.json()["results"])


def test_a_failure_of_eap_is_found_by_name_device_and_nas_and_tells_how_far_it_came(world: Any, web: Any) -> None:
    failed = Failed("alert 48 (unknown ca): x", method="PEAP", is_established=False)
    steps = eap_trace.of_failure(failed, identity="anonymous", offered=(packet.PEAP,))
    entry = SignIn(
        clock.now().timestamp(), world.organizations["acme"], world.organizations["acme"], world.nas["acme"], None, None,
        "anonymous", "0A-0B-0C-0D-0E-0F", None, "PEAP", False, "eap-failed alert 48 (unknown ca): x", steps,
        Refusal(Reason.EAP_FAILED),
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(sql.LOG, columns([entry]))
    for where in ({"username": "Anonymous"}, {"mac": "0a0b.0c0d.0e0f"}, {"nas": world.nas["acme"]}):
        (trace,) = found(web, world.owner, **where)
        assert (trace["reason"], trace["detail"]) == ("eap-failed", "alert 48 (unknown ca): x")
        assert [step["about"] for step in trace["steps"]] == ["EAP identity", "EAP method", "TLS handshake"]
        assert trace["steps"][-1]["holds"] is False


def test_a_refusal_tells_each_question(world: Any, web: Any) -> None:
    add(world, port="Virtual")
    (trace,) = found(web, world.owner)
    assert (trace["accepted"], trace["reason"]) == (False, "check-failed")
    assert trace["detail"] == "acme-profile: NAS-Port-Type == Virtual"
    assert trace["steps"][-1] == {
        "about": "acme-profile: NAS-Port-Type", "expected": "== Virtual", "actual": "Ethernet", "holds": False,
    }  # fmt: skip
    assert trace["profiles"] == ["acme-profile"]
    assert trace["nas_name"]
    assert "hunter2" not in str(trace)


def test_each_sees_the_own_organization_and_below(world: Any, web: Any) -> None:
    for place in ("acme", "acme-west", "rival"):
        add(world, place)
    names = {person: [one["username"] for one in found(web, getattr(world, person))] for person in ("owner", "west", "stranger")}
    assert names == {"owner": ["acme-west-guest", "acme-guest"], "west": ["acme-west-guest"], "stranger": ["rival-guest"]}
    assert found(web, world.stranger, mac="0A:0B:0C:0D:0E:0F", username="acme-guest") == []
    assert found(web, world.stranger, nas=world.nas["acme"]) == found(web, world.stranger, user=world.users["acme"]) == []
    assert web.get(URL).status_code == 401


@pytest.mark.parametrize(
    ("where", "which"),
    [
        ({}, ["nobody", "other", "one"]), ({"username": "NOBODY"}, ["nobody"]), ({"mac": "0a0b.0c0d.0e02"}, ["other"]),
        ({"accepted": True}, ["other", "one"]), ({"accepted": False}, ["nobody"]), ({"start_date": "2999-01-01"}, []),
        ({"end_date": "2001-01-01"}, []), ({"username": "no-such"}, []),
    ],
)  # fmt: skip
def test_filters(world: Any, web: Any, where: Any, which: list[str]) -> None:
    now = clock.now()
    for minutes, (name, more) in enumerate([("one", {}), ("other", {"mac": "0a:0b:0c:0d:0e:02"}), ("nobody", {"user": False})]):
        add(world, at=now + dt.timedelta(seconds=minutes - 10), username=name, **more)
    assert [one["username"] for one in found(web, world.owner, **where)] == which


def test_by_user_by_nas_and_by_the_name_of_a_user(world: Any, web: Any) -> None:
    add(world)
    add(world, "acme-west")
    west = {"user": world.users["acme-west"], "nas": world.nas["acme-west"]}
    for name, value in west.items():
        assert [one["username"] for one in found(web, world.owner, **{name: value})] == ["acme-west-guest"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT username FROM users_user WHERE id = %s", [west["user"]])
        ((name,),) = cursor.fetchall()
    assert [one["user"] for one in found(web, world.owner, username=name.upper())] == [west["user"]]


def test_pages_both_ways(world: Any, web: Any) -> None:
    now = clock.now()
    for number in range(5):
        add(world, at=now - dt.timedelta(seconds=number), username=str(number))
    reply = web.get(URL, params={"limit": 2}, headers=world.owner.headers).json()
    names = [one["username"] for one in reply["results"]]
    while reply["next"]:
        reply = web.get(reply["next"], headers=world.owner.headers).json()
        names += [one["username"] for one in reply["results"]]
    assert names == ["0", "1", "2", "3", "4"]
    back = web.get(reply["previous"], headers=world.owner.headers).json()
    assert [one["username"] for one in back["results"]] == ["2", "3"]
    assert web.get(URL, params={"cursor": "x"}, headers=world.owner.headers).status_code == 400
    assert web.get(URL, params={"mac": "x"}, headers=world.owner.headers).status_code == 400


def test_what_is_older_than_traces_has_no_steps(world: Any, web: Any) -> None:
    add(world)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE access_sign_in SET trace = NULL, profiles = NULL, limited_by = NULL, session_timeout = NULL")
    (trace,) = found(web, world.owner)
    assert (trace["steps"], trace["profiles"], trace["limited_by"]) == ([], [], "")
    assert explain.read_record(None, is_usual=False) == ()
    assert arrays.literal("text", []) == "{}"
