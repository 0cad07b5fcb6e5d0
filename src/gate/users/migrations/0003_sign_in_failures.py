"""Failed sign-ins, e-mail addresses found by index, and the two questions asked at the open door, before a tenant is known."""

import django.db.models.deletion
import django.db.models.functions.text
from django.db import migrations, models

_TENANT = "(SELECT nullif(current_setting('gate.tenant', true), '')::bigint)"
# As walls.tenant_wall, but for rows without a tenant: those of the open door, which hold a keyed digest and two counts.
_WALL = f"""
    ALTER TABLE users_signinfailures ENABLE ROW LEVEL SECURITY;
    ALTER TABLE users_signinfailures FORCE ROW LEVEL SECURITY;
    CREATE POLICY tenant ON users_signinfailures TO gate_app
        USING (tenant_id IS NULL OR tenant_id = {_TENANT}) WITH CHECK (tenant_id IS NULL OR tenant_id = {_TENANT});
    CREATE POLICY system ON users_signinfailures TO gate_system USING (true) WITH CHECK (true);
"""

QUESTIONS = """
-- Whose name this is in the whole install: staff first, whose names are unique; then subscribers by username; then anybody by
-- e-mail address. Two rows say that the name is ambiguous; the caller then knows nobody.
CREATE FUNCTION gate_person_named(wanted_key text, wanted_email text) RETURNS TABLE (id bigint, tenant_id bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    WITH named AS (
        SELECT u.id, u.tenant_id, (u.role <> 'device_user') AS is_staff
        FROM organizations_organization root
        CROSS JOIN LATERAL (
            SELECT * FROM users_user found WHERE found.tenant_id = root.id AND found.username_key = wanted_key
        ) u
        WHERE root.parent_id IS NULL
    ), mailed AS (
        SELECT u.id, u.tenant_id
        FROM organizations_organization root
        CROSS JOIN LATERAL (
            SELECT * FROM users_user found
            WHERE found.tenant_id = root.id AND lower(found.email) = lower(wanted_email) AND found.email <> '' LIMIT 2
        ) u
        WHERE root.parent_id IS NULL
    )
    (SELECT named.id, named.tenant_id FROM named WHERE named.is_staff
     UNION ALL
     SELECT named.id, named.tenant_id FROM named WHERE NOT EXISTS (SELECT FROM named staff WHERE staff.is_staff)
     UNION ALL
     SELECT mailed.id, mailed.tenant_id FROM mailed WHERE NOT EXISTS (SELECT FROM named))
    LIMIT 2
$$;

-- The tenant in which a portal lies, named by its organization's id or short name. Two rows say that it is ambiguous.
CREATE FUNCTION gate_portal_tenant(wanted_id bigint, wanted_name text) RETURNS TABLE (tenant_id bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT DISTINCT o.tenant_id FROM organizations_organization o
    WHERE o.is_active AND NOT o.deleted AND (o.id = wanted_id OR lower(o.short_name) = lower(wanted_name)) LIMIT 2
$$;
REVOKE ALL ON FUNCTION gate_person_named(text, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION gate_portal_tenant(bigint, text) FROM PUBLIC;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("organizations", "0001_initial"),
        ("users", "0002_recoverable"),
        ("database", "0002_walls"),
    ]
    operations = [
        migrations.CreateModel(
            name="SignInFailures",
            fields=[
                (
                    "key",
                    models.CharField(
                        help_text="Digest of what is counted; no name is kept.", max_length=64, primary_key=True, serialize=False
                    ),
                ),
                ("failures", models.PositiveIntegerField(help_text="Since the last lock.")),
                (
                    "locks",
                    models.PositiveIntegerField(default=0, help_text="Locks in a row; each is longer than the one before."),
                ),
                ("last", models.DateTimeField()),
                ("blocked_until", models.DateTimeField()),
                (
                    "tenant",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="organizations.organization",
                    ),
                ),
            ],
            options={"indexes": [models.Index(fields=["last"], name="sign_in_failures_last")]},
        ),
        migrations.RunSQL(
            _WALL,
            """
            DROP POLICY tenant ON users_signinfailures;
            DROP POLICY system ON users_signinfailures;
            """,
        ),
        migrations.AddIndex(
            model_name="user",
            index=models.Index(
                models.F("tenant"),
                django.db.models.functions.text.Lower("email"),
                condition=models.Q(("email", ""), _negated=True),
                name="user_email",
            ),
        ),
        migrations.RunSQL(
            QUESTIONS, "DROP FUNCTION gate_person_named(text, text); DROP FUNCTION gate_portal_tenant(bigint, text);"
        ),
    ]
