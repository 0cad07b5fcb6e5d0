"""accounting/queries.py: what the API's tests cannot see from outside."""

from typing import Any

import pytest
from django.db import InterfaceError, OperationalError, close_old_connections, connection, connections

import people
import sessions
from gate.accounting import queries
from gate.accounting.types import SessionFilter
from gate.core import tenancy


def explain(scope: Any, wanted: SessionFilter) -> str:
    """The plan of a page, were the tables large: PostgreSQL reads small ones whole otherwise."""
    sql, parameters = queries._page_sql(scope, wanted, cursor=None, limit=20)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
        cursor.execute(f"EXPLAIN (COSTS OFF) {sql}", parameters)
        return "\n".join(row[0] for row in cursor.fetchall())


def test_one_condition_leads_along_its_index(world: Any) -> None:
    ids = {"user_id": world.users, "access_point_id": world.access_points, "location_id": world.locations, "nas_id": world.nas}
    whole, below = world.owner.scope, world.west.scope
    for column, rows in ids.items():
        for scope in (whole, below):
            plan = explain(scope, SessionFilter(**{column: rows["acme-west"]}))
            assert f"accounting_live_{column.removesuffix('_id')} on accounting_live" in plan
    assert "accounting_live_tenant on accounting_live" in explain(whole, SessionFilter())
    assert "accounting_live_organization on accounting_live" in explain(below, SessionFilter())


def test_other_conditions_are_not_planned_together_with_it(world: Any) -> None:
    """Behind the fence they are a filter on the rows of the walk, and no index condition."""
    plan = explain(world.west.scope, SessionFilter(access_point_id=world.access_points["acme-west"]))
    walk = plan.index("accounting_live_access_point on accounting_live")
    assert "Filter: (s.organization_id = ANY" in plan[:walk]


def test_the_list_asks_once_and_once_more_for_each_object(world: Any, monkeypatch: Any) -> None:
    asked: list[str] = []
    fetch = queries._fetch

    def counted(scope: Any, sql: str, *further: Any, **named: Any) -> Any:
        asked.append(sql)
        return fetch(scope, sql, *further, **named)

    monkeypatch.setattr(queries, "_fetch", counted)
    with people.as_web_process():
        for _ in range(3):
            sessions_there = queries.page(world.owner.scope, SessionFilter(), cursor=None, limit=20)
        assert (len(asked), len(sessions_there.results)) == (3, 0)
        queries.page(world.owner.scope, SessionFilter(user_id=world.users["acme"]), cursor=None, limit=20)
        assert len(asked) == 5


def test_scopes_of_one_few_and_many_organizations_see_the_same(world: Any, monkeypatch: Any) -> None:
    made = [sessions.add(world, place="acme-west", table=table) for table in ("live", "history", "live")]
    cafe = sessions.add(world, place="acme-west", organization_id=world.organizations["acme-west-cafe"])
    sessions.add(world, place="acme-east")
    wanted = {*made, cafe}

    def seen(scope: Any) -> set[int]:
        with people.as_web_process():
            return {row.radacctid for row in queries.page(scope, SessionFilter(), cursor=None, limit=20).results}

    assert seen(world.west.scope) == wanted
    monkeypatch.setattr(queries, "FEW_ORGANIZATIONS", 1)
    assert seen(world.west.scope) == wanted
    one = tenancy.Scope(
        tenant_id=world.organizations["acme"],
        organization_id=world.organizations["acme-west-cafe"],
        organization_ids=(world.organizations["acme-west-cafe"],),
    )
    assert seen(one) == {cafe}


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_died_is_replaced() -> None:
    """The raw cursor's errors reach Django as its own, so that it lets go of the dead connection after the request."""
    world = people.make_world()
    sessions.add(world)
    page = queries.page(world.owner.scope, SessionFilter(), cursor=None, limit=5)
    killer = connections.create_connection("default")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]
    with killer.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    killer.close()
    with pytest.raises((OperationalError, InterfaceError)):
        queries.page(world.owner.scope, SessionFilter(), cursor=None, limit=5)
    close_old_connections()  # as Django does between requests
    assert queries.page(world.owner.scope, SessionFilter(), cursor=None, limit=5) == page
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM accounting_live")  # no table of Django's, so that its flush passes it by


def test_the_plain_list_is_planned_once_and_a_filtered_one_for_its_values(world: Any) -> None:
    scope = world.owner.scope
    with connection.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")
    connection.connection._prepared.clear()  # psycopg's own account of them
    filtered = SessionFilter(user_id=world.users["acme"])
    for _ in range(7):
        queries.page(scope, SessionFilter(), cursor=None, limit=20)
        queries.page(scope, filtered, cursor=None, limit=20)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT generic_plans + custom_plans FROM pg_prepared_statements WHERE statement LIKE '%accounting_history%'"
        )
        assert cursor.fetchall() == [(7,)]
