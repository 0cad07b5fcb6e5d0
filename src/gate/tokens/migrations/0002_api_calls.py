"""API calls counted per organization and month; see tokens/meter.py."""

from django.db import migrations

from gate.database import walls

TABLE = """
CREATE TABLE tokens_apicall (
    tenant_id       bigint NOT NULL,
    organization_id bigint NOT NULL REFERENCES organizations_organization (id) ON DELETE CASCADE,
    month           date   NOT NULL,
    calls           bigint NOT NULL,
    PRIMARY KEY (organization_id, month)
) WITH (fillfactor = 50);
"""


class Migration(migrations.Migration):
    dependencies = [("tokens", "0001_initial"), ("database", "0002_walls")]
    operations = [
        migrations.RunSQL(TABLE, "DROP TABLE tokens_apicall;"),
        migrations.RunSQL(walls.tenant_wall("tokens_apicall"), walls.tenant_wall_down("tokens_apicall")),
    ]
