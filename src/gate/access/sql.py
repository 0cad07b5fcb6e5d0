"""The reads and writes of a sign-in, a batch at a time.

`LOOK_UP` finds any number of users in one round trip, fresh: an account disabled a moment ago is refused now. One query a
request would make the round trip the cost of a sign-in (docs/radius.md has the figures).
"""

from typing import Final

_USER: Final = """
       u.id, u.organization_id, u.is_active, u.expiration, b.seconds, u.klass, u.role,
       u.password, u.password_version, u.verifier, u.password_sealed,
       ARRAY(SELECT a.profile_id FROM users_userprofile a WHERE a.user_id = u.id ORDER BY a.position),
       u.last_login, u.max_sessions"""
_FOUND: Final = """
FROM unnest(%s::bigint[], %s::text[]) WITH ORDINALITY AS r(tenant_id, username_key, n)
JOIN users_user u ON u.tenant_id = r.tenant_id AND u.username_key = r.username_key
LEFT JOIN credit_balance b ON b.user_id = u.id AND b.began IS NOT NULL
"""

LOOK_UP: Final = f"SELECT r.n, {_USER} {_FOUND}"

# For the few who are limited in how many sessions they have open: those of other devices or at other NAS. A device counts
# once at a NAS, whatever was lost of its Stops; a session nothing was heard of for three intervals counts no more (eight hours
# where the NAS sends no interim updates, and no interval is known).
_UNHEARD: Final = "make_interval(secs => 3 * GREATEST(COALESCE(l.acctinterval, 9600), 60))"
OPEN_TYPES: Final = ("bigint", "bigint", "bigint", "text")
OPEN: Final = f"""
SELECT r.n, (
    SELECT count(*) FROM (
        SELECT DISTINCT l.nas_id, COALESCE(lower(translate(l.callingstationid, ':-. ', '')), l.acctuniqueid::text)
        FROM accounting_live l
        WHERE l.user_id = r.user_id AND l.acctstoptime IS NULL AND l.acctupdatetime > now() - {_UNHEARD}
          AND (l.nas_id, lower(translate(l.callingstationid, ':-. ', ''))) IS DISTINCT FROM (r.nas_id, r.mac)
    ) open)
FROM unnest({", ".join(f"%s::{kind}[]" for kind in OPEN_TYPES)}) AS r(n, user_id, nas_id, mac)
"""

# The last word of accounting about a portal's session: nothing (NULL) while the device is online somewhere, else the cause of
# the latest stop. `portal_session_id` has a partial index, which only sessions of portals stand in.
_LAST_CAUSE: Final = """
    (SELECT l.acctterminatecause FROM accounting_live l WHERE l.portal_session_id = s.id ORDER BY l.acctstoptime DESC LIMIT 1)
"""

# For batches in which some offer no password but their device: the same, and in the same round trip what may speak for each of
# those devices: the portal's session it stands in, MAC addresses an operator authorised (of nobody, they have 0 for a user), and
# the device that registered with the app, where its user's organization takes that for a sign-in. Behind a user's columns stand
# those of a portal's session, and behind these the others'. Batches without any run LOOK_UP, so that they pay nothing for this.
_NO_PORTAL: Final = """
       NULL::bigint, NULL::timestamptz, NULL::integer, NULL::text, NULL::text, NULL::bigint, NULL::text, NULL::text,
       NULL::boolean"""
_NO_STATION: Final = """
       NULL::text, NULL::bigint, NULL::boolean, NULL::timestamptz, NULL::text, NULL::bigint, NULL::boolean, NULL::text"""
_BLOCKED: Final = "EXISTS (SELECT FROM devices_device d WHERE d.tenant_id = c.tenant_id AND d.mac_addr = c.mac AND d.is_blocked)"
_OWNER: Final = """
       COALESCE(u.id, 0), COALESCE(u.organization_id, m.organization_id), COALESCE(u.is_active, true), u.expiration, b.seconds,
       u.klass, COALESCE(u.role, ''), ''::text, 0, NULL::bytea, NULL::bytea,
       COALESCE(
           NULLIF(ARRAY(SELECT a.profile_id FROM devices_authorizedmacprofile a WHERE a.mac_id = m.id ORDER BY a.position), '{}'),
           ARRAY(SELECT a.profile_id FROM users_userprofile a WHERE a.user_id = u.id ORDER BY a.position)),
       u.last_login, u.max_sessions"""
USER_COLUMNS: Final = 15
PORTAL_COLUMNS: Final = 9
LOOK_UP_GUESTS: Final = f"""
WITH r AS (SELECT * FROM unnest(%s::bigint[], %s::text[]) WITH ORDINALITY AS r(tenant_id, username_key, n)),
c AS (SELECT * FROM unnest(%s::bigint[], %s::text[], %s::bigint[]) AS c(tenant_id, mac, n))
SELECT r.n, {_USER}, {_NO_PORTAL}, {_NO_STATION}
FROM r
JOIN users_user u ON u.tenant_id = r.tenant_id AND u.username_key = r.username_key
LEFT JOIN credit_balance b ON b.user_id = u.id AND b.began IS NOT NULL
UNION ALL
SELECT c.n, {_USER}, s.id, s.expires, s.idle_timeout, s.uid, u.username, s.organization_id, o.path::text, {_LAST_CAUSE},
       {_BLOCKED}, {_NO_STATION}
FROM c
JOIN portals_session s ON s.tenant_id = c.tenant_id AND s.mac = c.mac AND s.ended IS NULL
JOIN users_user u ON u.id = s.user_id
JOIN organizations_organization o ON o.id = s.organization_id
LEFT JOIN credit_balance b ON b.user_id = u.id AND b.began IS NOT NULL
UNION ALL
SELECT c.n, {_OWNER}, {_NO_PORTAL}, 'mac', m.id, m.is_active, m.expires, o.path::text, m.organization_id, {_BLOCKED},
       COALESCE(u.username, '')
FROM c
JOIN devices_authorizedmac m ON m.tenant_id = c.tenant_id AND m.mac = c.mac
JOIN organizations_organization o ON o.id = m.organization_id
LEFT JOIN users_user u ON u.id = m.user_id
LEFT JOIN credit_balance b ON b.user_id = u.id AND b.began IS NOT NULL
UNION ALL
SELECT c.n, {_USER}, {_NO_PORTAL}, 'device', v.id, true, NULL::timestamptz, o.path::text, v.organization_id, v.is_blocked,
       u.username
FROM c
JOIN devices_device v ON v.tenant_id = c.tenant_id AND v.mac_addr = c.mac
JOIN users_user u ON u.id = v.user_id AND u.role = 'device_user'
JOIN organizations_organization o ON o.id = u.organization_id AND o.device_mac_sign_in
LEFT JOIN credit_balance b ON b.user_id = u.id AND b.began IS NOT NULL
"""

# Portal sessions that accounting says are over: the device is online nowhere, and the last stop was one that ends them.
_OVER: Final = """
SELECT s.id, l.acctstoptime, l.acctterminatecause, l.acctsessionid, b.seconds
FROM portals_session s
CROSS JOIN LATERAL (
    SELECT l.acctstoptime, l.acctterminatecause, l.acctsessionid FROM accounting_live l
    WHERE l.portal_session_id = s.id ORDER BY l.acctstoptime DESC LIMIT 1
) l
LEFT JOIN credit_balance b ON b.user_id = s.user_id AND b.began IS NOT NULL
WHERE s.ended IS NULL AND l.acctterminatecause = ANY(%(causes)s)
"""
# Whoever else ends one at this moment does it; the next run sees to what is left.
OVER: Final = f"{_OVER} ORDER BY s.id LIMIT %(limit)s FOR UPDATE OF s SKIP LOCKED"
OVER_ON_DEVICE: Final = f"{_OVER} AND s.tenant_id = %(tenant)s AND s.mac = %(mac)s FOR UPDATE OF s"

# Who a site may mean: the username decides, since it is unique; else e-mail address and external id, where two people found are
# one too many. Check items are left out: they look at a RADIUS request, and are asked when the device comes with one.
_GUEST: Final = """
SELECT u.id, u.username, u.email, u.external_id, u.organization_id, o.is_active AND NOT o.deleted, u.is_active, u.expiration,
       b.seconds, u.klass,
       (SELECT coalesce(jsonb_agg(jsonb_build_array(p.id, p.short_name, p.reply_attribute, p.session_timeout,
                                                              p.idle_timeout) ORDER BY a.position), '[]')::text
        FROM users_userprofile a JOIN profiles_profile p ON p.id = a.profile_id WHERE a.user_id = u.id),
       EXISTS (SELECT FROM devices_device d WHERE d.tenant_id = %(tenant)s AND d.mac_addr = %(mac)s AND d.is_blocked)
FROM found JOIN users_user u ON u.id = found.id
JOIN organizations_organization o ON o.id = u.organization_id
LEFT JOIN credit_balance b ON b.user_id = u.id AND b.began IS NOT NULL
"""
GUEST: Final = f"""
WITH named AS (
    SELECT id FROM users_user
    WHERE tenant_id = %(tenant)s AND username_key = %(key)s AND organization_id = ANY(%(organizations)s)
),
other AS (
    (SELECT u.id FROM gate_mailed(%(tenant)s, %(uid)s) m JOIN users_user u ON u.id = m.id
     WHERE u.tenant_id = %(tenant)s AND u.organization_id = ANY(%(organizations)s) LIMIT 2)
    UNION
    (SELECT id FROM users_user
     WHERE tenant_id = %(tenant)s AND external_id = %(uid)s AND organization_id = ANY(%(organizations)s) LIMIT 2)
),
found AS (SELECT id FROM named UNION ALL SELECT id FROM other WHERE NOT EXISTS (SELECT FROM named))
{_GUEST} LIMIT 2
"""
NEW_GUEST: Final = f"WITH found AS (SELECT %(user)s::bigint AS id) {_GUEST}"

LOG_TYPES: Final = (
    "double precision", "bigint", "bigint", "bigint", "bigint", "bigint", "text", "text", "text", "text", "boolean", "text",
    "bigint", "text", "text", "text",
)  # fmt: skip

# The log and its count by hour, in one statement: the dashboard never reads the log.
LOG: Final = f"""
WITH sign_in AS (
    SELECT to_timestamp(at) AS at, tenant_id, organization_id, nas_id, user_id, access_point_id, username, callingstationid,
           calledstationid, method, accepted, reason, session_timeout, limited_by, profiles, trace
    FROM unnest({", ".join(f"%s::{kind}[]" for kind in LOG_TYPES)})
        AS t(at, tenant_id, organization_id, nas_id, user_id, access_point_id, username, callingstationid, calledstationid,
             method, accepted, reason, session_timeout, limited_by, profiles, trace)
),
logged AS (
    INSERT INTO access_sign_in (at, tenant_id, organization_id, nas_id, user_id, access_point_id, username, callingstationid,
                                calledstationid, method, accepted, reason, session_timeout, limited_by, profiles, trace)
    SELECT * FROM sign_in
)
INSERT INTO access_sign_in_hour AS h (tenant_id, organization_id, hour, accepted, sign_ins)
SELECT tenant_id, organization_id, date_trunc('hour', at), accepted, count(*) FROM sign_in GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
ON CONFLICT (tenant_id, hour, organization_id, accepted) DO UPDATE SET sign_ins = h.sign_ins + EXCLUDED.sign_ins
"""

# Only where the password is still the one that was checked.
KEEP_VERIFIER: Final = "UPDATE users_user SET verifier = %s::bytea WHERE id = %s::bigint AND password_version = %s::integer"

# Only while it still is the hash that was checked.
KEEP_HASH: Final = "UPDATE users_user SET password = %s::text WHERE id = %s::bigint AND password = %s::text"

# At most once an hour a user: see radiusd/authenticate.py.
LOGGED_IN: Final = """
UPDATE users_user u SET last_login = to_timestamp(t.at), first_login = COALESCE(u.first_login, to_timestamp(t.at))
FROM unnest(%s::bigint[], %s::double precision[]) AS t(id, at)
WHERE u.id = t.id
"""

LET_IN_TYPES: Final = ("bigint", "double precision")

# Devices that came in by a portal's session, into the transaction log: `ai` the first time, `aa` when they come again. The row
# of the session tells which: it takes the first moment once, whatever the number of servers.
LET_IN: Final = """
WITH came AS (SELECT id, to_timestamp(at) AS at FROM unnest(%s::bigint[], %s::double precision[]) AS t(id, at)),
first AS (
    UPDATE portals_session s SET let_in = c.at
    FROM (SELECT id, min(at) AS at FROM came GROUP BY id ORDER BY id) c
    WHERE s.id = c.id AND s.let_in IS NULL
    RETURNING s.id, s.let_in
)
INSERT INTO txlog_event (
    at, tenant_id, organization_id, type, source, status, action, message, new_user, user_id, username, email, external_id,
    session_id, page_id, service_id, location_id, access_point_id, mac_addr, captured_ip_addr)
SELECT c.at, s.tenant_id, s.organization_id, CASE WHEN f.id IS NULL THEN 'aa' ELSE 'ai' END, 'r', 'r002', 'na', '', false,
       s.user_id, u.username, NULLIF(u.email, ''), u.external_id, s.id::text, s.id, s.portal_id, s.location_id,
       s.access_point_id, ('x' || replace(s.mac, ':', ''))::bit(48)::bigint,
       CASE WHEN family(s.ip) = 4 THEN s.ip - '0.0.0.0'::inet END
FROM came c
JOIN portals_session s ON s.id = c.id
JOIN users_user u ON u.id = s.user_id
LEFT JOIN first f ON f.id = c.id AND f.let_in = c.at
"""

# Whatever the planner believes of the arrays' lengths: users are found by their index, never by reading the table.
PIN: Final = {
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "plan_cache_mode": "force_generic_plan",
    "jit": "off",
}

# For a dry run (dry_run.py), which has nothing in memory.
PLACE: Final = """
SELECT n.id, n.short_name, n.vendor, o.path::text, o.timezone
FROM nas_nas n JOIN organizations_organization o ON o.id = n.organization_id
WHERE n.tenant_id = %(tenant)s
  AND (n.id::text = %(named)s OR lower(n.short_name) = lower(%(named)s) OR n.address >>= %(address)s::inet)
"""
PLACE_ORDER: Final = "ORDER BY lower(n.short_name) = lower(%(named)s) DESC, masklen(n.address) DESC NULLS LAST LIMIT 1"
OWN_PLACE: Final = """
SELECT NULL::bigint, NULL::text, ''::text, o.path::text, o.timezone
FROM organizations_organization o WHERE o.id = %(own)s AND o.tenant_id = %(tenant)s
"""
ORGANIZATION_ACTIVE: Final = "SELECT 1 FROM organizations_organization WHERE id = %(id)s AND is_active AND NOT deleted"
