"""Months of the partitioned tables: which are made, when, and by whom."""

import datetime as dt

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from gate.database import partitions
from gate.database.partitions import months
from strategies import quick


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ("2026-01-31", "2026-01-01", ["2026-01-01"]),
        ("2026-11-15", "2027-02-01", ["2026-11-01", "2026-12-01", "2027-01-01", "2027-02-01"]),
        ("2026-02-01", "2026-01-31", []),
        ("2024-02-29", "2024-03-01", ["2024-02-01", "2024-03-01"]),
    ],
)
def test_months(first, last, expected):
    found = months(dt.date.fromisoformat(first), dt.date.fromisoformat(last))
    assert [month.isoformat() for month in found] == expected


@quick
@given(st.dates(dt.date(1990, 1, 1), dt.date(2100, 1, 1)), st.integers(0, 2000))
def test_every_day_between_lies_in_one_of_the_months(first, days):
    last = first + dt.timedelta(days=days)
    found = months(first, last)
    assert found == sorted({(first + dt.timedelta(days=n)).replace(day=1) for n in range(days + 1)})


class Made:
    """Stands for a cursor and notes the months asked for."""

    def __init__(self):
        self.asked = {}

    def execute(self, _query, params):
        self.asked.setdefault(params[0], []).append(params[1])

    def fetchone(self):
        return (True,)


@quick
@given(st.datetimes(dt.datetime(2000, 1, 1), dt.datetime(2099, 1, 1), timezones=st.just(dt.UTC)))  # noqa: DTZ001
def test_the_month_before_and_at_least_two_to_come_are_made(now):
    made = Made()
    assert partitions.ensure_ahead(made, now=now) == sum(len(found) for found in made.asked.values())
    assert set(made.asked) == set(partitions.PARTITIONED)
    for found in made.asked.values():
        needed = months((now - dt.timedelta(days=28)).date(), (now + dt.timedelta(days=62)).date())
        assert set(needed) <= set(found)


def leaves(parent):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relid::regclass::text, pg_get_expr(relpartbound, relid)"
            " FROM pg_partition_tree(%s::regclass) JOIN pg_class ON oid = relid WHERE isleaf AND level > 0",
            [parent],
        )
        return dict(cursor.fetchall())


@pytest.mark.django_db
@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Pacific/Kiritimati"])
def test_partitions_are_months_of_utc_whatever_the_session_s_zone(zone):
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL timezone = '{zone}'")
        month = dt.date(2031, 12, 15)
        assert partitions.ensure(cursor, first=month, last=month) == len(partitions.PARTITIONED)
        assert partitions.ensure(cursor, first=month, last=month) == 0
        cursor.execute("SET LOCAL timezone = 'UTC'")
    for parent in partitions.PARTITIONED:
        bounds = leaves(parent)[f"{parent}_2031_12"]
        assert bounds == "FOR VALUES FROM ('2031-12-01 00:00:00+00') TO ('2032-01-01 00:00:00+00')"


@pytest.mark.django_db
def test_the_role_of_the_worker_may_make_them():
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE gate_system")
        assert partitions.ensure(cursor, first=dt.date(2032, 1, 1), last=dt.date(2032, 2, 1)) == 2 * len(partitions.PARTITIONED)
        cursor.execute("INSERT INTO access_sign_in (at, tenant_id, organization_id, nas_id, username, method, accepted, reason)"
                       " VALUES ('2032-02-29', 1, 1, 1, '', 'PAP', true, '')")  # fmt: skip
        cursor.execute("RESET ROLE")


@pytest.mark.django_db
@pytest.mark.parametrize("parent", ["users_user", "pg_class", "accounting_history; DROP TABLE users_user"])
def test_no_other_table_is_touched(parent):
    with (
        connection.cursor() as cursor,
        pytest.raises(DatabaseError, match="not a table partitioned by month"),
        transaction.atomic(),
    ):
        cursor.execute("SELECT gate_make_partition(%s, '2032-01-01')", [parent])


@pytest.mark.django_db
def test_the_months_needed_now_are_there_after_the_migrations():
    from gate.core import clock

    now = clock.now()
    for parent in partitions.PARTITIONED:
        names = set(leaves(parent))
        assert f"{parent}_{now:%Y_%m}" in names
        assert f"{parent}_{now + dt.timedelta(days=31):%Y_%m}" in names


@pytest.mark.django_db(transaction=True)
def test_two_makers_at_once_make_it_once():
    parameters = connection.get_connection_params()
    own = {name: parameters[name] for name in ("host", "port", "user", "password", "dbname") if name in parameters}
    from concurrent.futures import ThreadPoolExecutor

    def make(_):
        with psycopg.connect(**own) as other, other.cursor() as cursor:
            return partitions.ensure(cursor, first=dt.date(2033, 1, 1), last=dt.date(2033, 3, 1))

    try:
        with ThreadPoolExecutor(4) as executor:
            assert sum(executor.map(make, range(4))) == 3 * len(partitions.PARTITIONED)
    finally:
        with connection.cursor() as cursor:
            for parent in partitions.PARTITIONED:
                for month in (1, 2, 3):
                    cursor.execute(f"DROP TABLE {parent}_2033_0{month}")
