"""A packet as one value: the RADIUS server sends a batch as an array of these (accounting/sql.py).

Taking 38 arrays apart side by side cost PostgreSQL as much as everything else a small batch asks of it.
"""

from django.db import migrations

TYPE = """
CREATE TYPE accounting_packet AS (
    acctuniqueid        bytea,
    tenant_id           bigint,
    nas_id              bigint,
    organization_id     bigint,
    path                text,
    location_id         bigint,
    access_point_id     bigint,
    username_key        text,
    acctsessionid       text,
    acctmultisessionid  text,
    start_seen          boolean,
    started             double precision,
    updated             double precision,
    stopped             double precision,
    acctinterval        integer,
    acctsessiontime     bigint,
    acctinputoctets     bigint,
    acctoutputoctets    bigint,
    username            text,
    realm               text,
    klass               text,
    nasipaddress        inet,
    nasidentifier       text,
    nasportid           text,
    nasporttype         text,
    servicetype         text,
    framedprotocol      text,
    framedipaddress     inet,
    calledstationid     text,
    callingstationid    text,
    ssid                text,
    acctauthentic       text,
    acctterminatecause  text,
    connectinfo_start   text,
    connectinfo_stop    text,
    portal_session_id   bigint,
    narrow              boolean,
    ipv6                text
);
COMMENT ON TYPE accounting_packet IS 'What one accounting packet says of its session; started, updated, stopped: seconds since 1970';
"""


class Migration(migrations.Migration):
    dependencies = [("accounting", "0005_counters_of_32_bits")]
    operations = [migrations.RunSQL(TYPE, "DROP TYPE accounting_packet;")]
