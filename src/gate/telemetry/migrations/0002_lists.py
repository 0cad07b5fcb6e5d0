"""Which devices a period has, in parts of some thousands, by organization, kind, category and status (NULL: all of them).

Any page is then found by adding up the sizes of parts, however far down it is and however few devices a filter leaves; a walk
over pairs of device and app took seconds where devices were a million.
"""

from django.db import migrations

LISTS = """
DROP TABLE telemetry_period_device;
DROP TABLE telemetry_seen;
CREATE TABLE telemetry_period_list (
    tenant_id       bigint   NOT NULL,
    period          smallint NOT NULL,
    organization_id bigint   NOT NULL,
    device_type     text     NOT NULL,
    category        text,
    status          text,
    part            integer  NOT NULL,
    size            integer  NOT NULL,
    with_issues     integer  NOT NULL,
    devices         bigint[] NOT NULL
);
CREATE INDEX telemetry_period_list_of ON telemetry_period_list (tenant_id, period, category, status, organization_id);
UPDATE telemetry_period SET stale = true, made = '-infinity';
"""
# Both are sums of other tables; the old ones are made by `gate telemetry rebuild` once the old code is back.
BACK = """
DROP TABLE telemetry_period_list;
CREATE TABLE telemetry_seen (
    tenant_id bigint NOT NULL, device_id bigint NOT NULL, app_id bigint NOT NULL, status text NOT NULL,
    organization_id bigint NOT NULL, device_type text NOT NULL, last_connection timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, device_id, app_id, status)
);
CREATE TABLE telemetry_period_device (
    tenant_id bigint NOT NULL, organization_id bigint NOT NULL, period smallint NOT NULL, device_type text NOT NULL,
    category text, status text, devices bigint NOT NULL, with_issues bigint NOT NULL
);
"""


class Migration(migrations.Migration):
    dependencies = [("telemetry", "0001_initial")]
    operations = [migrations.RunSQL(LISTS, BACK)]
