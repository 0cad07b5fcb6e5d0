"""users/events.py, as the commands write them: one transaction with the change, no values, nothing about staff."""

import dataclasses
import datetime as dt
from typing import Any

import pytest
from django.db import connection

import people
from gate.core.errors import GateError
from gate.users import commands, extras


def logged() -> list[tuple[Any, ...]]:
    """Type, status, source, message and whether the user is new, in order."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT type, status, source, message, new_user FROM txlog_event ORDER BY id")
        return cursor.fetchall()


def scope(world: Any, actor: str) -> Any:
    return dataclasses.replace(world.owner.scope, actor=actor)


def update(world: Any, actor: str = "token:7", **fields: Any) -> None:
    made: Any = fields
    with people.as_web_process():
        commands.update(scope(world, actor), world.users["acme"], fields=made)


def test_making_a_user(world: Any) -> None:
    for actor, fields in [
        ("token:7", {"username": "a"}), ("token:7", {"username": "b", "is_active": False}), ("user:7", {"username": "c"}),
    ]:  # fmt: skip
        with people.as_web_process():
            commands.create(scope(world, actor), fields=fields)  # type: ignore[arg-type]
    assert logged() == [
        ("ur", "h201", "a", "made", True), ("um", "h200", "a", "activated", True), ("ur", "h201", "a", "made", True),
        ("ur", "h201", "m", "made", True),
    ]  # fmt: skip
    with people.as_web_process():
        commands.create(scope(world, "token:7"), fields={"username": "d"}, logged=False)
        commands.create(scope(world, "token:7"), fields={"username": "e"}, role="viewer")
    assert len(logged()) == 4


def test_switching_on_and_off(world: Any) -> None:
    update(world, is_active=False)
    update(world, is_active=False)
    update(world, is_active=True)
    update(world, actor="user:7", is_active=False)
    update(world, actor="user:7", is_active=True)
    assert logged() == [
        ("ud", "h200", "a", "deactivated", False), ("um", "h200", "a", "activated", False),
        ("ud", "h200", "m", "deactivated", False), ("un", "h200", "m", "activated", False),
    ]  # fmt: skip


def test_data_passwords_and_profiles(world: Any) -> None:
    update(world, email="jane@example.net", klass="gold", description="")
    update(world, password="a secret of hers")
    update(world, profile=["acme-profile"])
    update(world, profile=[])
    update(world, organization_id=world.organizations["acme-west"], password="x")
    assert logged() == [
        ("uu", "h200", "a", "changed: klass, email", False), ("up", "h200", "a", "password changed", False),
        ("uu", "h200", "a", "changed: profile", False), ("up", "h200", "a", "password changed", False),
        ("uu", "h200", "a", "changed: organization", False),
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT username, user_id FROM txlog_event")
        assert cursor.fetchall() == [("guest.acme", world.users["acme"])]
        cursor.execute("SELECT organization_id FROM txlog_event ORDER BY id DESC LIMIT 1")
        assert cursor.fetchone() == (world.organizations["acme-west"],)


def test_expiring_and_deleting(world: Any) -> None:
    update(world, expiration=world.now + dt.timedelta(days=1))
    update(world, expiration=world.now - dt.timedelta(days=1))
    update(world, expiration=world.now - dt.timedelta(days=2))
    with people.as_web_process():
        commands.delete(scope(world, "token:7"), world.users["acme"])
    assert [event[:4] for event in logged()] == [
        ("uu", "h200", "a", "changed: expiration"), ("ud", "u410", "a", "expired"), ("uu", "h200", "a", "changed: expiration"),
        ("uu", "h200", "a", "changed: expiration"), ("ud", "h204", "a", "deleted"),
    ]  # fmt: skip


def test_further_data_and_terms(world: Any) -> None:
    mine = scope(world, "token:7")
    with people.as_web_process():
        made = extras.create(
            mine, fields={"parent_id": world.users["acme"], "tax_id": "secret", "city": "x", "accept_terms": True, "title": None}
        )
        extras.update(mine, made.id, fields={"city": "x", "tax_id": "secret", "accept_terms": True})
        extras.update(mine, made.id, fields={"city": "y", "accept_terms": False})
        extras.delete(mine, made.id)
    assert [event[:4] for event in logged()] == [
        ("uc", "h201", "a", "captured: accept_terms, city, tax_id"), ("ut", "h200", "a", "terms accepted"),
        ("uc", "h200", "a", "captured: accept_terms, city"), ("ut", "u406", "a", "terms withdrawn"),
        ("uc", "h204", "a", "deleted"),
    ]  # fmt: skip


def test_nothing_is_logged_of_what_was_refused(world: Any) -> None:
    for fields in ({"username": "guest.acme-west"}, {"profile": ["nothing"]}, {"email": "no address"}):
        with pytest.raises(GateError):
            update(world, **fields)
    with pytest.raises(GateError), people.as_web_process():
        commands.create(scope(world, "token:7"), fields={"username": "new", "profile": ["nothing"]})
    with pytest.raises(GateError), people.as_web_process():
        extras.create(scope(world, "token:7"), fields={"parent_id": world.users["rival"]})
    assert logged() == []


def test_nothing_is_logged_of_staff(world: Any) -> None:
    with people.as_web_process():
        commands.update(world.owner.scope, world.mate.user_id, fields={"password": "new", "klass": "x", "is_active": False})
        extras.create(world.owner.scope, fields={"parent_id": world.mate.user_id, "accept_terms": True})
        commands.delete(world.owner.scope, world.mate.user_id)
    assert logged() == []
