"""The reads and writes of a sign-in, a batch at a time.

`LOOK_UP` finds any number of users in one round trip, fresh: an account disabled a moment ago is refused now. One query a
request would make the round trip the cost of a sign-in (docs/radius.md has the figures).
"""

from typing import Final

LOOK_UP: Final = """
SELECT r.n, u.id, u.organization_id, u.is_active, u.expiration, b.seconds, u.klass, u.role,
       u.password, u.password_version, u.verifier, u.password_sealed,
       ARRAY(SELECT a.profile_id FROM users_userprofile a WHERE a.user_id = u.id ORDER BY a.position),
       u.last_login
FROM unnest(%s::bigint[], %s::text[]) WITH ORDINALITY AS r(tenant_id, username_key, n)
JOIN users_user u ON u.tenant_id = r.tenant_id AND u.username_key = r.username_key
LEFT JOIN credit_balance b ON b.user_id = u.id AND b.began IS NOT NULL
"""

LOG_TYPES: Final = (
    "double precision", "bigint", "bigint", "bigint", "bigint", "bigint", "text", "text", "text", "text", "boolean", "text",
)  # fmt: skip

# The log and its count by hour, in one statement: the dashboard never reads the log.
LOG: Final = f"""
WITH sign_in AS (
    SELECT to_timestamp(at) AS at, tenant_id, organization_id, nas_id, user_id, access_point_id, username, callingstationid,
           calledstationid, method, accepted, reason
    FROM unnest({", ".join(f"%s::{kind}[]" for kind in LOG_TYPES)})
        AS t(at, tenant_id, organization_id, nas_id, user_id, access_point_id, username, callingstationid, calledstationid,
             method, accepted, reason)
),
logged AS (
    INSERT INTO access_sign_in (at, tenant_id, organization_id, nas_id, user_id, access_point_id, username, callingstationid,
                                calledstationid, method, accepted, reason)
    SELECT * FROM sign_in
)
INSERT INTO access_sign_in_hour AS h (tenant_id, organization_id, hour, accepted, sign_ins)
SELECT tenant_id, organization_id, date_trunc('hour', at), accepted, count(*) FROM sign_in GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
ON CONFLICT (tenant_id, hour, organization_id, accepted) DO UPDATE SET sign_ins = h.sign_ins + EXCLUDED.sign_ins
"""

# Only where the password is still the one that was checked.
KEEP_VERIFIER: Final = "UPDATE users_user SET verifier = %s::bytea WHERE id = %s::bigint AND password_version = %s::integer"

# At most once an hour a user: see radiusd/authenticate.py.
LOGGED_IN: Final = """
UPDATE users_user u SET last_login = to_timestamp(t.at), first_login = COALESCE(u.first_login, to_timestamp(t.at))
FROM unnest(%s::bigint[], %s::double precision[]) AS t(id, at)
WHERE u.id = t.id
"""

# Whatever the planner believes of the arrays' lengths: users are found by their index, never by reading the table.
PIN: Final = {
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "plan_cache_mode": "force_generic_plan",
    "jit": "off",
}
