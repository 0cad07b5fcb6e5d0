"""A FreeRADIUS's database on the tests' server, and the import of it."""

import os
import secrets
import urllib.parse

import psycopg
import pytest

from freeradius_tables import OWN_SCHEMA, SCHEMA


@pytest.fixture(scope="module")
def committed(django_db_setup, django_db_blocker):
    import radius_server  # wants Django, which this file comes before

    with django_db_blocker.unblock(), radius_server.committed_database("gate_brought") as database:
        yield database


@pytest.fixture
def theirs(committed):
    """FreeRADIUS's database on the tests' server, and its address."""
    name = f"theirs_{secrets.token_hex(4)}"
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as owner:
        owner.execute(f"CREATE DATABASE {name}")
    url = urllib.parse.urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(SCHEMA.read_text() if os.access(SCHEMA, os.R_OK) else OWN_SCHEMA)
        connection.gate_url = url
        yield connection
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as owner:
        owner.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def bring(committed, theirs, capsys):
    """Runs the import in this process: its status, what it printed, what it complained of."""
    import portals
    from gate import cli
    from gate.commands import freeradius_import
    from gate.core.errors import GateError

    def run(*words):
        options = cli._parser().parse_args(
            ["import", "freeradius", "--database", theirs.gate_url, "--organization", "acme", *words]
        )  # fmt: skip
        try:
            status = portals.elsewhere(committed, lambda: freeradius_import.run(options))
        except GateError as error:
            return 1, "", error.detail
        told = capsys.readouterr()
        return status, told.out, told.err

    return run
