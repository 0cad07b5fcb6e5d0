"""Who is online and may not be any longer: found by looking at the state, so that no cause is ever missed.

Deleting or disabling a user asks for the end of the sessions at once (users/commands.py). What happens by itself (a date
passes, credit runs out), what changes many (an organization is switched off, an import) and a session that started a moment
after the decision are found here, a pass a minute.
"""

import datetime as dt

from django.db import connection, transaction

from gate.accounting import commands as accounting
from gate.control import commands as control
from gate.control import rules
from gate.control.types import Reason

WINDOW = 5_000
"""Sessions looked at in one transaction."""
CLOSED = 500
"""Sessions closed in one transaction."""

_UPTO = """
SELECT max(radacctid) FROM (
    SELECT radacctid FROM accounting_live WHERE radacctid > %(after)s ORDER BY radacctid LIMIT %(limit)s) AS page
"""
# The order of the reasons is that of access/rules.py, but for the user that is gone. A portal's guest who signed in again on the
# same device stands in another session, by which the device is welcome.
_UNWELCOME = """
SELECT l.radacctid,
       CASE WHEN u.id IS NULL THEN 'user-deleted'
            WHEN NOT o.is_active OR o.deleted THEN 'organization-inactive'
            WHEN NOT u.is_active THEN 'user-disabled'
            WHEN u.expiration <= %(now)s THEN 'user-expired'
            WHEN b.seconds <= 0 THEN 'no-credit'
            ELSE 'portal-session-over' END
FROM accounting_live l
JOIN nas_nas n ON n.id = l.nas_id AND n.is_active AND n.live_control <> 'off'
LEFT JOIN users_user u ON u.id = l.user_id
LEFT JOIN organizations_organization o ON o.id = u.organization_id
LEFT JOIN credit_balance b ON b.user_id = u.id AND b.began IS NOT NULL
WHERE l.radacctid > %(after)s AND l.radacctid <= %(upto)s AND l.acctstoptime IS NULL AND l.user_id IS NOT NULL
  AND (u.id IS NULL OR NOT o.is_active OR o.deleted OR NOT u.is_active OR u.expiration <= %(now)s OR b.seconds <= 0
       OR EXISTS (SELECT FROM portals_session s WHERE s.id = l.portal_session_id AND s.ended IS NOT NULL
                  AND NOT EXISTS (SELECT FROM portals_session again
                                  WHERE again.tenant_id = s.tenant_id AND again.mac = s.mac AND again.ended IS NULL)))
  AND NOT EXISTS (SELECT FROM control_request r
                  WHERE r.radacctid = l.radacctid AND r.kind = 'disconnect'
                    AND (r.state = 'queued' OR r.created > %(again)s))
"""
_UNSETTLED = """
SELECT id, radacctid, answered FROM control_request
WHERE NOT settled AND answered <= %(before)s ORDER BY answered LIMIT %(limit)s FOR UPDATE SKIP LOCKED
"""
_SETTLED = "UPDATE control_request SET settled = true WHERE id = ANY(%(ids)s)"


def end_unwelcome(*, now: dt.datetime, window: int = WINDOW) -> int:
    """Ask for the end of every session whose user may not be online any longer; returns how many were asked for.

    A session whose NAS did not comply is asked for again after `rules.AGAIN`. For the worker: crosses tenants.
    """
    after, asked = 0, 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_UPTO, {"after": after, "limit": window})
            upto = cursor.fetchone()[0]
            if upto is None:
                return asked
            cursor.execute(_UNWELCOME, {"after": after, "upto": upto, "now": now, "again": now - rules.AGAIN})
            asked += control.end_found({radacctid: Reason(reason) for radacctid, reason in cursor.fetchall()})
        after = upto


def close_disconnected(*, now: dt.datetime, limit: int = CLOSED) -> int:
    """Close the sessions a NAS said to have ended `rules.GRACE` ago without sending a Stop; returns how many.

    Each ends at its last update: no usage is invented. One updated after the NAS's answer is alive, whatever the answer was, and
    stays open. For the worker: crosses tenants.
    """
    closed = 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_UNSETTLED, {"before": now - rules.GRACE, "limit": limit})
            rows = cursor.fetchall()
            # One by one: each closing stands up to the moment of its own answer.
            for _, radacctid, answered in rows:
                closed += accounting.close([radacctid], closed_by="disconnect", cause="Admin-Reset", until=answered)
            cursor.execute(_SETTLED, {"ids": [number for number, _, _ in rows]})
        if len(rows) < limit:
            return closed
