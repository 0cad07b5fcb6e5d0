"""What guards the server by NAS: Message-Authenticator remembered, a limit of packets, several NAS behind one address."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

from gate.database import walls

# One NAS an address, or several that are told apart by NAS-Identifier, and never both: the owner of a row that stands alone is
# asked by nobody, of another tenant least of all, to share its address. A row alone covers every number, one of several that of
# its identifier.
SHARING = """
ALTER TABLE nas_nas DROP CONSTRAINT nas_address_once;
ALTER TABLE nas_nas ADD CONSTRAINT nas_address_once EXCLUDE USING gist (
    address inet_ops WITH =,
    (CASE WHEN by_identifier
     THEN int8range(hashtextextended(nas_identifier, 0), hashtextextended(nas_identifier, 0), '[]')
     ELSE int8range(NULL, NULL) END) WITH &&
);
"""
SHARING_DOWN = """
ALTER TABLE nas_nas DROP CONSTRAINT nas_address_once;
ALTER TABLE nas_nas ADD CONSTRAINT nas_address_once UNIQUE (address);
"""
POSTURE = f"""
CREATE TABLE nas_posture (
    nas_id bigint PRIMARY KEY REFERENCES nas_nas ON DELETE CASCADE,
    tenant_id bigint NOT NULL,
    signed bigint NOT NULL DEFAULT 0,
    unsigned bigint NOT NULL DEFAULT 0,
    refused bigint NOT NULL DEFAULT 0,
    last_signed timestamptz,
    last_unsigned timestamptz,
    last_unsigned_from inet,
    signers inet[] NOT NULL DEFAULT '{{}}'
);
COMMENT ON TABLE nas_posture IS
    'Access-Requests without EAP by NAS: with and without Message-Authenticator, those of the latter not answered, and the '
    'addresses that are known to send it. Written by the RADIUS server (radiusd/posture.py).';
{walls.tenant_wall("nas_posture")}
"""


class Migration(migrations.Migration):
    dependencies = [("nas", "0002_live_control"), ("database", "0002_walls")]

    operations = [
        migrations.AddField(
            model_name="nas",
            name="by_identifier",
            field=models.BooleanField(
                default=False, help_text="One of several behind this address, which NAS-Identifier tells apart."
            ),
        ),
        migrations.AddField(
            model_name="nas",
            name="packet_rate",
            field=models.PositiveIntegerField(
                blank=True,
                help_text="Packets a second taken from it, on each port; empty: GATE's default.",
                null=True,
            ),
        ),
        migrations.AlterField(
            model_name="nas",
            name="nas_identifier",
            field=models.CharField(
                blank=True,
                default="",
                help_text="NAS-Identifier it sends; for information, unless several share the address.",
                max_length=253,
            ),
        ),
        migrations.AlterField(
            model_name="nas",
            name="message_authenticator",
            field=models.CharField(
                choices=[("auto", "Required once it was sent"), ("require", "Required"), ("off", "Not required")],
                default="auto",
                help_text="Whether sign-ins without it are left unanswered. EAP always carries it.",
                max_length=8,
            ),
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(SHARING, SHARING_DOWN)],
            state_operations=[migrations.RemoveConstraint(model_name="nas", name="nas_address_once")],
        ),
        migrations.SeparateDatabaseAndState(
            # Written here, so that the row goes with its NAS whoever deletes that.
            database_operations=[migrations.RunSQL(POSTURE, "DROP TABLE nas_posture")],
            state_operations=[
                migrations.CreateModel(
                    name="Posture",
                    fields=[
                        (
                            "nas",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                primary_key=True,
                                related_name="posture",
                                serialize=False,
                                to="nas.nas",
                            ),
                        ),
                        ("tenant_id", models.BigIntegerField()),
                        ("signed", models.BigIntegerField(db_default=0)),
                        ("unsigned", models.BigIntegerField(db_default=0)),
                        ("refused", models.BigIntegerField(db_default=0)),
                        ("last_signed", models.DateTimeField(null=True)),
                        ("last_unsigned", models.DateTimeField(null=True)),
                        ("last_unsigned_from", models.GenericIPAddressField(null=True)),
                        (
                            "signers",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.GenericIPAddressField(), db_default=[], size=None
                            ),
                        ),
                    ],
                )
            ],
        ),
    ]
