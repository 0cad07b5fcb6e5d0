"""Row-level security, change notices, and the two questions asked before a tenant is known: whose token, which staff member."""

from django.db import migrations

from gate.database import walls

WALLED = (
    "organizations_organization",
    "users_user",
    "users_userprofile",
    "profiles_profile",
    "nas_nas",
    "places_location",
    "places_accesspoint",
    "places_accessdevice",
    "tokens_apitoken",
    "credit_balance",
    "credit_entry",
)
# Small tables the RADIUS server keeps in memory.
NOTIFYING = ("organizations_organization", "profiles_profile", "nas_nas", "places_location", "places_accesspoint")

QUESTIONS = """
CREATE FUNCTION gate_token(wanted bytea)
RETURNS TABLE (id bigint, tenant_id bigint, organization_id bigint, permissions text[], networks text[],
               expires timestamptz, revoked timestamptz, last_used timestamptz, organization_ids bigint[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT t.id, t.tenant_id, t.organization_id, t.permissions::text[], t.networks::text[], t.expires, t.revoked, t.last_used,
           ARRAY(SELECT below.id FROM organizations_organization below
                 WHERE below.tenant_id = t.tenant_id AND below.path OPERATOR(public.<@) o.path ORDER BY below.id)
    FROM tokens_apitoken t JOIN organizations_organization o ON o.id = t.organization_id
    WHERE t.digest = wanted AND o.is_active AND NOT o.deleted
$$;

CREATE FUNCTION gate_staff(wanted text) RETURNS TABLE (id bigint, tenant_id bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT u.id, u.tenant_id FROM users_user u WHERE u.username_key = wanted AND u.role <> 'device_user'
$$;
REVOKE ALL ON FUNCTION gate_token(bytea) FROM PUBLIC;
REVOKE ALL ON FUNCTION gate_staff(text) FROM PUBLIC;

CREATE INDEX organization_path ON organizations_organization USING gist (path);
CREATE INDEX organization_tenant ON organizations_organization (tenant_id, id);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("database", "0001_roles"),
        ("organizations", "0001_initial"),
        ("users", "0001_initial"),
        ("profiles", "0001_initial"),
        ("nas", "0001_initial"),
        ("places", "0001_initial"),
        ("tokens", "0001_initial"),
        ("credit", "0001_initial"),
        ("accounting", "0001_initial"),
        ("access", "0001_initial"),
    ]
    operations = [
        *[migrations.RunSQL(walls.tenant_wall(table), walls.tenant_wall_down(table)) for table in WALLED],
        *[migrations.RunSQL(walls.notify_changes(table), f"DROP TRIGGER {table}_changed ON {table};") for table in NOTIFYING],
        migrations.RunSQL(
            QUESTIONS,
            """
            DROP INDEX organization_path; DROP INDEX organization_tenant;
            DROP FUNCTION gate_token(bytea); DROP FUNCTION gate_staff(text);
            """,
        ),
    ]
