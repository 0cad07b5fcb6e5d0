"""Pages far down a search by a part of the username: what is frequent is found by walking on, not by sorting all there is."""

from django.db import migrations

# The first 5,000 users tell about how frequent the part is. A walk over up to 200,000 users is quicker than asking the trigram
# index for everybody; where it finds too few after all, the index is asked.
NAMED = """
CREATE OR REPLACE FUNCTION gate_users_named(part text, organizations bigint[], wanted bigint, skipped bigint)
RETURNS SETOF bigint LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    tenant bigint := nullif(current_setting('gate.tenant', true), '')::bigint;
    pattern text := '%' || replace(replace(replace(part, '\\', '\\\\'), '%', '\\%'), '_', '\\_') || '%';
    below text := CASE WHEN organizations IS NULL THEN '' ELSE ' AND organization_id = ANY ($3)' END;
    early bigint := 5000;
    seen bigint;
    found bigint[];
BEGIN
    IF skipped >= 1000 THEN
        EXECUTE 'SELECT count(*) FROM (SELECT username_key FROM users_user WHERE tenant_id = $1' || below
            || ' ORDER BY id LIMIT 5000) AS early WHERE username_key LIKE $2'
            INTO seen USING tenant, pattern, organizations;
        early := CASE WHEN seen = 0 THEN 0 ELSE (skipped + wanted) * 6000 / seen END;
    END IF;
    IF early BETWEEN 1 AND 200000 THEN
        EXECUTE 'SELECT array_agg(id) FROM (SELECT id FROM (SELECT id, username_key FROM users_user WHERE tenant_id = $1' || below
            || ' ORDER BY id LIMIT $6) AS early WHERE username_key LIKE $2 ORDER BY id LIMIT $4 OFFSET $5) AS page'
            INTO found USING tenant, pattern, organizations, wanted, skipped, early;
    END IF;
    IF coalesce(cardinality(found), 0) < wanted THEN
        EXECUTE 'WITH named AS MATERIALIZED (SELECT id FROM users_user WHERE tenant_id = $1 AND username_key LIKE $2' || below
            || ') SELECT array_agg(id) FROM (SELECT id FROM named ORDER BY id LIMIT $4 OFFSET $5) AS page'
            INTO found USING tenant, pattern, organizations, wanted, skipped;
    END IF;
    RETURN QUERY SELECT unnest(found);
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("users", "0007_tallies")]
    operations = [migrations.RunSQL(NAMED, migrations.RunSQL.noop)]
