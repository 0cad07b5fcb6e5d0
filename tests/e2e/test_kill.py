"""Nothing acknowledged is ever lost: processes are killed under load, and every acknowledged state must be in the table.

A PostgreSQL of its own with `fsync` on, real `gate radius` processes, a generator that keeps packets in flight, sends again what
is not answered and notes what was acknowledged. None missing, none older, no session twice, and the debits to the second.
"""

import contextlib
import dataclasses
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection
from psycopg.conninfo import conninfo_to_dict

from gate.database import embedded
from gate.processes import READY_FD, SUPERVISED
from gate.protocols.radius import signing

pytestmark = [pytest.mark.e2e, pytest.mark.django_db]

CREDIT = 10**9
WINDOW = 64
AGAIN_AFTER = 0.25
SHARES = ("start", "interim", "interim", "stop")


@pytest.fixture(scope="module")
def postgres(tmp_path_factory, django_db_setup, django_db_blocker) -> Iterator[Any]:
    """A private PostgreSQL as customers have it, migrated, with the world in it."""
    import people

    folder = tmp_path_factory.mktemp("kill")
    for each in (folder, *folder.parents[:2]):
        each.chmod(0o711)  # where root runs the tests, PostgreSQL has a user of its own, who has to pass through
    with embedded.start(data=folder / "data", die_with_parent=True) as server, django_db_blocker.unblock():
        parts = conninfo_to_dict(server.url)
        private = {"HOST": parts["host"], "PORT": str(parts["port"]), "USER": parts["user"], "PASSWORD": parts["password"]}
        private["NAME"] = parts["dbname"]
        before = {name: connection.settings_dict[name] for name in private}
        connection.close()
        connection.settings_dict.update(private)
        try:
            call_command("migrate", interactive=False, verbosity=0)
            world = people.make_world()
            with connection.cursor() as cursor:
                cursor.execute(
                    "INSERT INTO credit_balance (user_id, tenant_id, seconds) VALUES (%s, %s, %s)",
                    [world.users["acme"], world.organizations["acme"], CREDIT],
                )
        finally:
            connection.close()
            connection.settings_dict.update(before)
        with psycopg.connect(server.url) as owner:
            assert owner.execute("SHOW fsync").fetchone() == ("on",)
            assert owner.execute("SHOW synchronous_commit").fetchone() == ("on",)
        yield server, world, folder


@dataclasses.dataclass
class Flight:
    """A packet that waits for its answer."""

    request: bytes
    session: int
    position: int
    sent: float


class Load:
    """The generator: sessions of four packets each, the next one sent when the one before is acknowledged."""

    def __init__(self, *, port: int, secret: bytes, run: str) -> None:
        self._port, self._secret, self._run = port, secret, run
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.setblocking(False)
        self._stop = threading.Event()
        self._flying: dict[int, Flight] = {}
        self._begun = 0
        self.acknowledged: dict[str, int] = {}
        """The last acknowledged position of each session."""
        self.wrong: list[str] = []
        self._thread = threading.Thread(target=self._work, name="load")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(10)
        self._socket.close()

    def name(self, session: int) -> str:
        return f"{self._run}-{session}"

    def _begin(self, identifier: int, session: int, position: int) -> None:
        seconds = position * 60
        values = {40: {"start": 1, "interim": 3, "stop": 2}[SHARES[position]], 46: seconds, 42: seconds * 1000, 43: session}
        attributes = b"".join(bytes((kind, 6)) + value.to_bytes(4, "big") for kind, value in values.items())
        for kind, text in ((44, self.name(session)), (1, "guest.acme")):
            attributes += bytes((kind, len(text) + 2)) + text.encode()
        request = signing.accounting_request(identifier=identifier, secret=self._secret, attributes=attributes)
        self._flying[identifier] = Flight(request, session, position, 0.0)
        self._send(self._flying[identifier])

    def _send(self, flight: Flight) -> None:
        flight.sent = time.monotonic()
        with contextlib.suppress(BlockingIOError, ConnectionRefusedError):
            self._socket.sendto(flight.request, ("127.0.0.1", self._port))

    def _work(self) -> None:
        for identifier in range(WINDOW):
            self._begun += 1
            self._begin(identifier, self._begun, 0)
        while not self._stop.is_set():
            ready, _, _ = select.select([self._socket], [], [], 0.02)
            while ready:
                try:
                    self._take(self._socket.recv(4097))
                except BlockingIOError:
                    break
                except ConnectionRefusedError:
                    continue
            now = time.monotonic()
            for flight in list(self._flying.values()):
                if now - flight.sent > AGAIN_AFTER:
                    self._send(flight)

    def _take(self, answer: bytes) -> None:
        flight = self._flying[answer[1]]
        try:
            signing.verify_response(answer, flight.request[4:20], self._secret)
        except Exception as error:  # noqa: BLE001  an answer to an earlier packet of this identifier: a copy of one seen already
            if not self._is_old(answer):
                self.wrong.append(f"{error}: {answer!r}")
            return
        self.acknowledged[self.name(flight.session)] = flight.position
        if flight.position + 1 < len(SHARES):
            self._begin(answer[1], flight.session, flight.position + 1)
        else:
            self._begun += 1
            self._begin(answer[1], self._begun, 0)

    @staticmethod
    def _is_old(answer: bytes) -> bool:
        return answer[0] == 5 and len(answer) == 20


@contextlib.contextmanager
def radius(*, url: str, port: int, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A `gate radius` that is ready; killed in the end if it still runs."""
    reader, writer = os.pipe()
    environ = os.environ | {
        "DATABASE_URL": url, "GATE_RADIUS_BIND": "127.0.0.1", "GATE_RADIUS_ACCT_PORT": str(port),
        "GATE_RADIUS_AUTH_PORT": str(free_port()), SUPERVISED: str(os.getpid()), READY_FD: str(writer),
    }  # fmt: skip
    with (folder / "radius.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "gate", "radius"], env=environ, pass_fds=[writer], stdout=log, stderr=log
        )
    os.close(writer)
    try:
        with os.fdopen(reader, "rb") as pipe:
            ready, _, _ = select.select([pipe], [], [], 30)
            assert ready, "not ready in 30 seconds"
            assert pipe.readline() == b"ready\n", (folder / "radius.log").read_text()
        yield process
    finally:
        process.kill()
        process.wait(10)


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def await_progress(load: Load, *, packets: int, within: float = 20.0) -> None:
    """Until so many more packets were acknowledged: sessions are counted, each moves on by one packet at a time."""

    def done() -> int:
        return sum(load.acknowledged.copy().values()) + len(load.acknowledged)

    goal, deadline = done() + packets, time.monotonic() + within
    while done() < goal:
        assert time.monotonic() < deadline, f"only {done()} of {goal} packets were acknowledged"
        time.sleep(0.01)


def check(*, url: str, load: Load, run: str) -> None:
    """Every acknowledged state against the tables."""
    assert load.wrong == []
    with psycopg.connect(url) as owner:
        rows = owner.execute(
            "SELECT acctsessionid, acctsessiontime, acctinputoctets, acctstoptime IS NOT NULL FROM accounting_live"
            " WHERE acctsessionid LIKE %s",
            [f"{run}-%"],
        ).fetchall()
        ((moved,),) = owner.execute("SELECT count(*) FROM accounting_history").fetchall()
        totals = owner.execute(
            "SELECT (SELECT coalesce(sum(acctsessiontime), 0)::bigint FROM accounting_live),"
            " (SELECT -coalesce(sum(seconds), 0)::bigint FROM credit_entry), (SELECT %s - seconds FROM credit_balance)",
            [CREDIT],
        ).fetchone()
    stored = {session: (seconds, octets, stopped) for session, seconds, octets, stopped in rows}
    assert len(stored) == len(rows), "a session is there twice"
    assert moved == 0
    for session, position in load.acknowledged.items():
        assert session in stored, f"{session} was acknowledged and is missing"
        seconds, octets, stopped = stored[session]
        assert seconds >= position * 60
        assert octets >= position * 60_000
        assert stopped or SHARES[position] != "stop"
    assert totals is not None
    assert totals[0] == totals[1] == totals[2], "used, entered and debited time differ"


def test_killing_the_radius_server_under_load_loses_nothing(postgres):
    server, world, folder = postgres
    port = free_port()
    with Load(port=port, secret=world.nas_secret.encode(), run="radius") as load:
        for _ in range(6):
            with radius(url=server.url, port=port, folder=folder) as process:
                await_progress(load, packets=1500)
                process.send_signal(signal.SIGKILL)
                process.wait(10)
        with radius(url=server.url, port=port, folder=folder) as process:
            await_progress(load, packets=600)
            # And once as it should be: what is acknowledged while it stops is stored too.
            process.terminate()
            assert process.wait(15) == 0
    assert len(load.acknowledged) > 1000
    check(url=server.url, load=load, run="radius")


def test_killing_postgresql_under_load_loses_nothing(postgres):
    server, world, folder = postgres
    port = free_port()
    with (
        Load(port=port, secret=world.nas_secret.encode(), run="postmaster") as load,
        radius(url=server.url, port=port, folder=folder) as process,
    ):
        for _ in range(3):
            await_progress(load, packets=1500)
            os.kill(server.pid, signal.SIGKILL)
            while server.alive():
                time.sleep(0.01)
            server.start()
            await_progress(load, packets=600)
        assert process.poll() is None, "the RADIUS server ended with its database"
    check(url=server.url, load=load, run="postmaster")
