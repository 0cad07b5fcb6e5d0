"""The queue is read by pool: what waits for one that is dead must not stand before what others would take. And oldest first."""

from django.db import migrations

INDEXES = """
CREATE INDEX realms_forward_pool_due ON realms_forward (pool_id, due, id);
CREATE INDEX realms_forward_at ON realms_forward (at);
DROP INDEX realms_forward_due;
DROP INDEX realms_forward_pool;
"""
BACK = """
CREATE INDEX realms_forward_due ON realms_forward (due, id);
CREATE INDEX realms_forward_pool ON realms_forward (pool_id);
DROP INDEX realms_forward_pool_due;
DROP INDEX realms_forward_at;
"""


class Migration(migrations.Migration):
    dependencies = [("realms", "0002_walls")]

    operations = [migrations.RunSQL(INDEXES, BACK)]
