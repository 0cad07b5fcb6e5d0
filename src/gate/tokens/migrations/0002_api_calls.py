"""API calls counted per organization and month; see tokens/meter.py."""

import django.db.models.deletion
from django.db import migrations, models

from gate.database import walls

_ORGANIZATION = "organizations.organization"


class Migration(migrations.Migration):
    dependencies = [("tokens", "0001_initial"), ("organizations", "0001_initial"), ("database", "0002_walls")]
    operations = [
        migrations.CreateModel(
            name="ApiCalls",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("month", models.DateField(help_text="Its first day.")),
                ("calls", models.BigIntegerField()),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to=_ORGANIZATION
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to=_ORGANIZATION
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("organization", "month"), name="api_calls_once_a_month")],
            },
        ),
        migrations.RunSQL(
            "ALTER TABLE tokens_apicalls SET (fillfactor = 50);", "ALTER TABLE tokens_apicalls RESET (fillfactor);"
        ),
        migrations.RunSQL(walls.tenant_wall("tokens_apicalls"), walls.tenant_wall_down("tokens_apicalls")),
    ]
