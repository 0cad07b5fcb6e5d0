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
