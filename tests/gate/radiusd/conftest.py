"""One committed database for the run, one server on it a module."""

import secrets
from collections.abc import Iterator
from typing import Any

import pytest


@pytest.fixture(scope="session")
def committed(django_db_setup: None, django_db_blocker: Any) -> Iterator[Any]:
    """See radius_server.Committed."""
    import radius_server

    with django_db_blocker.unblock(), radius_server.committed_database("gate_radius") as database:
        yield database


@pytest.fixture(scope="module")
def running(committed: Any) -> Iterator[Any]:
    """The server, once a module."""
    import radius_server

    with radius_server.serving(committed) as server:
        yield server


@pytest.fixture
def server(running: Any) -> Iterator[Any]:
    """The server, with a check that it lived through the test."""
    yield running
    for nas in running.nases:
        nas.close()
    running.nases.clear()
    assert running.thread.is_alive(), "the server ended"


@pytest.fixture
def run_id() -> str:
    """A prefix for session ids nobody else has."""
    return secrets.token_hex(4)
