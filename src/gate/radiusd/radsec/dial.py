"""The other side of RadSec: connections to a home server (proxy/upstream.py), made when there is something to send.

A connection has 256 identifiers; when they are taken another one is made, up to `MOST`. What waits on a connection that is lost
has no answer, and is told so at once: whoever asked knows best whether to ask again, and whom. A server that cannot be reached
is tried again after a while that doubles up to half a minute; until then nothing is taken for it.
"""

import asyncio
import logging
import os
import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, cast

from gate.core import clock
from gate.protocols.radius import signing, stream, v11
from gate.protocols.radius.codes import Code
from gate.protocols.radius.dictionary import rfc2869
from gate.protocols.radius.errors import MessageAuthenticatorMismatch, RadiusError
from gate.protocols.radius.packet import Packet
from gate.radiusd.metrics import Metrics
from gate.radiusd.proxy.homes import Home
from gate.radiusd.proxy.upstream import Answer, Done, Encode
from gate.radiusd.radsec.tuning import tune
from gate.settings import Settings

log = logging.getLogger(__name__)

IDENTIFIERS: Final = 256
MOST: Final = 16
"""Connections to one home server."""
CONNECT: Final = 10.0
"""Seconds for connecting and the handshake, each."""
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
"""Seconds after a connection that could not be made."""
BUFFER: Final = 256 * 1024
"""Octets the server has not taken, past which nothing more is sent to it."""
_ANSWERS: Final[dict[int, frozenset[int]]] = {
    Code.ACCESS_REQUEST: frozenset({Code.ACCESS_ACCEPT, Code.ACCESS_REJECT, Code.ACCESS_CHALLENGE}),
    Code.ACCOUNTING_REQUEST: frozenset({Code.ACCOUNTING_RESPONSE}),
    # One port for everything: either answer says that the server works.
    Code.STATUS_SERVER: frozenset({Code.ACCESS_ACCEPT, Code.ACCOUNTING_RESPONSE}),
}


class NoCertificates(Exception):
    """There is nothing to show a home server, or to know it by; the text is one sentence for the operator."""


class HomeMaterials:
    """GATE's certificate for home servers and the CAs that sign theirs, read anew for a connection where they changed."""

    def __init__(self, settings: Settings) -> None:
        folder = settings.data / "radius" / "radsec" / "home"
        self._paths = (
            settings.radsec_home_cert or folder / "gate.pem",
            settings.radsec_home_key or folder / "gate.key",
            settings.radsec_home_ca or folder / "ca.pem",
        )
        self._stamps: tuple[int, ...] = ()
        self._context: ssl.SSLContext | None = None

    def context(self) -> ssl.SSLContext:
        """What to connect with. Raises NoCertificates."""
        try:
            stamps = tuple(path.stat().st_mtime_ns for path in self._paths)
            if self._context is None or stamps != self._stamps:
                self._context, self._stamps = _context(*self._paths), stamps
        except (OSError, ssl.SSLError, ValueError) as error:
            raise NoCertificates(f"certificates for home servers by TLS: {error}") from error
        return self._context


def _context(certificate: Path, key: Path, authorities: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificate, key, password="")
    context.load_verify_locations(authorities)
    context.set_alpn_protocols([v11.HISTORIC])
    return context


class Dialer:
    """Makes what sends to a home server: what `proxy.Targets` calls `dial`."""

    def __init__(self, *, settings: Settings, metrics: Metrics) -> None:
        self._materials = HomeMaterials(settings)
        self._metrics = metrics

    def __call__(self, home: Home) -> "Tls":
        """For this home server; nothing is connected yet."""
        return Tls(home, materials=self._materials, metrics=self._metrics)


@dataclass(slots=True, eq=False)
class _Waiting:
    """A request that waits for its answer."""

    line: "_Line"
    code: int
    octets: bytes = field(repr=False)
    done: Done = field(repr=False)
    timer: asyncio.TimerHandle


class _Line(asyncio.Protocol):
    """One connection, or one that is being made: what is sent meanwhile goes out when it stands."""

    def __init__(self, owner: "Tls") -> None:
        self._owner = owner
        self._transport: asyncio.Transport | None = None
        self._frames = stream.Frames()
        self.waiting: dict[int, _Waiting] = {}
        self._last = 0
        self.is_over = False

    @property
    def has_room(self) -> bool:
        """Whether one more request may be sent."""
        taken = 0 if self._transport is None else self._transport.get_write_buffer_size()
        return not self.is_over and len(self.waiting) < IDENTIFIERS and taken < BUFFER

    def free(self) -> int:
        """An identifier nobody waits for, the one unused for longest first."""
        while True:
            self._last = (self._last + 1) % IDENTIFIERS
            if self._last not in self.waiting:
                return self._last

    def send(self, octets: bytes) -> None:
        """Now, or when the connection stands."""
        if self._transport is not None:
            self._transport.write(octets)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The server proved who it is."""
        self._transport = cast("asyncio.Transport", transport)
        if self.is_over:
            self._transport.abort()
            return
        tune(transport.get_extra_info("socket"))
        self._owner.connected()
        for waiting in self.waiting.values():
            self._transport.write(waiting.octets)

    def data_received(self, data: bytes) -> None:
        """Answers."""
        for octets in self._frames.receive(data):
            if self.is_over:
                return
            self._owner.receive(self, octets)
        if self._frames.fault is not None:
            self._owner.bad(self, self._frames.fault)

    def connection_lost(self, error: Exception | None) -> None:
        """Nobody answers here any more."""
        if not self.is_over:
            log.debug("connection to a home server: %s", error or "closed")
        self.give_up()

    def give_up(self) -> None:
        """Tell whoever waits."""
        self.is_over = True
        self._owner.gone(self)
        waiting, self.waiting = self.waiting, {}
        for one in waiting.values():
            one.timer.cancel()
            one.done(None)
        if self._transport is not None:
            self._transport.abort()

    def forget(self) -> None:
        """End it, and tell nobody."""
        self.is_over = True
        for one in self.waiting.values():
            one.timer.cancel()
        self.waiting.clear()
        if self._transport is not None:
            self._transport.abort()


class Tls:
    """A home server by TLS: `proxy.upstream.Upstream`."""

    def __init__(self, home: Home, *, materials: HomeMaterials, metrics: Metrics) -> None:
        self._home = home
        self._materials = materials
        self._metrics = metrics
        self._lines: list[_Line] = []
        self._dialling: set[asyncio.Task[None]] = set()
        self._pause = FIRST_PAUSE
        self._not_before = float("-inf")

    @property
    def in_flight(self) -> int:
        """Requests that wait for their answer."""
        return sum(len(line.waiting) for line in self._lines)

    def send(self, *, code: int, encode: Encode, done: Done) -> bool:
        """See `Upstream.send`. Sent once: TLS delivers, or the connection is lost."""
        line = next((one for one in self._lines if one.has_room), None)
        if line is None:
            line = self._dialled()
            if line is None:
                self._metrics["proxy.no-identifier"] += 1
                return False
        identifier = line.free()
        octets = _packet(code, identifier, encode)
        # As patient as with a server asked by UDP, over all that is sent there.
        patience = self._home.timeout if code == Code.STATUS_SERVER else self._home.patience
        timer = asyncio.get_running_loop().call_later(patience, self._late, line, identifier)
        line.waiting[identifier] = _Waiting(line, code, octets, done, timer)
        self._metrics["proxy.sent"] += 1
        line.send(octets)
        return True

    def give_up(self) -> None:
        """See `Upstream.give_up`."""
        lines, self._lines = self._lines, []
        self.close()
        for line in lines:
            line.give_up()

    def close(self) -> None:
        """Give everything up, silently."""
        for task in self._dialling:
            task.cancel()
        for line in self._lines:
            line.forget()
        self._lines.clear()

    # --- connections ----------------------------------------------------------------------------------------------------------

    def _dialled(self) -> _Line | None:
        """One more, on its way; None where there are enough, or the last attempt failed a moment ago."""
        if len(self._lines) >= MOST or clock.monotonic() < self._not_before:
            return None
        line = _Line(self)
        self._lines.append(line)
        task = asyncio.get_running_loop().create_task(self._connect(line))
        self._dialling.add(task)
        task.add_done_callback(self._dialling.discard)
        return line

    async def _connect(self, line: _Line) -> None:
        home, loop = self._home, asyncio.get_running_loop()
        try:
            async with asyncio.timeout(2 * CONNECT):
                await loop.create_connection(
                    lambda: line, home.host, home.port("authentication"), ssl=self._materials.context(),
                    server_hostname=home.tls_name or home.host, ssl_handshake_timeout=CONNECT, ssl_shutdown_timeout=2.0,
                )  # fmt: skip
        except (OSError, TimeoutError, NoCertificates) as error:
            # ssl.SSLError is an OSError as well.
            self._metrics["proxy.connect-failed"] += 1
            self._not_before = clock.monotonic() + self._pause
            self._pause = min(self._pause * 2, LONGEST_PAUSE)
            log.warning("No connection to home server %s: %s", home.name, str(error)[:200] or type(error).__name__)
            line.give_up()

    def connected(self) -> None:
        """Somebody is there."""
        self._metrics["proxy.connected"] += 1
        self._pause = FIRST_PAUSE

    def gone(self, line: _Line) -> None:
        """One less."""
        if line in self._lines:
            self._lines.remove(line)

    # --- answers --------------------------------------------------------------------------------------------------------------

    def receive(self, line: _Line, octets: bytes) -> None:
        """Find who waits for it."""
        waiting = line.waiting.get(octets[1])
        if waiting is None or octets[0] not in _ANSWERS[waiting.code]:
            self._metrics["proxy.stray"] += 1
            return
        try:
            packet = _believed(waiting, octets)
        except RadiusError as error:
            self.bad(line, error)
            return
        del line.waiting[octets[1]]
        waiting.timer.cancel()
        waiting.done(Answer(packet, stream.SECRET, waiting.octets[4:20]))

    def bad(self, line: _Line, error: RadiusError) -> None:
        """A reply that is none ends the connection (RFC 6613 section 2.6.4)."""
        self._metrics["proxy.bad-reply"] += 1
        log.warning("Closed the connection to home server %s: %s", self._home.name, error)
        line.give_up()

    def _late(self, line: _Line, identifier: int) -> None:
        waiting = line.waiting.pop(identifier)
        self._metrics["proxy.unanswered"] += 1
        waiting.done(None)


def _packet(code: int, identifier: int, encode: Encode) -> bytes:
    authenticator = os.urandom(16)
    attributes = encode(stream.SECRET, authenticator)
    if code == Code.ACCOUNTING_REQUEST:
        return signing.accounting_request(identifier=identifier, secret=stream.SECRET, attributes=attributes)
    return signing.access_request(
        identifier=identifier, authenticator=authenticator, secret=stream.SECRET, attributes=attributes, code=code
    )


def _believed(waiting: _Waiting, octets: bytes) -> Packet:
    """The reply. Raises RadiusError where it is none to believe."""
    packet = Packet.parse(octets)
    required = packet.get(rfc2869.EAP_MESSAGE) is not None
    try:
        signing.verify_response(octets, waiting.octets[4:20], stream.SECRET, require_message_authenticator=required)
    except MessageAuthenticatorMismatch:
        # FreeRADIUS computes that of an Accounting-Response otherwise than RFC 3579; the Response Authenticator holds.
        if packet.code != Code.ACCOUNTING_RESPONSE:
            raise
    return packet
