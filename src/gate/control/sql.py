"""The statements of the queue.

One table is queue and log; a request is claimed by moving its `due` ahead, so that a worker that dies loses nothing.
Sessions are read here and never written: they are accounting's.
"""

from typing import Final

LIVE_OF_USER: Final = """
SELECT radacctid FROM accounting_live WHERE user_id = %(user)s AND tenant_id = %(tenant)s AND acctstoptime IS NULL
"""

# The session's own columns are copied: the log stays readable when the session is in the history and the user is gone.
QUEUE: Final = """
INSERT INTO control_request (tenant_id, organization_id, nas_id, radacctid, user_id, username, kind, reason, source, actor, items,
                             state, message, rounds, asked, created, due, settled)
SELECT l.tenant_id, l.organization_id, l.nas_id, l.radacctid, l.user_id, l.username, %(kind)s, t.reason, %(source)s, %(actor)s,
       %(items)s::jsonb, 'queued', '', 0, '', %(now)s, %(now)s, false
FROM unnest(%(sessions)s::bigint[], %(reasons)s::text[]) AS t(radacctid, reason)
JOIN accounting_live l ON l.radacctid = t.radacctid AND l.acctstoptime IS NULL
ORDER BY l.radacctid
ON CONFLICT (radacctid) WHERE kind = 'disconnect' AND state = 'queued' DO NOTHING
RETURNING id
"""
# Whoever has no session that runs needs none changed. A change that comes while a user's sessions are told finds the line locked,
# and makes a new one when it is gone.
RENEW_USER: Final = """
INSERT INTO control_renewal AS r (tenant_id, about, subject, reason, source, actor, since, due)
SELECT %(tenant)s, 'user', %(user)s, %(reason)s, %(source)s, %(actor)s, %(now)s, %(due)s
WHERE EXISTS (SELECT FROM accounting_live WHERE user_id = %(user)s AND tenant_id = %(tenant)s AND acctstoptime IS NULL)
ON CONFLICT (about, subject) DO UPDATE SET
    reason = CASE WHEN 'profile-changed' IN (r.reason, EXCLUDED.reason) THEN 'profile-changed' ELSE EXCLUDED.reason END,
    source = EXCLUDED.source, actor = EXCLUDED.actor, due = LEAST(EXCLUDED.due, r.since + %(most)s)
"""

# Of a session that waits to be told of one change the next one says all: the earlier is not sent any more.
RENEW: Final = """
WITH asked AS (
    SELECT * FROM unnest(%(sessions)s::bigint[], %(kinds)s::text[], %(items)s::text[], %(reasons)s::text[], %(sources)s::text[],
                         %(actors)s::text[]) AS t(radacctid, kind, items, reason, source, actor)
),
replaced AS (
    UPDATE control_request r SET state = 'over', message = 'A later change took its place.', answered = %(now)s
    FROM asked a
    WHERE r.radacctid = a.radacctid AND r.kind = 'coa' AND r.state = 'queued' AND r.reason = ANY(%(renewals)s::text[])
)
INSERT INTO control_request (tenant_id, organization_id, nas_id, radacctid, user_id, username, kind, reason, source, actor, items,
                             state, message, rounds, asked, created, due, settled)
SELECT l.tenant_id, l.organization_id, l.nas_id, l.radacctid, l.user_id, l.username, a.kind, a.reason, a.source, a.actor,
       a.items::jsonb, 'queued', '', 0, '', %(now)s, %(now)s, false
FROM asked a JOIN accounting_live l ON l.radacctid = a.radacctid AND l.acctstoptime IS NULL
ORDER BY l.radacctid
ON CONFLICT (radacctid) WHERE kind = 'disconnect' AND state = 'queued' DO NOTHING
RETURNING id
"""
ENDS_INSTEAD: Final = """
SELECT FROM nas_nas n JOIN accounting_live l ON l.nas_id = n.id AND l.acctstoptime IS NULL
WHERE l.radacctid = %(session)s AND n.is_active AND n.live_control <> 'off' AND n.unchangeable = 'disconnect'
"""
WAITING: Final = "SELECT id FROM control_request WHERE radacctid = %(session)s AND kind = %(kind)s AND state = 'queued'"

# The changes of a session are made one after the other, in the order they were asked for.
CLAIM: Final = """
WITH due AS (
    SELECT id FROM control_request r WHERE state = 'queued' AND due <= %(now)s
      AND (kind = 'disconnect'
           OR NOT EXISTS (SELECT FROM control_request before WHERE before.radacctid = r.radacctid AND before.id < r.id
                          AND before.kind = 'coa' AND before.state = 'queued'))
    ORDER BY due LIMIT %(limit)s FOR UPDATE SKIP LOCKED
),
taken AS (
    UPDATE control_request r SET due = %(lease)s, rounds = r.rounds + 1 FROM due WHERE r.id = due.id
    RETURNING r.id, r.kind, r.rounds, r.items, r.radacctid, r.nas_id
)
SELECT t.id, t.kind, t.rounds, t.items::text, t.nas_id,
       n.address::text, n.vendor, n.live_control, n.coa_port, host(n.coa_address), n.coa_attributes, n.coa_mac_format,
       n.secret_sealed,
       l.username, l.acctsessionid, l.acctmultisessionid, l.callingstationid, l.calledstationid, host(l.framedipaddress),
       host(l.nasipaddress), l.nasidentifier, l.nasportid
FROM taken t
LEFT JOIN nas_nas n ON n.id = t.nas_id AND n.is_active
LEFT JOIN accounting_live l ON l.radacctid = t.radacctid AND l.acctstoptime IS NULL
ORDER BY t.id
"""

# The first to write a final state down wins: of two workers one was late.
SETTLE: Final = """
UPDATE control_request r SET state = %(state)s, message = %(message)s, error_cause = %(error_cause)s, due = %(due)s,
    asked = CASE WHEN %(asked)s = '' THEN r.asked ELSE %(asked)s END,
    answered = CASE WHEN %(state)s = 'queued' THEN NULL ELSE %(now)s END,
    settled = NOT (r.kind = 'disconnect' AND %(state)s IN ('acknowledged', 'gone'))
WHERE r.id = %(id)s AND r.state = 'queued'
RETURNING r.tenant_id, r.organization_id, r.radacctid, r.user_id, r.username, r.kind, r.reason, r.source
"""
# What the log says of the session beside. A portal's session ends with its own line there.
OF_SESSION: Final = """
SELECT l.acctsessionid, l.location_id, l.access_point_id, l.ssid, l.callingstationid, l.portal_session_id,
       u.email, u.external_id
FROM accounting_live l LEFT JOIN users_user u ON u.id = l.user_id WHERE l.radacctid = %(session)s
"""
PUT_BACK: Final = """
UPDATE control_request SET due = %(due)s, rounds = rounds - 1 WHERE id = ANY(%(ids)s) AND state = 'queued'
"""

# From the oldest on, which have the least ids. A queued request, and one whose session is still to be closed, stays.
PRUNE: Final = """
WITH page AS (
    SELECT id, created, state, settled FROM control_request WHERE id > %(after)s ORDER BY id LIMIT %(limit)s
),
gone AS (
    DELETE FROM control_request r USING page p
    WHERE r.id = p.id AND p.created < %(oldest)s AND p.state <> 'queued' AND p.settled RETURNING 1
)
SELECT (SELECT count(*) FROM gone), (SELECT max(id) FROM page WHERE created < %(oldest)s)
"""

LIST: Final = """
SELECT id, radacctid, organization_id, nas_id, user_id, username, kind, reason, source, items::text, state, message, error_cause,
       rounds, asked, created, answered
FROM control_request
WHERE tenant_id = %(tenant)s AND organization_id = ANY(%(organizations)s) AND radacctid = %(session)s
ORDER BY id DESC LIMIT %(limit)s
"""
GET: Final = """
SELECT id, radacctid, organization_id, nas_id, user_id, username, kind, reason, source, items::text, state, message, error_cause,
       rounds, asked, created, answered
FROM control_request WHERE tenant_id = %(tenant)s AND organization_id = ANY(%(organizations)s) AND id = %(id)s
"""
