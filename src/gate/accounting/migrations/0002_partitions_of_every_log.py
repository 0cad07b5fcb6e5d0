"""gate_make_partition takes every table partitioned by month, so that rooms with logs of their own need not change it."""

from django.db import migrations

PARTITIONS = """
CREATE OR REPLACE FUNCTION gate_make_partition(parent text, month date) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    first date := date_trunc('month', month)::date;
    partition text := format('%s_%s', parent, to_char(first, 'YYYY_MM'));
BEGIN
    -- What is partitioned here is partitioned by month; no other table is touched.
    IF NOT EXISTS (SELECT FROM pg_class WHERE relname = parent AND relkind = 'p' AND relnamespace = 'public'::regnamespace) THEN
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
"""


class Migration(migrations.Migration):
    dependencies = [("accounting", "0001_initial")]
    # Backwards the function stays as it is: what it refuses is the same, but for the tables that are gone by then.
    operations = [migrations.RunSQL(PARTITIONS, migrations.RunSQL.noop)]
