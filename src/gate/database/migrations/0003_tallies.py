"""Rows a large table has for each organization, without counting them: see database/tallies.py."""

from django.db import migrations

from gate.database import tallies, walls


class Migration(migrations.Migration):
    dependencies = [("database", "0002_walls")]
    operations = [
        migrations.RunSQL(tallies.TABLE, tallies.TABLE_DOWN),
        migrations.RunSQL(walls.tenant_wall("database_tally"), walls.tenant_wall_down("database_tally")),
    ]
