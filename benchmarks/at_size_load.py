"""Fills the at-size database: indexes off, rows in parallel inside PostgreSQL, indexes on again, statistics."""

import datetime as dt
import hashlib
import sys
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

import at_size_rows as rows
from gate.database import partitions

DAYS = 180
TOKENS = {"root": 1, "middle": 2, "leaf": 105, "small": 5, "rival": rows.RIVAL}
"""Organizations that get an API token: the tenant's root, a region of 401, a large and a small branch, the other tenant."""
_SESSION = """
SET session_replication_role = replica; SET work_mem = '256MB'; SET maintenance_work_mem = '512MB';
SET max_parallel_maintenance_workers = 2; SET synchronous_commit = off
"""
_INDEXES = """
SELECT pg_get_indexdef(i.indexrelid), i.indexrelid::regclass::text FROM pg_index i
WHERE i.indrelid = %s::regclass AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid)
"""
_NEEDY = """
SELECT attname, format_type(atttypid, NULL) FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped
AND attnotnull AND NOT atthasdef AND attidentity = ''
"""
_EMPTY = {
    "boolean": "false", "smallint": "0", "integer": "0", "bigint": "0", "jsonb": "[]", "timestamp with time zone": "2026-01-01",
    "text": "", "character varying": "", "bytea": "",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sizes:
    """Rows of the tables that grow."""

    users: int
    sessions: int
    events: int
    reports: int
    sign_ins: int


def token_of(name: str) -> str:
    """The API token of an organization in TOKENS: this database is no secret."""
    return "gate_" + hashlib.sha256(f"at size: {name}".encode()).hexdigest()[:43]


def empty(url: str) -> None:
    """Take away whatever a load before has left."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")


def fill(url: str, sizes: Sizes, *, jobs: int) -> None:
    """All tables. Half of the rows of a log are younger than three months, as are all that come in live."""
    now = dt.datetime.now(tz=dt.UTC).replace(microsecond=0)
    begin, yesterday = now - dt.timedelta(days=DAYS), now - dt.timedelta(days=1)
    live = max(1, sizes.sessions // 100)
    past = sizes.sessions - live
    common = {"now": now, "users": sizes.users, "begin": begin, "end": now, "base": 0}
    with psycopg.connect(url, autocommit=True) as connection, connection.cursor() as cursor:
        partitions.ensure(cursor, first=begin.date(), last=now.date())
    filler = Filler(url=url, jobs=jobs)
    filler.once("organizations_organization", rows.ORGANIZATIONS, common)
    filler.once("profiles_profile", rows.PROFILES_ROWS, common)
    filler.split("users_user", rows.USERS, common, count=sizes.users)
    filler.once("users_userprofile", rows.USER_PROFILES, common)
    filler.once("credit_balance", rows.BALANCES, common)
    filler.once("credit_entry", rows.ENTRIES, common)
    filler.once("users_userextra", rows.EXTRAS, common)
    filler.once("places_location", rows.LOCATION_ROWS, common)
    filler.once("places_accesspoint", rows.POINT_ROWS, common)
    filler.once("places_accessdevice", rows.DEVICE_ROWS, common)
    filler.once("nas_nas", rows.NAS_ROWS, common)
    filler.split("accounting_history", rows.HISTORY, common | {"end": yesterday}, count=past)
    # They overlap with history for a day, as they do in life.
    day = dt.timedelta(days=2)
    filler.split("accounting_live", rows.LIVE, common | {"begin": now - day, "base": past}, count=live, first=past + 1)
    filler.split("access_sign_in", rows.SIGN_INS, common, count=sizes.sign_ins)
    filler.once("txlog_text", rows.TEXTS, common)
    filler.split("txlog_event", rows.EVENTS, common, count=sizes.events)
    filler.once("devices_device", rows.APP_DEVICES, common)
    filler.once("telemetry_app", rows.APPS, common)
    filler.split("telemetry_connection_log", rows.CONNECTIONS, common, count=sizes.reports)
    filler.split("telemetry_test_report", rows.TESTS, common, count=max(1, sizes.reports // 2))
    filler.sequences()


def settle(url: str) -> None:
    """What autovacuum does in the course of a night."""
    with psycopg.connect(url, autocommit=True) as connection, _told("vacuum and statistics"):
        connection.execute("SET maintenance_work_mem = '512MB'")
        connection.execute("VACUUM (ANALYZE)")
        connection.execute("CHECKPOINT")


@dataclass(frozen=True, slots=True)
class Filler:
    """Fills tables with many rows at once: `jobs` connections, indexes made anew behind them, triggers off."""

    url: str
    jobs: int

    def once(self, table: str, statement: str, values: Mapping[str, Any]) -> None:
        """Rows by one statement."""
        with self._indexes_off(table) as connection:
            count = connection.execute(statement, values).rowcount
            connection.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(table)))
            _count(count)

    def split(self, table: str, statement: str, values: Mapping[str, Any], *, count: int, first: int = 1) -> None:
        """Rows numbered from `first` on, each connection its share."""
        with self._indexes_off(table) as connection:
            share = -(-count // self.jobs)
            last = first + count - 1
            shares = [(begin, min(begin + share - 1, last)) for begin in range(first, last + 1, share)]

            def run(bounds: tuple[int, int]) -> None:
                with psycopg.connect(self.url, autocommit=True) as own:
                    own.execute(_SESSION)
                    given = {**values, "first": bounds[0], "last": bounds[1], "rows": count}
                    own.execute(statement, given)

            with ThreadPoolExecutor(max_workers=self.jobs) as pool:
                list(pool.map(run, shares))
            _count(count)
            if table == "users_user":
                connection.execute("ANALYZE users_user")

    def sequences(self) -> None:
        """Go on where the rows end."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            owned = connection.execute(
                "SELECT c.oid::regclass::text, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
                " WHERE c.relkind = 'r' AND a.attidentity = 'd' AND c.relnamespace = 'public'::regnamespace"
            ).fetchall()
            for table, column in owned:
                connection.execute(
                    sql.SQL("SELECT setval(pg_get_serial_sequence({}, {}), coalesce(max({}), 0) + 1, false) FROM {}").format(
                        sql.Literal(table), sql.Literal(column), sql.Identifier(column), sql.Identifier(table)
                    )
                )
            connection.execute("SELECT setval('accounting_radacctid', (SELECT max(radacctid) FROM accounting_live))")

    @contextmanager
    def _indexes_off(self, table: str) -> Iterator[psycopg.Connection[Any]]:
        """Without the indexes no constraint stands on; they are made anew in one go, which is several times as fast."""
        with psycopg.connect(self.url, autocommit=True) as connection, _told(table):
            connection.execute(_SESSION)
            indexes = connection.execute(_INDEXES, [table]).fetchall()
            for _, name in indexes:
                connection.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(name)))
            with _empty_values(connection, table):
                yield connection
            for definition, _ in indexes:
                # pg_get_indexdef says ON ONLY of a partitioned table; its partitions get theirs again without.
                connection.execute(definition.replace(" ON ONLY ", " ON "))


@contextmanager
def _empty_values(connection: psycopg.Connection[Any], table: str) -> Iterator[None]:
    """Within the block what no statement here names is empty, as Django would have it."""
    column = sql.SQL("ALTER TABLE {} ALTER COLUMN {} ")
    needy = [(name, kind) for name, kind in connection.execute(_NEEDY, [table]).fetchall() if kind in _EMPTY]
    for name, kind in needy:
        default = sql.Literal(_EMPTY[kind])
        connection.execute(column.format(sql.Identifier(table), sql.Identifier(name)) + sql.SQL("SET DEFAULT {}").format(default))
    yield
    for name, _ in needy:
        connection.execute(column.format(sql.Identifier(table), sql.Identifier(name)) + sql.SQL("DROP DEFAULT"))


@contextmanager
def _told(what: str) -> Iterator[None]:
    began = time.monotonic()
    print(f"{what:<28}", end="", file=sys.stderr, flush=True)
    yield
    print(f" {time.monotonic() - began:7.1f} s", file=sys.stderr)


def _count(rows_made: int) -> None:
    print(f" {rows_made:>10,} rows", end="", file=sys.stderr, flush=True)
