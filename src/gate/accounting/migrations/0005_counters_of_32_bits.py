"""Whether a session's NAS counts with 32 bits alone, so that a counter that falls may have begun again from nothing."""

from django.db import migrations

TABLES = ("accounting_live", "accounting_history")
ADD = "".join(
    f"""
ALTER TABLE {table} ADD COLUMN narrow boolean;
COMMENT ON COLUMN {table}.narrow IS 'Whether no packet with octets has told gigawords so far; NULL before the first with octets';
"""
    for table in TABLES
)
DROP = "".join(f"ALTER TABLE {table} DROP COLUMN narrow;\n" for table in TABLES)


class Migration(migrations.Migration):
    dependencies = [("accounting", "0004_closed_by_gate")]
    operations = [migrations.RunSQL(ADD, DROP)]
