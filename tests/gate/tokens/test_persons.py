"""tokens/persons.py: access tokens of people, and refresh tokens that each work once."""

import base64
import dataclasses
import datetime as dt
import json
import threading
from collections.abc import Callable, Iterator
from typing import Any

import jwt
import pytest
from django.db import connection, connections

import people
from gate.core import clock, seal
from gate.core.errors import Unauthenticated
from gate.organizations.models import Organization
from gate.tokens import claims, kept, persons
from gate.tokens.models import Family, RefreshToken
from gate.users.models import User
from gate.users.rules import ROLE_PERMISSIONS

NOW = clock.now().replace(microsecond=0)
SECOND = dt.timedelta(seconds=1)
LATER = persons.OVERLAP + SECOND


@pytest.fixture(autouse=True)
def _fresh_process() -> Iterator[None]:
    persons.forget()
    yield
    persons.forget()


def begin(person: Any, *, user_id: int | None = None, organization_id: int | None = None, **fields: Any) -> Any:
    with people.as_web_process():
        return persons.begin(
            person.scope, organization_id=organization_id or person.scope.organization_id, user_id=user_id or person.user_id,
            password_version=0, now=fields.pop("now", NOW), **fields,
        )  # fmt: skip


def ask(plain: str, *, now: dt.datetime = NOW) -> Any:
    with people.as_web_process():
        return persons.authenticate(plain, roles=ROLE_PERMISSIONS, now=now)


def refresh(plain: str, *, now: dt.datetime = NOW) -> Any:
    with people.as_web_process():
        return persons.refresh(plain, now=now)


def test_staff_reach_what_their_role_may_at_and_below_their_organization(world: Any) -> None:
    scope = ask(begin(world.west).access_token)
    assert scope == dataclasses.replace(
        world.west.scope, permissions=frozenset({"*"}), actor=f"user:{world.west.user_id}", user_id=world.west.user_id
    )
    assert not scope.own_only
    assert ask(begin(world.mate).access_token).permissions == ROLE_PERMISSIONS["viewer"]


def test_a_subscriber_reaches_the_own_rows_of_the_device_app(world: Any) -> None:
    guest = world.users["acme"]
    scope = ask(begin(world.owner, user_id=guest, device_id=77).access_token)
    assert (scope.user_id, scope.device_id, scope.own_only) == (guest, 77, True)
    assert all(permission.startswith("device_app_") for permission in scope.permissions)


def test_the_token_says_who_and_no_more_than_it_must(world: Any) -> None:
    made = begin(world.owner)
    said = claims.decode(made.access_token)
    assert said is not None
    assert (said.user_id, said.tenant_id, said.family_id) == (world.owner.user_id, world.owner.scope.tenant_id, made.family_id)
    assert said.expires == NOW + persons.ACCESS_LIFE == made.access_expires
    for secret in (made.access_token, made.refresh_token):
        assert secret not in repr(made)
    assert made.refresh_token.encode() not in bytes(RefreshToken.objects.get().digest)


def _tampered(token: str, **changed: Any) -> str:
    body = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    return jwt.encode({**body, **changed}, seal.key("access-token"), algorithm="HS256")


def _unsigned(token: str) -> str:
    body = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    return jwt.encode(body, "", algorithm="none")


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
def test_what_is_not_signed_by_us_is_refused(world: Any) -> None:
    token = begin(world.owner).access_token
    head, body, _ = token.split(".")
    other = json.loads(base64.urlsafe_b64decode(body + "=="))
    forged = [
        "", "eyJ", "x.y.z", token[:-2], f"{head}.{body}.", f"{head}.{body}.{'A' * 43}", f"{token}\n", token.replace(".", "", 1),
        _unsigned(token), _unsigned(token) + "A" * 43,
        jwt.encode(other, "another key of thirty-two octets!", algorithm="HS256"),
        jwt.encode(other, seal.key("cursor"), algorithm="HS256"),
        jwt.encode(other, seal.key("access-token"), algorithm="HS512"),
        _tampered(token, aud="elsewhere"), _tampered(token, iss="elsewhere"), _tampered(token, sid="x"),
        _tampered(token, exp=10**30), _tampered(token, sub=None),
    ]  # fmt: skip
    for plain in forged:
        with pytest.raises(Unauthenticated):
            ask(plain)
    assert ask(_tampered(token)).user_id == world.owner.user_id


def test_one_family_is_not_another_persons(world: Any) -> None:
    """Also a token signed by us counts only for whom its family belongs to."""
    token = begin(world.owner).access_token
    for changed in ({"sub": str(world.mate.user_id)}, {"tid": world.stranger.scope.tenant_id}, {"pwv": 7}, {"sid": 2**40}):
        with pytest.raises(Unauthenticated):
            ask(_tampered(token, **changed))


def _deactivated(world: Any, made: Any) -> None:
    User.unscoped.filter(pk=world.west.user_id).update(is_active=False)


def _expired(world: Any, made: Any) -> None:
    User.unscoped.filter(pk=world.west.user_id).update(expiration=NOW)


def _deleted(world: Any, made: Any) -> None:
    User.unscoped.filter(pk=world.west.user_id).delete()
    assert not Family.unscoped.filter(pk=made.family_id).exists()


def _another_password(world: Any, made: Any) -> None:
    User.unscoped.filter(pk=world.west.user_id).update(password_version=1)


def _organization_off(world: Any, made: Any) -> None:
    Organization.unscoped.filter(pk=world.organizations["acme-west"]).update(is_active=False)


def _revoked(world: Any, made: Any) -> None:
    Family.unscoped.filter(pk=made.family_id).update(revoked=NOW)


@pytest.mark.parametrize("end", [_deactivated, _expired, _deleted, _another_password, _organization_off, _revoked])
def test_what_ends_a_sign_in_is_noticed_within_fifteen_seconds(
    world: Any, monkeypatch: pytest.MonkeyPatch, end: Callable[[Any, Any], None]
) -> None:
    made = begin(world.west)
    assert ask(made.access_token)
    end(world, made)
    assert ask(made.access_token)  # by what this process remembers
    later = clock.monotonic() + kept.CACHE_SECONDS + 1
    monkeypatch.setattr(clock, "monotonic", lambda: later)
    with pytest.raises(Unauthenticated):
        ask(made.access_token)
    with pytest.raises(Unauthenticated):
        refresh(made.refresh_token)


def test_an_account_that_comes_back_signs_in_anew(world: Any) -> None:
    made = begin(world.west)
    User.unscoped.filter(pk=world.west.user_id).update(is_active=False)
    with pytest.raises(Unauthenticated):
        refresh(made.refresh_token)
    User.unscoped.filter(pk=world.west.user_id).update(is_active=True)
    with pytest.raises(Unauthenticated):
        refresh(made.refresh_token)
    assert Family.unscoped.get(pk=made.family_id).reason == "account"


def test_a_role_taken_away_is_gone_from_tokens_given_before(world: Any) -> None:
    made = begin(world.west)
    User.unscoped.filter(pk=world.west.user_id).update(role="viewer")
    assert ask(made.access_token).permissions == ROLE_PERMISSIONS["viewer"]


def test_a_password_changed_while_it_was_proved_gives_no_tokens(world: Any) -> None:
    User.unscoped.filter(pk=world.west.user_id).update(password_version=1)
    with pytest.raises(Unauthenticated):
        begin(world.west)
    assert not Family.unscoped.exists()


def test_an_hour_and_no_longer(world: Any) -> None:
    made = begin(world.owner)
    assert ask(made.access_token, now=NOW + persons.ACCESS_LIFE - SECOND)
    with pytest.raises(Unauthenticated):
        ask(made.access_token, now=NOW + persons.ACCESS_LIFE)


@pytest.mark.parametrize(("remember", "life"), [(False, persons.REFRESH_LIFE), (True, persons.REMEMBERED_LIFE)])
def test_refresh_tokens_follow_one_another_until_nobody_comes(world: Any, remember: bool, life: dt.timedelta) -> None:
    made = begin(world.owner, remember=remember)
    assert made.refresh_expires == NOW + life
    second = refresh(made.refresh_token, now=NOW + life - SECOND)
    assert second.refresh_token != made.refresh_token
    assert second.refresh_expires == NOW + life - SECOND + life
    assert ask(second.access_token, now=NOW + life).user_id == world.owner.user_id
    third = refresh(second.refresh_token, now=NOW + life + life - 2 * SECOND)
    assert RefreshToken.objects.filter(family_id=made.family_id).count() == 2  # the first has expired
    with pytest.raises(Unauthenticated):
        refresh(third.refresh_token, now=third.refresh_expires)


def test_a_refresh_token_used_twice_ends_the_family(world: Any) -> None:
    first = begin(world.owner)
    other = begin(world.owner)
    second = refresh(first.refresh_token)
    assert ask(second.access_token)
    with pytest.raises(persons.RefreshReused) as told:
        refresh(first.refresh_token, now=NOW + LATER)
    assert told.value.scope.user_id == world.owner.user_id
    for token in (first.refresh_token, second.refresh_token):
        with pytest.raises(Unauthenticated):
            refresh(token, now=NOW + LATER)
    with pytest.raises(Unauthenticated):
        ask(second.access_token)
    assert Family.unscoped.get(pk=first.family_id).reason == "reuse"
    assert refresh(other.refresh_token)  # another sign-in of the same person goes on


def test_a_lost_reply_is_given_again_for_a_few_seconds(world: Any) -> None:
    first = begin(world.owner)
    second = refresh(first.refresh_token)
    again = refresh(first.refresh_token, now=NOW + persons.OVERLAP)
    assert again.refresh_token == second.refresh_token
    assert refresh(again.refresh_token, now=NOW + persons.OVERLAP)


def test_the_chain_never_forks(world: Any) -> None:
    """Whoever holds the old token gets the token its owner got, so the second of them to use it is noticed."""
    first = begin(world.owner)
    owner, thief = refresh(first.refresh_token), refresh(first.refresh_token, now=NOW + SECOND)
    assert owner.refresh_token == thief.refresh_token
    refresh(owner.refresh_token, now=NOW + 2 * SECOND)
    # Used on, the old one is not answered again even within the overlap.
    with pytest.raises(persons.RefreshReused):
        refresh(first.refresh_token, now=NOW + 3 * SECOND)


@pytest.mark.parametrize("plain", ["", "gater_", "gater_" + "x" * 43, "gate_" + "x" * 43, "gater_\x00", "x" * 5000])
def test_nonsense_refreshes_nothing(world: Any, plain: str) -> None:
    begin(world.owner)
    with pytest.raises(Unauthenticated):
        refresh(plain)


def test_revoking_ends_the_family_and_may_be_said_twice(world: Any) -> None:
    first, second, kept_on = begin(world.owner), begin(world.west), begin(world.owner)
    with people.as_web_process():
        ended = persons.revoke(refresh_token=first.refresh_token, access_token=second.access_token, now=NOW)
        assert sorted(scope.user_id or 0 for scope in ended) == sorted([world.owner.user_id, world.west.user_id])
        assert persons.revoke(refresh_token=first.refresh_token, access_token=second.access_token, now=NOW) == []
        assert persons.revoke(refresh_token="gater_" + "x" * 43, access_token="nonsense", now=NOW) == []
    for made in (first, second):
        with pytest.raises(Unauthenticated):
            ask(made.access_token)
        with pytest.raises(Unauthenticated):
            refresh(made.refresh_token)
    assert ask(kept_on.access_token)
    assert refresh(kept_on.refresh_token)


def test_the_wall_stands_before_both_tables(world: Any) -> None:
    begin(world.owner)
    with people.as_web_process(), connection.cursor() as cursor:
        for table in ("tokens_family", "tokens_refreshtoken"):
            for tenant, seen in ((world.owner.scope.tenant_id, 1), (world.stranger.scope.tenant_id, 0), ("", 0)):
                cursor.execute("SELECT set_config('gate.tenant', %s, false)", [str(tenant)])
                cursor.execute(f"SELECT count(*) FROM {table}")
                assert cursor.fetchone() == (seen,)


def test_families_that_ended_are_taken_away_by_later_sign_ins(world: Any) -> None:
    old = begin(world.owner, now=NOW - 3 * persons.REFRESH_LIFE)
    new = begin(world.west)
    assert list(Family.unscoped.values_list("pk", flat=True)) == [new.family_id]
    assert not RefreshToken.objects.filter(family_id=old.family_id).exists()


@pytest.mark.django_db(transaction=True)
def test_two_at_once_get_the_same_successor() -> None:
    """Over two connections, each committing: an app whose two requests meet is not signed out."""
    world = people.make_world()
    made = begin(world.owner)
    told: list[str] = []
    start = threading.Barrier(2)

    def run() -> None:
        start.wait(timeout=10)
        try:
            told.append(persons.refresh(made.refresh_token, now=clock.now()).refresh_token)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert len(told) == 2
    assert told[0] == told[1]
    assert Family.unscoped.get(pk=made.family_id).revoked is None
    assert RefreshToken.objects.filter(family_id=made.family_id, used=None).count() == 1
