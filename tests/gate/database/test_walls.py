"""The second wall, asked directly: what the role of the web processes may see and change, whatever a query says."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction

import people
from gate.core import tenancy
from gate.core.tenancy import ScopeMissing
from gate.database import walls
from gate.users.models import User


@pytest.fixture
def web_role(world: people.World) -> Iterator[Any]:
    with people.as_web_process(), connection.cursor() as cursor:
        yield cursor


def tables_with_tenants() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id'"
            " WHERE c.relkind = 'r' AND NOT c.relispartition AND c.relnamespace = 'public'::regnamespace ORDER BY 1"
        )
        return [name for (name,) in cursor.fetchall()]


@pytest.mark.django_db
def test_every_tenant_table_is_behind_the_wall_or_on_the_list_of_hot_ones() -> None:
    hot = {
        "accounting_live", "access_sign_in_hour", "telemetry_app", "telemetry_waiting", "telemetry_rollup_hour",
        "telemetry_rollup_day", "telemetry_period", "telemetry_period_app", "telemetry_period_list",
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity")
        walled = {name for (name,) in cursor.fetchall()}
    assert set(tables_with_tenants()) == walled | hot


def test_without_a_tenant_nothing_is_seen(web_role: Any, world: people.World) -> None:
    for table in ("users_user", "organizations_organization", "nas_nas", "profiles_profile", "tokens_apitoken"):
        web_role.execute(f"SELECT count(*) FROM {table}")
        assert web_role.fetchone() == (0,), table


def test_with_a_forged_scope_the_other_tenant_stays_unseen(web_role: Any, world: people.World) -> None:
    """A scope that names the rival's organizations but was entered for acme: the first wall is open, the second holds."""
    acme, rival = world.organizations["acme"], world.organizations["rival"]
    tenancy.activate(acme)
    web_role.execute("SELECT count(*), count(*) FILTER (WHERE tenant_id = %s) FROM users_user", [rival])
    everyone, strangers = web_role.fetchone()
    assert everyone > 0
    assert strangers == 0
    web_role.execute("UPDATE users_user SET description = 'changed' WHERE tenant_id = %s", [rival])
    assert web_role.rowcount == 0
    with pytest.raises(DatabaseError), transaction.atomic():
        web_role.execute("UPDATE users_user SET tenant_id = %s WHERE id = %s", [rival, world.users["acme"]])


def test_sessions_and_sign_ins_are_evidence_the_web_cannot_change(web_role: Any) -> None:
    web_role.execute("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'accounting_history'::regclass")
    partitions = [name for (name,) in web_role.fetchall()]
    assert partitions
    for table in ("accounting_live", "accounting_history", "access_sign_in", "access_sign_in_hour", *partitions):
        with pytest.raises(DatabaseError) as refused, transaction.atomic():
            web_role.execute(f"DELETE FROM {table}")
        assert isinstance(refused.value.__cause__, psycopg.errors.InsufficientPrivilege), table
    web_role.execute("SELECT count(*) FROM accounting_history")


@pytest.mark.django_db
def test_a_query_without_a_scope_is_refused() -> None:
    with pytest.raises(ScopeMissing):
        User.objects.count()


def test_the_tenant_is_told_again_after_a_rollback(web_role: Any, world: people.World) -> None:
    """A rollback takes the setting back with it; the next activation must not believe it is still there."""
    acme, rival = world.organizations["acme"], world.organizations["rival"]
    tenancy.activate(rival)
    with pytest.raises(ZeroDivisionError), transaction.atomic():  # noqa: PT012  the rollback is the point
        tenancy.activate(acme)
        raise ZeroDivisionError
    tenancy.activate(acme)
    web_role.execute("SELECT DISTINCT tenant_id FROM users_user")
    assert web_role.fetchall() == [(acme,)]


def test_the_grants_can_be_renewed_at_any_time(world: people.World) -> None:
    with connection.cursor() as cursor:
        for statement in walls.GRANTS:
            cursor.execute(statement)
        cursor.execute(
            "SELECT has_table_privilege(%s, 'accounting_live', 'DELETE'), has_table_privilege(%s, 'accounting_live', 'SELECT'),"
            " has_table_privilege(%s, 'accounting_live', 'DELETE')",
            [walls.APP, walls.APP, walls.SYSTEM],
        )
        assert cursor.fetchone() == (False, True, True)


@pytest.mark.django_db
def test_where_the_roles_are_there_a_member_migrates_without_createrole() -> None:
    """An administrator made the roles and let a plain owner of the database in (docs/tenancy.md)."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE ROLE gate_test_plain; GRANT {walls.APP}, {walls.SYSTEM} TO gate_test_plain; SET ROLE gate_test_plain"
        )
        cursor.execute(walls.ROLES)
        for role in (walls.APP, walls.SYSTEM):
            cursor.execute("SELECT pg_has_role(current_user, %s, 'USAGE')", [role])
            assert cursor.fetchone() == (True,), role
        cursor.execute("RESET ROLE")


@pytest.mark.django_db
def test_who_is_no_member_is_told_what_to_do() -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE gate_test_plain; SET ROLE gate_test_plain")
        with pytest.raises(DatabaseError, match=f"GRANT {walls.APP} TO gate_test_plain"), transaction.atomic():
            cursor.execute(walls.ROLES)
        cursor.execute("RESET ROLE")
