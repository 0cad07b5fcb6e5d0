"""Extensions, runtime roles and the functions other migrations use."""

from django.db import migrations

from gate.database import walls

FUNCTIONS = """
CREATE FUNCTION gate_notify_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('gate_changed', TG_TABLE_NAME);
    RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.RunSQL(
            "CREATE EXTENSION IF NOT EXISTS ltree; CREATE EXTENSION IF NOT EXISTS pg_trgm;", migrations.RunSQL.noop
        ),
        migrations.RunSQL(walls.ROLES, migrations.RunSQL.noop),
        migrations.RunSQL(FUNCTIONS, "DROP FUNCTION gate_notify_change();"),
    ]
