"""Sessions GATE closed itself are told from those their NAS closed; when a session was last heard of; IPv6 attributes.

None of the columns is indexed: a column that an Interim or a closing changes would cost it its heap-only update.
"""

from django.db import migrations

TABLES = ("accounting_live", "accounting_history")
COLUMNS = (
    "closed_by",
    "closed_until",
    "heard",
    "framedipv6address",
    "framedipv6prefix",
    "framedinterfaceid",
    "delegatedipv6prefix",
)
ADD = "".join(
    f"""
ALTER TABLE {table}
    ADD COLUMN closed_by text,
    ADD COLUMN closed_until timestamptz,
    ADD COLUMN heard timestamptz{" NOT NULL DEFAULT now()" if table == "accounting_live" else ""},
    ADD COLUMN framedipv6address text,
    ADD COLUMN framedipv6prefix text,
    ADD COLUMN framedinterfaceid text,
    ADD COLUMN delegatedipv6prefix text;
COMMENT ON COLUMN {table}.closed_by IS 'Why GATE closed it where no Stop came: disconnect, restart, silence, reuse; else NULL';
COMMENT ON COLUMN {table}.closed_until IS 'Where GATE closed it: only what the NAS says of a later moment opens it again';
COMMENT ON COLUMN {table}.heard IS 'When its last packet arrived, by the clock of PostgreSQL';
"""
    for table in TABLES
)
DROP = "".join(
    f"ALTER TABLE {table} " + ", ".join(f"DROP COLUMN {column}" for column in COLUMNS) + ";\n" for table in TABLES
)  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("accounting", "0003_portal_session")]
    operations = [migrations.RunSQL(ADD, DROP)]
