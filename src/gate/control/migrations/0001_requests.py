"""Requests to NAS about live sessions: queue and log in one table, since a request that is answered is only read.

One disconnect at most waits for a session, whoever asks. Whoever queues wakes the worker when the transaction is committed.
"""

from django.db import migrations

from gate.database import walls

TABLE = """
CREATE TABLE control_request (
    id              bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id       bigint      NOT NULL,
    organization_id bigint      NOT NULL,
    nas_id          bigint      NOT NULL,
    radacctid       bigint      NOT NULL,
    user_id         bigint,
    username        text        NOT NULL,
    kind            text        NOT NULL CHECK (kind IN ('disconnect', 'coa')),
    reason          text        NOT NULL,
    source          text        NOT NULL,
    actor           text        NOT NULL,
    items           jsonb       NOT NULL,
    state           text        NOT NULL,
    message         text        NOT NULL,
    error_cause     integer,
    rounds          integer     NOT NULL,
    asked           text        NOT NULL,
    created         timestamptz NOT NULL,
    due             timestamptz NOT NULL,
    answered        timestamptz,
    settled         boolean     NOT NULL
);
CREATE INDEX control_request_tenant ON control_request (tenant_id, id);
CREATE INDEX control_request_organization ON control_request (organization_id, id);
CREATE INDEX control_request_session ON control_request (radacctid, id);
CREATE INDEX control_request_due ON control_request (due) WHERE state = 'queued';
CREATE INDEX control_request_unsettled ON control_request (answered) WHERE NOT settled AND answered IS NOT NULL;
CREATE UNIQUE INDEX control_request_disconnect_once ON control_request (radacctid) WHERE kind = 'disconnect' AND state = 'queued';

CREATE FUNCTION gate_wake_control() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('gate_control', '');
    RETURN NULL;
END $$;
CREATE TRIGGER control_request_queued AFTER INSERT ON control_request
FOR EACH STATEMENT EXECUTE FUNCTION gate_wake_control();
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = [("database", "0002_walls"), ("accounting", "0003_portal_session"), ("nas", "0002_live_control")]
    operations = [
        migrations.RunSQL(TABLE, "DROP TABLE control_request; DROP FUNCTION gate_wake_control();"),
        migrations.RunSQL(walls.tenant_wall("control_request"), walls.tenant_wall_down("control_request")),
    ]
