"""The plans of the hot statements, on tables that are not small, under the settings of the writers' connections.

A generic plan over arrays of unknown length likes hash joins and sequential scans: one such plan makes every batch read a whole
table. So the plan is asked for here as the server gets it: prepared, generic.
"""

import datetime as dt
import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, transaction

from gate.access import sql as access_sql
from gate.accounting import closing, sql
from people import make_world
from updates import STARTED, store, update

pytestmark = pytest.mark.django_db
USERS, SESSIONS = 20_000, 20_000
LARGE = {
    "users_user", "users_userprofile", "accounting_live", "accounting_history", "credit_entry", "credit_balance",
    "portals_session", "devices_authorizedmac", "devices_device", "nas_nas",
}  # fmt: skip

DEVICE = (
    "home_mobile_network_name", "home_mobile_network_mccmnc", "app_version", "os_family", "os_version", "os_api_version",
    "device_family", "device_brand", "device_model", "device_type", "user_external_id", "user_class",
)  # fmt: skip


@pytest.fixture
def filled(world):
    acme = world.organizations["acme"]
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO users_user (tenant_id, organization_id, username, username_key, email, first_name, last_name, role,
                   is_active, description, date_joined, password, password_version, last_change)
               SELECT %s, %s, 'u' || n, 'u' || n, '', '', '', 'device_user', true, '', now(), '', 0, now()
               FROM generate_series(1, %s) n""",
            [acme, acme, USERS],
        )
        cursor.execute(
            "INSERT INTO users_userprofile (tenant_id, user_id, profile_id, position)"
            " SELECT tenant_id, id, %s, 0 FROM users_user WHERE username LIKE 'u%%'",
            [world.profiles["acme"]],
        )
        cursor.execute(
            "INSERT INTO credit_balance (user_id, seconds, tenant_id) SELECT id, 1000, tenant_id FROM users_user WHERE id % 2 = 0"
        )
        cursor.execute(
            "SELECT gate_make_partition('accounting_history', d::date) FROM unnest(%s::text[]) d",
            [["2026-01-01", "2026-02-01", "2026-03-01"]],
        )
        columns = (
            "acctuniqueid, acctsessionid, tenant_id, organization_id, nas_id, acctstarttime, acctupdatetime, acctsessiontime,"
            " acctinputoctets, acctoutputoctets, start_seen, username, nasipaddress"
        )
        values = (
            f"decode(md5(%s || n), 'hex'), 's' || n, {acme}, {acme}, 1, timestamptz '2026-01-01' + n * interval '4 minutes',"
            " now(), 1, 1, 1, true, 'u' || n, '192.0.2.1'"
        )
        cursor.execute(f"INSERT INTO accounting_live ({columns}) SELECT {values} FROM generate_series(1, {SESSIONS}) n", ["l"])
        cursor.execute(
            f"INSERT INTO accounting_history (radacctid, {columns})"
            f" SELECT nextval('accounting_radacctid'), {values} FROM generate_series(1, {SESSIONS}) n",
            ["h"],
        )
        cursor.execute(
            "INSERT INTO credit_entry (tenant_id, user_id, seconds, previous, reason, radacctid, actor, note, created)"
            " SELECT l.tenant_id, u.id, -1, 0, 'session', l.radacctid, '', '', now()"
            " FROM accounting_live l JOIN users_user u ON u.username = l.username"
        )
        cursor.execute(
            "INSERT INTO portals_session (tenant_id, organization_id, user_id, uid, mac, ap_mac, ip, session_timeout, opened,"
            " expires, end_reason) SELECT tenant_id, organization_id, id, username, '02' || id, '', '192.0.2.1', 60, now(),"
            " now(), '' FROM users_user WHERE username LIKE 'u%%'"
        )
        cursor.execute(
            "INSERT INTO devices_authorizedmac (tenant_id, organization_id, mac, note, is_active, created, last_change)"
            " SELECT tenant_id, organization_id, '04' || id, '', true, now(), now() FROM users_user WHERE username LIKE 'u%%'"
        )
        cursor.execute(
            f"INSERT INTO devices_device (tenant_id, organization_id, user_id, mac_addr, {', '.join(DEVICE)}, is_blocked,"
            f" created, last_change) SELECT tenant_id, organization_id, id, '06' || id, {'%s, ' * len(DEVICE)}false, now(), now()"
            " FROM users_user WHERE username LIKE 'u%%'",
            [""] * len(DEVICE),
        )
        for table in sorted(LARGE):
            cursor.execute(f"ANALYZE {table}")
    return world


def plan(statement: str, settings: dict[str, str], *, count: int) -> dict[str, Any]:
    """The generic plan of a statement with `count` parameters, as the RADIUS server's connection would use it."""
    numbered = statement
    for number in range(1, count + 1):
        numbered = numbered.replace("%s", f"${number}", 1)
    # `prepare`, `execute` and `explain` take no parameters themselves, and the plan must not know the values.
    nothing = ", ".join(["'{}'"] * count)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE gate_system")
        for name, value in settings.items():
            cursor.execute("SELECT set_config(%s, %s, true)", [name, value])
        cursor.execute(f"PREPARE watched AS {numbered}")
        cursor.execute(f"EXPLAIN (FORMAT JSON) EXECUTE watched ({nothing})")
        found = cursor.fetchone()[0]
        cursor.execute("DEALLOCATE watched")
        cursor.execute("RESET ROLE")
    return (json.loads(found) if isinstance(found, str) else found)[0]["Plan"]


def nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for below in node.get("Plans", ()):
        yield from nodes(below)


def check(found: dict[str, Any], *, expected: set[str]) -> None:
    every = list(nodes(found))
    for node in every:
        relation = node.get("Relation Name", "")
        large = relation in LARGE or relation.startswith("accounting_history")
        assert not (large and node["Node Type"] == "Seq Scan"), node
        # A whole index from end to end is no better; every scan must have a condition.
        if large and "Scan" in node["Node Type"]:
            assert node.get("Index Cond") or node["Node Type"] == "Bitmap Heap Scan", node
        assert node["Node Type"] not in {"Hash Join", "Merge Join"}, node
    assert expected <= {node.get("Index Name") for node in every}


@pytest.mark.parametrize("statement", ["STORE", "STORE_GUESTS"])
def test_storing_looks_up_by_index_only(filled, statement):
    found = plan(getattr(sql, statement), sql.PIN, count=1)
    expected = {
        "user_username_once",
        "user_profile_position_once",
        "profiles_profile_pkey",
        "accounting_live_unique",
        "credit_balance_pkey",
    }
    guests = {"portals_session_pkey", "portal_session_open_once", "users_user_pkey", "authorized_mac", "device_mac_once"}
    asked = {node.get("Index Name") for node in nodes(found)} & guests
    assert asked == (guests if statement == "STORE_GUESTS" else set())
    check(found, expected=expected)
    # No part of the question whose a device without a password is begins where the packet has nothing to ask with.
    begun = [node["One-Time Filter"] for node in nodes(found) if "One-Time Filter" in node]
    assert sum("portal_session_id" in condition for condition in begun) == (2 if statement == "STORE_GUESTS" else 0)
    history = {node["Index Name"] for node in nodes(found) if node.get("Relation Name", "").startswith("accounting_history")}
    assert history
    assert all(name.endswith("_acctuniqueid_idx") for name in history)
    conflicts = {name for node in nodes(found) for name in node.get("Conflict Arbiter Indexes", ())}
    assert conflicts == {"accounting_live_unique", "credit_entry_session_once"}


def test_amending_looks_up_by_index_only(filled):
    check(plan(sql.AMEND, sql.PIN, count=1), expected={"accounting_live_unique", "credit_balance_pkey"})


@pytest.mark.parametrize("statement", ["MONTHS", "RETIRE", "BURY"])
def test_ids_used_again_are_looked_up_by_index_only(filled, statement):
    check(plan(getattr(sql, statement), sql.PIN, count=1), expected={"accounting_live_unique"})


def test_restarts_and_silence_walk_along_indexes(filled):
    """A window at a time, whatever the table holds; no writer's settings here."""
    now = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
    own = ["192.0.2.1", "192.0.2.1", *[None] * 8]
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN (FORMAT JSON) " + closing.RESTARTED, [1, now, "-infinity", 0, 1000, *own, now, now, now])
        restarted = cursor.fetchone()[0]
        cursor.execute(
            "EXPLAIN (FORMAT JSON) " + closing.SILENT,
            {"after": 7, "limit": 1000, "now": now, "interval": 600, "cause": "", "closed_by": ""},
        )
        silent = cursor.fetchone()[0]
    for found, index in ((restarted, "accounting_live_nas"), (silent, "accounting_live_pkey")):
        every = list(nodes((json.loads(found) if isinstance(found, str) else found)[0]["Plan"]))
        assert index in {node.get("Index Name") for node in every}
        assert not [node for node in every if node["Node Type"] == "Seq Scan" and node["Relation Name"] in LARGE]


def test_looking_users_up_by_index_only(filled):
    found = plan(access_sql.LOOK_UP, access_sql.PIN, count=2)
    check(found, expected={"user_username_once", "user_profile_position_once", "credit_balance_pkey"})


def test_looking_guests_up_by_index_only(filled):
    found = plan(access_sql.LOOK_UP_GUESTS, access_sql.PIN, count=5)
    expected = {"user_username_once", "user_profile_position_once", "portal_session_open_once", "users_user_pkey"}
    check(found, expected=expected | {"accounting_live_portal_session"})


def test_interims_are_heap_only_updates(transactional_db):
    """No index is touched: an Interim changes no indexed column, and the page has room for the new version."""
    world = make_world()
    acme = world.organizations["acme"]
    who = {
        "tenant_id": acme, "nas_id": world.nas["acme"], "organization_id": acme, "path": str(acme),
        "location_id": world.locations["acme"], "username": "guest.acme", "username_key": "guest.acme",
    }  # fmt: skip
    sessions = [update(acctsessionid=f"s{n}", **who, start_seen=True) for n in range(50)]
    try:
        with transaction.atomic():
            store(sessions)
        before = updates_of_live()
        for position in range(1, 4):
            with transaction.atomic():
                seconds = 300 * position
                store([one._replace(start_seen=False, acctsessiontime=seconds, updated=STARTED + seconds) for one in sessions])
        with transaction.atomic():
            store([one._replace(stopped=STARTED + 1200, updated=STARTED + 1200) for one in sessions])
        after = updates_of_live()
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM accounting_live")
    changed, hot = (later - earlier for later, earlier in zip(after, before, strict=True))
    assert changed == 200
    # A page whose room is used up is tidied by the next statement that looks at it, mostly in time.
    assert hot >= 180


def updates_of_live() -> tuple[int, int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute("SELECT n_tup_upd, n_tup_hot_upd FROM pg_stat_user_tables WHERE relname = 'accounting_live'")
        return cursor.fetchone()
