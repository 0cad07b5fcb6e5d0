"""API calls of the present minute, by bearer or by address, told by each web process to the others; see tokens/limits.py.

UNLOGGED: nothing is lost with it but the count of a minute, and it costs no write-ahead log. Keys are digests under a key of
the install, so the table does not tell who called.
"""

from django.db import migrations

TABLE = """
CREATE UNLOGGED TABLE tokens_apirate (
    key    bytea   NOT NULL,
    minute integer NOT NULL,
    calls  bigint  NOT NULL,
    PRIMARY KEY (minute, key)
) WITH (fillfactor = 50);
"""


class Migration(migrations.Migration):
    dependencies = [("tokens", "0003_families")]
    operations = [migrations.RunSQL(TABLE, "DROP TABLE tokens_apirate;")]
