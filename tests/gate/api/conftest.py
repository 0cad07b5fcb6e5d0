"""Requests of API tests go through GATE's real dispatcher (wsgi.py).

GATE is imported inside the fixtures: pytest may read this file before the database, and so Django's settings, are there.
"""

import dataclasses
from collections.abc import Callable, Iterator
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def _one_connection() -> Iterator[None]:
    """The test's transaction lives on one connection: requests must not close it, as they would between themselves."""
    from django.core.signals import request_finished, request_started
    from django.db import close_old_connections

    request_started.disconnect(close_old_connections)
    request_finished.disconnect(close_old_connections)
    yield
    request_started.connect(close_old_connections)
    request_finished.connect(close_old_connections)


@pytest.fixture(autouse=True)
def _fresh_process(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What a process remembers of tokens and calls belongs to a database that is rolled back after each test.

    It tells other processes nothing by itself: a statement that comes by the clock would disturb tests that count them.
    """
    from gate.tokens import bearer, limits, meter, persons

    limits.forget()
    for interval in ("HURRY", "PATIENCE"):
        monkeypatch.setattr(limits, interval, float("inf"))

    bearer.forget()
    persons.forget()
    meter.forget()
    yield
    meter.forget()


@pytest.fixture
def grant(world: Any) -> Callable[..., dict[str, str]]:
    """Headers of a new token in a person's organization with exactly the permissions named."""
    from gate.tokens import commands

    def give(person: Any, *permissions: str, **further: Any) -> dict[str, str]:
        scope = dataclasses.replace(person.scope, permissions=frozenset({"*"}))
        made = commands.create(scope, name="test", permissions=permissions, **further)
        return {"Authorization": f"Bearer {made.plain}"}

    return give
