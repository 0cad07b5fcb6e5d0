"""Partitions of past months are dropped by who does not own the tables, one at a time and never a late one."""

from django.db import migrations

# Who drops a partition needs the parent for itself for a moment. While somebody reads it, others would queue up behind: so this
# gives up after a quarter of a second, and is tried again. DETACH ... CONCURRENTLY waits without that, and runs in no function.
DROP = """
CREATE FUNCTION gate_drop_partition(parent text, month date) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public SET lock_timeout = '250ms' AS $$
DECLARE
    first date := date_trunc('month', month)::date;
    partition text := format('%s_%s', parent, to_char(first, 'YYYY_MM'));
BEGIN
    IF first + interval '2 months' > now() AT TIME ZONE 'UTC' THEN
        RAISE EXCEPTION 'a month is not dropped before it has been over for another: %', partition;
    END IF;
    -- A month of a table partitioned by month, and nothing else.
    IF NOT EXISTS (SELECT FROM pg_inherits i JOIN pg_class p ON p.oid = i.inhparent JOIN pg_class c ON c.oid = i.inhrelid
                   WHERE p.relname = parent AND p.relkind = 'p' AND p.relnamespace = 'public'::regnamespace
                     AND c.relname = partition AND c.relnamespace = 'public'::regnamespace) THEN
        RETURN false;
    END IF;
    EXECUTE format('DROP TABLE public.%I', partition);
    RETURN true;
END $$;
REVOKE ALL ON FUNCTION gate_drop_partition(text, date) FROM PUBLIC;
"""


class Migration(migrations.Migration):
    dependencies = [("database", "0003_tallies")]
    operations = [migrations.RunSQL(DROP, "DROP FUNCTION gate_drop_partition(text, date);")]
