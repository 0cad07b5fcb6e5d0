"""Sessions: `accounting_live` (open, and closed lately) and `accounting_history` (the rest, a partition a month).

A partitioned table cannot hold a unique session id, so a session lives in the unpartitioned table, where "once, in any order"
is one ON CONFLICT, until it has been closed for a day; then a job moves it. Interims change no indexed column, so that they
are heap-only updates (fillfactor leaves them room on the page).
"""

from django.db import migrations

COLUMNS = """
    radacctid           bigint      NOT NULL{default},
    acctuniqueid        bytea       NOT NULL,
    acctsessionid       text        NOT NULL,
    acctmultisessionid  text,
    tenant_id           bigint      NOT NULL,
    organization_id     bigint      NOT NULL,
    nas_id              bigint      NOT NULL,
    user_id             bigint,
    location_id         bigint,
    access_point_id     bigint,
    user_transaction_id bigint,
    acctstarttime       timestamptz NOT NULL,
    acctupdatetime      timestamptz NOT NULL,
    acctstoptime        timestamptz,
    acctinterval        integer,
    acctsessiontime     bigint      NOT NULL,
    acctinputoctets     bigint      NOT NULL,
    acctoutputoctets    bigint      NOT NULL,
    start_seen          boolean     NOT NULL,
    username            text        NOT NULL,
    groupname           text,
    realm               text,
    klass               text,
    nasipaddress        inet        NOT NULL,
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
    connectinfo_stop    text
"""

# Newest first within what a caller may ask for; the id makes the order total. The indexes ascend and are walked backwards:
# sessions then come in at the right end of each key's range, where PostgreSQL fills pages instead of halving them (41 bytes
# an entry in place of 73).
KEYS = ("tenant_id", "organization_id", "user_id", "location_id", "access_point_id", "nas_id")

TABLES = f"""
CREATE SEQUENCE accounting_radacctid AS bigint;

CREATE TABLE accounting_live ({COLUMNS.format(default=" DEFAULT nextval('accounting_radacctid')")},
    PRIMARY KEY (radacctid)
) WITH (fillfactor = 60, autovacuum_vacuum_scale_factor = 0.05);
ALTER SEQUENCE accounting_radacctid OWNED BY accounting_live.radacctid;
CREATE UNIQUE INDEX accounting_live_unique ON accounting_live (acctuniqueid);

CREATE TABLE accounting_history ({COLUMNS.format(default="")},
    PRIMARY KEY (radacctid, acctstarttime)
) PARTITION BY RANGE (acctstarttime);
CREATE INDEX accounting_history_unique ON accounting_history (acctuniqueid);
""" + "".join(
    f"CREATE INDEX accounting_{table}_{key.removesuffix('_id')} ON accounting_{table} ({key}, acctstarttime, radacctid)"
    f"{'' if key in ('tenant_id', 'organization_id', 'nas_id') else f' WHERE {key} IS NOT NULL'};\n"
    for table in ("live", "history")
    for key in KEYS
)

# The worker and the commands make partitions without owning the table. Months are UTC.
PARTITIONS = """
CREATE FUNCTION gate_make_partition(parent text, month date) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    first date := date_trunc('month', month)::date;
    partition text := format('%s_%s', parent, to_char(first, 'YYYY_MM'));
BEGIN
    IF parent NOT IN ('accounting_history', 'access_sign_in') THEN
        RAISE EXCEPTION 'not a table partitioned by month: %', parent;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('gate_make_partition'), hashtext(partition));
    IF to_regclass(format('public.%I', partition)) IS NOT NULL THEN
        RETURN false;
    END IF;
    EXECUTE format('CREATE TABLE public.%I PARTITION OF public.%I FOR VALUES FROM (%L) TO (%L)',
                   partition, parent, first::text || ' 00:00+00', (first + interval '1 month')::date::text || ' 00:00+00');
    RETURN true;
END $$;
REVOKE ALL ON FUNCTION gate_make_partition(text, date) FROM PUBLIC;
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = [("database", "0001_roles")]
    operations = [
        migrations.RunSQL(TABLES, "DROP TABLE accounting_history; DROP TABLE accounting_live;"),
        migrations.RunSQL(PARTITIONS, "DROP FUNCTION gate_make_partition(text, date);"),
    ]
