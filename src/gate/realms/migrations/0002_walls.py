"""Row-level security, news for the RADIUS server, and the queue of accounting that home servers have yet to acknowledge."""

from django.db import migrations

from gate.database import walls

TABLES = ("realms_homeserver", "realms_pool", "realms_poolserver", "realms_realm")

# Rows come and go by the thousand and are read by number: `id` gives the order of a session's packets, `due` when to try.
FORWARD = """
CREATE TABLE realms_forward (
    id         bigint           GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id  bigint           NOT NULL,
    pool_id    bigint           NOT NULL REFERENCES realms_pool ON DELETE CASCADE,
    session    bytea            NOT NULL,
    attributes bytea            NOT NULL,
    at         double precision NOT NULL,
    due        timestamptz      NOT NULL,
    tries      integer          NOT NULL DEFAULT 0
);
CREATE INDEX realms_forward_session ON realms_forward (session, id);
CREATE INDEX realms_forward_due ON realms_forward (due, id);
CREATE INDEX realms_forward_pool ON realms_forward (pool_id);
COMMENT ON TABLE realms_forward IS
    'Accounting of realms that a home server has not acknowledged yet: the attributes as they were sent, when the packet came, '
    'when it is due again. Written with the session, in one transaction; taken out by radiusd/proxy/forward.py.';
"""


class Migration(migrations.Migration):
    dependencies = [("realms", "0001_initial"), ("database", "0002_walls")]

    operations = [
        migrations.RunSQL(FORWARD, "DROP TABLE realms_forward"),
        *[
            migrations.RunSQL(walls.tenant_wall(table), walls.tenant_wall_down(table))
            for table in (*TABLES, "realms_health", "realms_forward")
        ],
        *[migrations.RunSQL(walls.notify_changes(table), f"DROP TRIGGER {table}_changed ON {table};") for table in TABLES],
    ]
