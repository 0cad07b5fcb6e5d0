"""Sign-ins of people with their refresh tokens, and the two questions asked of a token before its tenant is known."""

import django.db.models.deletion
import django.db.models.manager
from django.db import migrations, models

from gate.database import walls

_ORGANIZATION = "organizations.organization"
_TABLES = ("tokens_family", "tokens_refreshtoken")

QUESTIONS = """
-- What an access token of this family may reach now: the user's state, organization and role as they are, not as they were.
CREATE FUNCTION gate_person(wanted bigint)
RETURNS TABLE (tenant_id bigint, organization_id bigint, user_id bigint, role text, device_id bigint, revoked timestamptz,
               is_active boolean, expiration timestamptz, password_changed boolean, password_version integer,
               organization_ids bigint[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT u.tenant_id, u.organization_id, u.id, u.role, f.device_id, f.revoked, u.is_active, u.expiration,
           u.password_version <> f.password_version, f.password_version,
           ARRAY(SELECT below.id FROM organizations_organization below
                 WHERE below.tenant_id = u.tenant_id AND below.path OPERATOR(public.<@) o.path ORDER BY below.id)
    FROM tokens_family f JOIN users_user u ON u.id = f.user_id AND u.tenant_id = f.tenant_id
    JOIN organizations_organization o ON o.id = u.organization_id
    WHERE f.id = wanted AND o.is_active AND NOT o.deleted
$$;

-- Whose refresh token this is.
CREATE FUNCTION gate_refresh(wanted bytea) RETURNS TABLE (tenant_id bigint, family_id bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT r.tenant_id, r.family_id FROM tokens_refreshtoken r WHERE r.digest = wanted
$$;
REVOKE ALL ON FUNCTION gate_person(bigint) FROM PUBLIC;
REVOKE ALL ON FUNCTION gate_refresh(bytea) FROM PUBLIC;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("organizations", "0001_initial"),
        ("users", "0001_initial"),
        ("tokens", "0002_api_calls"),
        ("database", "0002_walls"),
    ]
    operations = [
        migrations.CreateModel(
            name="Family",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("user_id", models.BigIntegerField()),
                (
                    "device_id",
                    models.BigIntegerField(help_text="The registered device signed in on, where it is known.", null=True),
                ),
                (
                    "device",
                    models.CharField(blank=True, default="", help_text="What the caller called its device.", max_length=200),
                ),
                ("remember", models.BooleanField(default=False)),
                (
                    "password_version",
                    models.IntegerField(help_text="The user's at the sign-in: another password ends the family."),
                ),
                ("created", models.DateTimeField()),
                ("last_used", models.DateTimeField()),
                ("expires", models.DateTimeField(help_text="When its newest refresh token does.")),
                ("revoked", models.DateTimeField(null=True)),
                ("reason", models.CharField(blank=True, default="", help_text="Why it was revoked.", max_length=20)),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=_ORGANIZATION
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        db_index=False,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=_ORGANIZATION,
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "unscoped",
                "default_manager_name": "objects",
                "indexes": [
                    models.Index(fields=["user_id"], name="token_family_user"),
                    models.Index(fields=["expires"], name="token_family_expires"),
                ],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("unscoped", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="RefreshToken",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("digest", models.BinaryField()),
                ("created", models.DateTimeField()),
                ("expires", models.DateTimeField()),
                ("used", models.DateTimeField(null=True)),
                (
                    "family",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="tokens.family",
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to=_ORGANIZATION
                    ),
                ),
            ],
            options={"constraints": [models.UniqueConstraint(fields=("digest",), name="refresh_token_digest_once")]},
        ),
        # Cascades are the database's own: the room of users lies above this one and does not know its tables.
        migrations.RunSQL(
            """
            ALTER TABLE tokens_family ADD CONSTRAINT tokens_family_user
                FOREIGN KEY (user_id) REFERENCES users_user (id) ON DELETE CASCADE;
            ALTER TABLE tokens_refreshtoken ADD CONSTRAINT tokens_refreshtoken_family
                FOREIGN KEY (family_id) REFERENCES tokens_family (id) ON DELETE CASCADE;
            """,
            """
            ALTER TABLE tokens_refreshtoken DROP CONSTRAINT tokens_refreshtoken_family;
            ALTER TABLE tokens_family DROP CONSTRAINT tokens_family_user;
            """,
        ),
        *[migrations.RunSQL(walls.tenant_wall(table), walls.tenant_wall_down(table)) for table in _TABLES],
        migrations.RunSQL(QUESTIONS, "DROP FUNCTION gate_person(bigint); DROP FUNCTION gate_refresh(bytea);"),
    ]
