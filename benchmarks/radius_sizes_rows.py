"""The users and sessions of radius_sizes.py: filled up while GATE is stopped, by PostgreSQL itself wherever it can.

Users are made as if each had signed in once: beside a hash there is the keyed verifier, which GATE writes after the first good
check. It is an HMAC by a key that PostgreSQL never sees, so Python makes it (5 µs each) and copies it in; all else of a user is
one INSERT ... SELECT of a template GATE made. Sessions lie over 90 days, a tenth of them in the live table, of which every tenth
is open; they are numbered, so that what a trial stored is told by its number and taken away again.
"""

import datetime as dt
import hashlib
import json
import sys
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

import gate_process
from at_size_load import Filler
from gate.database import partitions
from packets import User

BASE = 1_000_000_000
"""Numbers of users and sessions made here are above what GATE itself numbered and below what it will."""
DAYS = 90
_BATCH = 50_000


def person(number: int) -> User:
    """User `number`, from 1 on."""
    return User(f"guest{number:08d}", hashlib.sha256(f"sizes {number}".encode()).hexdigest()[:12])


_USERS = """
INSERT INTO users_user ({columns}) SELECT {values} FROM users_user t JOIN sizes_verifier v ON v.n BETWEEN %(first)s AND %(last)s
WHERE t.username_key = 'template'
"""
_OVERRIDDEN = {
    "id": f"{BASE} + v.n", "username": "'guest' || lpad(v.n::text, 8, '0')", "username_key": "'guest' || lpad(v.n::text, 8, '0')",
    "verifier": "v.verifier", "password_sealed": "NULL",
}  # fmt: skip
_PROFILES = f"""
INSERT INTO users_userprofile (tenant_id, user_id, profile_id, position)
SELECT t.tenant_id, {BASE} + n, t.profile_id, t.position FROM generate_series(%(first)s::bigint, %(last)s::bigint) n
CROSS JOIN (SELECT p.* FROM users_userprofile p JOIN users_user u ON u.id = p.user_id WHERE u.username_key = 'template') t
"""
_SESSIONS = f"""
INSERT INTO accounting_{{table}} (radacctid, acctuniqueid, acctsessionid, tenant_id, organization_id, nas_id, user_id,
    acctstarttime, acctupdatetime, acctstoptime, acctinterval, acctsessiontime, acctinputoctets, acctoutputoctets, start_seen,
    username, groupname, nasipaddress, nasidentifier, nasporttype, servicetype, framedipaddress, calledstationid,
    callingstationid, ssid, acctauthentic, acctterminatecause, connectinfo_start, heard)
SELECT {BASE} + n, decode(md5(n::text), 'hex'), upper(substr(md5('s' || n), 1, 16)), nas.tenant_id, nas.organization_id, nas.id,
    {BASE} + m, t.start, t.start + interval '30 minutes', {{stop}}, 28800, 2400, n * 7919 %% 1000000000,
    n * 104729 %% 5000000000, true, 'guest' || lpad(m::text, 8, '0'), 'guest', '127.0.0.1', 'benchmark', 'Wireless-802.11',
    'Framed-User', '10.0.0.0'::inet + n %% 16000000, '02-1A-11-00-00-00:Guests', 'AA-' || substr(md5('c' || m), 1, 14), 'Guests',
    'RADIUS', {{cause}}, 'CONNECT 802.11ax', {{heard}}
FROM generate_series(%(first)s::bigint, %(last)s::bigint) n
CROSS JOIN (SELECT id, tenant_id, organization_id FROM nas_nas ORDER BY id LIMIT 1) nas
CROSS JOIN LATERAL (SELECT 1 + n * 7919 %% %(users)s AS m) u
CROSS JOIN LATERAL (SELECT %(begin)s::timestamptz + (n %% 999983) * (%(end)s::timestamptz - %(begin)s) / 999983 AS start) t
"""
_HISTORY = _SESSIONS.format(table="history", stop="t.start + interval '40 minutes'", cause="'User-Request'", heard="t.start")
# Open ones are told of every eight hours: the worker takes none of them for silent while it is measured.
_LIVE = _SESSIONS.format(
    table="live", stop="CASE WHEN n %% 10 > 0 THEN t.start + interval '40 minutes' END",
    cause="CASE WHEN n %% 10 > 0 THEN 'User-Request' END", heard="%(end)s::timestamptz",
)  # fmt: skip


def is_begun(url: str) -> bool:
    """Whether GATE has made its tables."""
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT to_regclass('accounting_live')").fetchone()
    return row is not None and row[0] is not None


def gigabytes(url: str) -> float:
    """The size of the database."""
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT pg_database_size(current_database())").fetchone()
    assert row is not None, "a function gives a row"
    return float(row[0]) / 1e9


def fill(*, url: str, users: int, sessions: int, environment: dict[str, str]) -> int:
    """Fill up to so many; what trials stored is taken away. The number above which everything new will be."""
    now = dt.datetime.now(tz=dt.UTC).replace(microsecond=0)
    filler = Filler(url=url, jobs=2)
    with psycopg.connect(url, autocommit=True) as connection, connection.cursor() as cursor:
        above = 2 * BASE
        cursor.execute("DELETE FROM accounting_live WHERE radacctid > %s", [above])
        cursor.execute("TRUNCATE access_sign_in")
        cursor.execute("SELECT setval('accounting_radacctid', %s)", [above])
        partitions.ensure(cursor, first=(now - dt.timedelta(days=DAYS)).date(), last=now.date())
        have = _count(cursor, "users_user", "id")
        old = {table: _count(cursor, f"accounting_{table}", "radacctid") for table in ("history", "live")}
    if users > have:
        _add_users(url, filler, first=have + 1, last=users, environment=environment)
    live = sessions // 10
    begin, yesterday = now - dt.timedelta(days=DAYS), now - dt.timedelta(days=1)
    common = {"users": users, "begin": begin, "end": yesterday}
    if sessions - live > old["history"]:
        count = sessions - live - old["history"]
        filler.split("accounting_history", _HISTORY, common, count=count, first=old["history"] + 1)
    if live > old["live"]:
        # Not yet a day over, so that the worker leaves them where they are.
        times = {"begin": now - dt.timedelta(hours=20), "end": now - dt.timedelta(hours=1)}
        # The numbers of the history's sessions are below those of the live ones.
        first = BASE // 2 + old["live"] + 1
        filler.split("accounting_live", _LIVE, common | times, count=live - old["live"], first=first)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET maintenance_work_mem = '512MB'")
        connection.execute("VACUUM (ANALYZE)")
    return above


def _count(cursor: psycopg.Cursor[Any], table: str, key: str) -> int:
    """Rows made here."""
    cursor.execute(sql.SQL("SELECT count(*) FROM {} WHERE {} > %s").format(sql.Identifier(table), sql.Identifier(key)), [BASE])
    row = cursor.fetchone()
    assert row is not None, "an aggregate has one row"
    return int(row[0])


def _add_users(url: str, filler: Filler, *, first: int, last: int, environment: dict[str, str]) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS sizes_verifier")
        connection.execute("CREATE UNLOGGED TABLE sizes_verifier (n bigint PRIMARY KEY, verifier bytea NOT NULL)")
        gate_process.run_inside(script=Path(__file__), order={"url": url, "first": first, "last": last}, environment=environment)
        columns = [
            name
            for (name,) in connection.execute(
                "SELECT column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = 'users_user'"
                " AND is_generated = 'NEVER'"
            ).fetchall()
        ]
        statement = _USERS.format(
            columns=", ".join(columns), values=", ".join(_OVERRIDDEN.get(name, f"t.{name}") for name in columns)
        )
        filler.split("users_user", statement, {}, count=last - first + 1, first=first)
        filler.split("users_userprofile", _PROFILES, {}, count=last - first + 1, first=first)
        connection.execute("DROP TABLE sizes_verifier")


def _copy_verifiers(*, url: str, first: int, last: int) -> None:
    """In a process set up as GATE's own, which has the key."""
    import django

    django.setup()
    from gate.users.hashing import make_verifier

    with psycopg.connect(url, autocommit=True) as connection, connection.cursor() as cursor:
        for begin in range(first, last + 1, _BATCH):
            with cursor.copy("COPY sizes_verifier (n, verifier) FROM STDIN WITH (FORMAT BINARY)") as copy:
                copy.set_types(["bigint", "bytea"])
                for n in range(begin, min(begin + _BATCH, last + 1)):
                    password = person(n).password.encode()
                    copy.write_row((n, make_verifier(user_id=BASE + n, password_version=0, password=password)))


if __name__ == "__main__":
    asked = json.load(sys.stdin)
    _copy_verifiers(url=asked["url"], first=asked["first"], last=asked["last"])
