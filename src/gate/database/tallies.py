"""How many rows of a large table each organization has, and about where in the order of their ids, without counting them.

Every statement that adds or deletes rows of a tallied table adds a line to `database_tally` for each organization and block of
131,072 ids: the change. A count is the sum of the lines of the organizations asked about: exact, in the snapshot of the rows,
and as dear as there are organizations and blocks. The sums of the blocks tell in which one a page begins, so that a list skips
no more than a block of rows. Lines are only added, so nobody waits for anybody, not even for an import that runs for an hour;
a job replaces lines by their sum. What a list narrows by more than organizations is counted the long way.
"""

from typing import Any, Final

from django.db import connection

from gate.core.tenancy import Scope, activate
from gate.database.types import Cursor

_BITS: Final = 17
_FEW: Final = 10_000
"""Rows that are skipped as quickly as the tally is asked."""
# Lines that add up to nothing are left out.
_COMPACT: Final = """
WITH several AS (
    SELECT tallied, tenant_id, organization_id, block FROM database_tally GROUP BY 1, 2, 3, 4 HAVING count(*) > 1
), gone AS (
    DELETE FROM database_tally t USING several s
    WHERE (t.tallied, t.tenant_id, t.organization_id, t.block) = (s.tallied, s.tenant_id, s.organization_id, s.block)
    RETURNING t.tallied, t.tenant_id, t.organization_id, t.block, t.change
), kept AS (
    INSERT INTO database_tally (tallied, tenant_id, organization_id, block, change)
    SELECT tallied, tenant_id, organization_id, block, sum(change) FROM gone GROUP BY 1, 2, 3, 4 HAVING sum(change) <> 0
)
SELECT count(*) FROM gone
"""
_COUNT: Final = """
SELECT coalesce(sum(change), 0)::bigint FROM database_tally
WHERE tallied = %(table)s AND tenant_id = %(tenant)s
    AND (%(organizations)s::bigint[] IS NULL OR organization_id = ANY(%(organizations)s))
"""
_BLOCK: Final = """
SELECT block, before FROM (
    SELECT block, (sum(change) OVER (ORDER BY block) - change)::bigint AS before FROM (
        SELECT block, sum(change) AS change FROM database_tally
        WHERE tallied = %(table)s AND tenant_id = %(tenant)s
            AND (%(organizations)s::bigint[] IS NULL OR organization_id = ANY(%(organizations)s)) GROUP BY block
    ) blocks
) sums WHERE before <= %(skipped)s ORDER BY block DESC LIMIT 1
"""

TABLE: Final = """
CREATE TABLE database_tally (
    tallied         text   NOT NULL,
    tenant_id       bigint NOT NULL,
    organization_id bigint NOT NULL,
    block           bigint NOT NULL,
    change          bigint NOT NULL
);
CREATE INDEX database_tally_of ON database_tally (tallied, tenant_id, organization_id) INCLUDE (block, change);

CREATE FUNCTION gate_tally() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
    IF TG_LEVEL = 'ROW' THEN
        INSERT INTO database_tally (tallied, tenant_id, organization_id, block, change)
        VALUES (TG_TABLE_NAME, OLD.tenant_id, OLD.organization_id, OLD.id >> 17, -1),
               (TG_TABLE_NAME, NEW.tenant_id, NEW.organization_id, NEW.id >> 17, 1);
    ELSIF TG_OP = 'TRUNCATE' THEN
        DELETE FROM database_tally WHERE tallied = TG_TABLE_NAME;
    ELSE
        INSERT INTO database_tally (tallied, tenant_id, organization_id, block, change)
        SELECT TG_TABLE_NAME, tenant_id, organization_id, id >> 17, CASE TG_OP WHEN 'INSERT' THEN count(*) ELSE -count(*) END
        FROM changed GROUP BY tenant_id, organization_id, id >> 17;
    END IF;
    RETURN NULL;
END $$;
"""
TABLE_DOWN: Final = "DROP FUNCTION gate_tally(); DROP TABLE database_tally;"


def keep(table: str) -> str:
    """SQL that tallies `table` (it has `id`, `tenant_id`, `organization_id`) from now on, with the rows there are."""
    # The triggers come first: their lock keeps writers out until what is there is counted.
    return f"""
        CREATE TRIGGER {table}_added AFTER INSERT ON {table} REFERENCING NEW TABLE AS changed
        FOR EACH STATEMENT EXECUTE FUNCTION gate_tally();
        CREATE TRIGGER {table}_deleted AFTER DELETE ON {table} REFERENCING OLD TABLE AS changed
        FOR EACH STATEMENT EXECUTE FUNCTION gate_tally();
        CREATE TRIGGER {table}_emptied AFTER TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION gate_tally();
        -- A row at a time, and only where one moves: sign-ins update users all day.
        CREATE TRIGGER {table}_moved AFTER UPDATE OF organization_id, tenant_id ON {table} FOR EACH ROW
        WHEN ((OLD.organization_id, OLD.tenant_id) IS DISTINCT FROM (NEW.organization_id, NEW.tenant_id))
        EXECUTE FUNCTION gate_tally();
        {renew(table)}
    """


def renew(table: str) -> str:
    """SQL that counts `table` anew: after rows came in past its triggers. Writers have to be kept out meanwhile."""
    return f"""
        DELETE FROM database_tally WHERE tallied = '{table}';
        INSERT INTO database_tally (tallied, tenant_id, organization_id, block, change)
        SELECT '{table}', tenant_id, organization_id, id >> 17, count(*) FROM {table} GROUP BY 1, 2, 3, 4;
    """


def keep_down(table: str) -> str:
    """SQL that takes `keep` back."""
    names = ("added", "deleted", "emptied", "moved")
    dropped = "".join(f"DROP TRIGGER {table}_{name} ON {table};" for name in names)
    return f"{dropped} DELETE FROM database_tally WHERE tallied = '{table}';"


def count(scope: Scope, table: str, *, organization_id: int | None = None) -> int:
    """How many rows of `table` the scope has, or one organization of it."""
    if organization_id is not None and not scope.covers(organization_id):
        return 0
    activate(scope.tenant_id)
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, _within(scope, table, organization_id))
        return int(cursor.fetchone()[0])


def skip(scope: Scope, table: str, *, rows: int, organization_id: int | None = None) -> tuple[int, int]:
    """Where to skip so many of the rows that `count` counts: the least id to look at, and the rows to skip from there."""
    if rows < _FEW:
        return 0, rows
    activate(scope.tenant_id)
    with connection.cursor() as cursor:
        cursor.execute(_BLOCK, _within(scope, table, organization_id) | {"skipped": rows})
        found = cursor.fetchone()
    return (0, rows) if found is None else (found[0] << _BITS, rows - found[1])


def _within(scope: Scope, table: str, organization_id: int | None) -> dict[str, Any]:
    organizations = None if scope.whole_tenant else list(scope.organization_ids)
    if organization_id is not None:
        organizations = [organization_id]
    return {"table": table, "tenant": scope.tenant_id, "organizations": organizations}


def compact(cursor: Cursor) -> int:
    """Replace the lines of each organization by their sum; returns how many lines were replaced. For the worker."""
    cursor.execute(_COMPACT)
    row = cursor.fetchone()
    return int(row[0]) if row else 0
