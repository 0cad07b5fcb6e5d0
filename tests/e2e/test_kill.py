"""Nothing acknowledged is ever lost, nothing is counted twice: processes are killed under load, then the books are read.

A PostgreSQL of its own with `fsync` on, a real `gate radius` of two processes, and kill.py's load. In turn the RADIUS server,
PostgreSQL and both are killed by SIGKILL. Each time the load is held where it is, and every acknowledged state has to be in the
tables, none missing, none older, no session twice, and of each user the balance, the entries and the sessions' time the same.
In the end, when everything under way was acknowledged, the tables hold what was acknowledged and not an octet more.

`KILL_ROUNDS=20`, as `make kill` has it, for more.
"""

import contextlib
import os
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection
from psycopg.conninfo import conninfo_to_dict

from gate.database import embedded
from kill import CREDIT, Load, Radius, audit, children_of, free_port

ROUNDS = int(os.environ.get("KILL_ROUNDS", "4"))
VICTIMS = ("RADIUS", "PostgreSQL", "both")
USERS = 5

pytestmark = [pytest.mark.e2e, pytest.mark.django_db, pytest.mark.timeout(60 + 30 * ROUNDS)]


@pytest.fixture(scope="module")
def postgres(django_db_setup, django_db_blocker) -> Iterator[Any]:
    """A private PostgreSQL as customers have it, migrated, with the world in it and users who have credit."""
    import people

    with tempfile.TemporaryDirectory(prefix="gate-kill-") as named, contextlib.ExitStack() as stack:
        folder = Path(named)
        # Where root runs the tests, PostgreSQL has a user of its own, who has to pass through. No folder of pytest's: any run of
        # pytest closes the one above them all again.
        folder.chmod(0o711)
        server = stack.enter_context(embedded.start(data=folder / "data", die_with_parent=True))
        stack.enter_context(django_db_blocker.unblock())
        parts = conninfo_to_dict(server.url)
        private = {"HOST": parts["host"], "PORT": str(parts["port"]), "USER": parts["user"], "PASSWORD": parts["password"]}
        private["NAME"] = parts["dbname"]
        before = {name: connection.settings_dict[name] for name in private}
        connection.close()
        connection.settings_dict.update(private)
        try:
            call_command("migrate", interactive=False, verbosity=0)
            world = people.make_world()
        finally:
            connection.close()
            connection.settings_dict.update(before)
        with psycopg.connect(server.url) as owner:
            assert owner.execute("SHOW fsync").fetchone() == ("on",)
            assert owner.execute("SHOW synchronous_commit").fetchone() == ("on",)
            owner.execute(
                "INSERT INTO users_user (tenant_id, organization_id, username, username_key, email, first_name, last_name, role,"
                " is_active, description, password, password_version, date_joined, last_change)"
                " SELECT %(tenant)s, %(tenant)s, 'payer' || n, 'payer' || n, '', '', '', 'device_user', true, '', '', 0, now(),"
                " now() FROM generate_series(1, %(users)s) AS n",
                {"tenant": world.organizations["acme"], "users": USERS},
            )
            owner.execute(
                "INSERT INTO credit_balance (user_id, tenant_id, seconds)"
                " SELECT id, tenant_id, %s FROM users_user WHERE username LIKE 'payer%%'",
                [CREDIT],
            )
        yield server, world, folder


def kill_postgresql(server: Any) -> None:
    """All its processes at once, so that nothing under way gets to its end."""
    for pid in [server.pid, *children_of(server.pid)]:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    while server.alive():
        time.sleep(0.01)


def test_killing_the_radius_server_and_postgresql_under_load_loses_nothing(postgres, capsys):
    server, world, folder = postgres
    port, lines = free_port(), []
    users = [f"payer{number}" for number in range(1, USERS + 1)]
    radius = serving(server, port, folder)
    try:
        with Load(port=port, secret=world.nas_secret.encode(), run="kill", users=users) as load:
            for number in range(ROUNDS):
                victim = VICTIMS[number % len(VICTIMS)]
                before = load.answers
                load.await_answers(1000)
                under_way, began = load.under_way, time.monotonic()
                if victim != "PostgreSQL":
                    radius.kill()
                    radius.close()
                if victim != "RADIUS":
                    kill_postgresql(server)
                with load.held():
                    answered, repeated = load.answers - before, load.repeated
                    if victim != "RADIUS":
                        server.start()
                    books = audit(url=server.url, load=load, run="kill")
                    if victim != "PostgreSQL":
                        radius = serving(server, port, folder)
                load.await_answers(200)
                lines.append((number + 1, victim, answered, under_way, load.repeated - repeated, time.monotonic() - began, books))
                assert books.right, books
                assert load.wrong == []
                assert radius.process.poll() is None, "the RADIUS server ended with its database"
            load.await_answers(500)
            load.finish()
            # And once as it should be: what is acknowledged while it stops is stored too.
            assert radius.stop() == 0
        books = audit(url=server.url, load=load, run="kill", final=True)
    finally:
        radius.close()
    with capsys.disabled():
        print(table(lines, load, books))  # noqa: T201  the summary is what one runs it for
    assert load.wrong == []
    assert load.answers > 1000 * ROUNDS
    assert books.right, books
    assert books.seconds > 0


def serving(server: Any, port: int, folder: Path) -> Radius:
    radius = Radius(url=server.url, port=port, folder=folder)
    radius.await_ready()
    return radius


def table(lines: list[tuple[Any, ...]], load: Load, books: Any) -> str:
    """The summary for people."""
    heads = (
        "round",
        "    killed",
        "acknowledged",
        "under way",
        "sent again",
        "back after",
        "missing",
        "older",
        "newer",
        "twice",
        "misdebited",
    )
    told = ["", "  ".join(heads)]
    for number, victim, answered, under_way, again, seconds, each in lines:
        wrong = (each.missing, each.older, each.newer, each.twice, each.misdebited)
        cells = (number, victim, answered, under_way, again, f"{seconds:.1f} s", *wrong)
        told.append("  ".join(str(cell).rjust(len(head)) for cell, head in zip(cells, heads, strict=True)))
    told.append(
        f"In the end: {load.answers} packets of {books.sessions} sessions acknowledged, {load.repeated} sent again;"
        f" {books.missing} sessions missing, {books.older} older, {books.newer} newer, {books.twice} twice;"
        f" {books.seconds} seconds debited of {USERS} users, {books.misdebited} of them wrongly."
    )
    return "\n".join(told)
