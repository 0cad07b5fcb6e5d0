"""Every category through the client, against GATE on a real socket: what goes in arrives, what comes out is understood."""

from collections.abc import Iterator
from typing import Any

import pytest

import live
from gate.client import Gate


@pytest.fixture
def gate(world: Any) -> Iterator[Gate]:
    with live.gate() as address, Gate(address, token=world.owner.token) as client:
        yield client


def test_health(gate: Gate) -> None:
    assert gate.health.get().status == "ready"


def test_user(gate: Gate, world: Any) -> None:
    made = gate.user.create(username="jane.smith", email="jane@example.com", profile=["acme-profile"])
    assert made.username == "jane.smith"
    assert gate.user.get(made.id, balance=True) == made
    assert [user.username for user in gate.user.list(username="JANE")] == ["jane.smith"]
