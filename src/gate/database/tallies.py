"""How many rows of a large table each organization has, known without counting them.

Every statement that adds or deletes rows of a tallied table adds one line to `database_tally`: organization and change. A count
is the sum of the lines of the organizations asked about: exact, in the same snapshot as the rows, and as dear as there are
organizations. Lines are only added, so nobody waits for anybody, not even for an import that runs for an hour; a job replaces
the lines of an organization by their sum. What a count narrows by more than organizations is counted the long way.
"""

from typing import Final

from django.db import connection

from gate.core.tenancy import Scope, activate
from gate.database.types import Cursor

# Lines that add up to nothing are left out.
_COMPACT: Final = """
WITH several AS (
    SELECT tallied, tenant_id, organization_id FROM database_tally GROUP BY 1, 2, 3 HAVING count(*) > 1
), gone AS (
    DELETE FROM database_tally t USING several s
    WHERE t.tallied = s.tallied AND t.tenant_id = s.tenant_id AND t.organization_id = s.organization_id
    RETURNING t.tallied, t.tenant_id, t.organization_id, t.change
), kept AS (
    INSERT INTO database_tally (tallied, tenant_id, organization_id, change)
    SELECT tallied, tenant_id, organization_id, sum(change) FROM gone GROUP BY 1, 2, 3 HAVING sum(change) <> 0
)
SELECT count(*) FROM gone
"""
_OF_TENANT: Final = "SELECT coalesce(sum(change), 0)::bigint FROM database_tally WHERE tallied = %s AND tenant_id = %s"
_OF_ORGANIZATIONS: Final = f"{_OF_TENANT} AND organization_id = ANY(%s)"

TABLE: Final = """
CREATE TABLE database_tally (
    tallied         text   NOT NULL,
    tenant_id       bigint NOT NULL,
    organization_id bigint NOT NULL,
    change          bigint NOT NULL
);
CREATE INDEX database_tally_of ON database_tally (tallied, tenant_id, organization_id) INCLUDE (change);

CREATE FUNCTION gate_tally() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
    IF TG_LEVEL = 'ROW' THEN
        INSERT INTO database_tally (tallied, tenant_id, organization_id, change)
        VALUES (TG_TABLE_NAME, OLD.tenant_id, OLD.organization_id, -1), (TG_TABLE_NAME, NEW.tenant_id, NEW.organization_id, 1);
    ELSIF TG_OP = 'TRUNCATE' THEN
        DELETE FROM database_tally WHERE tallied = TG_TABLE_NAME;
    ELSE
        INSERT INTO database_tally (tallied, tenant_id, organization_id, change)
        SELECT TG_TABLE_NAME, tenant_id, organization_id, CASE TG_OP WHEN 'INSERT' THEN count(*) ELSE -count(*) END
        FROM changed GROUP BY tenant_id, organization_id;
    END IF;
    RETURN NULL;
END $$;
"""
TABLE_DOWN: Final = "DROP FUNCTION gate_tally(); DROP TABLE database_tally;"


def keep(table: str) -> str:
    """SQL that tallies `table` (it has `tenant_id` and `organization_id`) from now on, with the rows there are."""
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
        INSERT INTO database_tally (tallied, tenant_id, organization_id, change)
        SELECT '{table}', tenant_id, organization_id, count(*) FROM {table} GROUP BY tenant_id, organization_id;
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
        if organization_id is not None:
            cursor.execute(_OF_ORGANIZATIONS, [table, scope.tenant_id, [organization_id]])
        elif scope.whole_tenant:
            cursor.execute(_OF_TENANT, [table, scope.tenant_id])
        else:
            cursor.execute(_OF_ORGANIZATIONS, [table, scope.tenant_id, list(scope.organization_ids)])
        return int(cursor.fetchone()[0])


def compact(cursor: Cursor) -> int:
    """Replace the lines of each organization by their sum; returns how many lines were replaced. For the worker."""
    cursor.execute(_COMPACT)
    row = cursor.fetchone()
    return int(row[0]) if row else 0
