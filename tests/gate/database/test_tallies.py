"""Tallies: exact after every kind of change, in the snapshot of the rows, for each place in the tree."""

from typing import Any

import pytest
from django.db import connection, transaction
from procrastinate.contrib.django import app

import people
from gate.database import tallies
from gate.users import commands, queries
from gate.users.models import User
from gate.users.types import UserFilter

EVERYBODY = UserFilter()


def counted(world: people.World, name: str) -> tuple[int, int]:
    """By the tally, and by looking."""
    scope = getattr(world, name).scope
    return queries.count(scope, EVERYBODY), User.objects.within(scope).count()


def agree(world: people.World) -> bool:
    return all(told == there for told, there in (counted(world, name) for name in ("owner", "west", "east", "stranger")))


def lines() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM database_tally")
        return int(cursor.fetchone()[0])


def test_every_change_is_tallied(world: Any) -> None:
    assert agree(world)
    scope = world.owner.scope
    made = commands.create(scope, fields={"username": "ana"})
    assert counted(world, "owner")[0] == counted(world, "owner")[1]
    commands.update(scope, made.id, fields={"organization_id": world.organizations["acme-west"], "first_name": "Ana"})
    assert agree(world)
    assert queries.count(scope, UserFilter(organization_id=world.organizations["acme-west"])) == counted(world, "west")[1]
    commands.delete(scope, made.id)
    assert agree(world)
    assert queries.count(scope, UserFilter(organization_id=world.organizations["rival"])) == 0


def test_what_is_rolled_back_is_not_tallied(world: Any) -> None:
    before = counted(world, "owner")
    with transaction.atomic():
        commands.create(world.owner.scope, fields={"username": "ana"})
        transaction.set_rollback(True)
    assert counted(world, "owner") == before


def test_a_sign_in_writes_no_line(world: Any) -> None:
    before = lines()
    User.unscoped.filter(pk=world.users["acme"]).update(last_login=world.now)
    row = User.unscoped.get(pk=world.users["acme"])
    row.save()
    assert lines() == before


def test_sums_stay_when_lines_are_put_together(world: Any) -> None:
    for number in range(5):
        commands.create(world.owner.scope, fields={"username": f"guest{number}"})
    gone = commands.create(world.east.scope, fields={"username": "gone"})
    commands.delete(world.east.scope, gone.id)
    many = lines()
    app.perform_import_paths()  # type: ignore[no-untyped-call]  # procrastinate says nothing of it
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE gate_system")
        app.tasks["gate.jobs.compact_tallies.compact_tallies"](timestamp=0)
        cursor.execute("RESET ROLE")
        assert lines() < many
        assert agree(world)
        assert tallies.compact(cursor) == 0
        cursor.execute(tallies.renew("users_user"))
    assert agree(world)


def test_the_web_processes_see_and_add_to_their_tenants_tallies_alone(world: Any) -> None:
    told = counted(world, "owner")[0]
    with people.as_web_process():
        assert queries.count(world.owner.scope, EVERYBODY) == told
        commands.create(world.owner.scope, fields={"username": "ana"})
        assert queries.count(world.owner.scope, EVERYBODY) == told + 1
        with connection.cursor() as cursor:
            cursor.execute("SELECT DISTINCT tenant_id FROM database_tally")
            assert cursor.fetchall() == [(world.organizations["acme"],)]


def test_skipping_begins_in_the_right_block(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Users in five blocks of ids, one of them empty: every page is the same as without tallies."""
    scope = world.owner.scope
    with connection.cursor() as cursor:
        for number, block in enumerate((0, 1, 1, 3, 3, 3, 4)):
            cursor.execute("SELECT setval(pg_get_serial_sequence('users_user', 'id'), %s)", [(block << 17) + 50_000 + number])
            place = scope.organization_ids[number % 3]
            commands.create(scope, fields={"username": f"guest{number}", "organization_id": place})
    everybody = [user.id for user in queries.list_page(scope, EVERYBODY, limit=100, offset=0)]
    west = [user.id for user in queries.list_page(world.west.scope, EVERYBODY, limit=100, offset=0)]
    # What is skipped is few here; ask as for many.
    skip = tallies.skip
    monkeypatch.setattr(tallies, "_FEW", 0)
    for offset in range(len(everybody) + 2):
        least, rest = skip(scope, "users_user", rows=offset)
        assert rest <= offset
        assert least == 0 or offset >= len([number for number in everybody if number < least])
        for person, ids in ((world.owner, everybody), (world.west, west)):
            page = queries.list_page(person.scope, EVERYBODY, limit=3, offset=offset)
            assert [user.id for user in page] == ids[offset : offset + 3]
