"""Devices that are online by their MAC address alone and may not be any longer: found, and asked to leave.

What took the word back has left a line in `devices_withdrawn`; that a word's time is over its own row says. For a day their
sessions are looked for: at once, and a pass a minute, which finds those that began a moment after the decision as well, and those
whose NAS did not comply. Each pass walks the live table in windows; only sessions of the devices in question are asked about
further. A session that began with a password or a certificate stays, and so does a device that another word still lets in.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection, transaction

from gate.control import commands as control
from gate.control import rules
from gate.control.types import Reason

WINDOW: Final = 5_000
"""Sessions looked at in one transaction."""
KEPT: Final = dt.timedelta(days=1)
"""How long the sessions of a word that is taken back are looked for."""
LEAD: Final = dt.timedelta(minutes=1)
"""How much earlier than its sign-in a session may have begun, by the NAS's clock."""

_FRESH: Final = "UPDATE devices_withdrawn SET fresh = false WHERE fresh"
_GONE: Final = "DELETE FROM devices_withdrawn WHERE at <= %(since)s"
# Several workers may look for the same: a session is asked to end once.
_SUSPECTS: Final = """
SELECT tenant_id, lower(replace(mac, ':', '')), organization_id FROM devices_withdrawn WHERE at > %(since)s
UNION
SELECT tenant_id, lower(replace(mac, ':', '')), 0 FROM devices_authorizedmac WHERE expires > %(since)s AND expires <= %(now)s
"""
_UPTO: Final = """
SELECT max(radacctid) FROM (
    SELECT radacctid FROM accounting_live WHERE radacctid > %(after)s ORDER BY radacctid LIMIT %(limit)s) AS page
"""
# How a session came in says the sign-in before it, of that device at that NAS. Where no log has that any more, a session under
# its device's address for a name that is nobody's came in by that address. The rest is what lets a device in now, as
# access/stations.py has it. A blocked device is out whatever let it in, unless that was a password.
_UNWELCOME: Final = """
WITH suspect AS MATERIALIZED (SELECT * FROM unnest(%(tenants)s::bigint[], %(macs)s::text[]) AS t(tenant_id, plain)),
page AS MATERIALIZED (
    SELECT l.radacctid, l.tenant_id, l.nas_id, l.user_id, l.username, l.acctstarttime, l.portal_session_id,
           lower(translate(COALESCE(l.callingstationid, l.username), ':-. ', '')) AS plain
    FROM accounting_live l
    WHERE l.radacctid > %(after)s AND l.radacctid <= %(upto)s AND l.acctstoptime IS NULL
),
asked AS MATERIALIZED (
    SELECT p.*, upper(regexp_replace(p.plain, '(..)(?=.)', '\\1:', 'g')) AS mac, u.username_key FROM page p
    LEFT JOIN users_user u ON u.id = p.user_id
    WHERE ((p.tenant_id, p.plain) IN (SELECT tenant_id, plain FROM suspect)
           OR u.organization_id = ANY(%(organizations)s::bigint[]))
      AND p.plain ~ '^[0-9a-f]{12}$'
),
online AS (
    SELECT p.*,
           EXISTS (SELECT FROM devices_device d
                   WHERE d.tenant_id = p.tenant_id AND d.mac_addr = p.mac AND d.is_blocked) AS blocked,
           COALESCE(
               (SELECT g.method FROM access_sign_in g
                WHERE g.tenant_id = p.tenant_id AND lower(translate(g.callingstationid, ':-. ', '')) = p.plain
                  AND g.callingstationid IS NOT NULL AND g.nas_id = p.nas_id AND g.accepted
                  AND g.at <= p.acctstarttime + %(lead)s ORDER BY g.at DESC LIMIT 1),
               CASE WHEN lower(translate(p.username, ':-. ', '')) = p.plain AND p.portal_session_id IS NULL
                         AND p.username_key IS DISTINCT FROM lower(p.username) THEN 'mac' END) AS method
    FROM asked p
)
SELECT s.radacctid, CASE WHEN s.blocked THEN 'device-blocked' ELSE 'mac-withdrawn' END
FROM online s
JOIN nas_nas n ON n.id = s.nas_id AND n.is_active AND n.live_control <> 'off'
JOIN organizations_organization here ON here.id = n.organization_id
WHERE (s.blocked AND s.method IN ('mac', 'device', 'portal') OR NOT s.blocked AND s.method IN ('mac', 'device')
       AND NOT EXISTS (SELECT FROM devices_authorizedmac m JOIN organizations_organization o ON o.id = m.organization_id
                       WHERE m.tenant_id = s.tenant_id AND m.mac = s.mac AND m.is_active AND here.path <@ o.path
                         AND (m.expires IS NULL OR m.expires > %(now)s))
       AND NOT EXISTS (SELECT FROM portals_session v WHERE v.tenant_id = s.tenant_id AND v.mac = s.mac AND v.ended IS NULL)
       AND NOT EXISTS (SELECT FROM devices_device d
                       JOIN users_user u ON u.id = d.user_id AND u.role = 'device_user'
                       JOIN organizations_organization o ON o.id = u.organization_id AND o.device_mac_sign_in
                       WHERE d.tenant_id = s.tenant_id AND d.mac_addr = s.mac))
  AND NOT EXISTS (SELECT FROM control_request r
                  WHERE r.radacctid = s.radacctid AND r.kind = 'disconnect'
                    AND (r.state = 'queued' OR r.created > %(again)s))
"""


@dataclass(frozen=True, slots=True)
class _Suspects:
    tenants: list[int]
    macs: list[str]
    """Of these tenants, one each, as sessions are compared by."""
    organizations: list[int]
    """Whose users' devices came in by their address until now."""


def end_fresh(*, now: dt.datetime, window: int = WINDOW) -> int:
    """The same as `end_withdrawn`, if something was taken back since the last look; else it costs one small statement.

    For the worker: crosses tenants.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_FRESH)
        if not cursor.rowcount:
            return 0
    return _walk(now=now, window=window)


def end_withdrawn(*, now: dt.datetime, window: int = WINDOW) -> int:
    """Ask for the end of every session that a MAC address let in which lets nobody in any longer; returns how many.

    A session whose NAS did not comply is asked for again after `rules.AGAIN`, for a day. For the worker: crosses tenants.
    """
    with connection.cursor() as cursor:
        cursor.execute(_GONE, {"since": now - KEPT})
    return _walk(now=now, window=window)


def _walk(*, now: dt.datetime, window: int) -> int:
    suspects = _suspects(now)
    if not suspects.macs and not suspects.organizations:
        return 0
    known: dict[str, Any] = {
        "tenants": suspects.tenants, "macs": suspects.macs, "organizations": suspects.organizations, "now": now, "lead": LEAD,
        "again": now - rules.AGAIN,
    }  # fmt: skip
    after, asked = 0, 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_UPTO, {"after": after, "limit": window})
            upto = cursor.fetchone()[0]
            if upto is None:
                return asked
            cursor.execute(_UNWELCOME, {**known, "after": after, "upto": upto})
            asked += control.end_found({radacctid: Reason(reason) for radacctid, reason in cursor.fetchall()})
        after = upto


def _suspects(now: dt.datetime) -> _Suspects:
    with connection.cursor() as cursor:
        cursor.execute(_SUSPECTS, {"since": now - KEPT, "now": now})
        rows = cursor.fetchall()
    return _Suspects(
        tenants=[tenant for tenant, plain, _ in rows if plain],
        macs=[plain for _, plain, _ in rows if plain],
        organizations=[organization for _, plain, organization in rows if not plain],
    )
