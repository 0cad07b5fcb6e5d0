"""A RADIUS server in a thread, and a committed database for it: what other threads and processes see."""

import asyncio
import contextlib
import dataclasses
import itertools
import os
import socket
import threading
import time
import urllib.parse
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import psycopg
import uvloop
from django.db import connection

import people
from gate import settings as gate_settings
from gate.core import seal
from gate.organizations.models import Organization
from gate.radiusd.service import Service
from gate.users.hashing import hash_password
from radius_nas import Nas


def until(true: Callable[[], Any], *, within: float = 10.0) -> Any:
    """What `true()` gives as soon as it gives something true; AssertionError if it does not in time."""
    deadline = time.monotonic() + within
    while True:
        value = true()
        if value:
            return value
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.005)


class Committed:
    """The database, asked and changed as its owner, each statement its own transaction."""

    def __init__(self, url: str, world: people.World) -> None:
        self.url = url
        self.world = world
        self.connection = psycopg.connect(url, autocommit=True)
        self._numbers = itertools.count(1)

    def all(self, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
        cursor = self.connection.execute(statement, parameters)
        return cursor.fetchall() if cursor.description else []

    def one(self, statement: str, *parameters: Any) -> Any:
        """The first column of the only row."""
        ((value, *_),) = self.all(statement, *parameters)
        return value

    def user(
        self, *, organization: str = "acme", username: str | None = None, password: str | None = None, profile: str | None = None,
        recoverable: bool = False, **columns: Any,
    ) -> tuple[int, str]:  # fmt: skip
        """A new subscriber: id and username."""
        name = username or f"user{next(self._numbers)}"
        tenant = self.world.organizations["rival" if organization.startswith("rival") else "acme"]
        hashed = {None: people._PASSWORD_HASH, "": ""}.get(password) if password in {None, ""} else hash_password(password)
        held = {
            "tenant_id": tenant, "organization_id": self.world.organizations[organization], "username": name,
            "username_key": name.casefold(), "email": "", "first_name": "", "last_name": "", "role": "device_user",
            "is_active": True, "description": "", "password": hashed, "password_version": 0,
        } | columns  # fmt: skip
        number = self.one(
            f"INSERT INTO users_user ({', '.join(held)}, date_joined, last_change)"
            f" VALUES ({', '.join(['%s'] * len(held))}, now(), now()) RETURNING id",
            *held.values(),
        )
        if recoverable:
            sealed = seal.seal((password or people.PASSWORD).encode(), purpose="user-password", row=f"user:{number}")
            self.all("UPDATE users_user SET password_sealed = %s WHERE id = %s", sealed, number)
        if profile is not None:
            self.all(
                "INSERT INTO users_userprofile (tenant_id, user_id, profile_id, position) VALUES (%s, %s, %s, 0)",
                tenant, number, self.world.profiles[profile],
            )  # fmt: skip
        return number, name

    def terminate(self) -> int:
        """End every other connection to this database; how many there were."""
        return len(
            self.all(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )


@contextlib.contextmanager
def committed_database(name: str) -> Iterator[Committed]:
    """A copy of the migrated test database with the world in it. No transaction may be open on the original."""
    template = connection.settings_dict["NAME"]
    connection.close()
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as owner:
        owner.execute(f'CREATE DATABASE {name} TEMPLATE "{template}"')
    connection.settings_dict["NAME"] = name
    try:
        world = people.make_world()
        Organization.unscoped.update(recoverable_passwords=True)
    finally:
        connection.close()
        connection.settings_dict["NAME"] = template
    database = Committed(urllib.parse.urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl(), world)
    yield database
    database.connection.close()
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as owner:
        owner.execute(f"DROP DATABASE {name} WITH (FORCE)")


class _Loop(uvloop.Loop):
    """Signals belong to the main thread; the one for the end is given by hand."""

    stop_service: Callable[[], None]

    def add_signal_handler(self, sig: int, callback: Callable[..., Any], *args: Any) -> None:  # noqa: ARG002
        self.stop_service = callback


@dataclasses.dataclass
class Server:
    """A service in a thread, and how to be its NAS."""

    service: Service
    auth_port: int
    acct_port: int
    loop: _Loop
    thread: threading.Thread
    world: people.World
    nases: list[Nas]

    @property
    def metrics(self) -> Any:
        return self.service.metrics

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        """What it gives, run in the server's own loop."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(10)

    def nas(self, name: str = "acme", *, address: str | None = None, secret: bytes | None = None) -> Nas:
        """The NAS of this organization of the world."""
        places = {"acme": 1, "acme-west": 2, "acme-east": 3, "rival": 4}
        made = Nas(
            secret=secret or self.world.nas_secret.encode(),
            auth_port=self.auth_port,
            acct_port=self.acct_port,
            address=address or f"127.0.0.{places[name]}",
        )
        self.nases.append(made)
        return made


def free_ports() -> tuple[int, int]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        return one.getsockname()[1], other.getsockname()[1]


@contextlib.contextmanager
def serving(committed: Committed, **variables: str) -> Iterator[Server]:
    """A server on free ports of 127.0.0.1, stopped in the end as by SIGTERM. Refuses at once unless told otherwise."""
    auth_port, acct_port = free_ports()
    settings = gate_settings.read({
        "HOME": "/nonexistent", "GATE_RADIUS_BIND": "127.0.0.1", "GATE_RADIUS_AUTH_PORT": str(auth_port),
        "GATE_RADIUS_ACCT_PORT": str(acct_port), "GATE_RADIUS_REJECT_DELAY": "0", **variables,
    })  # fmt: skip
    ready, failures, loop = threading.Event(), [], _Loop()
    service = Service(settings=settings, url=committed.url)

    def serve() -> None:
        try:
            with asyncio.Runner(loop_factory=lambda: loop) as runner:
                runner.run(service.run(ready=ready.set))
        except BaseException as error:
            failures.append(error)
            raise
        finally:
            ready.set()

    thread = threading.Thread(target=serve, name="radius")
    thread.start()
    assert ready.wait(30)
    assert not failures
    try:
        yield Server(service, auth_port, acct_port, loop, thread, committed.world, [])
    finally:
        if thread.is_alive():
            loop.call_soon_threadsafe(loop.stop_service)
        thread.join(20)
    assert not thread.is_alive()
    assert not failures
