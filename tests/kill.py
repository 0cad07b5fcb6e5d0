"""What it takes to prove that nothing acknowledged is lost: a load that notes what was acknowledged, servers to kill, the books.

A session is four packets, the next one sent when the one before is acknowledged, each sent again until it is. So a session's
state after its packet `n` is known to the octet, and what a user used is known to the second.
"""

import collections
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
from typing import Self

import psycopg

from gate.processes import READY_FD, SUPERVISED
from gate.protocols.radius import signing
from gate.protocols.radius.errors import RadiusError

CREDIT = 10**9
AGAIN_AFTER = 0.25
SHARES = ("start", "interim", "interim", "stop")
SOCKETS, WINDOW = 4, 16
"""NAS ports, which the kernel spreads over the processes of the server, and packets under way on each."""
_STATUS = {"start": 1, "interim": 3, "stop": 2}


@dataclasses.dataclass(slots=True)
class Flight:
    """A packet that waits for its answer."""

    request: bytes
    session: int
    position: int
    sent: float = 0.0


class Load:
    """The generator, in a thread. All its fields may be read while it is held."""

    def __init__(self, *, port: int, secret: bytes, run: str, users: list[str]) -> None:
        self._port, self._secret, self._run, self._users = port, secret, run, users
        self._sockets = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(SOCKETS)]
        for one in self._sockets:
            one.bind(("127.0.0.1", 0))
            one.setblocking(False)
        self._flying: dict[tuple[socket.socket, int], Flight] = {}
        self._stop, self._finish, self._hold, self._held = (threading.Event() for _ in range(4))
        self._begun = 0
        self.acknowledged: dict[int, int] = {}
        """The last acknowledged position of each session."""
        self.answers = 0
        self.repeated = 0
        """Packets sent again."""
        self.wrong: list[str] = []
        self._thread = threading.Thread(target=self._work, name="load")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._hold.clear()
        self._thread.join(10)
        for one in self._sockets:
            one.close()

    @property
    def under_way(self) -> int:
        """Packets that wait for an answer."""
        return len(self._flying)

    def name(self, session: int) -> str:
        """Its Acct-Session-Id."""
        return f"{self._run}-{session}"

    def user(self, session: int) -> str:
        """Whose it is."""
        return self._users[session % len(self._users)]

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Within the block nothing is sent; what had been answered by then is counted."""
        self._hold.set()
        assert self._held.wait(10)
        try:
            yield
        finally:
            self._held.clear()
            self._hold.clear()

    def finish(self, *, within: float = 30.0) -> None:
        """Begin nothing more, and wait until all that is under way is acknowledged."""
        self._finish.set()
        self._thread.join(within)
        assert not self._thread.is_alive(), f"{len(self._flying)} packets were never acknowledged"

    def await_answers(self, count: int, *, within: float = 30.0) -> float:
        """Until so many more packets were acknowledged; the seconds that took."""
        began, goal = time.monotonic(), self.answers + count
        while self.answers < goal:
            assert time.monotonic() - began < within, f"only {self.answers} of {goal} packets were acknowledged"
            assert self._thread.is_alive(), "the load ended"
            time.sleep(0.005)
        return time.monotonic() - began

    def _begin(self, key: tuple[socket.socket, int], session: int, position: int) -> None:
        seconds = position * 60
        values = {40: _STATUS[SHARES[position]], 46: seconds, 42: seconds * 1000, 43: session}
        attributes = b"".join(bytes((kind, 6)) + value.to_bytes(4, "big") for kind, value in values.items())
        for kind, text in ((44, self.name(session)), (1, self.user(session))):
            attributes += bytes((kind, len(text) + 2)) + text.encode()
        request = signing.accounting_request(identifier=key[1], secret=self._secret, attributes=attributes)
        self._flying[key] = Flight(request, session, position)
        if not self._hold.is_set():  # else it goes with those to be sent again
            self._send(key)

    def _send(self, key: tuple[socket.socket, int]) -> None:
        flight = self._flying[key]
        flight.sent = time.monotonic()
        with contextlib.suppress(BlockingIOError, ConnectionRefusedError):
            key[0].sendto(flight.request, ("127.0.0.1", self._port))

    def _next_session(self, key: tuple[socket.socket, int]) -> None:
        if self._finish.is_set():
            return
        self._begun += 1
        self._begin(key, self._begun, 0)

    def _work(self) -> None:
        for one in self._sockets:
            for identifier in range(WINDOW):
                self._next_session((one, identifier))
        while self._flying and not self._stop.is_set():
            ready, _, _ = select.select(self._sockets, [], [], 0.02)
            if not ready and self._hold.is_set():
                self._held.set()
            for one in ready:
                self._drain(one)
            now = time.monotonic()
            for key, flight in () if self._hold.is_set() else list(self._flying.items()):
                if now - flight.sent > AGAIN_AFTER:
                    self.repeated += bool(flight.sent)
                    self._send(key)

    def _drain(self, one: socket.socket) -> None:
        while True:
            try:
                answer = one.recv(4097)
            except BlockingIOError:
                return
            except ConnectionRefusedError:
                continue
            self._take((one, answer[1]), answer)

    def _take(self, key: tuple[socket.socket, int], answer: bytes) -> None:
        flight = self._flying.get(key)
        if flight is None:
            return
        try:
            signing.verify_response(answer, flight.request[4:20], self._secret)
        except RadiusError as error:
            # The answer to a copy of an earlier packet with this identifier is what it is expected to be: five, and bare.
            if answer[0] != 5 or len(answer) != 20:
                self.wrong.append(f"{error}: {answer!r}")
            return
        self.acknowledged[flight.session] = flight.position
        self.answers += 1
        del self._flying[key]
        if flight.position + 1 == len(SHARES):
            self._next_session(key)
        else:
            self._begin(key, flight.session, flight.position + 1)


# --- the server


def free_port() -> int:
    """A UDP port nobody listens on."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def children_of(pid: int) -> list[int]:
    """The processes it started and did not outlive (Linux)."""
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


class Radius:
    """A `gate radius` of two processes."""

    def __init__(self, *, url: str, port: int, folder: Path) -> None:
        self._log = folder / "radius.log"
        reader, writer = os.pipe()
        environ = os.environ | {
            "DATABASE_URL": url, "GATE_RADIUS_BIND": "127.0.0.1", "GATE_RADIUS_ACCT_PORT": str(port),
            "GATE_RADIUS_AUTH_PORT": str(free_port()), "GATE_RADIUS_PROCESSES": "2", SUPERVISED: str(os.getpid()),
            READY_FD: str(writer),
        }  # fmt: skip
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "gate", "radius"], env=environ, pass_fds=[writer], stdout=log, stderr=log
            )
        os.close(writer)
        self._ready = os.fdopen(reader, "rb")

    def await_ready(self) -> None:
        """Until both processes serve."""
        ready, _, _ = select.select([self._ready], [], [], 60)
        assert ready, "not ready in a minute"
        assert self._ready.readline() == b"ready\n", self._log.read_text()

    def kill(self) -> None:
        """SIGKILL to all three, the parent last, so that none gets to close anything in order."""
        for pid in [*children_of(self.process.pid), self.process.pid]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait(10)

    def stop(self) -> int:
        """As a service manager ends it; its exit status."""
        self.process.terminate()
        return self.process.wait(20)

    def close(self) -> None:
        """Gone, however it was."""
        if self.process.poll() is None:
            self.kill()
        self._ready.close()


# --- the books


@dataclasses.dataclass(frozen=True, slots=True)
class Books:
    """What acknowledged packets and tables say of each other. All but the first two have to be 0."""

    sessions: int
    seconds: int
    """Debited."""
    missing: int
    older: int
    """Stored with less than was acknowledged."""
    newer: int
    """Stored with more than was sent."""
    twice: int
    """Rows too many for a session."""
    misdebited: int
    """Users whose debit, whose entries and whose sessions' time are not the same."""

    @property
    def right(self) -> bool:
        """Nothing is wrong with them."""
        return not (self.missing or self.older or self.newer or self.twice or self.misdebited)


def audit(*, url: str, load: Load, run: str, final: bool = False) -> Books:
    """Every acknowledged state against the tables, while the load is held or over. `final`: nothing is under way any more."""
    acknowledged = load.acknowledged.copy()
    with psycopg.connect(url) as owner:
        rows = owner.execute(
            "SELECT acctsessionid, acctsessiontime, acctinputoctets, acctoutputoctets, acctstoptime IS NOT NULL"
            " FROM accounting_live WHERE acctsessionid LIKE %(run)s UNION ALL"
            " SELECT acctsessionid, acctsessiontime, acctinputoctets, acctoutputoctets, acctstoptime IS NOT NULL"
            " FROM accounting_history WHERE acctsessionid LIKE %(run)s",
            {"run": f"{run}-%"},
        ).fetchall()
        accounts = owner.execute(
            "SELECT u.username, %s - b.seconds, (SELECT -coalesce(sum(e.seconds), 0)::bigint FROM credit_entry e"
            " WHERE e.user_id = u.id), (SELECT coalesce(sum(a.acctsessiontime), 0)::bigint FROM accounting_live a"
            " WHERE a.user_id = u.id) FROM credit_balance b JOIN users_user u ON u.id = b.user_id",
            [CREDIT],
        ).fetchall()
    stored = {name: (seconds, received, sent, stopped) for name, seconds, received, sent, stopped in rows}
    wrong: collections.Counter[str] = collections.Counter()
    used: collections.Counter[str] = collections.Counter()
    for session, position in acknowledged.items():
        used[load.user(session)] += position * 60
        if load.name(session) not in stored:
            wrong["missing"] += 1
            continue
        seconds, received, sent, stopped = stored[load.name(session)]
        ahead = 0 if final or SHARES[position] == "stop" else 1
        wrong["older"] += seconds < position * 60 or (SHARES[position] == "stop" and not stopped)
        wrong["newer"] += seconds > (position + ahead) * 60 or received != seconds * 1000 or sent != session
    for name, debited, entered, counted in accounts:
        wrong["misdebited"] += not debited == entered == counted or (final and debited != used[name])
    if final:
        wrong["newer"] += len(stored) != len(acknowledged)
    return Books(
        len(stored), sum(row[1] for row in accounts), wrong["missing"], wrong["older"], wrong["newer"],
        len(rows) - len(stored), wrong["misdebited"],
    )  # fmt: skip
