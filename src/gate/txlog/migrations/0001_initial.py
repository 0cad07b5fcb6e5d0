"""The transaction log, a partition a month, and the texts its rows share (user agents, referers, IPv6 addresses).

The log goes by explicit scope: its rows are read in pages of a hundred and written one by one, and a policy on each partition
would cost more than the reading. The texts stand behind row-level security, because a text of another tenant must not be told.
"""

from django.db import migrations

from gate.database import walls

# tenant_id leads every index but one, so that an id of another tenant, or of a row that is gone, finds nothing at once.
KEYS = ("user_id", "access_point_id", "location_id", "page_id", "mac_addr", "status", "type")
ALWAYS = ("status", "type")

TABLES = """
CREATE TABLE txlog_text (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id bigint NOT NULL,
    kind      text   NOT NULL,
    digest    bytea  NOT NULL,
    text      text   NOT NULL,
    CONSTRAINT txlog_text_once UNIQUE (tenant_id, kind, digest)
);

CREATE TABLE txlog_event (
    id                      bigint      GENERATED ALWAYS AS IDENTITY,
    at                      timestamptz NOT NULL,
    tenant_id               bigint      NOT NULL,
    organization_id         bigint      NOT NULL,
    type                    text        NOT NULL,
    source                  text        NOT NULL,
    status                  text        NOT NULL,
    action                  text        NOT NULL,
    message                 text        NOT NULL,
    new_user                boolean     NOT NULL,
    user_id                 bigint,
    username                text,
    email                   text,
    external_id             text,
    session_id              text,
    external_session        text,
    payment_transaction_log bigint,
    service_id              bigint,
    service_name            text,
    authservice_id          bigint,
    authservice_name        text,
    site                    text,
    page_id                 bigint,
    page_url                text,
    location_id             bigint,
    access_point_id         bigint,
    ssid                    text,
    mac_addr                bigint,
    captured_ip_addr        bigint,
    remote_ip_addr          bigint,
    user_agent_id           bigint,
    http_referer_id         bigint
) PARTITION BY RANGE (at);
CREATE INDEX txlog_event_tenant ON txlog_event (tenant_id, at, id);
CREATE INDEX txlog_event_organization ON txlog_event (organization_id, at, id);
""" + "".join(
    f"CREATE INDEX txlog_event_{key.removesuffix('_id')} ON txlog_event (tenant_id, {key}, at, id)"
    f"{'' if key in ALWAYS else f' WHERE {key} IS NOT NULL'};\n"
    for key in KEYS
)


class Migration(migrations.Migration):
    initial = True
    dependencies = [("database", "0002_walls"), ("accounting", "0002_partitions_of_every_log")]
    operations = [
        migrations.RunSQL(TABLES, "DROP TABLE txlog_event; DROP TABLE txlog_text;"),
        migrations.RunSQL(walls.tenant_wall("txlog_text"), walls.tenant_wall_down("txlog_text")),
    ]
