"""tokens/meter.py"""

import datetime as dt
from typing import Any

import pytest

import people
from gate.core import clock
from gate.core.errors import TooMany
from gate.organizations.models import Organization
from gate.tokens import meter, rules
from gate.tokens.models import ApiCalls


@pytest.fixture(autouse=True)
def _fresh_process() -> Any:
    meter.forget()
    yield
    meter.forget()


def stored(world: Any) -> int:
    return sum(ApiCalls.objects.filter(organization_id=world.organizations["acme"]).values_list("calls", flat=True))


def test_written_once_a_second_or_every_200_calls(world: Any, monkeypatch: Any) -> None:
    moment = clock.monotonic()
    monkeypatch.setattr(clock, "monotonic", lambda: moment)
    now = clock.now()
    with people.as_web_process():
        for _ in range(50):
            meter.count(world.owner.scope, now=now)
        assert meter._tallies[world.organizations["acme"], rules.month_of(now)].pending == 49
        for _ in range(200):
            meter.count(world.owner.scope, now=now)
    assert stored(world) == 201
    moment += 1.0
    with people.as_web_process():
        meter.count(world.owner.scope, now=now)
    assert stored(world) == 251
    with people.as_web_process():
        meter.count(world.owner.scope, now=now)
        meter.flush_all()
    assert stored(world) == 252


def test_refused_calls_are_not_counted(world: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(meter, "FLUSH_SECONDS", 0.0)
    Organization.unscoped.filter(pk=world.organizations["acme"]).update(max_api_calls=3)
    now, refused = clock.now(), 0
    with people.as_web_process():
        for _ in range(10):
            try:
                meter.count(world.owner.scope, now=now)
            except TooMany as error:
                refused += error.retry_after > 0
        assert refused == 7
        assert meter.current(world.owner.scope, now=now).made == 3
    Organization.unscoped.filter(pk=world.organizations["acme"]).update(max_api_calls=4)
    with people.as_web_process():
        meter.count(world.owner.scope, now=now)


def test_two_processes_add_up(world: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(meter, "FLUSH_SECONDS", 0.0)
    now = clock.now()
    with people.as_web_process():
        for _ in range(3):
            meter.forget()  # as another process knows nothing
            meter.count(world.owner.scope, now=now)
        assert meter.current(world.owner.scope, now=now).made == 3


def test_months_are_utc() -> None:
    eve = dt.datetime(2025, 1, 1, 0, 30, tzinfo=dt.timezone(dt.timedelta(hours=1)))
    assert rules.month_of(eve) == dt.date(2024, 12, 1)
    assert rules.seconds_to_next_month(eve) == 1800
    assert rules.seconds_to_next_month(dt.datetime(2024, 12, 31, 23, 59, 59, 500_000, tzinfo=dt.UTC)) == 1
