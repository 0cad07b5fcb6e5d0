"""GET /device_app_connection_summary/"""

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

import contract
import people
from gate.core import clock
from gate.devices import commands as devices
from gate.telemetry import commands, rollups, sql
from gate.telemetry.types import Connection, Source

ENDPOINT = "GET /device_app_connection_summary/"
URL = "/api/v1/device_app_connection_summary/"


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> dt.datetime:
    """Half past noon of today, so that no test is near the turn of a day."""
    moment = dt.datetime.now(dt.UTC).replace(hour=12, minute=30, second=0, microsecond=0)
    monkeypatch.setattr(clock, "now", lambda: moment)
    return moment


def a_device(world: Any, number: int, kind: str = "ph", organization: str = "acme", user: str | None = None) -> Source:
    device = devices.register(
        world.owner.scope,
        fields={"imei": str(10**14 + number), "device_type": kind, "device_model": f"Model {number}"},
        organization_id=world.organizations[organization],
        user_id=None if user is None else world.users[user],
    )
    return Source(organization_id=device.organization_id, device_id=device.id, device_type=kind)


def report(source: Source, at: dt.datetime, **further: Any) -> Connection:
    return Connection(source=source, at=at, network_type="wi", network_security="wp2", **further)


@pytest.fixture
def sources(world: Any, now: dt.datetime) -> list[Source]:
    """Slack: 20 good connections of the first and 19 of 20 of the second; the third, in acme-west, fails half of its mail."""
    first = a_device(world, 1, user="acme")
    second = a_device(world, 2, "la")
    third = a_device(world, 3, "tb", "acme-west")
    slack: Any = {"app_name": "Slack", "app_category": "Communication"}
    mail: Any = {"app_name": "Mail", "app_category": "Office"}
    hour, day = dt.timedelta(hours=1), dt.timedelta(days=1)
    reports = [report(first, now - hour, **slack, duration=100, inbytes=1_000_000) for _ in range(20)]
    reports += [report(second, now - 3 * day, **slack, status="disconnected") for _ in range(19)]
    reports += [report(second, now - 3 * day, **slack, status="failed")]
    reports += [report(third, now - 20 * day, **mail, status=status, outbytes=250_000) for status in ("active", "failed")]
    reports += [report(third, now - 40 * day) for _ in range(9)]
    commands.log_connections(world.owner.scope, reports)
    rollups.roll_up(now=now)
    return [first, second, third]


def get(web: Any, person: Any, query: str = "") -> Any:
    reply = web.get(f"{URL}{query}", headers=person if isinstance(person, dict) else person.headers)
    assert reply.status_code == 200, reply.text
    return reply.json()


def listed(reply: Any, sources: list[Source]) -> list[int]:
    names = [f"dev_{source.device_id}" for source in sources]
    return [names.index(one["device_id"]) + 1 for one in reply["results"]]


@pytest.fixture
def person(world: Any, web: Any) -> dict[str, str]:
    """Headers of the access token of a subscriber."""
    said = {"username": "guest.acme", "password": people.PASSWORD}
    reply = web.post("/api/v1/device_app_user_authenticate/", json=said, headers=world.owner.headers)
    return {"Authorization": f"Bearer {reply.json()['access_token']}"}


@pytest.mark.parametrize("url", contract.urls(ENDPOINT))
def test_the_example(world: Any, web: Any, sources: list[Source], url: str) -> None:
    reply = web.get(f"/api/v1{url}", headers=world.owner.headers)
    assert reply.status_code == 200
    contract.assert_keeps_to(ENDPOINT, reply.json())
    assert reply.json()["results"]


def test_figures(world: Any, web: Any, sources: list[Source], now: dt.datetime) -> None:
    reply = get(web, world.owner)
    # By organization, kind and id: the laptop first.
    assert (reply["count"], listed(reply, sources)) == (2, [2, 1])
    second, first = reply["results"]
    assert first | {"device_name": "Model 1", "device_type": "mobile", "organization": "Acme"} == first
    (app,) = first["app_connections"]
    assert app["app_id"].startswith("app_")
    del app["app_id"]
    assert app == {
        "app_name": "Slack", "app_category": "Communication", "total_connections": 20, "successful_connections": 20,
        "failed_connections": 0, "success_rate": 100.0, "avg_connection_duration": 100,
        "last_connection": (now - dt.timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ"), "data_transferred_mb": 20.0,
    }  # fmt: skip
    assert second["device_type"] == "desktop"
    assert second["app_connections"][0]["avg_connection_duration"] is None
    assert second["device_summary"] == {
        "total_connections": 20, "overall_success_rate": 95.0, "total_data_transferred_mb": 0.0, "most_used_app": "Slack",
        "connection_trend": "increasing",
    }  # fmt: skip
    assert reply["aggregate_stats"] == {
        "total_devices": 2, "total_applications": 1, "overall_success_rate": 97.5, "total_data_transferred_gb": 0.0,
        "top_performing_apps": [{"app_name": "Slack", "success_rate": 97.5}],
        "devices_with_issues": 0,  # 95 % is not under 95 %
    }  # fmt: skip
    assert reply["summary_period"]["start_date"] == f"{(now - dt.timedelta(days=6)).date()}T00:00:00Z"
    assert reply["summary_period"]["period"] == "7d"


@pytest.mark.parametrize(
    ("query", "expected", "issues", "apps"),
    [
        ("", [1, 2], 0, 1),
        ("?time_period=1d", [1], 0, 1),
        ("?time_period=30d", [1, 2, 3], 1, 2),
        ("?time_period=90d", [1, 2, 3], 1, 3),
        ("?device_type=mobile", [1], 0, 1),
        ("?device_type=desktop", [2], 0, 1),
        ("?time_period=30d&device_type=tablet", [3], 1, 1),
        ("?device_type=iot", [], 0, 0),
        ("?app_category=communication", [1, 2], 0, 1),
        ("?app_category=Office&time_period=30d", [3], 1, 1),
        ("?app_category=Office", [], 0, 0),
        ("?status=failed", [2], 1, 1),
        ("?status=disconnected", [2], 0, 1),
        ("?status=active&time_period=90d", [1, 3], 0, 3),
        ("?status=failed&app_category=Office&time_period=90d&device_type=tablet", [3], 1, 1),
        ("?organization=acme-west&time_period=30d", [3], 1, 1),
        ("?organization=Acme%20West&time_period=30d", [3], 1, 1),
        ("?organization=acme", [1, 2], 0, 1),
        ("?organization=nowhere", [], 0, 0),
        ("?limit=1&offset=1&time_period=90d", [1], 1, 3),
        ("?limit=1&offset=9", [], 0, 1),
    ],
)
def test_filters(world: Any, web: Any, sources: list[Source], query: str, expected: list[int], issues: int, apps: int) -> None:
    reply = get(web, world.owner, query)
    assert sorted(listed(reply, sources)) == expected
    assert (reply["aggregate_stats"]["devices_with_issues"], reply["aggregate_stats"]["total_applications"]) == (issues, apps)
    if "offset" not in query:
        assert reply["count"] == reply["aggregate_stats"]["total_devices"] == len(expected)


@pytest.mark.parametrize(
    "query", ["device_type=tablet", "app_category=office", "status=failed", "status=active", "organization=acme-west"]
)
def test_filters_below_the_root(world: Any, web: Any, sources: list[Source], query: str) -> None:
    reply = get(web, world.west, f"?time_period=30d&{query}")
    assert (listed(reply, sources), reply["count"], reply["aggregate_stats"]["total_applications"]) == ([3], 1, 1)


def test_the_unnamed_app_is_the_network(world: Any, web: Any, sources: list[Source]) -> None:
    third = get(web, world.west, "?time_period=90d")["results"][0]
    assert [(app["app_name"], app["app_category"], app["total_connections"]) for app in third["app_connections"]] == [
        ("(network)", None, 9), ("Mail", "Office", 2),
    ]  # fmt: skip
    assert third["device_summary"]["most_used_app"] == "(network)"


@pytest.mark.parametrize(
    ("today", "before", "trend"), [(13, 13, "increasing"), (13, 14, "stable"), (0, 14, "stable"), (0, 20, "decreasing")]
)
def test_the_trend_is_of_rates_for_today_is_not_over(
    world: Any, web: Any, now: dt.datetime, today: int, before: int, trend: str
) -> None:
    """Of seven days six and 12.5 hours are over: 13 connections then are as many a day as 14 were in the seven days before."""
    source = a_device(world, 1)
    day = dt.timedelta(days=1)
    reports = [report(source, now) for _ in range(today)] + [report(source, now - 3 * day) for _ in range(13 - today)]
    extra = 2 if (today, before) == (13, 13) else 0
    reports += [report(source, now)] * extra + [report(source, now - 9 * day) for _ in range(before)]
    commands.log_connections(world.owner.scope, reports)
    rollups.roll_up(now=now)
    assert get(web, world.owner)["results"][0]["device_summary"]["connection_trend"] == trend


@pytest.mark.parametrize(
    ("name", "expected"), [("owner", [1, 2, 3]), ("mate", [1, 2, 3]), ("west", [3]), ("east", []), ("stranger", [])]
)
def test_who_sees_what(world: Any, web: Any, sources: list[Source], name: str, expected: list[int]) -> None:
    reply = get(web, world.people[name], "?time_period=90d")
    assert sorted(listed(reply, sources)) == expected
    assert reply["aggregate_stats"]["total_devices"] == len(expected)
    for outside in {"acme", "rival"} - {"acme" if name != "stranger" else "rival"}:
        assert get(web, world.people[name], f"?organization={world.organizations[outside]}")["count"] == 0


def test_a_subscriber_sees_the_own_devices_alone(world: Any, web: Any, sources: list[Source], person: dict[str, str]) -> None:
    for query, expected in (
        ("?time_period=90d", [1]), ("?time_period=1d", [1]), ("?device_type=desktop", []), ("?status=failed", []),
        ("?offset=1", []),
    ):  # fmt: skip
        reply = get(web, person, query)
        assert listed(reply, sources) == expected
    reply = get(web, person)
    assert reply["aggregate_stats"] == {
        "total_devices": 1, "total_applications": 1, "overall_success_rate": 100.0, "total_data_transferred_gb": 0.0,
        "top_performing_apps": [{"app_name": "Slack", "success_rate": 100.0}], "devices_with_issues": 0,
    }  # fmt: skip
    assert reply["results"] == [one for one in get(web, world.owner)["results"] if one["device_name"] == "Model 1"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("?time_period=2d", "time_period"), ("?device_type=phone", "device_type"), ("?status=ok", "status"),
        ("?limit=0", "limit"), ("?offset=-1", "offset"),
    ],
)  # fmt: skip
def test_refused(world: Any, web: Any, query: str, field: str) -> None:
    reply = web.get(f"{URL}{query}", headers=world.owner.headers)
    assert (reply.status_code, set(reply.json()["errors"])) == (400, {field})


def test_who_may(world: Any, web: Any, grant: Any) -> None:
    assert web.get(URL).status_code == 401
    assert web.get(URL, headers=grant(world.owner, "device_app_connection_log:write")).status_code == 403
    reply = get(web, grant(world.owner, "device_app_connection_summary:read"))
    assert (reply["count"], reply["results"], reply["aggregate_stats"]["overall_success_rate"]) == (0, [], None)


def test_statements_do_not_grow_with_devices(world: Any, web: Any, now: dt.datetime) -> None:
    counts = []
    for number in (1, 30):
        commands.log_connections(world.owner.scope, [report(a_device(world, 100 * number + n), now) for n in range(number)])
        rollups.roll_up(now=now)
        get(web, world.owner)
        with CaptureQueriesContext(connection) as captured:
            get(web, world.owner, "?limit=100")
        counts.append(len(captured))
    # Two of them are the test's own change of role; the fast path's four are not seen by Django.
    assert counts[0] == counts[1] <= 7


def test_pages_across_the_parts_of_the_list_hold_every_device_once(
    world: Any, web: Any, now: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sql, "MAKE_LIST_OF_DAYS", sql.MAKE_LIST_OF_DAYS.replace(f"/ {sql.PART_SIZE} AS", "/ 4 AS"))
    places = ("acme", "acme-west", "acme-east", "acme-west-cafe")
    reports = [report(a_device(world, n, ("ph", "de")[n % 2], places[n % 3]), now) for n in range(31)]
    commands.log_connections(world.owner.scope, reports)
    rollups.roll_up(now=now)
    for person, query, expected in ((world.owner, "", 31), (world.west, "", 10), (world.owner, "&device_type=mobile", 16)):
        for limit in (3, 7, 20):
            seen = []
            for offset in range(0, expected + limit, limit):
                reply = get(web, person, f"?limit={limit}&offset={offset}{query}")
                assert len(reply["results"]) == max(0, min(limit, expected - offset))
                seen += [one["device_id"] for one in reply["results"]]
            assert (len(seen), len(set(seen)), reply["count"]) == (expected, expected, expected)


def test_the_log_is_never_read(world: Any, web: Any, sources: list[Source]) -> None:
    before = get(web, world.owner, "?time_period=90d")
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE telemetry_connection_log")
    assert get(web, world.owner, "?time_period=90d") == before
