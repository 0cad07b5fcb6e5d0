"""credit/commands.py and queries.py: the balance is the sum of the ledger."""

from typing import Any

import pytest

import people
from gate.core.errors import Invalid, NotFound
from gate.credit import commands, queries
from gate.credit.models import Entry


def set_to(world: Any, seconds: int | None, person: str = "owner") -> None:
    with people.as_web_process():
        scope = world.people[person].scope
        commands.set_balance(scope, world.users["acme"], seconds=seconds, reason="api", actor=scope.actor)


def balance(world: Any) -> int | None:
    with people.as_web_process():
        return queries.balances(world.owner.scope, list(world.users.values())).get(world.users["acme"])


def entries(world: Any) -> list[int]:
    return list(Entry.objects.filter(user_id=world.users["acme"]).order_by("pk").values_list("seconds", flat=True))


def test_every_change_is_an_entry(world: Any) -> None:
    assert balance(world) is None
    for seconds in (3600, 5400, 5400, 0, 60):
        set_to(world, seconds)
        assert balance(world) == seconds == sum(entries(world))
    assert entries(world) == [3600, 1800, -5400, 60]
    set_to(world, None)
    assert balance(world) is None
    assert sum(entries(world)) == 0
    set_to(world, None)
    set_to(world, 10)
    assert balance(world) == 10 == sum(entries(world))
    with people.as_web_process():
        newest = queries.entries(world.owner.scope, world.users["acme"], limit=2)
    assert [(entry.seconds, entry.reason, entry.actor) for entry in newest] == [
        (10, "api", "test:owner"),
        (-60, "api", "test:owner"),
    ]


def test_only_within_the_scope(world: Any) -> None:
    for person in ("west", "east", "stranger"):
        with pytest.raises(NotFound):
            set_to(world, 5, person)
    assert (balance(world), entries(world)) == (None, [])
    with people.as_web_process():
        commands.set_balance(world.owner.scope, world.users["acme"], seconds=5, reason="api", actor="")
        assert queries.balances(world.stranger.scope, [world.users["acme"]]) == {}
        assert queries.entries(world.stranger.scope, world.users["acme"], limit=5) == []


@pytest.mark.parametrize("seconds", [-1, 2**40])
def test_refused_balances(world: Any, seconds: int) -> None:
    with pytest.raises(Invalid) as caught:
        set_to(world, seconds)
    assert set(caught.value.fields) == {"user_time"}
    assert entries(world) == []
