"""An organization's events of one type, status or page are found in an index, whichever of the two is rarer."""

from django.db import migrations

# Each knows what the other leads by, so that a walk along either looks at no row it does not show.
INDEXES = """
DROP INDEX txlog_event_organization;
DROP INDEX txlog_event_type;
DROP INDEX txlog_event_status;
DROP INDEX txlog_event_page;
CREATE INDEX txlog_event_organization ON txlog_event (organization_id, at, id) INCLUDE (type, status, page_id, tenant_id);
CREATE INDEX txlog_event_type ON txlog_event (tenant_id, type, at, id) INCLUDE (organization_id, status);
CREATE INDEX txlog_event_status ON txlog_event (tenant_id, status, at, id) INCLUDE (organization_id, type);
CREATE INDEX txlog_event_page ON txlog_event (tenant_id, page_id, at, id) INCLUDE (organization_id) WHERE page_id IS NOT NULL;
"""
INDEXES_DOWN = """
DROP INDEX txlog_event_organization;
DROP INDEX txlog_event_type;
DROP INDEX txlog_event_status;
DROP INDEX txlog_event_page;
CREATE INDEX txlog_event_organization ON txlog_event (organization_id, at, id);
CREATE INDEX txlog_event_page ON txlog_event (tenant_id, page_id, at, id) WHERE page_id IS NOT NULL;
CREATE INDEX txlog_event_type ON txlog_event (tenant_id, type, at, id);
CREATE INDEX txlog_event_status ON txlog_event (tenant_id, status, at, id);
"""


class Migration(migrations.Migration):
    dependencies = [("txlog", "0001_initial")]
    operations = [migrations.RunSQL(INDEXES, INDEXES_DOWN)]
