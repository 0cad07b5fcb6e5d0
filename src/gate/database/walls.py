"""The second wall: roles and row-level security, as SQL for migrations.

`gate_app` is the role of the web processes. It owns nothing and sees only rows of the tenant told by `gate.tenant`
(core/tenancy.py). `gate_system` is the role of the RADIUS server, the worker and the commands; they name the tenant in
each query, and row-level security lets them pass. The owner migrates; it is a member of both.
"""

APP, SYSTEM = "gate_app", "gate_system"

_CREATE_ROLE = """
DO $$ BEGIN
    -- Asked first: where an administrator made the roles, the migrating user need not have CREATEROLE.
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') THEN
        CREATE ROLE {role} NOLOGIN NOINHERIT;
    END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$;
"""
# Where the roles are there already (another GATE on this server made them), only who may grant them can let us in.
# USAGE, not MEMBER: since PostgreSQL 16 whoever makes a role is a member that may neither be it nor use its rights.
_JOIN = """
DO $$ BEGIN
    IF NOT pg_has_role(current_user, '{role}', 'USAGE') THEN
        EXECUTE format('GRANT {role} TO %I', current_user);
    END IF;
EXCEPTION WHEN insufficient_privilege THEN
    RAISE EXCEPTION 'The role {role} exists and % is no member of it. Let a superuser run: GRANT {role} TO %',
        current_user, quote_ident(current_user);
END $$;
"""
ROLES = "".join(_CREATE_ROLE.format(role=role) + _JOIN.format(role=role) for role in (APP, SYSTEM))

# The tenant told to this session. In a sub-select PostgreSQL evaluates it once a query, not once a row.
_TENANT = "(SELECT nullif(current_setting('gate.tenant', true), '')::bigint)"

GRANTS = (
    f"GRANT USAGE ON SCHEMA public TO {APP}, {SYSTEM}",
    f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {APP}, {SYSTEM}",
    f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {APP}, {SYSTEM}",
    f"GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO {APP}, {SYSTEM}",
    # Partitions are reached through their parents alone, so that the parents' rights are the only ones that count.
    f"""
    DO $$ DECLARE partition regclass; BEGIN
        FOR partition IN SELECT oid::regclass FROM pg_class
                         WHERE relkind = 'r' AND relispartition AND relnamespace = 'public'::regnamespace LOOP
            EXECUTE format('REVOKE ALL ON %s FROM {APP}, {SYSTEM}', partition);
        END LOOP;
    END $$
    """,
    # Old months are dropped by the worker alone.
    f"REVOKE EXECUTE ON FUNCTION gate_drop_partition(text, date) FROM {APP}",
    # The web processes add to tallies; summing them up is the worker's.
    f"REVOKE UPDATE, DELETE ON database_tally FROM {APP}",
    # Sessions and sign-ins are evidence: the web processes read them.
    f"REVOKE INSERT, UPDATE, DELETE ON accounting_live, accounting_history, access_sign_in, access_sign_in_hour FROM {APP}",
    # The transaction log is written by web processes too, and changed by nobody. Of its texts only what an ON CONFLICT touches.
    f"REVOKE UPDATE, DELETE ON txlog_event, txlog_text FROM {APP}",
    f"GRANT UPDATE (digest) ON txlog_text TO {APP}",
    # Who asked a NAS for what, and what it answered, is evidence: web processes ask, the worker writes down the answer.
    f"REVOKE UPDATE, DELETE ON control_request FROM {APP}",
    # What devices report is written by web processes and added up by the worker.
    f"REVOKE UPDATE, DELETE ON telemetry_connection_log, telemetry_test_report, telemetry_app FROM {APP}",
    f"REVOKE SELECT, UPDATE, DELETE ON telemetry_waiting FROM {APP}",
    f"REVOKE INSERT, UPDATE, DELETE ON telemetry_rollup_hour, telemetry_rollup_day FROM {APP}",
    f"REVOKE INSERT, UPDATE, DELETE ON telemetry_period, telemetry_period_app, telemetry_period_list FROM {APP}",
)


def tenant_wall(table: str) -> str:
    """SQL that puts `table` (it has `tenant_id`) behind row-level security."""
    return f"""
        ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
        ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
        CREATE POLICY tenant ON {table} TO {APP} USING (tenant_id = {_TENANT}) WITH CHECK (tenant_id = {_TENANT});
        CREATE POLICY system ON {table} TO {SYSTEM} USING (true) WITH CHECK (true);
    """


def tenant_wall_down(table: str) -> str:
    """SQL that takes `tenant_wall` back."""
    return f"""
        DROP POLICY tenant ON {table};
        DROP POLICY system ON {table};
        ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY;
        ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;
    """


def notify_changes(table: str) -> str:
    """SQL that tells listeners (`LISTEN gate_changed`) when `table` changes, once a statement."""
    return f"""
        CREATE TRIGGER {table}_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}
        FOR EACH STATEMENT EXECUTE FUNCTION gate_notify_change();
    """
