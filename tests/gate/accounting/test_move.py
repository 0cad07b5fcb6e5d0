"""Closed sessions go to the history: only those closed long enough, a window at a time, whoever else does it at once."""

import datetime as dt
import threading

import psycopg
import pytest
from django.db import connection

from gate.accounting import commands, sql
from people import make_world
from sessions import add
from updates import all_of, select

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 3, 10, 12, 0, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


def closed(world, ago, *, started=None, **changed):
    stopped = NOW - ago
    return add(world, acctstarttime=started or stopped - HOUR, acctupdatetime=stopped, acctstoptime=stopped, **changed)


def numbers(table):
    return [row["radacctid"] for row in select(f"SELECT radacctid FROM accounting_{table} ORDER BY radacctid")]


def partitions():
    found = select("SELECT relid::text AS name FROM pg_partition_tree('accounting_history') WHERE isleaf")
    return {row["name"] for row in found}


def test_only_sessions_closed_for_more_than_a_day_move(world):
    open_one = add(world, acctstarttime=NOW - dt.timedelta(days=20), acctupdatetime=NOW)
    late = closed(world, dt.timedelta(days=1))
    fresh = closed(world, dt.timedelta(hours=23, minutes=59))
    old = [closed(world, sql.GRACE + dt.timedelta(seconds=1)), closed(world, dt.timedelta(days=8))]
    assert commands.move_closed(now=NOW) == 2
    assert numbers("live") == [open_one, late, fresh]
    assert numbers("history") == old


def test_a_moved_row_is_the_same_row(world):
    number = closed(world, dt.timedelta(days=2), acctterminatecause="User-Request", framedipaddress="2001:db8::1")
    (before,) = all_of()
    commands.move_closed(now=NOW)
    (after,) = all_of("history")
    assert after == before
    assert after["radacctid"] == number
    assert {name for name, value in after.items() if value is None} == {
        "acctmultisessionid", "connectinfo_stop", "portal_session_id", "closed_by", "closed_until", "framedipv6address",
        "framedipv6prefix", "framedinterfaceid", "delegatedipv6prefix", "narrow",
    }  # fmt: skip


def test_every_column_is_moved():
    """A column added to the table and forgotten in the statement would be lost with the move."""
    columns = {name.strip() for name in sql.COLUMNS.split(",")}
    for table in ("live", "history"):
        found = select("SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0", [f"accounting_{table}"])
        assert {row["attname"] for row in found} == columns


@pytest.mark.parametrize("window", [1, 2, 3, 7, 100])
def test_windows_of_any_size_move_the_same(world, window):
    expected = [closed(world, dt.timedelta(days=2 + n)) if n % 3 else add(world) and None for n in range(7)]
    assert commands.move_closed(now=NOW, window=window) == 4
    assert numbers("history") == [number for number in expected if number]
    assert len(numbers("live")) == 3
    assert commands.move_closed(now=NOW, window=window) == 0


def test_nothing_to_move(world):
    assert commands.move_closed(now=NOW) == 0
    add(world)
    assert commands.move_closed(now=NOW) == 0


def test_partitions_are_made_for_months_long_past_by_utc(world):
    """23:30 on 31 January in New York is February in UTC, and UTC is what the partitions go by."""
    began = dt.datetime(2024, 1, 31, 23, 30, tzinfo=dt.timezone(-dt.timedelta(hours=5)))
    stopped = began + HOUR
    add(world, acctstarttime=began, acctupdatetime=stopped, acctstoptime=stopped)
    closed(world, dt.timedelta(days=2), started=dt.datetime(2024, 11, 30, 23, 59, 59, tzinfo=dt.UTC))
    before = partitions()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE gate_system")
        cursor.execute("SET LOCAL timezone = 'America/New_York'")
        assert commands.move_closed(now=NOW) == 2
        cursor.execute("RESET ROLE")
    assert partitions() - before == {"accounting_history_2024_02", "accounting_history_2024_11"}


def test_two_movers_at_once_move_each_session_once(transactional_db):
    world = make_world()
    try:
        expected = [closed(world, dt.timedelta(days=2)) for _ in range(60)]
        moved = []

        def move():
            try:
                moved.append(commands.move_closed(now=NOW, window=5))
            except psycopg.Error as error:  # pragma: no cover - a failure is shown below
                moved.append(error)
            finally:
                connection.close()

        threads = [threading.Thread(target=move) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=30)
        assert sum(moved) == 60
        assert numbers("history") == expected
        assert numbers("live") == []
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM accounting_live; DELETE FROM accounting_history")


def test_a_mover_that_is_killed_leaves_whole_windows(world, monkeypatch):
    """Each window is one transaction: what it did not finish the next run does."""
    for _ in range(4):
        closed(world, dt.timedelta(days=2))
    calls = iter([None, RuntimeError("killed")])

    def ensure(*_, **__):
        if (problem := next(calls)) is not None:
            raise problem

    monkeypatch.setattr("gate.accounting.commands.partitions.ensure", ensure)
    with connection.cursor() as cursor:
        cursor.execute("SELECT gate_make_partition('accounting_history', %s)", [NOW.date()])
    with pytest.raises(RuntimeError, match="killed"):
        commands.move_closed(now=NOW, window=2)
    assert (len(numbers("live")), len(numbers("history"))) == (2, 2)
    monkeypatch.undo()
    assert commands.move_closed(now=NOW, window=2) == 2
