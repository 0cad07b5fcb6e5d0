"""Records to read and change. GATE is imported inside: pytest may read this file before the database is there."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest


@pytest.fixture
def add(world: Any) -> Callable[..., int]:
    """Stores further data of the guest of a place, or of the user `parent`; returns the record's id."""
    import people
    from gate.users import extras

    def make(place: str = "acme", *, parent: int | None = None, **fields: Any) -> int:
        scope = (world.stranger if place == "rival" else world.owner).scope
        with people.as_web_process():
            return extras.create(scope, fields={"parent_id": parent or world.users[place], **fields}).id

    return make


@pytest.fixture
def on(monkeypatch: pytest.MonkeyPatch) -> Callable[[dt.datetime], None]:
    """Sets the clock, to a month the transaction log has a place for."""
    from django.db import connection

    from gate.core import clock

    def set_clock(moment: dt.datetime) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT gate_make_partition('txlog_event', %s)", [moment.date()])
        monkeypatch.setattr(clock, "now", lambda: moment)

    return set_clock
