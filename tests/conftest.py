"""One private PostgreSQL for the whole run, loopback only, a tenant's world for every test that asks for it."""

import os
import secrets
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from gate.database import embedded

_stack = ExitStack()


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--api-coverage`: write docs/api-coverage.md from what this run saw of the API (see api_coverage.py)."""
    parser.addoption("--api-coverage", action="store_true", help="write docs/api-coverage.md from what this run saw")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write the page, where that is asked for."""
    if session.config.getoption("--api-coverage"):
        import api_coverage

        api_coverage.write()


def pytest_configure(config: pytest.Config) -> None:
    """Start PostgreSQL before Django reads its settings; everything later in the run finds it by DATABASE_URL."""
    server = _stack.enter_context(embedded.temporary(options={"max_connections": "100"}))
    for name in [name for name in os.environ if name.startswith("GATE_")]:
        del os.environ[name]
    os.environ |= {
        "DATABASE_URL": server.url,
        "GATE_SECRET_KEY": secrets.token_urlsafe(32),
        "GATE_PART": "owner",
        # All tests call from one address within minutes; those about the limits set their own.
        "GATE_API_RATE": "1000000",
        "GATE_API_RATE_ADDRESS": "1000000",
        "DJANGO_SETTINGS_MODULE": "gate.django_settings",
    }
    import django

    django.setup()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop it."""
    _stack.close()


@pytest.fixture(autouse=True)
def _loopback_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that tries to reach another machine fails, saying so."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        host = address[0] if isinstance(address, tuple) else None
        if host is not None and not (host.startswith("127.") or host in {"::1", "localhost"}):
            raise AssertionError(f"a test tried to reach {host}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(autouse=True, scope="session")
def _flush_follows_references() -> Iterator[None]:
    """Django flushes its models' tables alone; a table beside them may refer to one of these, and is emptied with it."""
    from django.db.backends.postgresql.operations import DatabaseOperations

    def cascading(self: Any, style: Any, tables: Any, *, reset_sequences: bool = False, allow_cascade: bool = False) -> Any:
        return flush(self, style, tables, reset_sequences=reset_sequences, allow_cascade=True)

    flush = DatabaseOperations.sql_flush
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "sql_flush", cascading)
        yield


@pytest.fixture(autouse=True)
def _raw_tables_are_left_empty(request: pytest.FixtureRequest) -> Iterator[None]:
    """After a test whose transactions were real: Django's own flush knows its models' tables, and GATE has others beside them."""
    yield
    marker = request.node.get_closest_marker("django_db")
    if "transactional_db" not in request.fixturenames and not (marker and marker.kwargs.get("transaction")):
        return
    import psycopg
    from django.db import connection

    known = set(connection.introspection.django_table_names(include_views=False))
    asked = connection.get_connection_params()
    own = {name: asked[name] for name in ("host", "port", "user", "password", "dbname") if name in asked}
    with psycopg.connect(**own) as direct:
        found = direct.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"
            " AND NOT relispartition AND relname !~ '^(django|procrastinate)_'"
        ).fetchall()
        raw = sorted(name for (name,) in found if name not in known)
        direct.execute(f"TRUNCATE {', '.join(raw)}".encode())


@pytest.fixture
def world(db: None) -> Iterator[Any]:
    """Two tenants with people, places and NAS: see people.py."""
    import people

    return people.make_world()


@pytest.fixture
def web(world: Any) -> Iterator[Any]:
    """An HTTP client on GATE's real WSGI application, under the role and row-level security of the web processes."""
    import people

    with people.web_client() as client:
        yield client
