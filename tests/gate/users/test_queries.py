"""Lists of very many users, under the role and row-level security of the web processes: what is skipped is not read."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

import people
from gate.users import commands, queries
from gate.users.models import User
from gate.users.types import UserFilter

USERS = 12_000


@pytest.fixture
def many(world: Any) -> Any:
    """Two tenants with very many users; in acme a few have a name of their own, most of them late."""
    with connection.cursor() as cursor:
        for tenant in ("acme", "rival"):
            number = world.organizations[tenant]
            cursor.execute(
                """INSERT INTO users_user (tenant_id, organization_id, username, username_key, email, first_name, last_name, role,
                       is_active, description, date_joined, password, password_version, last_change)
                   SELECT %s, %s, name, name, '', '', '', 'device_user', true, '', now(), '', 0, now()
                   FROM (SELECT CASE WHEN n %% 1200 = 0 THEN 'seldom.' ELSE 'guest.' END || n AS name
                         FROM generate_series(1, %s) n) named""",
                [number, number, USERS],
            )
        cursor.execute("ANALYZE users_user")
        # As after a VACUUM, which no transaction can run.
        cursor.execute("UPDATE pg_class SET relallvisible = relpages WHERE oid = 'users_user'::regclass")
    return world


def used(index: str) -> tuple[int, int]:
    """Scans of an index of users, and of the whole table, in this transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_stat_get_xact_numscans(%s::regclass), pg_stat_get_xact_numscans('users_user'::regclass)", [index]
        )
        found: tuple[int, int] = cursor.fetchone()
        return found


def names(world: Any, wanted: UserFilter, person: str = "owner", **page: int) -> list[str]:
    with people.as_web_process():
        found = queries.list_page(world.people[person].scope, wanted, **{"limit": 20, "offset": 0, **page})
    return [user.username for user in found]


def count(world: Any, wanted: UserFilter, person: str = "owner") -> int:
    with people.as_web_process():
        return queries.count(world.people[person].scope, wanted)


def test_a_part_that_is_seldom_is_found_by_its_index(many: Any) -> None:
    part = UserFilter(username_part="SELDOM.")
    before = used("user_username_part")
    assert names(many, part) == [f"seldom.{number}" for number in range(1_200, USERS + 1, 1_200)]
    assert count(many, part) == 10
    assert names(many, part, limit=3, offset=8) == ["seldom.10800", "seldom.12000"]
    assert names(many, UserFilter(username_part="nobody.at.all")) == []
    assert names(many, part, limit=2, offset=5_000) == []
    after = used("user_username_part")
    assert after[0] - before[0] >= 5
    assert after[1] == before[1]  # the table was never read from end to end


def test_a_part_that_is_frequent_is_found_among_the_first(many: Any) -> None:
    part = UserFilter(username_part="uest.")
    before = used("user_username_part")
    first = names(many, part)
    assert first == ["guest.acme", "guest.acme-west", "guest.acme-east", *(f"guest.{number}" for number in range(1, 18))]
    assert used("user_username_part") == before
    assert count(many, part) == USERS - 10 + 3
    assert names(many, part, limit=2, offset=8_000)[0] == names(many, part, limit=8_001)[8_000]


def test_the_part_is_looked_for_where_the_scope_reaches(many: Any) -> None:
    west = many.organizations["acme-west"]
    with people.as_web_process():
        commands.create(many.owner.scope, fields={"username": "Seldom.West", "organization_id": west})
    part = UserFilter(username_part="seldom.w")
    assert names(many, part) == names(many, part, "west") == ["Seldom.West"]
    assert names(many, part, "east") == names(many, part, "stranger") == []
    assert count(many, part, "stranger") == count(many, part, "east") == 0
    assert names(many, UserFilter(username_part="seldom", organization_id=west)) == ["Seldom.West"]
    assert names(many, UserFilter(username_part="seldom", organization_id=many.organizations["acme"]), "west") == []
    assert count(many, UserFilter(username_part="seldom", organization_id=west)) == 1


def test_a_tenant_that_was_not_told_finds_nobody(many: Any) -> None:
    with people.as_web_process(), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM gate_users_named('guest', NULL, 20, 0)")
        assert cursor.fetchone()[0] == 0
        cursor.execute("SELECT gate_users_named_count('guest', NULL)")
        assert cursor.fetchone()[0] == 0


@pytest.mark.parametrize("part", ["%", "_", "\\", "se%m", "g_est", "'; DROP TABLE users_user; --", "a" * 150])
def test_signs_of_patterns_are_letters_like_others(world: Any, part: str) -> None:
    assert names(world, UserFilter(username_part=part)) == []
    assert count(world, UserFilter(username_part=part)) == 0


def test_a_part_beside_other_filters(world: Any) -> None:
    guest = world.users["acme-west"]
    assert names(world, UserFilter(username_part="ACME-w", id=guest)) == ["guest.acme-west"]
    assert names(world, UserFilter(username_part="ACME-w", is_active=False)) == []
    assert count(world, UserFilter(username_part="guest", role="device_user")) == 3


def nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for below in node.get("Plans", ()):
        yield from nodes(below)


@pytest.mark.parametrize("organization", [False, True])
def test_what_is_skipped_is_skipped_in_an_index(many: Any, organization: bool) -> None:
    wanted = UserFilter(organization_id=many.organizations["acme"] if organization else None)
    with people.as_web_process():
        with CaptureQueriesContext(connection) as captured:
            found = queries.list_page(many.owner.scope, wanted, limit=20, offset=10_000)
        (statement,) = [query["sql"] for query in captured if "OFFSET" in query["sql"]]
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN (FORMAT JSON) {statement}")
            plan = cursor.fetchone()[0]
    assert len(found) == 20
    every = list(nodes((json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]))
    scans = {(node["Index Name"], node["Node Type"]) for node in every if "Index Name" in node}
    # Here both indexes hold every user; PostgreSQL takes either.
    assert {name for name, kind in scans if kind == "Index Only Scan"} & {"user_organization", "user_tenant"}
    assert not [node for node in every if node["Node Type"] == "Seq Scan"]


def test_a_page_far_down_a_search_is_the_one_that_is_there(many: Any) -> None:
    scope = many.owner.scope
    for part, offsets in {"guest": (999, 1_000, 15_000, 29_970), "seldom": (0, 5), "1": (1_000, 9_000)}.items():
        every = User.objects.within(scope).filter(username_key__contains=part).order_by("pk").values_list("pk", flat=True)
        for offset in offsets:
            found = queries.list_page(scope, UserFilter(username_part=part), limit=20, offset=offset)
            assert [user.id for user in found] == list(every[offset : offset + 20])
