"""Asking one address over and over, or posting to it: HTTP/1.1, kept-alive connections, one request at a time on each.

    python benchmarks/http_load.py < order.json

Rules of this file: it runs as a process of its own, so that its cost is known (`cpu_share`) and no server's work is done in
it. Every answer is compared with the one expected, a list's byte by byte: what is counted is right. It is Python with plain
sockets, hence nothing has to be installed; one answer of 50 kB costs it some 50 µs.
"""

import json
import math
import resource
import selectors
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields

_BUFFER = 1 << 20
_ANSWER_SECONDS = 30


class HttpLoadError(Exception):
    """A server does not answer as HTTP wants."""


@dataclass(frozen=True, slots=True)
class Order:
    """What to ask, how often at once, for how long."""

    port: int
    target: str
    headers: dict[str, str]
    connections: int
    seconds: float
    expected: str | None = None
    """The body of every answer; None where each has another one (a new row's id), so that only the status is looked at."""
    body: str | None = None
    """What to post; None to get."""


@dataclass(frozen=True, slots=True)
class HttpLoad:
    """What came of it; times in ms, CPU in seconds, `cpu_share` of one core."""

    connections: int
    answered: int
    wrong: int
    seconds: float
    rate: float
    p50_ms: float
    p99_ms: float
    max_ms: float
    cpu_seconds: float
    cpu_share: float


def run(order: Order) -> HttpLoad:
    """One load by a process of its own. Raises HttpLoadError."""
    done = subprocess.run(
        [sys.executable, __file__],
        check=False,
        input=json.dumps(asdict(order)),
        capture_output=True,
        text=True,
        timeout=order.seconds + 2 * _ANSWER_SECONDS,
    )
    if done.returncode:
        raise HttpLoadError(done.stderr.strip().rpartition("\n")[2])
    return HttpLoad(**json.loads(done.stdout))


def request(*, port: int, target: str, headers: dict[str, str], body: str | None = None) -> bytes:
    """The request as it goes over the wire."""
    content = b"" if body is None else body.encode()
    lines = [f"{'GET' if body is None else 'POST'} {target} HTTP/1.1", f"Host: 127.0.0.1:{port}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if body is not None:
        lines += ["Content-Type: application/json", f"Content-Length: {len(content)}"]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("ascii") + content


class _Connection:
    """One connection and the answer it is in the middle of."""

    def __init__(self, *, port: int, request: bytes) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._request = request
        self._buffer = bytearray(_BUFFER)
        self._view = memoryview(self._buffer)
        self._filled = self._head = self._length = 0
        self.began = 0.0

    def fileno(self) -> int:
        return self._socket.fileno()

    def ask(self) -> None:
        self._filled = self._head = self._length = 0
        self.began = time.perf_counter()
        self._socket.sendall(self._request)

    def read(self) -> bool:
        """Read what is there; whether the answer is complete."""
        got = self._socket.recv_into(self._view[self._filled :])
        if not got:
            raise HttpLoadError("the server closed a connection in the middle of an answer")
        self._filled += got
        if not self._head:
            end = self._buffer.find(b"\r\n\r\n", 0, self._filled)
            if end < 0:
                return False
            self._head = end + 4
            self._length = _content_length(bytes(self._view[:end]))
        return self._filled >= self._head + self._length

    def holds(self, status: bytes, expected: bytes | None) -> bool:
        """Whether the answer has the status and, where one is known, exactly the body `expected`."""
        if not self._buffer.startswith(b"HTTP/1.1 " + status):
            return False
        return expected is None or (self._length == len(expected) and self._buffer.startswith(expected, self._head))


def _content_length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name == b"content-length":
            return int(value)
    raise HttpLoadError(f"an answer without Content-Length: {head[:80]!r}")


def _drive(order: Order) -> HttpLoad:
    wire = request(port=order.port, target=order.target, headers=order.headers, body=order.body)
    expected = None if order.expected is None else order.expected.encode()
    status = b"200 " if order.body is None else b"201 "
    connections = [_Connection(port=order.port, request=wire) for _ in range(order.connections)]
    selector = selectors.DefaultSelector()
    took: list[float] = []
    wrong = 0
    cpu, began = _cpu_seconds(), time.perf_counter()
    end = began + order.seconds
    for connection in connections:
        selector.register(connection, selectors.EVENT_READ, connection)
        connection.ask()
    open_ = len(connections)
    while open_:
        ready = selector.select(timeout=_ANSWER_SECONDS)
        if not ready:
            raise HttpLoadError(f"no answer for {_ANSWER_SECONDS} seconds")
        for key, _ in ready:
            connection = key.data
            if not connection.read():
                continue
            now = time.perf_counter()
            took.append(now - connection.began)
            wrong += not connection.holds(status, expected)
            if now < end:
                connection.ask()
            else:
                open_ -= 1
                selector.unregister(connection)
    seconds = time.perf_counter() - began
    cpu = _cpu_seconds() - cpu
    took.sort()
    return HttpLoad(
        connections=order.connections,
        answered=len(took),
        wrong=wrong,
        seconds=seconds,
        rate=len(took) / seconds,
        p50_ms=_quantile_ms(took, 0.5),
        p99_ms=_quantile_ms(took, 0.99),
        max_ms=took[-1] * 1000,
        cpu_seconds=cpu,
        cpu_share=cpu / seconds,
    )


def _quantile_ms(ordered: Sequence[float], share: float) -> float:
    return ordered[max(0, math.ceil(len(ordered) * share) - 1)] * 1000


def _cpu_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    given = json.load(sys.stdin)
    print(json.dumps(asdict(_drive(Order(**{field.name: given[field.name] for field in fields(Order)})))))
