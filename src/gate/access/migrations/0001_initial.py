"""The log of sign-ins, a partition a month, and its count by hour, which the dashboard draws without reading the log."""

from django.db import migrations

TABLES = """
CREATE TABLE access_sign_in (
    id               bigint      GENERATED ALWAYS AS IDENTITY,
    at               timestamptz NOT NULL,
    tenant_id        bigint      NOT NULL,
    organization_id  bigint      NOT NULL,
    nas_id           bigint      NOT NULL,
    user_id          bigint,
    access_point_id  bigint,
    username         text        NOT NULL,
    callingstationid text,
    calledstationid  text,
    method           text        NOT NULL,
    accepted         boolean     NOT NULL,
    reason           text        NOT NULL
) PARTITION BY RANGE (at);
CREATE INDEX access_sign_in_tenant ON access_sign_in (tenant_id, at);
CREATE INDEX access_sign_in_organization ON access_sign_in (organization_id, at);
CREATE INDEX access_sign_in_user ON access_sign_in (user_id, at) WHERE user_id IS NOT NULL;

CREATE TABLE access_sign_in_hour (
    tenant_id       bigint      NOT NULL,
    organization_id bigint      NOT NULL,
    hour            timestamptz NOT NULL,
    accepted        boolean     NOT NULL,
    sign_ins        bigint      NOT NULL,
    PRIMARY KEY (tenant_id, hour, organization_id, accepted)
) WITH (fillfactor = 50);
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = [("accounting", "0001_initial")]
    operations = [migrations.RunSQL(TABLES, "DROP TABLE access_sign_in_hour; DROP TABLE access_sign_in;")]
