"""The one statement that writes the log."""

from typing import Final

# Columns and types of what each event brings, and of the address that becomes two of them.
EVENT: Final = (
    ("at", "timestamptz"), ("organization_id", "bigint"), ("type", "text"), ("source", "text"), ("status", "text"),
    ("action", "text"), ("message", "text"), ("new_user", "boolean"), ("user_id", "bigint"), ("username", "text"),
    ("email", "text"), ("external_id", "text"), ("session_id", "text"), ("external_session", "text"),
    ("payment_transaction_log", "bigint"), ("service_id", "bigint"), ("service_name", "text"), ("authservice_id", "bigint"),
    ("authservice_name", "text"), ("site", "text"), ("page_id", "bigint"), ("page_url", "text"), ("location_id", "bigint"),
    ("access_point_id", "bigint"), ("ssid", "text"), ("mac_addr", "bigint"),
)  # fmt: skip
CAPTURED: Final = (("captured_number", "bigint"), ("captured_text", "text"))
_COLUMNS: Final = ", ".join(name for name, _ in EVENT)
_GIVEN: Final = ", ".join(f"g.{name}" for name, _ in EVENT)
_RECORD: Final = ", ".join(f"{name} {kind}" for name, kind in EVENT + CAPTURED)
_DIGEST: Final = "sha256(convert_to(text, 'UTF8'))"
INTERNED: Final = "4294967296"

# The events come as one JSON text: thirty arrays of one element each take psycopg longer than the statement takes PostgreSQL.
# Every text is looked for and only what is new is written: a page of the portal is opened by the same few browsers again and
# again. Where two write the same new text at once, the second waits for the first, and DO UPDATE is what makes PostgreSQL
# tell its id. Texts are written in one order, so that two writers cannot wait for each other.
WRITE: Final = f"""
WITH given AS (
    SELECT * FROM json_to_recordset(%s::json) AS t({_RECORD})
),
caller AS (SELECT %s::bigint AS tenant_id, %s::bigint AS remote_number),
said AS (
    SELECT kind, text, {_DIGEST} AS digest FROM (
        SELECT 'a' AS kind, %s::text AS text UNION ALL SELECT 'r', %s::text UNION ALL SELECT 'i', %s::text
        UNION SELECT 'i', captured_text FROM given
    ) every WHERE text <> ''
),
found AS (
    SELECT s.kind, s.text, t.id FROM caller c CROSS JOIN said s
    JOIN txlog_text t ON t.tenant_id = c.tenant_id AND t.kind = s.kind AND t.digest = s.digest
),
made AS (
    INSERT INTO txlog_text (tenant_id, kind, digest, text)
    SELECT DISTINCT c.tenant_id, s.kind, s.digest, s.text FROM caller c CROSS JOIN said s
    WHERE NOT EXISTS (SELECT FROM found f WHERE f.kind = s.kind AND f.text = s.text) ORDER BY 2, 3
    ON CONFLICT (tenant_id, kind, digest) DO UPDATE SET digest = excluded.digest
    RETURNING kind, text, id
),
known AS (SELECT kind, text, id FROM found UNION ALL SELECT kind, text, id FROM made)
INSERT INTO txlog_event (tenant_id, {_COLUMNS}, captured_ip_addr, remote_ip_addr, user_agent_id, http_referer_id)
SELECT c.tenant_id, {_GIVEN},
    coalesce(g.captured_number, {INTERNED} + (SELECT id FROM known WHERE kind = 'i' AND text = g.captured_text)),
    coalesce(c.remote_number, {INTERNED} + (SELECT id FROM known WHERE kind = 'i' AND text = %s)),
    (SELECT id FROM known WHERE kind = 'a'), (SELECT id FROM known WHERE kind = 'r')
FROM given g CROSS JOIN caller c
"""
