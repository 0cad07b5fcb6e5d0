"""What else is known of users, behind the second wall; and finding users by a part of their name among a million.

Row-level security keeps PostgreSQL from using an index for LIKE, which is not leakproof. `gate_users_named` therefore runs
with the rights of the owner; it takes the tenant from the same setting the wall does, so that whatever else it is asked, it
tells ids of that tenant alone. It looks through the first users in order, which finds what is frequent at once, and asks the
trigram index for what is rare.
"""

import django.db.models.deletion
import django.db.models.manager
from django.conf import settings
from django.db import migrations, models

from gate.database import walls

TEXTS = {
    "title": 50, "gender": 1, "age_range": 20, "telephone": 50, "address": 500, "city": 150, "state": 150, "postal_code": 20,
    "country": 150, "country_id": 2, "company": 200, "hometown": 150, "location": 200, "locale": 35, "event": 200,
    **{f"custom_field_{number}": 500 for number in range(1, 9)},
}  # fmt: skip

NAMED = """
CREATE INDEX user_username_part ON users_user USING gin (username_key gin_trgm_ops);

CREATE FUNCTION gate_users_named(part text, organizations bigint[], wanted bigint, skipped bigint) RETURNS SETOF bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    tenant bigint := nullif(current_setting('gate.tenant', true), '')::bigint;
    pattern text := '%' || replace(replace(replace(part, '\\', '\\\\'), '%', '\\%'), '_', '\\_') || '%';
    below text := CASE WHEN organizations IS NULL THEN '' ELSE ' AND organization_id = ANY ($3)' END;
    found bigint[];
BEGIN
    IF skipped < 1000 THEN
        EXECUTE 'SELECT array_agg(id) FROM (SELECT id FROM (SELECT id, username_key FROM users_user WHERE tenant_id = $1' || below
            || ' ORDER BY id LIMIT 5000) AS early WHERE username_key LIKE $2 ORDER BY id LIMIT $4 OFFSET $5) AS page'
            INTO found USING tenant, pattern, organizations, wanted, skipped;
    END IF;
    IF coalesce(cardinality(found), 0) < wanted THEN
        EXECUTE 'WITH named AS MATERIALIZED (SELECT id FROM users_user WHERE tenant_id = $1 AND username_key LIKE $2' || below
            || ') SELECT array_agg(id) FROM (SELECT id FROM named ORDER BY id LIMIT $4 OFFSET $5) AS page'
            INTO found USING tenant, pattern, organizations, wanted, skipped;
    END IF;
    RETURN QUERY SELECT unnest(found);
END $$;

CREATE FUNCTION gate_users_named_count(part text, organizations bigint[]) RETURNS bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    tenant bigint := nullif(current_setting('gate.tenant', true), '')::bigint;
    pattern text := '%' || replace(replace(replace(part, '\\', '\\\\'), '%', '\\%'), '_', '\\_') || '%';
    below text := CASE WHEN organizations IS NULL THEN '' ELSE ' AND organization_id = ANY ($3)' END;
    found bigint;
BEGIN
    EXECUTE 'SELECT count(*) FROM users_user WHERE tenant_id = $1 AND username_key LIKE $2' || below
        INTO found USING tenant, pattern, organizations;
    RETURN found;
END $$;
REVOKE ALL ON FUNCTION gate_users_named(text, bigint[], bigint, bigint) FROM PUBLIC;
REVOKE ALL ON FUNCTION gate_users_named_count(text, bigint[]) FROM PUBLIC;
"""
NAMED_DOWN = """
DROP FUNCTION gate_users_named_count(text, bigint[]);
DROP FUNCTION gate_users_named(text, bigint[], bigint, bigint);
DROP INDEX user_username_part;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("database", "0002_walls"),
        ("organizations", "0001_initial"),
        ("users", "0003_sign_in_failures"),
    ]

    operations = [
        migrations.CreateModel(
            name="UserExtra",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                *[(name, models.CharField(blank=True, max_length=length, null=True)) for name, length in TEXTS.items()],
                ("birthday", models.DateField(blank=True, null=True)),
                (
                    "age",
                    models.SmallIntegerField(
                        blank=True, help_text="Where it was given; else it follows from the birthday.", null=True
                    ),
                ),
                ("tax_id_sealed", models.BinaryField(null=True)),
                ("passport_number_sealed", models.BinaryField(null=True)),
                ("accept_terms", models.BooleanField(default=False)),
                ("created", models.DateTimeField()),
                ("last_change", models.DateTimeField()),
                (
                    "parent",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organizations.organization",
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        db_index=False,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organizations.organization",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "abstract": False,
                "base_manager_name": "unscoped",
                "default_manager_name": "objects",
                "indexes": [
                    models.Index(fields=["tenant", "id"], name="user_extra_tenant"),
                    models.Index(fields=["organization", "id"], name="user_extra_organization"),
                ],
                "constraints": [models.UniqueConstraint(fields=("parent",), name="user_extra_once")],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("unscoped", django.db.models.manager.Manager()),
            ],
        ),
        migrations.RunSQL(walls.tenant_wall("users_userextra"), walls.tenant_wall_down("users_userextra")),
        migrations.AddIndex(
            model_name="user",
            index=models.Index(fields=["tenant", "id"], name="user_tenant"),
        ),
        migrations.RunSQL(NAMED, NAMED_DOWN),
    ]
