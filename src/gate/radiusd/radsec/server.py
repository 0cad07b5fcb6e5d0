"""RadSec's port: who may connect, who is who, how many at once. What one connection does wrong, no other feels.

Nothing is believed before the handshake is done and the certificate bound to a NAS, so what strangers can cost is bounded
before that: handshakes at once, in all and of one address.
"""

import asyncio
import logging
import socket
import ssl
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, TypeVar

from gate.core import clock
from gate.core.exposition import Family, Histogram, counter, gauge
from gate.protocols.radius.codes import Code
from gate.radiusd.holding import Holding
from gate.radiusd.listener import LATENCIES, Handler
from gate.radiusd.metrics import Metrics
from gate.radiusd.radsec.certificates import Presented
from gate.radiusd.radsec.connection import Connection
from gate.radiusd.radsec.materials import Materials
from gate.radiusd.radsec.tuning import tune
from gate.radiusd.request import Request
from gate.radiusd.store import Store
from gate.settings import Settings

log = logging.getLogger(__name__)

K = TypeVar("K")

TICK: Final = 1.0
"""Seconds between two looks at every connection: so long a change may take to reach one that is silent."""
RETRY: Final = 10.0
LINES: Final = 20
"""Lines of log a minute about connections; what is beyond is counted."""
_REASONS: Final = {10: "expired", 12: "crl-expired", 18: "untrusted", 19: "untrusted", 20: "untrusted", 21: "untrusted",
                   23: "revoked", 26: "purpose", 3: "no-crl"}  # fmt: skip
"""X509_V_ERR_… of OpenSSL, in words."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one process. Seconds, octets and numbers."""

    connections: int = 1000
    of_nas: int = 64
    of_address: int = 256
    """Many NAS may be behind one address."""
    handshakes: int = 64
    handshakes_of_address: int = 16
    handshake: float = 10.0
    packet: float = 10.0
    """From a packet's first octet to its last."""
    idle: float = 3600.0
    slow: float = 20.0
    """How long the other end may take nothing."""
    pending: int = 512
    """Requests of one connection under way; past it nothing more is read."""
    buffer: int = 256 * 1024
    """Octets waiting to be taken by the other end; past it nothing more is read."""


class Told:
    """Lines of log, so many a minute: whoever can connect could else fill the disk."""

    def __init__(self) -> None:
        self._since = -60.0
        self._lines = 0

    def say(self, line: str) -> None:
        """Tell it, or count it."""
        now = clock.monotonic()
        if now - self._since >= 60:
            if self._lines > LINES:
                log.warning("RadSec: %d lines like the ones before were left out", self._lines - LINES)
            self._since, self._lines = now, 0
        self._lines += 1
        if self._lines <= LINES:
            log.warning("%s", line)


class Radsec:
    """Every connection of this process."""

    def __init__(
        self, *, settings: Settings, store: Store, metrics: Metrics, handlers: Mapping[int, Handler], shared: bool
    ) -> None:
        self.store = store
        self.metrics = metrics
        self.handlers = handlers
        self.limits = Limits(connections=settings.radsec_connections)
        self.reject_delay = settings.radius_reject_delay
        self.holding = Holding(delay=settings.radius_reject_delay, send=_refuse_now)
        self.latency = Histogram(LATENCIES)
        self.packets: Counter[tuple[str, str]] = Counter()
        """By direction and version."""
        self.refused: Counter[str] = Counter()
        self.closed: Counter[str] = Counter()
        self.told = Told()
        self.materials = Materials(settings)
        self._settings = settings
        self._shared = shared
        self._socket: socket.socket | None = None
        self._connections: set[Connection] = set()
        self._handshakes: dict[asyncio.Task[None], Connection] = {}
        self._shaking: Counter[str] = Counter()
        self._of_address: Counter[str] = Counter()
        self._of_nas: Counter[int] = Counter()
        self._is_closing = False

    # --- life -----------------------------------------------------------------------------------------------------------------

    def open(self) -> None:
        """Bind the port, where there are certificates. Raises OSError where it is taken."""
        if self._socket is None and self.materials.server(now=clock.monotonic()) is not None:
            settings = self._settings
            self._socket = bind(settings.radsec_bind, settings.radsec_port, shared=self._shared)
            log.info("Serving RadSec on %s, port %d", settings.radsec_bind, settings.radsec_port)

    async def accept(self) -> None:
        """Take connections until cancelled; waits for certificates where there are none yet."""
        loop = asyncio.get_running_loop()
        while self._socket is None:
            await asyncio.sleep(RETRY)
            try:
                self.open()
            except OSError as error:
                log.error("RadSec: port %d cannot be opened: %s", self._settings.radsec_port, error)  # noqa: TRY400
        while True:
            try:
                accepted, peer = await loop.sock_accept(self._socket)
            except OSError as error:
                # Out of file descriptors, or the peer is gone already.
                self.refused["accept"] += 1
                self.told.say(f"RadSec: a connection could not be taken: {error}")
                await asyncio.sleep(0.05)
                continue
            self._take(accepted, peer[0])

    async def sweep(self) -> None:
        """Look at every connection once a second, until cancelled."""
        while True:
            await asyncio.sleep(TICK)
            now = clock.monotonic()
            self.materials.server(now=now)
            for connection in list(self._connections):
                connection.check(now)

    def close(self) -> None:
        """The server ends; refusals held back go out first."""
        self._is_closing = True
        self.holding.release()
        if self._socket is not None:
            self._socket.close()
        for task in self._handshakes:
            task.cancel()
        for connection in list(self._connections):
            connection.end("shutdown")

    # --- connections ----------------------------------------------------------------------------------------------------------

    def _take(self, accepted: socket.socket, address: str) -> None:
        limits, server = self.limits, self.materials.server(now=clock.monotonic())
        # A task ends a moment after its connection is admitted.
        under_way = sum(connection not in self._connections for connection in self._handshakes.values())
        if len(self._connections) + under_way >= limits.connections:
            full = "too-many"
        elif under_way >= limits.handshakes or self._shaking[address] >= limits.handshakes_of_address:
            full = "too-many-handshakes"
        elif self._of_address[address] >= limits.of_address:
            full = "too-many-of-address"
        elif server is not None:
            accepted.setblocking(False)
            self._shaking[address] += 1
            connection = Connection(self, address)
            task = asyncio.get_running_loop().create_task(self._shake_hands(accepted, connection, server.context))
            self._handshakes[task] = connection
            task.add_done_callback(self._handshakes.pop)
            return
        else:
            full = "no-certificate"
        self.refused[full] += 1
        accepted.close()

    async def _shake_hands(self, accepted: socket.socket, connection: Connection, context: ssl.SSLContext) -> None:
        address = connection.address
        try:
            tune(accepted)
            await asyncio.get_running_loop().connect_accepted_socket(
                lambda: connection, accepted, ssl=context, ssl_handshake_timeout=self.limits.handshake,
                ssl_shutdown_timeout=2.0,
            )  # fmt: skip
        except (OSError, TimeoutError) as error:
            # ssl.SSLError is an OSError as well.
            reason = _reason(error)
            self.refused[reason] += 1
            self.told.say(f"RadSec: no connection with {address}: {reason} ({_words(error)})")
        finally:
            _less(self._shaking, address)

    def admit(self, connection: Connection) -> None:
        """Say whose connection it is, or refuse it."""
        presented = connection.presented
        assert presented is not None  # noqa: S101  for the type checker: there is none without
        found = self.store.bindings.find(presented)
        if self._is_closing:
            self.refuse(connection, "shutdown")
        elif isinstance(found, str):
            self.refuse(connection, found)
        elif self.is_revoked(presented):
            self.refuse(connection, "revoked")
        elif self._of_nas[found.nas_id] >= self.limits.of_nas:
            self.refuse(connection, "too-many-of-nas")
        else:
            connection.client = found
            self._connections.add(connection)
            self._of_nas[found.nas_id] += 1
            self._of_address[connection.address] += 1

    def refuse(self, connection: Connection, reason: str) -> None:
        """Close what was never anybody's, and say what an operator needs to bind it."""
        self.refused[reason] += 1
        presented = connection.presented
        told = "" if presented is None else f": {presented.subject}, SHA-256 {presented.fingerprint}"
        self.told.say(f"RadSec: refused {connection.address}, {reason}{told}")
        connection.turn_away()

    def leave(self, connection: Connection, reason: str) -> None:
        """One less."""
        client = connection.client
        if connection in self._connections and client is not None:
            self._connections.discard(connection)
            self.closed[reason] += 1
            _less(self._of_nas, client.nas_id)
            _less(self._of_address, connection.address)

    def is_revoked(self, presented: Presented) -> bool:
        """By the lists as they are now: that of the handshake may be an older one."""
        server = self.materials.server(now=clock.monotonic())
        return server is not None and presented.revocation in server.revoked

    def connections(self) -> list[Connection]:
        """The open ones."""
        return list(self._connections)

    # --- counts ---------------------------------------------------------------------------------------------------------------

    def families(self) -> Iterator[Family]:
        """What Prometheus is told."""
        versions = Counter(connection.version for connection in self._connections)
        states = [({"state": "handshake", "version": ""}, float(len(self._handshakes)))]
        states += [({"state": "open", "version": name}, float(count)) for name, count in sorted(versions.items())]
        yield gauge("gate_radius_radsec_connections", "RadSec connections, by state.", states)
        yield counter(
            "gate_radius_radsec_refused_total",
            "RadSec connections that came to nothing, by reason.",
            [({"reason": reason}, float(count)) for reason, count in sorted(self.refused.items())],
        )
        yield counter(
            "gate_radius_radsec_closed_total",
            "RadSec connections that ended, by reason.",
            [({"reason": reason}, float(count)) for reason, count in sorted(self.closed.items())],
        )
        yield counter(
            "gate_radius_radsec_packets_total",
            "Packets by RadSec.",
            [({"direction": way, "version": version}, float(n)) for (way, version), n in sorted(self.packets.items())],
        )


def _refuse_now(request: Request, attributes: bytes) -> None:
    assert isinstance(request.way, Connection)  # noqa: S101  for the type checker: nothing else is held here
    request.way.reply_now(request, Code.ACCESS_REJECT, attributes)


def _less(held: Counter[K], key: K) -> None:
    """One less, and nothing left behind of what is not there."""
    held[key] -= 1
    if held[key] <= 0:
        del held[key]


def _reason(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return _REASONS.get(error.verify_code, "certificate")
    if isinstance(error, ssl.SSLError):
        return "no-certificate" if error.reason == "PEER_DID_NOT_RETURN_A_CERTIFICATE" else "tls"
    return "timeout" if isinstance(error, TimeoutError) or "handshake" in str(error) else "lost"


def _words(error: Exception) -> str:
    return str(getattr(error, "verify_message", "") or getattr(error, "reason", "") or error)[:100] or type(error).__name__


def bind(address: str, port: int, *, shared: bool) -> socket.socket:
    """A listening TCP socket. Raises OSError where the port is taken."""
    listening = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
    try:
        listening.setblocking(False)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if shared:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listening.bind((address, port))
        listening.listen(256)
    except OSError:
        listening.close()
        raise
    return listening
