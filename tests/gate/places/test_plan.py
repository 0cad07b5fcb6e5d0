"""The plans of the lists of places, on tables that are not small, under the role and row-level security of the web processes.

What is held: nothing is read but an index until the page is found, whatever is filtered by and however deep it lies, and a
day's changes are found by their own index. Row-level security adds a condition to each scan; it must not take the index away.
"""

import datetime as dt
import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

import people
from gate.core import clock
from gate.core.tenancy import Scope
from gate.places import queries
from gate.places.types import Kind, PlaceFilter

pytestmark = pytest.mark.django_db
PLACES = 20_000
TABLES = {"location": "places_location", "access_point": "places_accesspoint", "access_device": "places_accessdevice"}


@pytest.fixture(params=TABLES)
def kind(world: Any, request: pytest.FixtureRequest) -> Kind:
    """20,000 places of the kind, a third of them another tenant's, changed over a year; as an autovacuum leaves them."""
    kind: Kind = request.param
    table = TABLES[kind]
    with connection.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO {table} (tenant_id, organization_id, name, short_name, is_active, description, thumbnail, address,
                    reference, city, postal_code, state, region, country_code, latitude, longitude, created, last_change)
                SELECT owner.tenant, owner.organization, 'A place ' || n, 'p' || n, mod(n, 10) > 0, repeat('d', 200), '', '', '',
                    '', '', '', '', '', CASE WHEN mod(n, 7) > 0 THEN 1 END, CASE WHEN mod(n, 7) > 0 THEN 2 END, now(),
                    now() - n * interval '30 minutes'
                FROM generate_series(1, %s) n, LATERAL (SELECT
                    CASE WHEN mod(n, 3) = 0 THEN %s::bigint ELSE %s END AS tenant,
                    CASE WHEN mod(n, 3) = 0 THEN %s::bigint WHEN mod(n, 3) = 1 THEN %s ELSE %s END AS organization) owner""",
            [PLACES, *(world.organizations[name] for name in ("rival", "acme", "rival", "acme-west", "acme-west-cafe"))],
        )
        cursor.execute(f"ANALYZE {table}")
        # VACUUM does not run inside the test's transaction; what it would say of the table is said for it.
        cursor.execute("UPDATE pg_class SET relallvisible = relpages WHERE relname = %s", [table])
    return kind


def nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for below in node.get("Plans", ()):
        yield from nodes(below)


def plans(monkeypatch: pytest.MonkeyPatch, ask: Any) -> list[dict[str, Any]]:
    """The plans of what `ask` asks of PostgreSQL, as a web process would have it asked."""
    found: list[dict[str, Any]] = []
    fetch = queries._fetch

    def explained(scope: Any, sql: str, parameters: dict[str, Any]) -> Any:
        found.append(fetch(scope, f"EXPLAIN (FORMAT JSON) {sql}", parameters)[0][0][0]["Plan"])
        return fetch(scope, sql, parameters)

    with people.as_web_process(), monkeypatch.context() as patched:
        patched.setattr(queries, "_fetch", explained)
        ask()
    return found


def walk(found: dict[str, Any]) -> dict[str, Any]:
    """The scan that finds the ids, or counts; what is beside it fetches the rows of the page one by one."""
    inner = next((node for node in nodes(found) if node.get("Subplan Name") == "CTE p"), found)
    scans = [node for node in nodes(inner) if "Index" in node["Node Type"] or "Seq" in node["Node Type"]]
    assert len(scans) == 1, scans
    return scans[0]


FILTERS = (
    PlaceFilter(),
    PlaceFilter(is_active=False),
    PlaceFilter(have_coordinates=True),
    PlaceFilter(have_coordinates=False, is_active=True),
)


def test_pages_and_counts_read_the_index_alone(world: Any, kind: Kind, monkeypatch: pytest.MonkeyPatch) -> None:
    listed = f"{kind.replace('_', '')}_list"
    for person, where in itertools.product((world.owner, world.west), FILTERS):

        def ask(scope: Scope = person.scope, where: PlaceFilter = where) -> None:
            queries.page(scope, kind, where=where, limit=100)
            queries.page(scope, kind, where=where, limit=100, offset=PLACES // 3)
            queries.count(scope, kind, where=where)

        *pages, count = plans(monkeypatch, ask)
        assert [walk(page)["Index Name"] for page in pages] == [listed, listed], (person.name, where)
        for found in (*pages, count):
            # A plain count may take a thinner index of the tenant's than the list's.
            scan = walk(found)
            assert (scan["Node Type"], "tenant_id" in scan["Index Cond"]) == ("Index Only Scan", True), (person.name, where, scan)
            assert not [node for node in nodes(found) if node["Node Type"] == "Seq Scan"]


def test_what_changed_since_yesterday_is_found_by_its_own_index(world: Any, kind: Kind, monkeypatch: pytest.MonkeyPatch) -> None:
    where = PlaceFilter(last_change_gte=clock.now() - dt.timedelta(days=1))
    for person in (world.owner, world.west):

        def ask(scope: Scope = person.scope) -> None:
            queries.page(scope, kind, where=where, limit=100)
            queries.count(scope, kind, where=where)

        for found in plans(monkeypatch, ask):
            assert walk(found)["Index Name"] == f"{kind.replace('_', '')}_changed", found
