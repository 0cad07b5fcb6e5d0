"""Why each sign-in was decided as it was, and indexes to find it by: the device, the NAS, a name that nobody has."""

from django.db import migrations

COLUMNS = """
ALTER TABLE access_sign_in
    ADD COLUMN session_timeout bigint,
    ADD COLUMN limited_by      text,
    ADD COLUMN profiles        text,
    ADD COLUMN trace           text;
"""
INDEXES = """
CREATE INDEX access_sign_in_device ON access_sign_in (tenant_id, lower(translate(callingstationid, ':-. ', '')), at)
    WHERE callingstationid IS NOT NULL;
CREATE INDEX access_sign_in_nas ON access_sign_in (nas_id, at);
CREATE INDEX access_sign_in_unknown ON access_sign_in (tenant_id, lower(username), at) WHERE user_id IS NULL;
"""


class Migration(migrations.Migration):
    dependencies = [("access", "0001_initial")]
    operations = [
        migrations.RunSQL(
            COLUMNS,
            "ALTER TABLE access_sign_in DROP COLUMN session_timeout, DROP COLUMN limited_by, DROP COLUMN profiles,"
            " DROP COLUMN trace;",
        ),
        migrations.RunSQL(
            INDEXES, "DROP INDEX access_sign_in_device; DROP INDEX access_sign_in_nas; DROP INDEX access_sign_in_unknown;"
        ),
    ]
