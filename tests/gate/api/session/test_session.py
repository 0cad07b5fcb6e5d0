"""/session/: what runs, asked by three people, and requests to end or change it."""

from typing import Any

import pytest

import contract
import sessions
from gate.control import commands
from gate.control.types import Outcome, State
from gate.core import clock

URL = "/api/v1/session/"
REFERENCE = "GET /aaa_accounting/{radacctid}/"


def requests_of(web: Any, person: Any, number: int) -> list[dict[str, Any]]:
    reply = web.get(f"{URL}{number}/requests/", headers=person.headers)
    assert reply.status_code == 200
    return list(reply.json()["results"])


# --- reading


def test_the_list_holds_what_runs(world: Any, web: Any) -> None:
    live = [sessions.add(world), sessions.add(world, place="acme-west")]
    sessions.add(world, acctstoptime=clock.now())
    sessions.add(world, table="history")
    sessions.add(world, place="rival")
    for person, expected in [(world.owner, live), (world.mate, live), (world.west, live[1:]), (world.east, [])]:
        reply = web.get(URL, headers=person.headers)
        assert sorted(row["radacctid"] for row in reply.json()["results"]) == expected
    contract.assert_keeps_to(REFERENCE, web.get(URL, headers=world.owner.headers).json()["results"][0])


@pytest.mark.parametrize("named", ["user", "access_point", "location", "client", "organization"])
def test_filters_are_those_of_accounting(world: Any, web: Any, named: str) -> None:
    kinds = {"user": "users", "access_point": "access_points", "location": "locations", "client": "nas"}
    held = getattr(world, kinds.get(named, "organizations"))
    mine, _ = sessions.add(world, place="acme-west"), sessions.add(world)
    reply = web.get(URL, params={named: held["acme-west"]}, headers=world.owner.headers)
    assert [row["radacctid"] for row in reply.json()["results"]] == [mine]


def test_pages_follow_each_other_and_cursors_are_the_lists_own(world: Any, web: Any) -> None:
    made = [sessions.add(world) for _ in range(5)]
    found, link = [], f"{URL}?limit=2"
    while link:
        body = web.get(link, headers=world.owner.headers).json()
        found += [row["radacctid"] for row in body["results"]]
        link = body["next"]
    assert found == made[::-1]
    cursor = web.get(f"{URL}?limit=2", headers=world.owner.headers).json()["next"].partition("cursor=")[2]
    assert web.get(f"/api/v1/aaa_accounting/?cursor={cursor}", headers=world.owner.headers).status_code == 400
    assert web.get(f"{URL}?cursor=nonsense", headers=world.owner.headers).status_code == 400


@pytest.mark.parametrize("changed", [{}, {"table": "history"}])
def test_one_is_shown_live_and_past(world: Any, web: Any, changed: dict[str, Any]) -> None:
    number = sessions.add(world, **changed)
    reply = web.get(f"{URL}{number}/", headers=world.mate.headers)
    assert reply.status_code == 200
    contract.assert_keeps_to(REFERENCE, reply.json())


@pytest.mark.parametrize(("method", "below"), [("GET", ""), ("GET", "requests/"), ("POST", "disconnect/"), ("POST", "coa/")])
def test_a_session_out_of_reach_is_not_there(world: Any, web: Any, method: str, below: str) -> None:
    number = sessions.add(world, place="acme-west")
    body = {"json": {"session_timeout": 60}} if below == "coa/" else {}
    told = set()
    for person, wanted in [(world.east, number), (world.stranger, number), (world.owner, 2**60), (world.owner, "x")]:
        reply = web.request(method, f"{URL}{wanted}/{below}", headers=person.headers, **body)
        assert reply.status_code == 404
        told.add(reply.text)
    assert len(told) == 1
    assert requests_of(web, world.west, number) == []


@pytest.mark.parametrize(("method", "below"), [("GET", ""), ("GET", "requests/"), ("POST", "disconnect/"), ("POST", "coa/")])
def test_it_takes_a_token_for_sessions(world: Any, web: Any, grant: Any, method: str, below: str) -> None:
    number = sessions.add(world)
    body = {"json": {"session_timeout": 60}} if below == "coa/" else {}

    def asked(headers: Any) -> int:
        return int(web.request(method, f"{URL}{number}/{below}", headers=headers, **body).status_code)

    assert asked({}) == 401
    assert asked(grant(world.owner, "aaa_accounting:read", "session:read" if method == "POST" else "session:write")) == 403
    assert asked(grant(world.owner, "session:write" if method == "POST" else "session:read")) == (
        202 if method == "POST" else 200
    )


# --- ending


def test_a_disconnect_is_queued_and_its_end_told(world: Any, web: Any) -> None:
    number = sessions.add(world)
    reply = web.post(f"{URL}{number}/disconnect/", headers=world.owner.headers)
    assert reply.status_code == 202
    told = reply.json()
    assert (told["state"], told["kind"], told["reason"], told["rounds"]) == ("queued", "disconnect", "asked", 0)
    assert (told["radacctid"], told["username"], told["asked"], told["answered"]) == (number, "guest.acme", None, None)
    assert (told["client_id"], told["user_id"]) == (f"client_{world.nas['acme']}", f"user_{world.users['acme']}")
    again = web.post(f"{URL}{number}/disconnect/", headers=world.west.headers)
    assert again.status_code == 404
    assert web.post(f"{URL}{number}/disconnect/", headers=world.owner.headers).json()["id"] == told["id"]
    settled = Outcome(id=told["id"], state=State.GONE, error_cause=503, message="Disconnect-NAK", asked="192.0.2.7:3799")
    commands.settle(settled, now=clock.now())
    (done,) = requests_of(web, world.mate, number)
    assert (done["state"], done["error_cause"], done["asked"]) == ("gone", 503, "192.0.2.7:3799")
    assert done["answered"] is not None


def test_deleting_a_user_shows_the_requests_at_once(world: Any, web: Any) -> None:
    number = sessions.add(world)
    assert web.delete(f"/api/v1/user/{world.users['acme']}/", headers=world.owner.headers).status_code == 204
    (told,) = requests_of(web, world.owner, number)
    assert (told["reason"], told["state"], told["username"]) == ("user-deleted", "queued", "guest.acme")


@pytest.mark.parametrize("below", ["disconnect/", "coa/"])
@pytest.mark.parametrize("table", ["live", "history"])
def test_what_has_ended_is_a_conflict(world: Any, web: Any, below: str, table: str) -> None:
    number = sessions.add(world, table=table, acctstoptime=clock.now())
    reply = web.post(f"{URL}{number}/{below}", json={"session_timeout": 60}, headers=world.owner.headers)
    assert (reply.status_code, reply.json()["code"]) == (409, "session_over")
    assert requests_of(web, world.owner, number) == []


# --- changing


def test_a_change_is_queued_with_what_it_asks_for(world: Any, web: Any) -> None:
    number = sessions.add(world)
    body = {"session_timeout": 1800, "reply_attribute": [{"attribute": "Filter-Id", "value": "slow"}]}
    for form in (body, {"data": body}):
        reply = web.post(f"{URL}{number}/coa/", json=form, headers=world.owner.headers)
        assert reply.status_code == 202
        assert reply.json()["kind"] == "coa"
        assert reply.json()["reply_attribute"] == [
            {"attribute": "Session-Timeout", "value": "1800"}, {"attribute": "Filter-Id", "value": "slow"},
        ]  # fmt: skip
    assert len(requests_of(web, world.owner, number)) == 2


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "session_timeout"),
        ({"session_timeout": None}, "session_timeout"),
        ({"session_timeout": 0}, "session_timeout"),
        ({"session_timeout": 2**32}, "session_timeout"),
        ({"session_timeout": "soon"}, "session_timeout"),
        ({"reply_attribute": []}, "session_timeout"),
        ({"reply_attribute": [{"attribute": "No-Such", "value": "1"}]}, "reply_attribute"),
        ({"reply_attribute": [{"attribute": "Idle-Timeout", "value": "soon"}]}, "reply_attribute"),
        ({"reply_attribute": [{"attribute": "User-Name", "value": "eve"}]}, "reply_attribute"),
        ({"reply_attribute": [{"attribute": "acct-session-id", "value": "1"}]}, "reply_attribute"),
        ({"reply_attribute": [{"attribute": "User-Password", "value": "x"}]}, "reply_attribute"),
        ({"reply_attribute": [{"attribute": "Filter-Id", "value": "%{User-Name}"}]}, "reply_attribute"),
        ({"reply_attribute": [{"attribute": "Filter-Id", "value": "x" * 300}]}, "reply_attribute"),
    ],
)
def test_what_cannot_be_sent_is_refused(world: Any, web: Any, body: Any, field: str) -> None:
    number = sessions.add(world)
    reply = web.post(f"{URL}{number}/coa/", json=body, headers=world.owner.headers)
    assert reply.status_code == 400
    assert field in str(reply.json())
    assert requests_of(web, world.owner, number) == []
