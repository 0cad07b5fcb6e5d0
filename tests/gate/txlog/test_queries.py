"""txlog/queries.py: what PostgreSQL does for a page, on a log that is not small. What pages hold: tests/gate/api/txlog_portal/.

A page must touch about as many rows as it shows, however far down it is and whatever it is filtered by.
"""

import datetime as dt
import itertools
import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

import events
import people
from gate.core import clock
from gate.core.paging import Cursor
from gate.database import partitions
from gate.txlog import queries
from gate.txlog.types import EventFilter

ROWS = 20_000
LIMIT = 100
# Rows a page may read beyond those it shows: other ends of merged walks, and what a second filter throws away.
FEW = 30 * LIMIT


@pytest.fixture
def filled(world: Any) -> Any:
    """A log over three months, in which what is looked for is neither everything nor next to nothing."""
    now = clock.now()
    with connection.cursor() as cursor:
        partitions.ensure(cursor, first=(now - dt.timedelta(days=75)).date(), last=now.date())
        cursor.execute(
            """
            INSERT INTO txlog_event (at, tenant_id, organization_id, type, source, status, action, message, new_user, user_id,
                                     page_id, location_id, access_point_id, mac_addr)
            SELECT %(now)s - n * interval '300 seconds', %(tenant)s, (%(organizations)s::bigint[])[1 + any_of[1] %% 4],
                   (ARRAY['ui', 'uo', 'ua', 'ur', 'st'])[1 + any_of[2] %% 5], 'u',
                   (ARRAY['h200', 'u401', 'u423'])[1 + any_of[3] %% 3], 'na', '', false, 1000 + any_of[4] %% 50,
                   any_of[5] %% 7, 1000 + any_of[6] %% 20, 1000 + any_of[7] %% 40, 1000 + any_of[8] %% 60
            FROM generate_series(1, %(rows)s) n, LATERAL (
                SELECT array_agg(get_byte(sha256(n::text::bytea), place)) AS any_of FROM generate_series(0, 7) place
            ) h
            """,
            {"now": now, "tenant": world.organizations["acme"], "rows": ROWS,
             "organizations": [world.organizations[name] for name in ("acme", "acme-west", "acme-west-cafe", "acme-east")]},
        )  # fmt: skip
        cursor.execute("ANALYZE txlog_event")
    return world


def explained(scope: Any, wanted: EventFilter, cursor: Cursor | None) -> Iterator[dict[str, Any]]:
    """The nodes of the plan, as it was run."""
    sql, parameters = queries._page_sql(scope, wanted, cursor=cursor, limit=LIMIT)
    with people.as_web_process(), connection.cursor() as database:
        database.execute("SELECT set_config('gate.tenant', %s, false)", [str(scope.tenant_id)])
        # Reading a small log whole is cheap, and PostgreSQL knows; a large one is what this is about.
        database.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_sort = off")
        database.execute(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {sql}", parameters)
        found = database.fetchone()[0]
    waiting = [(json.loads(found) if isinstance(found, str) else found)[0]["Plan"]]
    while waiting:
        node = waiting.pop()
        waiting += node.get("Plans", ())
        yield node


FILTERS: list[tuple[EventFilter, str]] = [
    (EventFilter(), "tenant_id_at"),
    (EventFilter(types=("ui",)), "_type_"),
    (EventFilter(types=("ui", "ur", "pp")), "_type_"),
    (EventFilter(statuses=("u401",)), "_status_"),
    (EventFilter(statuses=("u401", "u423", "u429")), "_status_"),
    (EventFilter(user_id=1007), "_user_"),
    (EventFilter(page=3), "_page_"),
    (EventFilter(access_point_id=1007), "_access_point_"),
    (EventFilter(location_id=1007), "_location_"),
    (EventFilter(mac_addr=1007), "_mac_"),
    (EventFilter(types=("ui",), statuses=("u401", "h200")), "_status_"),
    (EventFilter(location_id=1007, statuses=("u401",)), "_location_"),
]


def test_a_page_touches_few_rows_by_its_index(filled: Any) -> None:
    deep = clock.now() - dt.timedelta(days=40)
    major = (deep - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) // dt.timedelta(microseconds=1)
    places = (None, Cursor(major=major, minor=1), Cursor(major=major, minor=1, backwards=True))
    for person, cursor, (wanted, usual) in itertools.product(("owner", "west"), places, FILTERS):
        index = "organization_id_at" if wanted == EventFilter() and person == "west" else usual
        # Types, statuses and pages of few organizations are walked along whichever index is the shorter way.
        words = bool(wanted.types or wanted.statuses) or wanted.page is not None
        free = person == "west" and words and wanted.location_id is None
        touched, indexes = 0.0, set()
        for node in explained(filled.people[person].scope, wanted, cursor):
            if str(node.get("Relation Name", "")).startswith("txlog_event"):
                assert node["Node Type"] in ("Index Scan", "Index Only Scan"), (person, cursor, wanted, node)
                indexes.add(node["Index Name"])
                touched += node["Actual Loops"] * (node["Actual Rows"] + node.get("Rows Removed by Filter", 0))
        assert indexes
        assert free or all(index in name for name in indexes), (person, cursor, wanted, indexes)
        # Where PostgreSQL chooses, it may read the whole of a small month; benchmarks/at_size.py has large ones.
        assert 0 < touched <= (ROWS // 2 if free else FEW), (person, cursor, wanted, touched)


@pytest.mark.parametrize("name", ["user_id", "access_point_id", "location_id"])
def test_an_object_of_a_sister_branch_is_not_walked(filled: Any, name: str) -> None:
    rows = {"user_id": "users", "access_point_id": "access_points", "location_id": "locations"}[name]
    events.spread(filled, 3, place="acme-east")
    wanted = EventFilter(**{name: getattr(filled, rows)["acme-east"]})
    assert len(queries.page(filled.owner.scope, wanted, cursor=None, limit=5).results) == 3
    assert not queries.page(filled.west.scope, wanted, cursor=None, limit=5).results
    assert not queries._all_within(filled.west.scope, wanted)


def test_many_organizations_are_one_walk_over_the_tenant(filled: Any, monkeypatch: Any) -> None:
    some = queries.page(filled.west.scope, EventFilter(), cursor=None, limit=50)
    monkeypatch.setattr(queries, "FEW_ORGANIZATIONS", 1)
    assert queries.page(filled.west.scope, EventFilter(), cursor=None, limit=50) == some
    assert {event.organization_id for event in some.results} == set(filled.west.scope.organization_ids)


def test_texts_are_those_of_the_tenant(world: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO txlog_text (tenant_id, kind, digest, text) SELECT t, 'a', '', 'agent ' || t FROM unnest(%s::bigint[]) t"
            " RETURNING id",
            [[world.organizations["acme"], world.organizations["rival"]]],
        )
        numbers = [number for (number,) in cursor.fetchall()]
    assert queries.texts(world.owner.scope, numbers) == {numbers[0]: f"agent {world.organizations['acme']}"}
