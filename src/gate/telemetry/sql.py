"""The statements of reports and of their sums. Each is one statement, hence of one snapshot: that is what makes the sums exact.

A connection is written to the log and to `telemetry_waiting` by LOG_CONNECTIONS. ROLL_UP takes rows from there and adds them to
the sums: a row is in the one or in the other, never in both or neither, however many writers are at work and whenever they
commit. No watermark says how far the log was read, so none can run past a writer that commits late. REBUILD_* put what the log
says of a day in place of its sums, and take away what waits of that day: log and waiting are seen at the same moment.
Whoever adds up holds LOCK until the end of the transaction.
"""

import functools
from typing import Final

LOCK: Final = "SELECT pg_advisory_xact_lock(hashtext('gate_telemetry_sums'))"

# name, type of the column, type of the array that is sent
_CONNECTION: Final = (
    ("at", "timestamptz"), ("organization_id", "bigint"), ("device_id", "bigint"), ("user_id", "bigint"), ("app_id", "bigint"),
    ("status", "text"), ("duration", "integer"), ("network_name", "text"), ("network_type", "text"), ("network_security", "text"),
    ("network_mccmnc", "text"), ("frequency", "double precision"), ("authentication", "text"), ("bssid", "macaddr"),
    ("cellid", "text"), ("roaming", "boolean"), ("latitude", "numeric"), ("longitude", "numeric"), ("inbytes", "bigint"),
    ("outbytes", "bigint"), ("link_speed", "double precision"), ("quality_metric", "text"), ("quality_value", "double precision"),
)  # fmt: skip
CONNECTION_COLUMNS: Final = tuple(name for name, _ in _CONNECTION)
# Numbers and flags are written as such, all else as quoted text: database/arrays.py.
_PLAIN: Final = frozenset({"bigint", "integer", "double precision", "boolean"})
CONNECTION_KINDS: Final = (*(kind if kind in _PLAIN else "text" for _, kind in _CONNECTION), "text")
_NAMES: Final = ", ".join(CONNECTION_COLUMNS)

LOG_CONNECTIONS: Final = f"""
WITH report AS MATERIALIZED (
    SELECT * FROM unnest({", ".join(f"%s::{kind}[]" for _, kind in _CONNECTION)}, %s::text[]) AS t({_NAMES}, device_type)
), logged AS (
    INSERT INTO telemetry_connection_log (tenant_id, {_NAMES}) SELECT %s, {_NAMES} FROM report
)
INSERT INTO telemetry_waiting (tenant_id, organization_id, device_id, device_type, app_id, status, at, duration, bytes)
SELECT %s, organization_id, device_id, device_type, app_id, status, at, duration, coalesce(inbytes, 0) + coalesce(outbytes, 0)
FROM report WHERE device_id IS NOT NULL
"""

_TEST: Final = (
    ("at", "timestamptz"), ("organization_id", "bigint"), ("device_id", "bigint"), ("user_id", "bigint"),
    ("network_name", "text"), ("network_type", "text"), ("test_type", "text"), ("destination", "text"),
    ("value", "double precision"), ("count", "integer"), ("unit", "text"),
)  # fmt: skip
TEST_COLUMNS: Final = tuple(name for name, _ in _TEST)
TEST_KINDS: Final = (*(kind if kind in _PLAIN else "text" for _, kind in _TEST), "bigint")
_TEST_NAMES: Final = ", ".join(TEST_COLUMNS)

# The reply names each report's id, in the order they came; INSERT promises no order, so the ids are drawn beforehand.
LOG_TESTS: Final = f"""
WITH report AS MATERIALIZED (
    SELECT nextval(pg_get_serial_sequence('telemetry_test_report', 'id')) AS id, t.*
    FROM unnest({", ".join(f"%s::{kind}[]" for _, kind in _TEST)}, %s::bigint[]) AS t({_TEST_NAMES}, place)
), logged AS (
    INSERT INTO telemetry_test_report (id, tenant_id, {_TEST_NAMES}) OVERRIDING SYSTEM VALUE
    SELECT id, %s, {_TEST_NAMES} FROM report
)
SELECT id FROM report ORDER BY place
"""

APPS: Final = """
SELECT a.id, a.name FROM unnest(%s::text[], %s::text[]) WITH ORDINALITY AS w(name, category, place)
LEFT JOIN telemetry_app a ON a.tenant_id = %s AND lower(a.name) = lower(w.name) AND lower(a.category) = lower(w.category)
ORDER BY w.place
"""
APP_COUNT: Final = "SELECT count(*) FROM telemetry_app WHERE tenant_id = %s"
# In one order, so that two who bring the same new apps wait for each other in one direction.
ADD_APPS: Final = """
INSERT INTO telemetry_app (tenant_id, name, category)
SELECT %s, name, category FROM unnest(%s::text[], %s::text[]) AS w(name, category) ORDER BY lower(name), lower(category)
ON CONFLICT DO NOTHING
"""

_SUMS: Final = "organization_id, device_type, connections, timed, duration, bytes, last_connection"
_ADDED: Final = (
    "max(organization_id), max(device_type), count(*), count(duration), coalesce(sum(duration), 0), sum(bytes), max(at)"
)
_ADD: Final = """
    connections = kept.connections + excluded.connections, timed = kept.timed + excluded.timed,
    duration = kept.duration + excluded.duration, bytes = kept.bytes + excluded.bytes,
    last_connection = greatest(kept.last_connection, excluded.last_connection)
"""
_PUT: Final = ", ".join(f"{name} = excluded.{name}" for name in _SUMS.split(", "))
_DAY: Final = "(at AT TIME ZONE 'UTC')::date"
_HOUR: Final = "date_trunc('hour', at, 'UTC')"
_PERIODS: Final = "(VALUES (1), (7), (30), (90)) AS p(period)"

# Arguments: how many rows at most, the first hour that is kept.
ROLL_UP: Final = f"""
WITH taken AS (
    DELETE FROM telemetry_waiting
    WHERE ctid = ANY (ARRAY(SELECT ctid FROM telemetry_waiting LIMIT %(most)s FOR UPDATE SKIP LOCKED)) RETURNING *
), day AS (
    INSERT INTO telemetry_rollup_day AS kept (tenant_id, device_id, day, app_id, status, {_SUMS})
    SELECT tenant_id, device_id, {_DAY}, app_id, status, {_ADDED} FROM taken GROUP BY 1, 2, 3, 4, 5
    ON CONFLICT (tenant_id, device_id, day, app_id, status) DO UPDATE SET {_ADD}
), hour AS (
    INSERT INTO telemetry_rollup_hour AS kept (tenant_id, device_id, hour, app_id, status, {_SUMS})
    SELECT tenant_id, device_id, {_HOUR}, app_id, status, {_ADDED} FROM taken WHERE at >= %(hours)s GROUP BY 1, 2, 3, 4, 5
    ON CONFLICT (tenant_id, device_id, hour, app_id, status) DO UPDATE SET {_ADD}
), device AS (
    UPDATE devices_device d SET last_seen = t.last FROM (SELECT device_id, max(at) AS last FROM taken GROUP BY 1) t
    WHERE d.id = t.device_id AND (d.last_seen IS NULL OR d.last_seen < t.last)
), period AS (
    INSERT INTO telemetry_period (tenant_id, period, made, stale)
    SELECT DISTINCT tenant_id, period, '-infinity'::timestamptz, true FROM taken CROSS JOIN {_PERIODS}
    ON CONFLICT (tenant_id, period) DO UPDATE SET stale = true
)
SELECT count(*) FROM taken
"""
FORGET_HOURS: Final = "DELETE FROM telemetry_rollup_hour WHERE hour < %s"

# Something was added since, or the hour (the day) has turned, and with it what the period covers.
OUTDATED: Final = """
SELECT tenant_id, period FROM telemetry_period
JOIN unnest(%s::smallint[], %s::timestamptz[], %s::timestamptz[]) AS w(period, turn, rested) USING (period)
WHERE made < turn OR (stale AND made <= rested) ORDER BY tenant_id, period
"""
FORGET_PERIOD: Final = """
WITH app AS (DELETE FROM telemetry_period_app WHERE tenant_id = %(tenant)s AND period = %(period)s)
DELETE FROM telemetry_period_list WHERE tenant_id = %(tenant)s AND period = %(period)s
"""
MADE_PERIOD: Final = "UPDATE telemetry_period SET made = %s, stale = false WHERE tenant_id = %s AND period = %s"
# A million devices are grouped in memory, not on disk; the setting ends with the transaction.
ROOM_TO_SORT: Final = "SET LOCAL work_mem = '64MB'"


def _make_apps(table: str, span: str) -> str:
    return f"""
    INSERT INTO telemetry_period_app (tenant_id, organization_id, period, device_type, app_id, status, connections, bytes)
    SELECT %(tenant)s, coalesce(organization_id, 0), %(period)s, device_type, app_id, status, sum(connections), sum(bytes)
    FROM {table} WHERE tenant_id = %(tenant)s AND {span} >= %(start)s
    GROUP BY GROUPING SETS ((organization_id, device_type, app_id, status), (device_type, app_id, status))
    """


def _make_list(table: str, span: str) -> str:
    # A failed connection is what makes an issue: under 95 % success is more than 5 % failed (rules.ISSUE_PERCENT).
    return f"""
    WITH fresh AS (
        SELECT r.organization_id, r.device_type, r.device_id, lower(a.category) AS category, r.status,
               sum(r.connections) AS connections
        FROM {table} r JOIN telemetry_app a ON a.id = r.app_id
        WHERE r.tenant_id = %(tenant)s AND r.{span} >= %(start)s GROUP BY 1, 2, 3, 4, 5
    ), device AS (
        SELECT organization_id, device_type, device_id, category, status, sum(connections) AS connections,
               coalesce(sum(connections) FILTER (WHERE status = 'failed'), 0) AS failed
        FROM fresh
        GROUP BY GROUPING SETS (
            (organization_id, device_type, device_id),
            (organization_id, device_type, device_id, category),
            (organization_id, device_type, device_id, status),
            (organization_id, device_type, device_id, category, status))
    ), placed AS (
        SELECT *, (row_number() OVER (PARTITION BY organization_id, device_type, category, status ORDER BY device_id) - 1)
                  / {PART_SIZE} AS part
        FROM device
    )
    INSERT INTO telemetry_period_list (
        tenant_id, period, organization_id, device_type, category, status, part, size, with_issues, devices)
    SELECT %(tenant)s, %(period)s, organization_id, device_type, category, status, part, count(*),
           count(*) FILTER (WHERE failed * 100 > 5 * connections), array_agg(device_id ORDER BY device_id)
    FROM placed GROUP BY organization_id, device_type, category, status, part
    """


PART_SIZE: Final = 2_000
"""Devices in one row of telemetry_period_list."""
MAKE_APPS_OF_HOURS: Final = _make_apps("telemetry_rollup_hour", "hour")
MAKE_APPS_OF_DAYS: Final = _make_apps("telemetry_rollup_day", "day")
MAKE_LIST_OF_HOURS: Final = _make_list("telemetry_rollup_hour", "hour")
MAKE_LIST_OF_DAYS: Final = _make_list("telemetry_rollup_day", "day")


def _rebuild(where: str) -> str:
    return f"""
    WITH fresh AS MATERIALIZED (
        SELECT l.tenant_id, l.device_id, date_trunc('hour', l.at, 'UTC') AS hour, l.app_id, l.status,
               max(l.organization_id) AS organization_id, coalesce(max(d.device_type), '') AS device_type,
               count(*) AS connections, count(l.duration) AS timed, coalesce(sum(l.duration), 0) AS duration,
               sum(coalesce(l.inbytes, 0) + coalesce(l.outbytes, 0)) AS bytes, max(l.at) AS last_connection
        FROM (SELECT * FROM telemetry_connection_log
              WHERE {where} AND at >= %(start)s AND at < %(end)s AND device_id IS NOT NULL) l
        LEFT JOIN devices_device d ON d.id = l.device_id
        GROUP BY 1, 2, 3, 4, 5
    ), fresh_day AS MATERIALIZED (
        SELECT tenant_id, device_id, %(day)s::date AS day, app_id, status, max(organization_id) AS organization_id,
               max(device_type) AS device_type, sum(connections) AS connections, sum(timed) AS timed, sum(duration) AS duration,
               sum(bytes) AS bytes, max(last_connection) AS last_connection
        FROM fresh GROUP BY 1, 2, 3, 4, 5
    ), gone AS (
        DELETE FROM telemetry_waiting WHERE {where} AND at >= %(start)s AND at < %(end)s
    ), wrong_day AS (
        DELETE FROM telemetry_rollup_day r WHERE {where} AND day = %(day)s AND NOT EXISTS (
            SELECT FROM fresh_day f WHERE (f.tenant_id, f.device_id, f.app_id, f.status)
                                        = (r.tenant_id, r.device_id, r.app_id, r.status))
    ), day AS (
        INSERT INTO telemetry_rollup_day (tenant_id, device_id, day, app_id, status, {_SUMS})
        SELECT tenant_id, device_id, day, app_id, status, {_SUMS} FROM fresh_day
        ON CONFLICT (tenant_id, device_id, day, app_id, status) DO UPDATE SET {_PUT}
    ), wrong_hour AS (
        DELETE FROM telemetry_rollup_hour r WHERE {where} AND hour >= %(start)s AND hour < %(end)s AND NOT EXISTS (
            SELECT FROM fresh f WHERE (f.tenant_id, f.device_id, f.hour, f.app_id, f.status)
                                    = (r.tenant_id, r.device_id, r.hour, r.app_id, r.status))
    ), hour AS (
        INSERT INTO telemetry_rollup_hour (tenant_id, device_id, hour, app_id, status, {_SUMS})
        SELECT tenant_id, device_id, hour, app_id, status, {_SUMS} FROM fresh WHERE hour >= %(hours)s
        ON CONFLICT (tenant_id, device_id, hour, app_id, status) DO UPDATE SET {_PUT}
    )
    SELECT coalesce(sum(connections), 0)::bigint FROM fresh
    """


STALE: Final = f"""
INSERT INTO telemetry_period (tenant_id, period, made, stale)
SELECT %(tenant)s, period, '-infinity'::timestamptz, true FROM {_PERIODS}
ON CONFLICT (tenant_id, period) DO UPDATE SET stale = true
"""
_TENANT: Final = "tenant_id = %(tenant)s"
_ORGANIZATIONS: Final = "tenant_id = %(tenant)s AND organization_id = ANY(%(organizations)s)"
REBUILD_TENANT: Final = _rebuild(_TENANT)
REBUILD_ORGANIZATIONS: Final = _rebuild(_ORGANIZATIONS)
FIRST_OF_TENANT: Final = f"SELECT min(at) FROM telemetry_connection_log WHERE {_TENANT}"
FIRST_OF_ORGANIZATIONS: Final = f"SELECT min(at) FROM telemetry_connection_log WHERE {_ORGANIZATIONS}"


def _listed(*, organizations: bool, types: bool, category: bool, status: bool) -> str:
    """The rows of telemetry_period_list whose devices a filter leaves, each device once."""
    return f"""
    FROM telemetry_period_list WHERE tenant_id = %(tenant)s AND period = %(period)s
      {"AND organization_id = ANY(%(organizations)s)" if organizations else ""}
      {"AND device_type = ANY(%(types)s)" if types else ""}
      AND category {"= lower(%(category)s)" if category else "IS NULL"} AND status {"= %(status)s" if status else "IS NULL"}
    """


@functools.cache
def period_devices(*, organizations: bool, types: bool, category: bool, status: bool) -> str:
    """How many devices had connections, and how many of them have issues. One row."""
    listed = _listed(organizations=organizations, types=types, category=category, status=status)
    return f"SELECT coalesce(sum(size), 0), coalesce(sum(with_issues), 0) {listed}"


@functools.cache
def page(*, organizations: bool, types: bool, category: bool, status: bool) -> str:
    """Ids of the devices of a page, in pieces. Sizes are added up to find the pieces; only those are opened."""
    listed = _listed(organizations=organizations, types=types, category=category, status=status)
    return f"""
    SELECT devices[greatest(%(offset)s - before, 0) + 1 : %(offset)s + %(limit)s - before] FROM (
        SELECT organization_id, device_type, part, size, devices,
               sum(size) OVER (ORDER BY organization_id, device_type, part) - size AS before {listed}
    ) s
    WHERE before < %(offset)s::bigint + %(limit)s AND before + size > %(offset)s
    ORDER BY organization_id, device_type, part
    """


@functools.cache
def period_apps(*, organizations: bool, types: bool, category: bool, status: bool) -> str:
    """Id, name, connections, failed ones and octets of each app."""
    del organizations
    return f"""
    SELECT p.app_id, a.name, sum(p.connections), coalesce(sum(p.connections) FILTER (WHERE p.status = 'failed'), 0), sum(p.bytes)
    FROM telemetry_period_app p JOIN telemetry_app a ON a.id = p.app_id
    WHERE p.tenant_id = %(tenant)s AND p.period = %(period)s AND p.organization_id = ANY(%(organizations)s)
      {"AND p.device_type = ANY(%(types)s)" if types else ""} {"AND p.status = %(status)s" if status else ""}
      {"AND lower(a.category) = lower(%(category)s)" if category else ""}
    GROUP BY p.app_id, a.name
    """


@functools.cache
def figures(*, hours: bool, category: bool, status: bool) -> str:
    """What each of some devices did with each app, in the period and in the one before."""
    table, span, start, before = (
        ("telemetry_rollup_hour", "hour", "%(start)s", "%(before)s")
        if hours
        else ("telemetry_rollup_day", "day", "%(start_day)s", "%(before_day)s")
    )
    inside = f"r.{span} >= {start}"
    sums = ", ".join(
        f"coalesce(sum(r.{column}) FILTER (WHERE {condition}), 0)"
        for column, condition in (
            ("connections", inside),
            ("connections", f"{inside} AND r.status = 'failed'"),
            ("timed", inside),
            ("duration", inside),
            ("bytes", inside),
            ("connections", f"NOT {inside}"),
        )
    )
    return f"""
    SELECT r.device_id, max(r.organization_id), max(r.device_type), r.app_id, a.name, a.category, {sums}, max(r.last_connection)
    FROM {table} r JOIN telemetry_app a ON a.id = r.app_id
    WHERE r.tenant_id = %(tenant)s AND r.device_id = ANY(%(devices)s) AND r.{span} >= {before}
      {"AND r.status = %(status)s" if status else ""} {"AND lower(a.category) = lower(%(category)s)" if category else ""}
    GROUP BY r.device_id, r.app_id, a.name, a.category
    """
