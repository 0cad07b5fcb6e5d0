"""Bytes a row takes: fills the tables that grow, sessions and sign-ins, with realistic rows and asks PostgreSQL, table by table.

`.venv/bin/python benchmarks/sizes.py [ROWS]` (default 500,000; about a minute). docs/scale.md reckons with the result.
"""

import os
import secrets
import sys

from gate.database import embedded

# What a controller with 802.1X or a hotspot sends: MAC addresses, SSID, addresses, a 16-digit session id.
FILL = """
INSERT INTO accounting_{table} (radacctid, acctuniqueid, acctsessionid, tenant_id, organization_id, nas_id, user_id, location_id,
    access_point_id, acctstarttime, acctupdatetime, acctstoptime, acctinterval, acctsessiontime, acctinputoctets,
    acctoutputoctets, start_seen, username, groupname, nasipaddress, nasidentifier, nasportid, nasporttype, servicetype,
    framedipaddress, calledstationid, callingstationid, ssid, acctauthentic, acctterminatecause, connectinfo_start)
SELECT n, decode(md5(n::text), 'hex'), upper(substr(md5('s' || n), 1, 16)), 1, 1 + n %% 40, 1 + n %% 50, 1 + n * 7919 %% 100000,
    1 + n %% 200, 1 + n * 31 %% 2000, t.start, t.start + interval '40 minutes', {stop}, 600, 2400, n %% 1000000000,
    n * 7 %% 4000000000, true, 'guest' || n * 7919 %% 100000 || '@example.net', 'standard', '192.0.2.1'::inet + n %% 50,
    'controller-' || n %% 50, 'wlan0', 'Wireless-802.11', 'Framed-User', '10.0.0.0'::inet + n %% 16000000,
    '02-00-00-00-' || lpad(to_hex(n %% 2000 / 256), 2, '0') || '-' || lpad(to_hex(n %% 256), 2, '0') || ':Guest Wi-Fi',
    'AA-BB-' || substr(md5('c' || n * 7919 %% 100000), 1, 8), 'Guest Wi-Fi', 'RADIUS', {cause}, 'CONNECT 802.11ax'
FROM generate_series(%(first)s::bigint, %(last)s::bigint) n,
     LATERAL (SELECT %(month)s::timestamptz + n * interval '1 month' / %(rows)s * 0.9 AS start) t
"""
SIGN_INS = """
INSERT INTO access_sign_in (at, tenant_id, organization_id, nas_id, user_id, access_point_id, username, callingstationid,
    calledstationid, method, accepted, reason)
SELECT %(month)s::timestamptz + n * interval '1 month' / %(rows)s * 0.9, 1, 1 + n %% 40, 1 + n %% 50, 1 + n * 7919 %% 100000,
    1 + n * 31 %% 2000, 'guest' || n * 7919 %% 100000 || '@example.net', 'AA-BB-' || substr(md5('c' || n * 7919 %% 100000), 1, 8),
    '02-00-00-00-' || lpad(to_hex(n %% 2000 / 256), 2, '0') || '-' || lpad(to_hex(n %% 256), 2, '0') || ':Guest Wi-Fi', 'PAP',
    n %% 20 > 0, CASE WHEN n %% 20 = 0 THEN 'wrong-password' ELSE '' END
FROM generate_series(%(first)s::bigint, %(last)s::bigint) n
"""
SIZES = """
SELECT c.relname, c.relkind::text, pg_relation_size(c.oid) FROM pg_class c
WHERE c.relname LIKE %s AND c.relkind IN ('r', 'i') AND pg_relation_size(c.oid) > 1000000 ORDER BY c.relkind DESC, c.relname
"""


def main(rows: int) -> None:
    """Fill, ask, print."""
    with embedded.temporary(options={"max_wal_size": "2GB"}) as server:
        os.environ |= {
            "DATABASE_URL": server.url, "GATE_PART": "owner", "DJANGO_SETTINGS_MODULE": "gate.django_settings",
            "GATE_SECRET_KEY": secrets.token_urlsafe(32),
        }  # fmt: skip
        import django

        django.setup()
        from django.core.management import call_command
        from django.db import connection

        from gate.core import clock

        call_command("migrate", interactive=False, verbosity=0)
        month = clock.now().replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        values = {"first": 1, "last": rows, "rows": rows, "month": month}
        closed = FILL.format(table="history", stop="t.start + interval '40 minutes'", cause="'User-Request'")
        with connection.cursor() as cursor:
            for table, statement in (
                ("accounting_history", closed),
                ("accounting_live", FILL.format(table="live", stop="NULL", cause="NULL")),
                ("access_sign_in", SIGN_INS),
            ):
                cursor.execute(statement, values)
                cursor.execute(f"VACUUM ANALYZE {table}")
                cursor.execute(SIZES, [f"{table}%"])
                _report(table, rows, cursor.fetchall())


def _report(table: str, rows: int, sizes: list[tuple[str, str, int]]) -> None:
    print(f"{table}, {rows:,} rows")
    for name, kind, size in sizes:
        print(f"  {'table' if kind == 'r' else 'index'} {name:<60} {size / rows:7.1f} bytes a row")
    print(f"  {'total':<66} {sum(size for _, _, size in sizes) / rows:7.1f} bytes a row")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 500_000)
