"""Statements that close sessions whose NAS does not: after a Disconnect, at a restart of the NAS, after long silence.

A session closed so ends at its last update: what happened since is not known, and nothing is invented. `closed_by` says why,
and `closed_until` up to which moment of the NAS's own time the closing stands: sql.STORE opens the session again when its NAS
says something of a later moment, and lets the NAS's own Stop win. Rows are locked in the order of their unique ids, as STORE
locks them.
"""

from typing import Final

_AT_LAST_UPDATE: Final = """
    acctstoptime = l.acctupdatetime, acctterminatecause = %(cause)s, closed_by = %(closed_by)s,
    closed_until = GREATEST(l.acctupdatetime, %(until)s)
"""

CLOSE: Final = f"""
WITH held AS (
    SELECT radacctid FROM accounting_live
    WHERE radacctid = ANY(%(sessions)s) AND acctstoptime IS NULL AND acctupdatetime <= %(until)s
    ORDER BY acctuniqueid FOR UPDATE
)
UPDATE accounting_live l SET {_AT_LAST_UPDATE}
FROM held WHERE l.radacctid = held.radacctid AND l.radacctid = ANY(%(sessions)s)
"""

# Along the index of the NAS, a window at a time; how often a session was closed before makes no difference. In order: NAS,
# event, place of the window (2), its size, then what a session has to be like (radiusd/restarts.py), and the event (3).
# No row comes back in `page` after the last window.
RESTARTED: Final = """
WITH page AS (
    SELECT radacctid, acctstarttime FROM accounting_live
    WHERE nas_id = %s AND acctstarttime < %s AND (acctstarttime, radacctid) > (%s::timestamptz, %s)
    ORDER BY acctstarttime, radacctid LIMIT %s
), held AS (
    SELECT l.radacctid FROM accounting_live l JOIN page ON page.radacctid = l.radacctid
    WHERE (%s::text IS NULL OR l.nasipaddress = %s::text::inet)
      AND (%s::text IS NULL OR l.nasidentifier = %s::text)
      AND (%s::text IS NULL OR l.calledstationid = %s::text)
      AND (%s::text IS NULL OR left(upper(translate(l.calledstationid, ':-. ', '')), 12) = %s::text)
      AND (%s::text IS NULL OR l.ssid IS NULL OR l.ssid = %s::text)
      AND (l.acctstoptime IS NULL OR (l.closed_by IN ('restart', 'silence') AND l.closed_until < %s))
      AND l.acctupdatetime <= %s
    ORDER BY l.acctuniqueid FOR UPDATE OF l
), closed AS (
    UPDATE accounting_live l SET
        acctstoptime = l.acctupdatetime, acctterminatecause = 'NAS-Reboot', closed_by = 'restart',
        closed_until = GREATEST(l.acctupdatetime, %s)
    FROM held WHERE l.radacctid = held.radacctid
    RETURNING 1
)
SELECT (SELECT max(acctstarttime) FROM page),
       (SELECT radacctid FROM page ORDER BY acctstarttime DESC, radacctid DESC LIMIT 1),
       (SELECT count(*) FROM closed)
"""

# By the primary key, a window at a time: an index on when a session was last heard of would make each Interim rewrite the
# row's indexes. A row that is locked is being spoken of, so it is not silent.
SILENT: Final = f"""
WITH page AS (
    SELECT radacctid FROM accounting_live WHERE radacctid > %(after)s ORDER BY radacctid LIMIT %(limit)s
), held AS (
    SELECT radacctid FROM accounting_live
    WHERE radacctid > %(after)s AND radacctid <= (SELECT max(radacctid) FROM page) AND acctstoptime IS NULL
      AND heard < %(now)s - GREATEST(interval '15 minutes', LEAST(
          interval '1 day', 3 * make_interval(secs => COALESCE(acctinterval, %(interval)s))))
    ORDER BY acctuniqueid FOR UPDATE SKIP LOCKED
), closed AS (
    UPDATE accounting_live l SET {_AT_LAST_UPDATE.replace("GREATEST(l.acctupdatetime, %(until)s)", "l.acctupdatetime")}
    FROM held WHERE l.radacctid = held.radacctid
    RETURNING 1
)
SELECT (SELECT max(radacctid) FROM page), (SELECT count(*) FROM closed)
"""
