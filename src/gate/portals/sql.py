"""The statements of a sign-in at a portal: where the guest stands, and the session. One round trip each."""

from typing import Final

# The access point tells the organization, if the caller may reach it; one that is unknown or out of reach says nothing, and the
# caller's own organization counts. Portals are inherited: the nearest one on the way up to the root.
SITE: Final = """
WITH point AS (
    SELECT a.id, a.organization_id, a.location_id FROM places_accesspoint a
    WHERE a.tenant_id = %(tenant)s AND a.mac_addr = %(ap_mac)s AND a.organization_id = ANY(%(organizations)s)
)
SELECT o.id, o.is_active AND NOT o.deleted, point.location_id, point.id,
       p.id, p.name, p.is_active, p.register_unknown, p.profile, p.session_timeout, p.idle_timeout
FROM organizations_organization o
LEFT JOIN point ON true
LEFT JOIN LATERAL (
    SELECT p.id, p.name, p.is_active, p.register_unknown, f.short_name AS profile, p.session_timeout, p.idle_timeout
    FROM organizations_organization above
    JOIN portals_portal p ON p.organization_id = above.id
    LEFT JOIN profiles_profile f ON f.id = p.profile_id
    WHERE above.id = ANY(string_to_array(ltree2text(o.path), '.')::bigint[]) AND above.tenant_id = %(tenant)s
    ORDER BY nlevel(above.path) DESC LIMIT 1
) p ON true
WHERE o.tenant_id = %(tenant)s AND o.id = COALESCE((SELECT organization_id FROM point), %(organization)s)
"""

# At most one session is open for a MAC address: of two callers at once, one inserts and the other renews. The open session of
# another guest, or one whose time is over, is not taken up: nothing comes back then, and the caller ends it first.
OPEN: Final = """
INSERT INTO portals_session AS s (
    tenant_id, organization_id, user_id, portal_id, location_id, access_point_id, uid, mac, ap_mac, ip, original_url,
    controller_address, session_timeout, idle_timeout, opened, expires, end_reason)
VALUES (
    %(tenant)s, %(organization)s, %(user)s, %(portal)s, %(location)s, %(access_point)s, %(uid)s, %(mac)s, %(ap_mac)s, %(ip)s,
    %(original_url)s, %(controller_address)s, %(session_timeout)s, %(idle_timeout)s, %(opened)s, %(expires)s, '')
ON CONFLICT (tenant_id, mac) WHERE ended IS NULL DO UPDATE SET
    organization_id = EXCLUDED.organization_id, portal_id = EXCLUDED.portal_id, location_id = EXCLUDED.location_id,
    access_point_id = EXCLUDED.access_point_id, uid = EXCLUDED.uid, ap_mac = EXCLUDED.ap_mac, ip = EXCLUDED.ip,
    original_url = EXCLUDED.original_url, controller_address = EXCLUDED.controller_address,
    session_timeout = EXCLUDED.session_timeout, idle_timeout = EXCLUDED.idle_timeout, opened = EXCLUDED.opened,
    expires = EXCLUDED.expires
WHERE s.user_id = EXCLUDED.user_id AND s.expires > EXCLUDED.opened
RETURNING s.id, s.xmax <> 0
"""

# Locked in the order of their ids, so that two who end sessions never wait for each other.
LOCK_OPEN: Final = """
SELECT id, expires FROM portals_session WHERE tenant_id = %s AND mac = %s AND ended IS NULL FOR UPDATE
"""

LOCK_DUE: Final = """
SELECT s.id, s.expires, b.seconds FROM portals_session s
LEFT JOIN credit_balance b ON b.user_id = s.user_id AND b.began IS NOT NULL
WHERE s.ended IS NULL AND s.expires <= %s ORDER BY s.expires LIMIT %s FOR UPDATE OF s SKIP LOCKED
"""

# What was ended meanwhile by somebody else is not ended a second time, and comes back to nobody.
END: Final = """
UPDATE portals_session s SET ended = t.at, end_reason = t.reason
FROM unnest(%s::bigint[], %s::text[], %s::timestamptz[]) AS t(id, reason, at), users_user u
WHERE s.id = t.id AND s.ended IS NULL AND u.id = s.user_id
RETURNING s.id, s.tenant_id, s.organization_id, s.user_id, s.mac, host(s.ip), s.portal_id, s.location_id, s.access_point_id,
          u.username, NULLIF(u.email, ''), u.external_id
"""

# From the oldest on, which have the least ids. One that is open stays, and one by which a device is online still.
PRUNE: Final = """
WITH page AS (SELECT id, opened, ended FROM portals_session WHERE id > %(after)s ORDER BY id LIMIT %(limit)s),
gone AS (
    DELETE FROM portals_session s USING page p
    WHERE s.id = p.id AND p.ended < %(oldest)s
      AND NOT EXISTS (SELECT FROM accounting_live l WHERE l.portal_session_id = p.id)
    RETURNING 1
)
SELECT (SELECT count(*) FROM gone), (SELECT max(id) FROM page WHERE opened < %(oldest)s)
"""
