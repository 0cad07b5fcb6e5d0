"""The queue of accounting that waits for home servers: written with the session, read by whoever forwards."""

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
