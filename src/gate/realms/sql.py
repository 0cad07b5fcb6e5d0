"""Which realms hold at a place in the tree, and the queue of accounting that waits for home servers.

The queue is written with the session, and read by whoever forwards.
"""

from typing import Final

QUEUE_TYPES: Final = ("bigint", "bigint", "bytea", "bytea", "double precision")

# In the order the packets came in: that is the order of their ids.
QUEUE: Final = f"""
INSERT INTO realms_forward (tenant_id, pool_id, session, attributes, at, due)
SELECT t.tenant_id, t.pool_id, t.session, t.attributes, t.at, now()
FROM unnest({", ".join(f"%s::{kind}[]" for kind in QUEUE_TYPES)}) WITH ORDINALITY
    AS t(tenant_id, pool_id, session, attributes, at, n)
WHERE EXISTS (SELECT FROM realms_pool p WHERE p.id = t.pool_id)
ORDER BY t.n
"""

# Of each session the first packet alone: the next one follows when that is acknowledged. What waits for another pool, since the
# realm led there before, or a restart that goes to several, holds up nothing here. Whoever takes rows has them until they
# are due again; several processes take turns, and what a process took that died comes due by itself.
TAKE: Final = """
UPDATE realms_forward f SET due = now() + make_interval(secs => %s::double precision), tries = f.tries + 1
FROM (
    SELECT q.id FROM realms_forward q
    WHERE q.pool_id = %s::bigint AND q.due <= now()
      AND NOT EXISTS (SELECT 1 FROM realms_forward e WHERE e.session = q.session AND e.pool_id = q.pool_id AND e.id < q.id)
    ORDER BY q.due, q.id LIMIT %s::bigint FOR UPDATE SKIP LOCKED
) ready
WHERE f.id = ready.id
RETURNING f.id, f.attributes, f.at, f.tries
"""
DELIVERED: Final = "DELETE FROM realms_forward WHERE id = ANY(%s::bigint[])"
LATER: Final = """
UPDATE realms_forward f SET due = now() + make_interval(secs => t.wait)
FROM unnest(%s::bigint[], %s::double precision[]) AS t(id, wait) WHERE f.id = t.id
"""
GIVE_UP: Final = """
WITH given AS (DELETE FROM realms_forward WHERE at < %s::double precision RETURNING 1) SELECT count(*) FROM given
"""
WAITING: Final = "SELECT count(*), min(at) FROM realms_forward"

HOLDING: Final = """
SELECT r.organization_id, o.name, r.name, r.pool_id, r.when_dead
FROM realms_realm r JOIN organizations_organization o ON o.id = r.organization_id
WHERE r.tenant_id = %(tenant)s AND r.organization_id = ANY(%(above)s::bigint[]) AND r.is_active AND o.is_active AND NOT o.deleted
"""
LED_TO: Final = """
SELECT p.name, p.mode, s.name, COALESCE(h.auth_state, 'unknown'), h.last_answer
FROM realms_pool p
LEFT JOIN (realms_poolserver m JOIN realms_homeserver s ON s.id = m.server_id AND s.is_active) ON m.pool_id = p.id
LEFT JOIN realms_health h ON h.server_id = s.id
WHERE p.tenant_id = %(tenant)s AND p.id = %(pool)s
ORDER BY m.position
"""
