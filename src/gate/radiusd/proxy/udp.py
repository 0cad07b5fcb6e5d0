"""Requests to a home server by UDP: as many sockets as identifiers are needed, each connected to the server.

A socket has 256 identifiers (RFC 2865 section 2.5). The kernel hands a connected one nothing from anywhere else; a reply is
believed if its identifier waits there, its code answers the request, and its authenticators were made with the secret for that
very request. A request is sent again, the same octets, after the server's timeout, doubled each time and a little shaken
(RFC 5080 section 2.2.1).
"""

import asyncio
import logging
import os
import random
import socket
from dataclasses import dataclass, field
from typing import Final

from gate.protocols.radius import signing
from gate.protocols.radius.codes import Code
from gate.protocols.radius.errors import MessageAuthenticatorMismatch, MessageAuthenticatorMissing, RadiusError
from gate.protocols.radius.packet import Packet
from gate.radiusd.metrics import Metrics
from gate.radiusd.proxy.homes import Home, Port
from gate.radiusd.proxy.upstream import Answer, Done, Encode

log = logging.getLogger(__name__)

IDENTIFIERS: Final = 256
MOST_SOCKETS: Final = 16
"""To one port: 4,096 requests wait there at most."""
DRAIN: Final = 64
RECEIVE_BUFFER: Final = 1024 * 1024
EAP_MESSAGE: Final = 79

_ANSWERS: Final = {
    ("authentication", Code.ACCESS_REQUEST): frozenset({Code.ACCESS_ACCEPT, Code.ACCESS_REJECT, Code.ACCESS_CHALLENGE}),
    ("authentication", Code.STATUS_SERVER): frozenset({Code.ACCESS_ACCEPT}),
    ("accounting", Code.ACCOUNTING_REQUEST): frozenset({Code.ACCOUNTING_RESPONSE}),
    ("accounting", Code.STATUS_SERVER): frozenset({Code.ACCOUNTING_RESPONSE}),
}


@dataclass(slots=True, eq=False)
class _Waiting:
    """A request that was sent."""

    line: "_Line"
    code: int
    identifier: int
    octets: bytes = field(repr=False)
    answers: frozenset[Code]
    """Codes that answer it."""
    done: Done = field(repr=False)
    left: float
    """Seconds until it is given up."""
    sent: int = 0
    timer: asyncio.TimerHandle | None = None

    @property
    def authenticator(self) -> bytes:
        return self.octets[4:20]


@dataclass(slots=True, eq=False)
class _Line:
    """A socket and what waits on it."""

    socket: socket.socket
    waiting: dict[int, _Waiting] = field(default_factory=dict)
    last: int = 0

    def free(self) -> int | None:
        """An identifier nobody waits for, the one unused for longest first."""
        if len(self.waiting) == IDENTIFIERS:
            return None
        while True:
            self.last = (self.last + 1) % IDENTIFIERS
            if self.last not in self.waiting:
                return self.last


class Udp:
    """One port of a home server at one address."""

    def __init__(self, home: Home, *, port: Port, address: str, metrics: Metrics) -> None:
        self._home = home
        self._port = port
        self._address = address
        self._metrics = metrics
        self._lines: list[_Line] = []
        self._loop = asyncio.get_running_loop()
        self._told = False

    @property
    def in_flight(self) -> int:
        """Requests that wait for their answer."""
        return sum(len(line.waiting) for line in self._lines)

    def send(self, *, code: int, encode: Encode, done: Done) -> bool:
        """See `Upstream.send`. A probe (Status-Server) is sent once: it is itself the question whether anybody answers."""
        line = self._line()
        if line is None:
            self._metrics["proxy.no-identifier"] += 1
            return False
        identifier = line.free()
        if identifier is None:
            return False
        octets = self._packet(code, identifier, encode)
        waiting = _Waiting(line, code, identifier, octets, _ANSWERS[self._port, Code(code)], done, self._home.patience)
        line.waiting[identifier] = waiting
        self._transmit(waiting)
        return True

    def give_up(self) -> None:
        """See `Upstream.give_up`."""
        told = [waiting.done for line in self._lines for waiting in line.waiting.values()]
        self.close()
        for done in told:
            done(None)

    def close(self) -> None:
        """Give everything up, silently."""
        for line in self._lines:
            for waiting in line.waiting.values():
                if waiting.timer is not None:
                    waiting.timer.cancel()
            self._loop.remove_reader(line.socket.fileno())
            line.socket.close()
        self._lines.clear()

    def _packet(self, code: int, identifier: int, encode: Encode) -> bytes:
        secret, authenticator = self._home.secret, os.urandom(16)
        attributes = encode(secret, authenticator)
        if code == Code.ACCOUNTING_REQUEST:
            return signing.accounting_request(identifier=identifier, secret=secret, attributes=attributes)
        return signing.access_request(
            identifier=identifier, authenticator=authenticator, secret=secret, attributes=attributes, code=code
        )

    def _transmit(self, waiting: _Waiting) -> None:
        wait = min(self._home.timeout * 2**waiting.sent, waiting.left)
        waiting.left -= wait
        waiting.sent += 1
        waiting.timer = self._loop.call_later(wait * random.uniform(0.9, 1.1), self._late, waiting)  # noqa: S311  no secret
        self._metrics["proxy.sent" if waiting.sent == 1 else "proxy.sent-again"] += 1
        try:
            waiting.line.socket.send(waiting.octets)
        except OSError as error:
            # Nobody listens there, or there is no way: the timer decides, as for everything unanswered.
            log.debug("send to home server %s: %s", self._home.name, error)

    def _late(self, waiting: _Waiting) -> None:
        if waiting.sent < self._home.tries and waiting.left > 0 and waiting.code != Code.STATUS_SERVER:
            self._transmit(waiting)
            return
        del waiting.line.waiting[waiting.identifier]
        self._metrics["proxy.unanswered"] += 1
        waiting.done(None)

    def _line(self) -> _Line | None:
        for line in self._lines:
            if len(line.waiting) < IDENTIFIERS:
                return line
        if len(self._lines) == MOST_SOCKETS:
            return None
        try:
            made = socket.socket(socket.AF_INET6 if ":" in self._address else socket.AF_INET, socket.SOCK_DGRAM)
        except OSError as error:
            log.warning("No socket for home server %s: %s", self._home.name, error)
            return None
        try:
            made.setblocking(False)
            made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
            made.connect((self._address, self._home.port(self._port)))
        except OSError as error:
            made.close()
            log.warning("No way to home server %s: %s", self._home.name, error)
            return None
        line = _Line(made)
        self._lines.append(line)
        self._loop.add_reader(made.fileno(), self._drain, line)
        return line

    def _drain(self, line: _Line) -> None:
        for _ in range(DRAIN):
            try:
                data = line.socket.recv(4097)
            except (BlockingIOError, InterruptedError):
                return
            except OSError as error:
                # An ICMP answer. Anybody can send one: the timer decides.
                log.debug("receive from home server %s: %s", self._home.name, error)
                continue
            self._receive(line, data)
            if line.socket.fileno() < 0:
                return

    def _receive(self, line: _Line, data: bytes) -> None:
        waiting = line.waiting.get(data[1]) if len(data) >= 2 else None
        if waiting is None or data[0] not in waiting.answers:
            # A copy of an answer, one that came too late, or nothing of ours.
            self._metrics["proxy.stray"] += 1
            return
        try:
            packet = self._believed(waiting, data)
        except MessageAuthenticatorMissing:
            self._metrics["proxy.bad-reply"] += 1
            if not self._told:
                self._told = True
                log.warning(
                    "Home server %s answers without Message-Authenticator, so its answers are left aside; let it send that, or "
                    "say that it need not",
                    self._home.name,
                )
            return
        except RadiusError as error:
            self._metrics["proxy.bad-reply"] += 1
            log.debug("from home server %s: %s", self._home.name, error)
            return
        del line.waiting[waiting.identifier]
        if waiting.timer is not None:
            waiting.timer.cancel()
        waiting.done(Answer(packet, self._home.secret, waiting.authenticator))

    def _believed(self, waiting: _Waiting, data: bytes) -> Packet:
        """The reply. Raises RadiusError where it is none to believe."""
        packet = Packet.parse(data)
        secret, home = self._home.secret, self._home
        try:
            signing.verify_response(data, waiting.authenticator, secret)
            if packet.code == Code.ACCOUNTING_RESPONSE or waiting.code == Code.STATUS_SERVER:
                return packet
            if (home.require_message_authenticator or packet.get(EAP_MESSAGE) is not None) and packet.get(80) is None:
                raise MessageAuthenticatorMissing("the reply carries no Message-Authenticator")
        except MessageAuthenticatorMismatch:
            # FreeRADIUS computes the one of an Accounting-Response otherwise than RFC 3579; the Response Authenticator holds.
            if packet.code != Code.ACCOUNTING_RESPONSE:
                raise
        return packet
