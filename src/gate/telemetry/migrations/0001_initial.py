"""What devices report (two logs, a partition a month), and the sums the summary is answered from. See telemetry/sql.py.

Sums of what strangers send are `numeric`: no number of reports makes one overflow. Nothing here is behind row-level security:
every statement names the tenant or its organizations.
"""

from django.db import migrations

LOGS = """
CREATE TABLE telemetry_app (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id bigint NOT NULL,
    name      text   NOT NULL,
    category  text   NOT NULL
);
CREATE UNIQUE INDEX telemetry_app_once ON telemetry_app (tenant_id, lower(name), lower(category));

CREATE TABLE telemetry_connection_log (
    id               bigint      GENERATED ALWAYS AS IDENTITY,
    at               timestamptz NOT NULL,
    received         timestamptz NOT NULL DEFAULT now(),
    tenant_id        bigint      NOT NULL,
    organization_id  bigint      NOT NULL,
    device_id        bigint,
    user_id          bigint,
    app_id           bigint      NOT NULL,
    status           text        NOT NULL,
    duration         integer,
    network_name     text,
    network_type     text        NOT NULL,
    network_security text        NOT NULL,
    network_mccmnc   text,
    frequency        double precision,
    authentication   text,
    bssid            macaddr,
    cellid           text,
    roaming          boolean,
    latitude         numeric(9, 6),
    longitude        numeric(9, 6),
    inbytes          bigint,
    outbytes         bigint,
    link_speed       double precision,
    quality_metric   text,
    quality_value    double precision
) PARTITION BY RANGE (at);
CREATE INDEX telemetry_connection_log_tenant ON telemetry_connection_log (tenant_id, at);
CREATE INDEX telemetry_connection_log_organization ON telemetry_connection_log (organization_id, at);
CREATE INDEX telemetry_connection_log_device ON telemetry_connection_log (device_id, at) WHERE device_id IS NOT NULL;

CREATE TABLE telemetry_test_report (
    id              bigint      GENERATED ALWAYS AS IDENTITY,
    at              timestamptz NOT NULL,
    received        timestamptz NOT NULL DEFAULT now(),
    tenant_id       bigint      NOT NULL,
    organization_id bigint      NOT NULL,
    device_id       bigint,
    user_id         bigint,
    network_name    text,
    network_type    text        NOT NULL,
    test_type       text        NOT NULL,
    destination     text        NOT NULL,
    value           double precision NOT NULL,
    count           integer,
    unit            text
) PARTITION BY RANGE (at);
CREATE INDEX telemetry_test_report_tenant ON telemetry_test_report (tenant_id, at);
CREATE INDEX telemetry_test_report_organization ON telemetry_test_report (organization_id, at);
CREATE INDEX telemetry_test_report_device ON telemetry_test_report (device_id, at) WHERE device_id IS NOT NULL;
"""

# A connection is written to the log and, by the same statement, here, where it waits to be added to the sums. It leaves by the
# transaction that adds it: so it is added once, whatever was in flight beside it. No index: rows come and go in one piece.
WAITING = """
CREATE TABLE telemetry_waiting (
    tenant_id       bigint      NOT NULL,
    organization_id bigint      NOT NULL,
    device_id       bigint      NOT NULL,
    device_type     text        NOT NULL,
    app_id          bigint      NOT NULL,
    status          text        NOT NULL,
    at              timestamptz NOT NULL,
    duration        integer,
    bytes           bigint      NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 5000);
"""

# `timed` counts the connections whose duration was told.
SUMS = "".join(
    f"""
CREATE TABLE telemetry_rollup_{span} (
    tenant_id       bigint  NOT NULL,
    device_id       bigint  NOT NULL,
    {span}          {kind}  NOT NULL,
    app_id          bigint  NOT NULL,
    status          text    NOT NULL,
    organization_id bigint  NOT NULL,
    device_type     text    NOT NULL,
    connections     bigint  NOT NULL,
    timed           bigint  NOT NULL,
    duration        numeric NOT NULL,
    bytes           numeric NOT NULL,
    last_connection timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, device_id, {span}, app_id, status)
) WITH (fillfactor = 85);
CREATE INDEX telemetry_rollup_{span}_{span} ON telemetry_rollup_{span} USING brin ({span});
"""
    for span, kind in (("hour", "timestamptz"), ("day", "date"))
)

# When each pair of device and app last met: who belongs on a page of the summary, without adding up days.
SEEN = """
CREATE TABLE telemetry_seen (
    tenant_id       bigint      NOT NULL,
    device_id       bigint      NOT NULL,
    app_id          bigint      NOT NULL,
    status          text        NOT NULL,
    organization_id bigint      NOT NULL,
    device_type     text        NOT NULL,
    last_connection timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, device_id, app_id, status)
) WITH (fillfactor = 80);
CREATE INDEX telemetry_seen_organization ON telemetry_seen (organization_id, device_id);
CREATE INDEX telemetry_seen_tenant ON telemetry_seen (tenant_id, last_connection);
"""

# The whole of an organization for each period, made anew by the job. Organization 0 stands for the whole tenant; in
# telemetry_period_device a category or status of NULL for all of them.
PERIODS = """
CREATE TABLE telemetry_period (
    tenant_id bigint      NOT NULL,
    period    smallint    NOT NULL,
    made      timestamptz NOT NULL,
    stale     boolean     NOT NULL,
    PRIMARY KEY (tenant_id, period)
);
CREATE TABLE telemetry_period_app (
    tenant_id       bigint   NOT NULL,
    organization_id bigint   NOT NULL,
    period          smallint NOT NULL,
    device_type     text     NOT NULL,
    app_id          bigint   NOT NULL,
    status          text     NOT NULL,
    connections     numeric  NOT NULL,
    bytes           numeric  NOT NULL
);
CREATE INDEX telemetry_period_app_of ON telemetry_period_app (tenant_id, period, organization_id);
CREATE TABLE telemetry_period_device (
    tenant_id       bigint   NOT NULL,
    organization_id bigint   NOT NULL,
    period          smallint NOT NULL,
    device_type     text     NOT NULL,
    category        text,
    status          text,
    devices         bigint   NOT NULL,
    with_issues     bigint   NOT NULL
);
CREATE INDEX telemetry_period_device_of ON telemetry_period_device (tenant_id, period, organization_id);
"""

TABLES = (
    "period_device", "period_app", "period", "seen", "rollup_day", "rollup_hour", "waiting", "test_report", "connection_log",
    "app",
)  # fmt: skip


class Migration(migrations.Migration):
    initial = True
    dependencies = [("accounting", "0002_partitions_of_every_log")]
    operations = [
        migrations.RunSQL(LOGS + WAITING + SUMS + SEEN + PERIODS, "".join(f"DROP TABLE telemetry_{name};" for name in TABLES))
    ]
