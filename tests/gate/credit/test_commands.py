"""credit/commands.py and queries.py: the balance is the sum of the ledger."""

from typing import Any

import pytest

import people
from gate.core.errors import Invalid, NotFound
from gate.credit import commands, queries
from gate.credit.models import Balance, Entry
from gate.credit.rules import MAX_SECONDS
from gate.users.models import User


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


def grant(world: Any, seconds: int, person: str = "owner", **further: Any) -> int:
    with people.as_web_process():
        return commands.grant(
            world.people[person].scope,
            world.users["acme"],
            **{"seconds": seconds, "reason": "operator", "actor": "user:3", **further},
        )


def test_grants_add_up_and_point_at_their_reason(world: Any) -> None:
    assert grant(world, 600, note="Sorry for the noise") == 600
    assert grant(world, -900) == -300
    assert grant(world, 3_600, reason="voucher", voucher_id=77, actor="user:9") == 3_300
    assert balance(world) == 3_300 == sum(entries(world))
    with people.as_web_process():
        found = queries.entries(world.owner.scope, world.users["acme"], limit=5)
    assert [(one.seconds, one.reason, one.voucher_id, one.actor, one.note) for one in found] == [
        (3_600, "voucher", 77, "user:9", ""), (-900, "operator", None, "user:3", ""),
        (600, "operator", None, "user:3", "Sorry for the noise"),
    ]  # fmt: skip


def test_refused_grants_leave_nothing(world: Any) -> None:
    for person in ("west", "east", "stranger"):
        with pytest.raises(NotFound):
            grant(world, 5, person)
    for seconds, further in [(0, {}), (5, {"voucher_id": 1}), (MAX_SECONDS + 1, {})]:
        with pytest.raises(Invalid):
            grant(world, seconds, **further)
    assert not Balance.objects.exists()
    assert grant(world, MAX_SECONDS) == MAX_SECONDS
    with pytest.raises(Invalid):
        grant(world, 1)
    assert (balance(world), entries(world)) == (MAX_SECONDS, [MAX_SECONDS])


def test_a_lifted_limit_keeps_its_row_and_is_no_balance(world: Any) -> None:
    set_to(world, 60)
    began = Balance.objects.get().began
    set_to(world, 90)
    assert Balance.objects.get().began == began
    set_to(world, None)
    assert (balance(world), Balance.objects.get().seconds, Balance.objects.get().began) == (None, 0, None)
    assert grant(world, 5) == 5
    assert Balance.objects.get().began not in (None, began)


def test_a_user_and_the_credit_are_made_or_changed_together_or_not_at_all(world: Any) -> None:
    scope = world.owner.scope
    before = User.unscoped.count()
    for fields, seconds in [({"username": "guest.acme"}, 5), ({"username": "ok"}, -1)]:
        with pytest.raises(Invalid), people.as_web_process():
            commands.create_user(scope, fields=fields, seconds=seconds)  # type: ignore[arg-type]
    for seconds in (-1, MAX_SECONDS + 1):
        with pytest.raises(Invalid), people.as_web_process():
            commands.update_user(scope, world.users["acme"], fields={"klass": "gold"}, seconds=seconds)
    assert User.unscoped.count() == before
    assert User.unscoped.get(pk=world.users["acme"]).klass is None
    assert not Balance.objects.exists()


def test_a_balance_that_is_not_the_sum_is_found_page_by_page(world: Any) -> None:
    with people.as_web_process():
        for name in ("acme", "acme-west", "acme-east"):
            commands.set_balance(world.owner.scope, world.users[name], seconds=60, reason="api", actor="")
    found = queries.check(limit=2)
    assert (found.balances, found.differing, found.last) == (2, (), world.users["acme-west"])
    Balance.objects.filter(user_id=world.users["acme-east"]).update(seconds=61)
    rest = queries.check(after=found.last or 0, limit=2)
    assert (rest.balances, rest.differing, rest.last) == (1, (world.users["acme-east"],), None)
