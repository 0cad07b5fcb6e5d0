"""Sums of connections: what is added once is never added twice, nor lost, and the log says the same."""

import datetime as dt
import random
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from gate.core import clock
from gate.devices import commands as devices
from gate.telemetry import commands, rollups, rules
from gate.telemetry.types import Connection, Source
from strategies import with_database

NOW = dt.datetime(2026, 5, 20, 10, 30, tzinfo=dt.UTC)
TABLES = ("rollup_day", "rollup_hour", "period_app", "period_list")


def sums() -> dict[str, list[Any]]:
    """Everything but when it was made."""
    found = {}
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"SELECT to_jsonb(t)::text FROM telemetry_{table} t ORDER BY 1")
            found[table] = cursor.fetchall()
    return found


def waiting() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM telemetry_waiting")
        return int(cursor.fetchone()[0])


def forget() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM telemetry_connection_log; DELETE FROM telemetry_waiting; DELETE FROM telemetry_period")
        for table in TABLES:
            cursor.execute(f"DELETE FROM telemetry_{table}")


def a_device(person: Any, imei: int = 100_000_000_000_000, kind: str = "ph", **further: Any) -> Source:
    device = devices.register(person.scope, fields={"imei": str(imei), "device_type": kind}, **further)
    return Source(organization_id=device.organization_id, device_id=device.id, device_type=device.device_type)


def report(source: Source, at: dt.datetime = NOW, **further: Any) -> Connection:
    return Connection(source=source, at=at, network_type="wi", network_security="wp2", **further)


@pytest.fixture(autouse=True)
def _months(request: pytest.FixtureRequest) -> None:
    """The months around NOW have partitions."""
    from gate.database import partitions

    request.getfixturevalue("db")
    with connection.cursor() as cursor:
        partitions.ensure_ahead(cursor, now=NOW)


def test_connections_are_added_up_by_day_hour_app_and_status(world: Any) -> None:
    source = a_device(world.owner)
    yesterday = NOW - dt.timedelta(days=1)
    commands.log_connections(
        world.owner.scope,
        [
            report(source, app_name="Slack", app_category="Communication", duration=60, inbytes=1_000, outbytes=500),
            report(source, app_name="slack", app_category="communication", duration=None),
            report(source, app_name="Slack", app_category="Communication", status="failed", duration=1),
            report(source, at=yesterday, status="disconnected"),
        ],
    )
    assert rollups.roll_up(now=NOW) == 4
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT day, name, category, status, connections, timed, duration, bytes, last_connection FROM telemetry_rollup_day"
            " JOIN telemetry_app a ON a.id = app_id ORDER BY day DESC, status"
        )
        assert cursor.fetchall() == [
            (NOW.date(), "Slack", "Communication", "active", 2, 1, 60, 1_500, NOW),
            (NOW.date(), "Slack", "Communication", "failed", 1, 1, 1, 0, NOW),
            (yesterday.date(), rules.NETWORK_APP, "", "disconnected", 1, 0, 0, 0, yesterday),
        ]
        cursor.execute("SELECT hour, sum(connections) FROM telemetry_rollup_hour GROUP BY 1 ORDER BY 1")
        hour = NOW.replace(minute=0)
        assert cursor.fetchall() == [(hour - dt.timedelta(days=1), 1), (hour, 3)]
        cursor.execute("SELECT last_seen FROM devices_device WHERE id = %s", [source.device_id])
        assert cursor.fetchone()[0] >= NOW


def test_a_second_run_changes_nothing_and_batches_do_not_matter(world: Any) -> None:
    source = a_device(world.owner)
    commands.log_connections(world.owner.scope, [report(source, app_name=f"app {n % 3}") for n in range(25)])
    assert rollups.roll_up(now=NOW, batch=7) == 25
    before = sums()
    assert rollups.roll_up(now=NOW) == 0
    assert sums() == before
    assert waiting() == 0
    assert rollups.make_periods(now=NOW) == 0


def test_a_report_of_nobody_s_device_is_logged_and_not_summed(world: Any) -> None:
    commands.log_connections(world.owner.scope, [report(Source(organization_id=world.organizations["acme"]))])
    assert waiting() == 0
    assert rollups.roll_up(now=NOW) == 0


def test_sums_of_hours_are_forgotten_and_never_come_back(world: Any) -> None:
    source = a_device(world.owner)
    commands.log_connections(world.owner.scope, [report(source, at=NOW - dt.timedelta(days=2))])
    rollups.roll_up(now=NOW)
    assert len(sums()["rollup_hour"]) == 1
    late = NOW + dt.timedelta(days=2)
    commands.log_connections(world.owner.scope, [report(source, at=NOW - dt.timedelta(days=2))])
    rollups.roll_up(now=late)
    after = sums()
    assert after["rollup_hour"] == []
    assert len(after["rollup_day"]) == 1
    rollups.rebuild(world.owner.scope, now=late, tell=lambda _day, _found: None)
    assert sums() == after


def test_periods_turn_with_the_day_and_the_hour(world: Any) -> None:
    source = a_device(world.owner)
    commands.log_connections(world.owner.scope, [report(source, at=NOW - dt.timedelta(hours=23, minutes=20))])
    rollups.roll_up(now=NOW)

    def counted(period: int) -> int:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT coalesce(sum(size), 0) FROM telemetry_period_list"
                " WHERE period = %s AND category IS NULL AND status IS NULL",
                [period],
            )
            return int(cursor.fetchone()[0])

    assert (counted(1), counted(7)) == (1, 1)
    assert rollups.make_periods(now=NOW + dt.timedelta(minutes=20)) == 0
    assert rollups.make_periods(now=NOW + dt.timedelta(minutes=30)) == 1
    assert (counted(1), counted(7)) == (0, 1)
    assert rollups.make_periods(now=NOW + dt.timedelta(days=7)) == 4
    assert (counted(7), counted(30)) == (0, 1)


@pytest.fixture
def sources(world: Any) -> list[Source]:
    """Three devices, one of them below the root; all examples share them, and their transaction."""
    first = 100_000_000_000_000
    west = {"organization_id": world.organizations["acme-west"]}
    return [a_device(world.owner, first), a_device(world.owner, first + 1, "de"), a_device(world.owner, first + 2, "tb", **west)]


# Reports of twelve days, in any order; runs of the job in between.
REPORTS = st.lists(
    st.one_of(
        st.just("roll up"),
        st.tuples(
            st.integers(0, 2),
            st.integers(0, 12 * 24 * 60),
            st.sampled_from(["", "Slack", "Mail"]),
            st.sampled_from(["", "Work"]),
            st.sampled_from(["active", "failed", "disconnected"]),
            st.one_of(st.none(), st.integers(0, 10_000)),
            st.integers(0, 10**13),
        ),
    ),
    max_size=30,
)


@settings(with_database, max_examples=25)
@given(steps=REPORTS)
def test_sums_kept_up_are_those_made_anew_from_the_log(world: Any, sources: list[Source], steps: Any) -> None:
    scope = world.owner.scope
    forget()
    logged = 0
    for step in steps:
        if step == "roll up":
            rollups.roll_up(now=NOW, batch=4)
            continue
        device, minutes, app, category, status, duration, octets = step
        one = report(
            sources[device], at=NOW - dt.timedelta(minutes=minutes), app_name=app, app_category=category, status=status,
            duration=duration, inbytes=octets, outbytes=octets,
        )  # fmt: skip
        commands.log_connections(scope, [one])
        logged += 1
    rollups.roll_up(now=NOW)
    rollups.make_periods(now=NOW, at_once=True)
    kept = sums()
    assert rollups.rebuild(scope, now=NOW, tell=lambda _day, _found: None) == logged
    assert sums() == kept
    # Also from nothing, with everything still waiting, and below the root for its part.
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"DELETE FROM telemetry_{table}")
    rollups.rebuild(scope, now=NOW, tell=lambda _day, _found: None)
    assert sums() == kept
    rollups.rebuild(world.west.scope, now=NOW, tell=lambda _day, _found: None)
    assert sums() == kept
    assert rollups.roll_up(now=NOW) == 0


def test_what_costs_much_rests_before_it_is_made_again(world: Any) -> None:
    source = a_device(world.owner)
    commands.log_connections(world.owner.scope, [report(source)])
    rollups.roll_up(now=NOW)
    commands.log_connections(world.owner.scope, [report(source)])
    rollups.roll_up(now=NOW + dt.timedelta(minutes=5))
    with connection.cursor() as cursor:
        sums_by_period = "SELECT period, sum(connections) FROM telemetry_period_app WHERE organization_id = 0 GROUP BY 1"
        cursor.execute(sums_by_period)
        assert dict(cursor.fetchall()) == {1: 2, 7: 2, 30: 1, 90: 1}
        rollups.roll_up(now=NOW + dt.timedelta(minutes=10))
        cursor.execute(sums_by_period)
        assert dict(cursor.fetchall()) == {1: 2, 7: 2, 30: 2, 90: 2}


def test_wrong_sums_are_put_right(world: Any) -> None:
    source = a_device(world.owner)
    commands.log_connections(world.owner.scope, [report(source), report(source, at=NOW - dt.timedelta(days=40))])
    rollups.roll_up(now=NOW)
    right = sums()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE telemetry_rollup_day SET connections = 99, app_id = app_id + 1 WHERE day = %s", [NOW.date()])
        cursor.execute("DELETE FROM telemetry_rollup_hour; UPDATE telemetry_period_list SET size = 7")
    told: list[tuple[dt.date, int]] = []
    assert rollups.rebuild(world.owner.scope, now=NOW, tell=lambda day, found: told.append((day, found))) == 2
    assert sums() == right
    assert (len(told), told[0][1], told[-1]) == (41, 1, (NOW.date(), 1))


@pytest.fixture
def elsewhere() -> Iterator[psycopg.Connection]:
    """Another connection to the database of the test."""
    from django.db import connections

    parameters = connections["default"].get_connection_params()
    with psycopg.connect(
        host=parameters.get("host"), port=parameters.get("port"), user=parameters.get("user"),
        password=parameters.get("password"), dbname=parameters["dbname"],
    ) as other:  # fmt: skip
        yield other
    with connection.cursor() as cursor:  # Django empties the tables it has models of
        cursor.execute("TRUNCATE telemetry_app, telemetry_connection_log, telemetry_waiting, telemetry_period")
        for table in TABLES:
            cursor.execute(f"TRUNCATE telemetry_{table}")


@pytest.mark.django_db(transaction=True)
def test_what_is_in_flight_is_neither_lost_nor_added_twice(world: Any, elsewhere: psycopg.Connection) -> None:
    """A writer that began first and commits last, past a run of the job and past a rebuild."""
    source = a_device(world.owner)
    scope, now = world.owner.scope, clock.now()

    def from_elsewhere(at: dt.datetime) -> None:
        elsewhere.execute(
            "WITH logged AS (INSERT INTO telemetry_connection_log (at, tenant_id, organization_id, device_id, app_id, status,"
            " network_type, network_security) VALUES (%(at)s, %(tenant)s, %(organization)s, %(device)s,"
            " (SELECT min(id) FROM telemetry_app), 'active', 'wi', 'wp2'))"
            " INSERT INTO telemetry_waiting (tenant_id, organization_id, device_id, device_type, app_id, status, at, bytes)"
            " SELECT %(tenant)s, %(organization)s, %(device)s, 'ph', min(id), 'active', %(at)s, 0 FROM telemetry_app",
            {"at": at, "tenant": scope.tenant_id, "organization": source.organization_id, "device": source.device_id},
        )

    def added() -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT coalesce(sum(connections), 0) FROM telemetry_rollup_day")
            return int(cursor.fetchone()[0])

    commands.log_connections(scope, [report(source, at=now)])
    from_elsewhere(now)  # not committed
    for _ in range(3):  # reports written after it, committed before it
        commands.log_connections(scope, [report(source, at=now)])
    assert rollups.roll_up(now=now) == 4
    assert added() == 4
    assert rollups.rebuild(scope, now=now, tell=lambda _day, _found: None) == 4
    assert added() == 4
    elsewhere.commit()
    assert rollups.roll_up(now=now) == 1
    assert added() == 5
    from_elsewhere(now)
    elsewhere.rollback()
    assert rollups.roll_up(now=now) == 0
    rollups.make_periods(now=now, at_once=True)
    kept = sums()
    rollups.rebuild(scope, now=now, tell=lambda _day, _found: None)
    assert sums() == kept


def test_apps_beyond_what_a_tenant_may_have_share_one(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "MAX_APPS", 3)
    source = a_device(world.owner)
    names = [f"app {n}" for n in range(3)]
    random.shuffle(names)
    commands.log_connections(world.owner.scope, [report(source, app_name=name) for name in names])
    commands.log_connections(world.owner.scope, [report(source, app_name=name) for name in ("app 1", "one too many", "another")])
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, count(*) FROM telemetry_connection_log JOIN telemetry_app a ON a.id = app_id GROUP BY 1")
        assert dict(cursor.fetchall()) == {"app 0": 1, "app 1": 2, "app 2": 1, rules.OTHER_APP: 2}
