"""GET /txlog_portal/"""

import datetime as dt
import json
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

import contract
import events
import people
from gate.core import calling, clock
from gate.core.calling import Caller
from gate.txlog import commands, rules
from gate.txlog.types import Event

URL = "/api/v1/txlog_portal/"
ENDPOINT = "GET /txlog_portal/"


def ids(reply: Any) -> list[int]:
    assert reply.status_code == 200, reply.text
    return [row["id"] for row in reply.json()["results"]]


def test_keeps_to_the_reference(world: Any, web: Any) -> None:
    at = clock.now().replace(microsecond=123_456)
    number = events.add(world, at=at)
    for url in contract.urls(ENDPOINT):
        assert web.get(f"/api/v1{url}", headers=world.owner.headers).status_code == 200
    for person in (world.owner, world.mate):
        reply = web.get(URL, headers=person.headers)
        assert reply.headers["X-Request-ID"]
        contract.assert_keeps_to(ENDPOINT, reply.json())
    (row,) = reply.json()["results"]
    assert list(row) == list(contract.responses(ENDPOINT)[0]["results"][0])  # every key, and in its order
    assert row == {
        "id": number, "datetime": f"{at:%Y-%m-%dT%H:%M:%S}.123456Z", "type": "ui", "organization": world.organizations["acme"],
        "source": "u", "status": "h200", "message": "User login successful", "service": 101, "service_name": "Guests",
        "authservice": 201, "authservice_name": "LDAP", "user": world.users["acme"], "username": "guest.acme",
        "email": "guest@example.com", "external_id": "emp_1", "new_user": False, "session_id": "sess_1",
        "external_session": "ldap_1", "payment_transaction_log": None, "site": "portal.example.net", "page": 10,
        "page_url": "https://portal.example.net/login", "action": "li", "location": world.locations["acme"],
        "location_name": "acme site", "access_point": world.access_points["acme"], "access_point_name": "acme AP",
        "ssid": "Guests", "user_agent": 301, "remote_ip_addr": 3221225985, "captured_ip_addr": 167772167,
        "mac_addr": 0x0A0B0C0D0E0F, "http_referer": 501,
    }  # fmt: skip


def test_what_is_written_is_what_is_read(world: Any, web: Any) -> None:
    agent = Caller(address="2001:db8::9", user_agent="Browser", referer="https://example.net/")
    with people.as_web_process(), calling.entered(agent):
        happened = Event(type="ur", status="h201", organization_id=world.organizations["acme"], new_user=True)
        commands.write(world.owner.scope, [happened])
    (row,) = web.get(URL, headers=world.owner.headers).json()["results"]
    contract.assert_keeps_to(ENDPOINT, {"next": None, "previous": None, "results": [row]})
    assert (row["type"], row["status"], row["source"], row["new_user"]) == ("ur", "h201", "s", True)
    assert row["remote_ip_addr"] > rules.INTERNED
    assert row["user_agent"] != row["http_referer"]


def test_a_whole_second_has_its_six_digits_too(world: Any, web: Any) -> None:
    events.add(world, at=clock.now().replace(microsecond=0))
    (row,) = web.get(URL, headers=world.owner.headers).json()["results"]
    assert row["datetime"].endswith(".000000Z")


def test_each_sees_the_own_organization_and_below(world: Any, web: Any) -> None:
    at = {place: events.add(world, place=place) for place in ("acme", "acme-west", "acme-east", "rival")}
    cafe = events.add(world, place="acme-west", organization_id=world.organizations["acme-west-cafe"])
    seen = {name: set(ids(web.get(URL, headers=person.headers))) for name, person in world.people.items()}
    everything = {at["acme"], at["acme-west"], at["acme-east"], cafe}
    assert seen == {
        "owner": everything, "mate": everything, "west": {at["acme-west"], cafe}, "east": {at["acme-east"]},
        "stranger": {at["rival"]},
    }  # fmt: skip


@pytest.mark.parametrize("person", ["owner", "west"])
@pytest.mark.parametrize("query", ["", "&type=ui,uo", "&status=h2*", "&mac=0a0b0c0d0e0f&type=ui", "&location={location}"])
def test_pages_forward_and_back_cover_every_row_once(world: Any, web: Any, person: str, query: str) -> None:
    made = events.spread(world, 11, place="acme-west")
    headers = world.people[person].headers
    query = query.format(location=world.locations["acme-west"])
    url: str | None = f"{URL}?limit=4{query}"
    pages, previous = [], None
    while url:
        reply = web.get(url, headers=headers)
        pages.append(ids(reply))
        previous, url = reply.json()["previous"], reply.json()["next"]
    assert [number for page in pages for number in page] == made
    assert [len(page) for page in pages] == [4, 4, 3]
    back = []
    while previous:
        assert previous.startswith("http://testserver/api/v1/txlog_portal/?")
        reply = web.get(previous, headers=headers)
        back.append(ids(reply))
        previous = reply.json()["previous"]
    assert back == [pages[1], pages[0]]


def test_rows_added_meanwhile_move_nothing(world: Any, web: Any) -> None:
    made = events.spread(world, 6)
    first = web.get(f"{URL}?limit=3", headers=world.owner.headers)
    newer = events.add(world, at=clock.now() + dt.timedelta(minutes=1))
    second = web.get(first.json()["next"], headers=world.owner.headers)
    assert ids(first) + ids(second) == made
    back = web.get(second.json()["previous"], headers=world.owner.headers)
    assert ids(back) == made[:3]
    assert ids(web.get(back.json()["previous"], headers=world.owner.headers)) == [newer]


def test_events_of_one_moment_are_told_apart_across_months(world: Any, web: Any) -> None:
    now = clock.now()
    made = [events.add(world, at=moment) for moment in (now - dt.timedelta(days=40), now) for _ in range(4)]
    url, seen = f"{URL}?limit=3&type=ui,ur", []
    while url:
        reply = web.get(url, headers=world.owner.headers)
        seen += ids(reply)
        url = reply.json()["next"]
    assert seen == sorted(made, reverse=True)


def test_a_forged_cursor_is_refused(world: Any, web: Any) -> None:
    events.spread(world, 3)
    cursor = web.get(f"{URL}?limit=1", headers=world.owner.headers).json()["next"].split("cursor=")[1].split("&")[0]
    for forged in ("x", "!!", cursor[:-2], ("B" if cursor[0] == "A" else "A") + cursor[1:], "é", "eyJpZCI6MTAwfQ=="):
        reply = web.get(URL, params={"cursor": forged}, headers=world.owner.headers)
        assert (reply.status_code, reply.json()["errors"].keys()) == (400, {"cursor"})
    # One of another tenant, and one of another list.
    assert web.get(URL, params={"cursor": cursor}, headers=world.stranger.headers).status_code == 400
    assert web.get("/api/v1/aaa_accounting/", params={"cursor": cursor}, headers=world.owner.headers).status_code == 400


def test_every_object_narrows_by_its_column(world: Any, web: Any) -> None:
    mine = events.add(world, place="acme-west")
    events.add(world, place="acme-east")
    for name, rows, prefix in [
        ("user", world.users, "user_"), ("access_point", world.access_points, "ap_"), ("location", world.locations, "loc_"),
        ("organization", world.organizations, "org_"),
    ]:  # fmt: skip
        for value in (rows["acme-west"], f"{prefix}{rows['acme-west']}"):
            for person in (world.owner, world.west):
                assert ids(web.get(URL, params={name: value}, headers=person.headers)) == [mine], name
        # Of a sister branch, of another tenant, of nobody: nothing, and not to be told apart.
        assert ids(web.get(URL, params={name: rows["acme-west"]}, headers=world.east.headers)) == []
        assert ids(web.get(URL, params={name: rows["acme-west"]}, headers=world.stranger.headers)) == []
        assert ids(web.get(URL, params={name: 2**60}, headers=world.owner.headers)) == []
    assert ids(web.get(URL, params={"organization": "ACME-west"}, headers=world.owner.headers)) == [mine]


def test_codes_device_and_page(world: Any, web: Any) -> None:
    at = {
        (kind, status): events.add(world, type=kind, status=status, page_id=page, mac_addr=mac)
        for kind, status, page, mac in [
            ("ui", "h200", 10, 1), ("ui", "u401", 10, 2), ("ur", "h201", 11, 1), ("uo", "h200", None, None),
            ("ua", "u423", 10, 1),
        ]
    }  # fmt: skip
    for params, found in [
        ({"type": "ui"}, {("ui", "h200"), ("ui", "u401")}),
        ({"type": "ur, uo,"}, {("ur", "h201"), ("uo", "h200")}),
        ({"type": "pp"}, set()),
        ({"status": "h200"}, {("ui", "h200"), ("uo", "h200")}),
        ({"status": "u401,h201"}, {("ui", "u401"), ("ur", "h201")}),
        ({"status": "u4*"}, {("ui", "u401"), ("ua", "u423")}),
        ({"status": "h*,u40*"}, set(at) - {("ua", "u423")}),
        ({"status": "h418"}, set()),
        ({"status": "h3*,z*"}, set()),
        ({"type": "ui", "status": "u4*"}, {("ui", "u401")}),
        ({"page": 10}, {("ui", "h200"), ("ui", "u401"), ("ua", "u423")}),
        ({"mac": "00:00:00:00:00:01"}, {("ui", "h200"), ("ur", "h201"), ("ua", "u423")}),
        ({"mac": "0000.0000.0001", "type": "ua,ui", "page": 10, "status": "u*"}, {("ua", "u423")}),
    ]:
        wanted = {at[key] for key in found}
        assert set(ids(web.get(URL, params=params, headers=world.owner.headers))) == wanted, params
        # A filter never shows what is out of reach.
        assert ids(web.get(URL, params=params, headers=world.west.headers)) == [], params
        assert ids(web.get(URL, params=params, headers=world.stranger.headers)) == [], params


def test_a_guest_of_a_sister_branch_is_not_shown(world: Any, web: Any) -> None:
    own = events.add(world, place="acme-west")
    events.add(world, place="acme-east", access_point_id=world.access_points["acme-west"])
    params = {"access_point": world.access_points["acme-west"]}
    assert ids(web.get(URL, params=params, headers=world.west.headers)) == [own]
    assert len(ids(web.get(URL, params=params, headers=world.owner.headers))) == 2


def test_a_deleted_user_is_still_found(world: Any, web: Any) -> None:
    number = events.add(world, place="acme-west")
    gone = world.users["acme-west"]
    assert web.delete(f"/api/v1/user/{gone}/", headers=world.owner.headers).status_code == 204
    for person in (world.owner, world.west):
        rows = web.get(URL, params={"user": gone, "type": "ui"}, headers=person.headers).json()["results"]
        assert [(row["id"], row["user"], row["username"]) for row in rows] == [(number, gone, "guest.acme-west")]
    assert ids(web.get(URL, params={"user": gone}, headers=world.stranger.headers)) == []


def test_dates(world: Any, web: Any) -> None:
    event = events.add(world, at=dt.datetime(2024, 1, 15, 12, 0, 0, 500_000, tzinfo=dt.UTC))
    for params, found in [
        ({"start_date": "2024-01-15", "end_date": "2024-01-15"}, True),
        ({"start_date": "2024-01-16"}, False),
        ({"end_date": "2024-01-14"}, False),
        ({"start_date": "2024-01-15 12:00:00", "end_date": "2024-01-15T12:00:01Z"}, True),
        ({"start_date": "2024-01-15T12:00:00.5Z", "end_date": "2024-01-15T12:00:00.500000Z"}, True),
        ({"start_date": "2024-01-15T12:00:00.500001Z"}, False),
        ({"start_date": "2024-01-15T14:00:00+02:00", "end_date": "2024-01-15 14:00:01 02:00"}, True),  # the + came as a space
    ]:
        for narrow in ({}, {"type": "ui,uo"}):
            reply = web.get(URL, params=params | narrow, headers=world.owner.headers)
            assert ids(reply) == ([event] if found else []), params


@pytest.mark.parametrize(
    "params",
    [
        {"type": "zz"}, {"type": "ui,zz"}, {"type": "ui;uo"}, {"type": ","}, {"type": "UI"}, {"status": "200"}, {"status": "h2"},
        {"status": "h2%"}, {"status": "*"}, {"status": "h2**"}, {"status": "h20_"}, {"mac": "x"}, {"mac": "00:00:00:00:00"},
        {"start_date": "yesterday"}, {"end_date": "2024-13-01"}, {"limit": "0"}, {"page": "ten"}, {"user": "john"},
        {"user": "99999999999999999999"}, {"type": "a\x00b"}, {"location": "-1"},
    ],
)  # fmt: skip
def test_bad_values_are_refused_by_name(world: Any, web: Any, params: dict[str, str]) -> None:
    reply = web.get(URL, params=params, headers=world.owner.headers)
    assert reply.status_code == 400
    assert set(reply.json()["errors"]) == set(params)


def test_without_a_good_token_or_for_something_else(world: Any, web: Any, grant: Any) -> None:
    for value in (None, "Bearer nonsense", f"Bearer gate_{'x' * 43}"):
        reply = web.get(URL, headers={"Authorization": value} if value else {})
        assert reply.status_code == 401
        assert reply.headers["WWW-Authenticate"] == "Bearer"
    assert web.get(URL, headers=grant(world.owner, "user:read")).status_code == 403
    assert web.get(URL, headers=grant(world.owner, "txlog_portal:read")).status_code == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_the_log_is_only_read(world: Any, web: Any, method: str) -> None:
    number = events.add(world)
    for url in (URL, f"{URL}{number}/"):
        reply = web.request(method, url, headers=world.owner.headers, content=json.dumps({"type": "ui"}))
        assert reply.status_code in {404, 405}
    assert ids(web.get(URL, headers=world.owner.headers)) == [number]


def test_statements_do_not_grow_with_rows(world: Any, web: Any) -> None:
    """The list is read by psycopg's own cursor, which Django does not count: nothing else may be asked a row."""
    web.get(URL, headers=world.owner.headers)

    def asked() -> int:
        with CaptureQueriesContext(connection) as captured:
            web.get(f"{URL}?limit=100&type=ui", headers=world.owner.headers)
        return len([query for query in captured if "ROLE" not in query["sql"] and "set_config" not in query["sql"]])

    events.spread(world, 3)
    few = asked()
    events.spread(world, 40)
    assert asked() == few == 0
