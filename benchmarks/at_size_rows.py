"""The rows of the at-size database, as SQL that PostgreSQL fills its tables with by itself: nothing crosses the connection.

Rule of this file: every row follows from its number, so that a load of the same size is the same database. Two tenants. The big
one (`acme`, nine users of ten) is a root, three regions with 400, 500 and 96 branches, and the small one (`rival`) a root with
49. Half of the people came branch by branch, as imports bring them, so that the ids of a branch lie together; the other half
came as life brings them. Branch 105 is as large as fifty
others.
"""

from typing import Final

LAST_REGION, LAST_BRANCH, RIVAL, LAST = 4, 1000, 1001, 1050
"""Ids of organizations: 1 is the root, 2 to 4 the regions, from 5 on branches, 1001 and what follows the other tenant."""
LOCATIONS, POINTS, DEVICES, NAS, PROFILES = 5, 10, 4, 2, 12
"""Locations and NAS an organization, access points and access devices a location, profiles a tenant."""

ORGANIZATIONS: Final = """
INSERT INTO organizations_organization (id, tenant_id, parent_id, path, name, short_name, display_name, description, is_active,
    deleted, country_code, platform, website, industry, size, timezone, date_format, currency, language, plan, plan_status,
    features, logo_url, primary_color, secondary_color, recoverable_passwords, created, updated)
SELECT n, CASE WHEN n >= 1001 THEN 1001 ELSE 1 END, above,
    (CASE WHEN above IS NULL THEN '' WHEN above IN (1, 1001) THEN above || '.' ELSE '1.' || above || '.' END || n)::ltree,
    CASE n WHEN 1 THEN 'Acme' WHEN 1001 THEN 'Rival' ELSE 'Branch ' || n END,
    CASE n WHEN 1 THEN 'acme' WHEN 1001 THEN 'rival' ELSE 'branch-' || n END, '', '', true, false, 'US', 0, '', '', '', 'UTC', '',
    '', '', '', '', '[]', '', '', '', false, %(now)s, %(now)s
FROM generate_series(1, 1050) n CROSS JOIN LATERAL (SELECT CASE WHEN n IN (1, 1001) THEN NULL WHEN n <= 4 THEN 1 WHEN n <= 404
    THEN 2 WHEN n <= 904 THEN 3 WHEN n <= 1000 THEN 4 ELSE 1001 END AS above) a
"""

PROFILES_ROWS: Final = """
INSERT INTO profiles_profile (id, tenant_id, organization_id, name, short_name, description, reply_attribute, check_attribute,
    created, last_change)
SELECT n, t, CASE WHEN n %% 2 = 0 THEN t ELSE t + 1 END, 'Profile ' || n, 'profile-' || n, '',
    '[{"attribute": "Session-Timeout", "op": ":=", "value": "3600"}]', '[]', %(now)s, %(now)s
FROM generate_series(1, 24) n CROSS JOIN LATERAL (SELECT CASE WHEN n <= 12 THEN 1 ELSE 1001 END AS t) x
"""

# A tenth of the users belongs to the small tenant. Of the big one's every second comes branch by branch.
USERS: Final = """
INSERT INTO users_user (id, tenant_id, organization_id, username, username_key, external_id, klass, email, first_name, last_name,
    role, is_active, description, date_joined, expiration, password, password_version, last_change)
SELECT n, CASE WHEN o >= 1001 THEN 1001 ELSE 1 END, o, name, name, 'EMP' || lpad(n::text, 8, '0'), 'standard', name,
    'Given' || n %% 997, 'Family' || n %% 4999, 'device_user', n %% 50 > 0, '', %(now)s - n %% 700 * interval '1 day',
    CASE WHEN n %% 7 = 0 THEN %(now)s + n %% 300 * interval '1 day' END,
    '$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g', 0, %(now)s
FROM generate_series(%(first)s::bigint, %(last)s::bigint) n
CROSS JOIN LATERAL (SELECT CASE WHEN n %% 10 = 0 THEN 1001 + n / 10 %% 50 WHEN n %% 100 = 1 THEN 1 + n / 100 %% 4
    WHEN n %% 100 BETWEEN 2 AND 6 THEN 105
    WHEN n <= %(users)s / 2 THEN 5 + n * 2 * 996 / (%(users)s + 2) ELSE 5 + n * 7919 %% 996 END AS o) a
CROSS JOIN LATERAL (SELECT CASE n %% 3 WHEN 0 THEN 'guest' || n || '@example.net' WHEN 1 THEN '+4916' || lpad(n::text, 8, '0')
    ELSE substr(md5(n::text), 1, 8) || '.' || n END AS name) b
"""

USER_PROFILES: Final = """
INSERT INTO users_userprofile (tenant_id, user_id, profile_id, position)
SELECT CASE WHEN n %% 10 = 0 THEN 1001 ELSE 1 END, n, CASE WHEN n %% 10 = 0 THEN 14 + n %% 5 * 2 ELSE 2 + n %% 6 * 2 END, 0
FROM generate_series(1, %(users)s::bigint) n
"""

# A third of the people is limited by time, and was granted some twice.
BALANCES: Final = """
INSERT INTO credit_balance (user_id, tenant_id, seconds, began)
SELECT n, CASE WHEN n %% 10 = 0 THEN 1001 ELSE 1 END, 5400, %(now)s FROM generate_series(3, %(users)s::bigint, 3) n
"""
ENTRIES: Final = """
INSERT INTO credit_entry (tenant_id, user_id, seconds, previous, reason, actor, note, created)
SELECT CASE WHEN n %% 10 = 0 THEN 1001 ELSE 1 END, n, seconds, 0, 'operator', 'command', '', %(now)s
FROM generate_series(3, %(users)s::bigint, 3) n CROSS JOIN (VALUES (3600), (1800)) g(seconds)
"""

EXTRAS: Final = """
INSERT INTO users_userextra (tenant_id, organization_id, parent_id, title, gender, birthday, telephone, city, country_id,
    locale, accept_terms, created, last_change)
SELECT tenant_id, organization_id, id, 'Ms', 'f', '1990-01-01'::date + id::int %% 9000, '+1555' || id, 'San Francisco', 'US',
    'en', true, %(now)s, %(now)s FROM users_user WHERE id %% 2 = 0 ORDER BY id
"""

# Locations: 5 an organization. Access points (10) and access devices (4) stand in them.
_PLACE = """
INSERT INTO places_{table} (id, tenant_id, organization_id, name, short_name, is_active, description, thumbnail, address,
    reference, city, postal_code, state, region, country_code, latitude, longitude, created, last_change{more})
SELECT n, CASE WHEN o >= 1001 THEN 1001 ELSE 1 END, o, '{name} ' || n, '{short}-' || n, n %% 20 > 0, '', '',
    n || ' Market Street', '', 'San Francisco', '94103', 'CA', 'West', 'US',
    CASE WHEN n %% 5 > 0 THEN 37 + n %% 1000 / 1000.0 END,
    CASE WHEN n %% 5 > 0 THEN -122 - n %% 777 / 1000.0 END, %(now)s, %(now)s - n * 7919 %% 1000 * interval '9 hours'{values}
FROM generate_series(1, 1050 * {each}) n CROSS JOIN LATERAL (SELECT (n - 1) / {each} + 1 AS o) a
"""
_MAC = "'02:00:00:' || upper(to_char(n / 65536, 'FM00')) || ':' || upper(lpad(to_hex(n / 256 %% 256), 2, '0')) || ':'"
LOCATION_ROWS: Final = _PLACE.format(table="location", name="Location", short="location", each=LOCATIONS, more="", values="")
POINT_ROWS: Final = _PLACE.format(
    table="accesspoint", name="Access point", short="ap", each=LOCATIONS * POINTS, more=", location_id, mac_addr",
    values=f", (n - 1) / {POINTS} + 1, {_MAC} || upper(lpad(to_hex(n %% 256), 2, '0'))",
)  # fmt: skip
DEVICE_ROWS: Final = _PLACE.format(
    table="accessdevice", name="Door", short="door", each=LOCATIONS * DEVICES, more=", location_id",
    values=f", (n - 1) / {DEVICES} + 1",
)  # fmt: skip
NAS_ROWS: Final = """
INSERT INTO nas_nas (id, tenant_id, organization_id, name, short_name, description, address, nas_identifier, vendor,
    secret_sealed, message_authenticator, live_control, coa_attributes, coa_mac_format, by_identifier, is_active, created,
    last_change)
SELECT n, CASE WHEN o >= 1001 THEN 1001 ELSE 1 END, o, 'Controller ' || n, 'nas-' || n, '',
    set_masklen('10.200.0.0'::inet + n, 32), '', '', '', 'auto', 'disconnect', '', '', false, true, %(now)s, %(now)s
FROM generate_series(1, 1050 * 2) n CROSS JOIN LATERAL (SELECT (n - 1) / 2 + 1 AS o) a
"""

# People have sessions where their organization is. `n` ascends with time, as it does in life.
SESSIONS: Final = """
INSERT INTO accounting_{table} (radacctid, acctuniqueid, acctsessionid, tenant_id, organization_id, nas_id, user_id, location_id,
    access_point_id, acctstarttime, acctupdatetime, acctstoptime, acctinterval, acctsessiontime, acctinputoctets,
    acctoutputoctets, start_seen, username, groupname, klass, nasipaddress, nasidentifier, nasportid, nasporttype, servicetype,
    framedipaddress, calledstationid, callingstationid, ssid, acctauthentic, acctterminatecause, connectinfo_start)
SELECT n, decode(md5(n::text), 'hex'), upper(substr(md5('s' || n), 1, 16)), u.tenant_id, u.organization_id,
    (u.organization_id - 1) * 2 + n %% 2 + 1, u.id, l.id, a.id, t.start, t.start + interval '30 minutes',
    {stop}, 600, 2400, n * 7919 %% 1000000000, n * 104729 %% 5000000000, true, u.username,
    'profile-' || n %% 12, 'standard', '10.200.0.0'::inet + u.organization_id, 'controller-' || u.organization_id, 'wlan0',
    'Wireless-802.11', 'Framed-User', '10.0.0.0'::inet + n %% 16000000, '02-00-00-00-00-00:Guest Wi-Fi',
    'AA-BB-CC-' || substr(md5('c' || u.id), 1, 8), 'Guest Wi-Fi', 'RADIUS', {cause}, 'CONNECT 802.11ax'
FROM generate_series(%(first)s::bigint, %(last)s::bigint) n
JOIN users_user u ON u.id = 1 + n * 7919 %% %(users)s
CROSS JOIN LATERAL (SELECT (u.organization_id - 1) * 5 + n %% 5 + 1 AS id) l
CROSS JOIN LATERAL (SELECT (l.id - 1) * 10 + n / 5 %% 10 + 1 AS id) a
CROSS JOIN LATERAL (SELECT %(begin)s + (n - %(base)s) * (%(end)s::timestamptz - %(begin)s) / %(rows)s AS start) t
"""
HISTORY: Final = SESSIONS.format(table="history", stop="t.start + interval '40 minutes'", cause="'User-Request'")
LIVE: Final = SESSIONS.format(
    table="live", stop="CASE WHEN n %% 10 > 0 THEN t.start + interval '40 minutes' END", cause="'User-Request'"
)

SIGN_INS: Final = """
INSERT INTO access_sign_in (at, tenant_id, organization_id, nas_id, user_id, access_point_id, username, callingstationid,
    calledstationid, method, accepted, reason)
SELECT %(begin)s + (n - %(base)s) * (%(end)s::timestamptz - %(begin)s) / %(rows)s, u.tenant_id, u.organization_id,
    (u.organization_id - 1) * 2 + 1, u.id, (u.organization_id - 1) * 50 + n %% 50 + 1, u.username,
    'AA-BB-CC-' || substr(md5('c' || u.id), 1, 8),
    '02-00-00-00-00-00:Guest Wi-Fi', 'PAP', n %% 20 > 0, CASE WHEN n %% 20 = 0 THEN 'wrong-password' ELSE '' END
FROM generate_series(%(first)s::bigint, %(last)s::bigint) n JOIN users_user u ON u.id = 1 + n * 7919 %% %(users)s
"""

TEXTS: Final = """
INSERT INTO txlog_text (tenant_id, kind, digest, text)
SELECT t, kind, sha256(convert_to(text, 'UTF8')), text FROM (VALUES (1), (1001)) x(t), generate_series(1, 200) n,
    LATERAL (VALUES ('a', 'Mozilla/5.0 (browser ' || n || ')'), ('r', 'https://portal.example.net/page/' || n)) y(kind, text)
"""

# Most of it is signing in; a portal has 40 pages.
EVENTS: Final = """
INSERT INTO txlog_event (at, tenant_id, organization_id, type, source, status, action, message, new_user, user_id, username,
    email, session_id, service_id, service_name, site, page_id, page_url, location_id, access_point_id, ssid, mac_addr,
    captured_ip_addr, remote_ip_addr, user_agent_id, http_referer_id)
SELECT %(begin)s + (n - %(base)s) * (%(end)s::timestamptz - %(begin)s) / %(rows)s, u.tenant_id, u.organization_id,
    (ARRAY['ua', 'ui', 'ui', 'ui', 'uo', 'st', 'uu', 'ur', 'ui', 'ui', 'di', 'si', 'ul', 'un'])[1 + n %% 14],
    (ARRAY['u', 'u', 'r', 'a'])[1 + n %% 4], CASE WHEN n %% 30 = 0 THEN 'e401' ELSE 'h200' END, 'li', '', n %% 14 = 7, u.id,
    u.username, u.email, 'sess_' || n, 1, 'Portal', 'portal.example.net', 1 + n %% 40, 'https://portal.example.net/page', l.id,
    (l.id - 1) * 10 + n / 5 %% 10 + 1, 'Guest Wi-Fi', u.id * 65537 %% 281474976710656, 167772160 + n %% 16000000,
    3232235776 + n %% 200, 1 + n %% 400, 1 + n * 7 %% 400
FROM generate_series(%(first)s::bigint, %(last)s::bigint) n
JOIN users_user u ON u.id = 1 + n * 7919 %% %(users)s
CROSS JOIN LATERAL (SELECT (u.organization_id - 1) * 5 + n %% 5 + 1 AS id) l
"""

# Every fifth user has a device with the app on it.
APP_DEVICES: Final = """
INSERT INTO devices_device (id, tenant_id, organization_id, user_id, imei, mac_addr, home_mobile_network_name,
    home_mobile_network_mccmnc, app_version, os_family, os_version, os_api_version, device_family, device_brand, device_model,
    device_type, user_external_id, user_class, is_blocked, created, last_change)
SELECT id / 5, tenant_id, organization_id, id, lpad(id::text, 15, '0'),
    '06:00:' || regexp_replace(upper(lpad(to_hex(id), 8, '0')),
    '(..)(..)(..)(..)', '\\1:\\2:\\3:\\4'), 'Carrier', '310410', '1.0', 'Android', '14', '34', 'Phone', 'Brand', 'Model',
    (ARRAY['ph', 'tb', 'la', 'de'])[1 + id %% 4], '', '', false, %(now)s, %(now)s
FROM users_user WHERE id %% 5 = 0 ORDER BY id
"""
APPS: Final = """
INSERT INTO telemetry_app (tenant_id, name, category)
SELECT t, 'App ' || n, (ARRAY['business', 'social', 'video', 'games'])[1 + n %% 4]
FROM (VALUES (1), (1001)) x(t), generate_series(1, 20) n ORDER BY t, n
"""
CONNECTIONS: Final = """
INSERT INTO telemetry_connection_log (at, received, tenant_id, organization_id, device_id, user_id, app_id, status, duration,
    network_name, network_type, network_security, authentication, latitude, longitude, inbytes, outbytes)
SELECT t.at, t.at, d.tenant_id, d.organization_id, d.id, d.user_id, CASE WHEN d.tenant_id = 1 THEN 1 ELSE 21 END + n %% 20,
    (ARRAY['active', 'disconnected', 'disconnected', 'failed'])[1 + n / 3 %% 4 * (n %% 2)], 600, 'Guest Wi-Fi', 'wifi', 'wpa2',
    'psk', 37.7, -122.4, n %% 100000, n %% 10000
FROM generate_series(%(first)s::bigint, %(last)s::bigint) n
JOIN devices_device d ON d.id = 1 + n * 7919 %% (%(users)s / 5)
CROSS JOIN LATERAL (SELECT %(begin)s + (n - %(base)s) * (%(end)s::timestamptz - %(begin)s) / %(rows)s AS at) t
"""
TESTS: Final = """
INSERT INTO telemetry_test_report (at, received, tenant_id, organization_id, device_id, user_id, network_name, network_type,
    test_type, destination, value, unit)
SELECT t.at, t.at, d.tenant_id, d.organization_id, d.id, d.user_id, 'Guest Wi-Fi', 'wifi', 'ping', '192.0.2.1', n %% 100, 'ms'
FROM generate_series(%(first)s::bigint, %(last)s::bigint) n
JOIN devices_device d ON d.id = 1 + n * 7919 %% (%(users)s / 5)
CROSS JOIN LATERAL (SELECT %(begin)s + (n - %(base)s) * (%(end)s::timestamptz - %(begin)s) / %(rows)s AS at) t
"""
