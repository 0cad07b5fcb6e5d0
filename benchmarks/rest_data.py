"""The rows of the API benchmark: one tenant of 20 organizations, three months of sessions and portal events, some open sessions.

Rule of this file: rows look as a hotspot controller's do, most columns filled, names and places to be joined. Times are whole
minutes, so that many sessions begin at the same moment, and a page may end between two of them. Runs as GATE's own process,
by `gate_process.run_inside`; prints the API token.
"""

import datetime as dt
import hashlib
import json
import secrets
import sys
from typing import Any

ORGANIZATIONS, LOCATIONS, ACCESS_POINTS, NAS, USERS = 20, 60, 400, 40, 5000
DAYS = 90

_SESSIONS = """
INSERT INTO accounting_{table} (radacctid, acctuniqueid, acctsessionid, tenant_id, organization_id, nas_id, user_id, location_id,
    access_point_id, user_transaction_id, acctstarttime, acctupdatetime, acctstoptime, acctinterval, acctsessiontime,
    acctinputoctets, acctoutputoctets, start_seen, username, groupname, realm, klass, nasipaddress, nasidentifier, nasportid,
    nasporttype, servicetype, framedprotocol, framedipaddress, calledstationid, callingstationid, ssid, acctauthentic,
    acctterminatecause, connectinfo_start, connectinfo_stop)
SELECT nextval('accounting_radacctid'), decode(md5('{table}' || n), 'hex'), upper(substr(md5('s' || n), 1, 16)), %(root)s,
    %(root)s + n %% 20, %(nas)s + n * 13 %% {nas}, u.id, %(location)s + n * 7 %% {locations},
    CASE WHEN n %% 50 = 0 THEN NULL ELSE %(access_point)s + n * 31 %% {access_points} END, n, t.start,
    t.start + interval '30 minutes', CASE WHEN %(closed)s THEN t.start + interval '40 minutes' END, 600, 2400,
    n * 7919 %% 1000000000, n::bigint * 104729 %% 5000000000, true, u.username, 'guests', 'example.net', 'standard',
    '192.0.2.1'::inet + n %% {nas}, 'controller-' || n %% {nas}, 'wlan0', 'Wireless-802.11', 'Framed-User', NULL,
    '10.0.0.0'::inet + n %% 65000, a.mac || ':Guest Wi-Fi', 'AA-BB-CC-' || substr(md5('c' || n), 1, 8), 'Guest Wi-Fi', 'RADIUS',
    CASE WHEN %(closed)s THEN 'User-Request' END, 'CONNECT 802.11ax', NULL
FROM generate_series(1, %(rows)s) n
CROSS JOIN LATERAL (SELECT date_trunc('minute', %(first)s + n * (%(last)s::timestamptz - %(first)s) / %(rows)s) AS start) t
CROSS JOIN LATERAL (SELECT %(user)s + n * 101 %% {users} AS id,
                           'guest' || n * 101 %% {users} || '@example.net' AS username) u
CROSS JOIN LATERAL (SELECT '02-00-00-00-01-' || lpad(to_hex(n %% 256), 2, '0') AS mac) a
"""

_EVENTS = """
INSERT INTO txlog_event (at, tenant_id, organization_id, type, source, status, action, message, new_user, user_id, username,
    email, external_id, session_id, service_id, service_name, site, page_id, page_url, location_id, access_point_id, ssid,
    mac_addr, captured_ip_addr, remote_ip_addr, user_agent_id, http_referer_id)
SELECT date_trunc('minute', %(first)s + n * (%(last)s::timestamptz - %(first)s) / %(rows)s) + interval '123456 microseconds',
    %(root)s, %(root)s + n %% 20, (ARRAY['ui', 'ur', 'uo', 'st'])[1 + n %% 4], 'u', 'h200', 'li', 'User login successful',
    n %% 4 = 1, u.id, u.username, u.username, 'emp_' || n, 'sess_' || md5('e' || n), 101, 'Guest portal', 'portal.example.net',
    10, 'https://portal.example.net/login', %(location)s + n * 7 %% {locations}, %(access_point)s + n * 31 %% {access_points},
    'Guest Wi-Fi', 2199023255552 + n, 167772160 + n %% 65000, 3221225984 + n %% 250, 1 + n %% 40, 1 + n %% 9
FROM generate_series(1, %(rows)s) n
CROSS JOIN LATERAL (SELECT %(user)s + n * 101 %% {users} AS id,
                           'guest' || n * 101 %% {users} || '@example.net' AS username) u
"""


def main(*, history: int, live: int, events: int) -> str:
    """Fill the database; the token."""
    import django

    django.setup()
    from django.db import connection

    from gate.core import clock
    from gate.database import partitions
    from gate.tokens.models import ApiToken

    now = clock.now().replace(microsecond=0)
    root = _organizations(now=now)
    ids = {"root": root} | _people_and_places(root=root, now=now)
    first, yesterday = now - dt.timedelta(days=DAYS), now - dt.timedelta(days=1)
    counts = {"users": USERS, "locations": LOCATIONS, "access_points": ACCESS_POINTS, "nas": NAS}
    with connection.cursor() as cursor:
        partitions.ensure(cursor, first=first.date(), last=now.date())
        # The two overlap for a day, as they do in life: a session stays in the live table until it is closed for a day.
        for table, rows, begin, end in (
            ("history", history, first, yesterday),
            ("live", live, yesterday - dt.timedelta(days=1), now),
        ):
            wanted = ids | {"rows": rows, "first": begin, "last": end, "closed": table == "history"}
            cursor.execute(_SESSIONS.format(table=table, **counts), wanted)
        cursor.execute(_EVENTS.format(**counts), ids | {"rows": events, "first": first, "last": now})
    plain = f"gate_{secrets.token_urlsafe(32)}"
    ApiToken.unscoped.create(
        tenant_id=root,
        organization_id=root,
        name="Benchmark",
        prefix=plain[:12],
        digest=hashlib.sha256(plain.encode()).digest(),
        permissions=["*"],
        created=now,
    )
    return plain


def _organizations(*, now: dt.datetime) -> int:
    """The root, 4 below it, 15 below those; the id of the root, from which theirs count on, as nothing else is here yet."""
    from gate.organizations.models import Organization

    made: list[Organization] = []
    for number in range(ORGANIZATIONS):
        above = made[(number - 1) // 4] if made else None
        row = Organization.unscoped.create(
            name=f"Organization {number}", short_name=f"organization-{number}", parent=above, created=now, updated=now
        )
        row.tenant_id = made[0].pk if made else row.pk
        row.path = f"{above.path}.{row.pk}" if above else str(row.pk)
        row.save(update_fields=["tenant", "path"])
        made.append(row)
    return int(made[0].pk)


def _people_and_places(*, root: int, now: dt.datetime) -> dict[str, int]:
    """The first id of each kind; the others count on from it."""
    from gate.nas.models import Nas
    from gate.places.models import AccessPoint, Location
    from gate.users.models import User

    def common(number: int) -> dict[str, Any]:
        return {"tenant_id": root, "organization_id": root + number % ORGANIZATIONS, "last_change": now}

    users = User.unscoped.bulk_create(
        User(**common(number), username=name, username_key=name, password="!", date_joined=now)
        for number, name in enumerate(f"guest{number}@example.net" for number in range(USERS))
    )
    nas = Nas.unscoped.bulk_create(
        Nas(**common(0), **_named("Controller", n), address=f"192.0.2.{n}/32", secret_sealed=b"", created=now) for n in range(NAS)
    )
    locations = Location.unscoped.bulk_create(
        Location(**common(n), **_named("Branch office", n), created=now) for n in range(LOCATIONS)
    )
    access_points = AccessPoint.unscoped.bulk_create(
        AccessPoint(**common(n), **_named("Access point", n), mac_addr=f"02:00:00:00:{n // 256:02X}:{n % 256:02X}", created=now)
        for n in range(ACCESS_POINTS)
    )
    return {"user": users[0].pk, "nas": nas[0].pk, "location": locations[0].pk, "access_point": access_points[0].pk}


def _named(kind: str, number: int) -> dict[str, str]:
    return {"name": f"{kind} {number}", "short_name": f"{kind} {number}".lower().replace(" ", "-")}


if __name__ == "__main__":
    print(main(**json.load(sys.stdin)))
