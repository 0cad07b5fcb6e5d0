"""Sessions of devices that a portal let in know which of the portal's sessions it was.

The index holds those sessions alone, and no time: a column that a Stop changes would cost every Stop its heap-only update.
"""

from django.db import migrations

COLUMN = """
ALTER TABLE accounting_live ADD COLUMN portal_session_id bigint;
ALTER TABLE accounting_history ADD COLUMN portal_session_id bigint;
CREATE INDEX accounting_live_portal_session ON accounting_live (portal_session_id) WHERE portal_session_id IS NOT NULL;
"""


class Migration(migrations.Migration):
    dependencies = [("accounting", "0002_partitions_of_every_log"), ("portals", "0001_initial")]
    operations = [
        migrations.RunSQL(
            COLUMN,
            "ALTER TABLE accounting_history DROP COLUMN portal_session_id; ALTER TABLE accounting_live DROP COLUMN portal_session_id;",
        )
    ]
