"""tokens/bearer.py and commands.py: whose token is this, and until when."""

import dataclasses
import datetime as dt
from typing import Any

import pytest

import people
from gate.core import clock
from gate.core.errors import Forbidden, Invalid, NotFound, Unauthenticated
from gate.organizations.models import Organization
from gate.tokens import bearer, commands, kept, queries
from gate.tokens.models import ApiToken

HOME = "192.0.2.9"


@pytest.fixture(autouse=True)
def _fresh_process() -> Any:
    bearer.forget()


def make(person: Any, **fields: Any) -> Any:
    with people.as_web_process():
        return commands.create(person.scope, **{"name": "t", "permissions": ["user:read"], **fields})


def ask(plain: str, *, source: str = HOME, now: dt.datetime | None = None) -> Any:
    with people.as_web_process():
        return bearer.authenticate(plain, source=source, now=now or clock.now())


def test_a_token_is_shown_once_and_stored_as_a_digest(world: Any) -> None:
    made = make(world.owner)
    assert made.plain.startswith("gate_")
    assert len(made.plain) == 5 + 43
    assert made.plain not in repr(made)
    row = ApiToken.unscoped.filter(pk=made.token.id).values().get()
    assert all(made.plain[12:] not in str(value) for value in row.values())
    assert row["created_by"] == "test:owner"
    assert ask(made.plain) == dataclasses.replace(
        world.owner.scope, permissions=frozenset({"user:read"}), actor=f"token:{made.token.id}"
    )


def test_a_token_sees_its_organization_and_below(world: Any) -> None:
    made = make(world.owner, organization_id=world.organizations["acme-west"])
    scope = ask(made.plain)
    assert scope.organization_id == world.organizations["acme-west"]
    assert set(scope.organization_ids) == {world.organizations["acme-west"], world.organizations["acme-west-cafe"]}
    assert not scope.whole_tenant


@pytest.mark.parametrize(
    "plain", ["", "gate_", "x" * 48, f"gate_{'x' * 43}", f"gate_{'x' * 44}", f"gate_{'é' * 43}", "gate_\x00"]
)
def test_nonsense_is_refused(world: Any, plain: str) -> None:
    with pytest.raises(Unauthenticated):
        ask(plain)


def test_expiry(world: Any) -> None:
    end = clock.now() + dt.timedelta(hours=1)
    made = make(world.owner, expires=end)
    assert ask(made.plain, now=end - dt.timedelta(seconds=1))
    with pytest.raises(Unauthenticated):
        ask(made.plain, now=end)
    with pytest.raises(Invalid):
        make(world.owner, expires=clock.now())


def test_networks(world: Any) -> None:
    made = make(world.owner, networks=["192.0.2.0/24", "2001:db8::/32"])
    for good in ("192.0.2.9", "::ffff:192.0.2.9", "2001:db8::1"):
        assert ask(made.plain, source=good)
    for bad in ("198.51.100.1", "2001:db9::1", "", "unix"):
        with pytest.raises(Unauthenticated):
            ask(made.plain, source=bad)


def test_revoked_at_once_here_and_within_fifteen_seconds_elsewhere(world: Any, monkeypatch: Any) -> None:
    made, other = make(world.owner), make(world.owner)
    assert ask(made.plain)
    assert ask(other.plain)
    with people.as_web_process():
        revoked = commands.revoke(world.owner.scope, made.token.id)
        assert commands.revoke(world.owner.scope, made.token.id).revoked == revoked.revoked
    with pytest.raises(Unauthenticated):
        ask(made.plain)
    assert ask(other.plain)
    ApiToken.unscoped.filter(pk=other.token.id).update(revoked=clock.now())  # by another process
    assert ask(other.plain)
    later = clock.monotonic() + kept.CACHE_SECONDS + 1
    monkeypatch.setattr(clock, "monotonic", lambda: later)
    with pytest.raises(Unauthenticated):
        ask(other.plain)


def test_tokens_of_an_inactive_organization_are_refused(world: Any) -> None:
    Organization.unscoped.filter(pk=world.organizations["acme"]).update(is_active=False)
    with pytest.raises(Unauthenticated):
        ask(world.owner.token)


def test_last_used_is_written_once_a_minute(world: Any, django_assert_num_queries: Any) -> None:
    made = make(world.owner)
    now = clock.now()

    def used() -> dt.datetime | None:
        return ApiToken.unscoped.get(pk=made.token.id).last_used

    ask(made.plain, now=now)
    assert used() == now
    ask(made.plain, now=now + dt.timedelta(seconds=59))
    assert used() == now
    ask(made.plain, now=now + dt.timedelta(seconds=60))
    assert used() == now + dt.timedelta(seconds=60)
    with django_assert_num_queries(1):  # known, used just now: only the tenant is told, since the test is one transaction
        bearer.authenticate(made.plain, source=HOME, now=now + dt.timedelta(seconds=61))


def test_nobody_gives_more_than_they_have(world: Any) -> None:
    for permission in ("*", "user:write", "*:write"):
        with pytest.raises(Forbidden):
            make(world.mate, permissions=[permission])
    assert make(world.mate, permissions=["user:read", "*:read"]).token.permissions == ("*:read", "user:read")
    before = ApiToken.unscoped.count()
    for fields in ({"permissions": []}, {"permissions": ["fly"]}, {"networks": ["here"]}, {"name": ""}):
        with pytest.raises(Invalid):
            make(world.owner, **fields)
    with pytest.raises(Invalid):
        make(world.west, organization_id=world.organizations["acme"])
    assert ApiToken.unscoped.count() == before


def test_reading_and_revoking_stay_within_the_scope(world: Any) -> None:
    made = make(world.west)
    with people.as_web_process():
        assert queries.count(world.owner.scope) == 5
        assert [token.name for token in queries.list_page(world.west.scope, limit=10, offset=0)] == ["t", "west"]
        for person in (world.east, world.stranger):
            with pytest.raises(NotFound):
                queries.get(person.scope, made.token.id)
            with pytest.raises(NotFound):
                commands.revoke(person.scope, made.token.id)
    assert ask(made.plain)
