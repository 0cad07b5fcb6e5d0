"""Users and what else is known of them are tallied: their lists say how many there are."""

from django.db import migrations

from gate.database import tallies

TABLES = ("users_user", "users_userextra")


class Migration(migrations.Migration):
    dependencies = [("database", "0003_tallies"), ("users", "0006_lists")]
    operations = [migrations.RunSQL(tallies.keep(table), tallies.keep_down(table)) for table in TABLES]
