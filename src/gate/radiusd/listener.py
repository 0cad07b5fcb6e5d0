"""The only sockets. Drains them up to 32 datagrams a wake-up, checks what must be checked before anything is believed, answers.

Order for a datagram: its source is a known NAS (else counted and dropped before any parsing), it is a packet, its signature
holds, it is no copy of one in hand or answered. Then its code's handler takes it.
"""

import asyncio
import logging
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from gate.core import clock
from gate.protocols.radius import signing
from gate.protocols.radius.codes import Code
from gate.protocols.radius.errors import (
    MessageAuthenticatorMissing,
    PacketError,
    PacketTooLong,
    SignatureError,
)
from gate.protocols.radius.packet import Packet
from gate.protocols.radius.server import ReplyMemory, Seen
from gate.radiusd.clients import Client
from gate.radiusd.holding import Holding
from gate.radiusd.metrics import Metrics
from gate.radiusd.request import Request
from gate.radiusd.store import Store

log = logging.getLogger(__name__)

DRAIN: Final = 32
RECEIVE_BUFFER: Final = 8 * 1024 * 1024
REMEMBERED: Final = 250_000
REMEMBERED_FOR: Final = 6.0
"""Seconds a reply is kept for copies of its request (RFC 5080 section 2.2.2 asks for 5 to 30)."""
PROXY_STATE: Final = 33

Handler = Callable[[Request], None]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A port and what is served on it."""

    address: str
    port: int
    handlers: Mapping[int, Handler]


class Listener:
    """Receives on every endpoint and sends every answer."""

    def __init__(self, *, store: Store, metrics: Metrics, reject_delay: float = 0.0) -> None:
        self._store = store
        self._metrics = metrics
        self._reject_delay = reject_delay
        self.holding = Holding(delay=reject_delay, send=self._reply_now_refused)
        self._memory = ReplyMemory(REMEMBERED, REMEMBERED_FOR)
        self._sockets: list[socket.socket] = []

    def open(self, endpoints: list[Endpoint], loop: asyncio.AbstractEventLoop, *, shared: bool) -> None:
        """Bind and start receiving; `shared` ports are served by several processes. Raises OSError where a port is taken."""
        for endpoint in endpoints:
            bound = bind(endpoint.address, endpoint.port, shared=shared)
            index = len(self._sockets)
            self._sockets.append(bound)
            loop.add_reader(bound.fileno(), self._drain, index, bound, endpoint.handlers)

    def close(self, loop: asyncio.AbstractEventLoop) -> None:
        """Stop receiving; refusals held back go out first."""
        self.holding.release()
        for bound in self._sockets:
            loop.remove_reader(bound.fileno())
            bound.close()

    def _drain(self, index: int, bound: socket.socket, handlers: Mapping[int, Handler]) -> None:
        at = clock.unix()
        monotonic = clock.monotonic()
        for _ in range(DRAIN):
            try:
                data, source = bound.recvfrom(4097)
            except (BlockingIOError, InterruptedError):
                return
            except OSError as error:
                # An ICMP answer to an earlier reply (the NAS is gone) surfaces here.
                log.debug("receive: %s", error)
                continue
            self._receive(data, source, index, handlers, at, monotonic)

    def _receive(
        self,
        data: bytes,
        source: tuple[str, int],
        index: int,
        handlers: Mapping[int, Handler],
        at: float,
        monotonic: float,
    ) -> None:
        metrics = self._metrics
        metrics["received"] += 1
        client = self._store.clients.find(source[0])
        if client is None:
            metrics.dropped("unknown-client")
            return
        try:
            packet = Packet.parse(data)
            handler = handlers.get(packet.code)
            if handler is None:
                metrics.dropped("code")
                return
            data = data[: data[2] << 8 | data[3]]
            if packet.code == Code.ACCOUNTING_REQUEST:
                signing.verify_accounting_request(data, client.secret)
            signed = signing.verify_message_authenticator(data, client.secret)
            if not signed and packet.code != Code.ACCOUNTING_REQUEST:
                _refuse_unsigned(packet, client)
        except PacketError as error:
            metrics.dropped("malformed")
            log.debug("from %s: %s", source[0], error)
            return
        except SignatureError as error:
            metrics.dropped("signature")
            log.debug("from %s: %s", source[0], error)
            return
        key = (source[0], source[1], packet.code, packet.identifier, packet.authenticator)
        seen = self._memory.begin(key, monotonic)
        if seen is Seen.NEW:
            request = Request(packet=packet, client=client, source=source, key=key, socket=index, at=at)
            try:
                handler(request)
            except Exception:
                # A fault of GATE's own: told, and the next copy gets another chance. The datagrams behind it are still taken.
                log.exception("A packet of NAS %s met a fault and is not answered", client.nas_id)
                self.drop(request, "fault")
        elif seen is Seen.IN_FLIGHT:
            metrics["duplicates.in-flight"] += 1
        elif isinstance(seen, bytes):
            metrics["duplicates.answered"] += 1
            self._send(index, seen, source)

    def reply(self, request: Request, code: int, attributes: bytes) -> None:
        """Sign, send and keep the answer, a refusal in its time (holding.py)."""
        if code == Code.ACCESS_REJECT and self._reject_delay:
            self.holding.put(request, attributes)
        else:
            self._reply_now(request, code, attributes)

    def _reply_now_refused(self, request: Request, attributes: bytes) -> None:
        self._reply_now(request, Code.ACCESS_REJECT, attributes)

    def _reply_now(self, request: Request, code: int, attributes: bytes) -> None:
        """Proxy-State goes back unchanged and in order (RFC 2865 section 5.33)."""
        packet = request.packet
        if packet.get(PROXY_STATE) is not None:
            # Octet for octet: an empty one is against the RFC, yet its sender may look for it.
            attributes += b"".join(bytes((PROXY_STATE, len(value) + 2)) + value for value in packet.get_all(PROXY_STATE))
        try:
            octets = signing.response(
                code=code,
                identifier=packet.identifier,
                request_authenticator=packet.authenticator,
                secret=request.client.secret,
                attributes=attributes,
                # FreeRADIUS and its radclient compute the one of an Accounting-Response otherwise than RFC 3579 and refuse it;
                # nothing in that reply is worth forging.
                message_authenticator=code != Code.ACCOUNTING_RESPONSE,
            )
        except PacketTooLong:
            self.drop(request, "reply-too-long")
            return
        self._memory.finish(request.key, octets, clock.monotonic())
        self._metrics["answered"] += 1
        self._send(request.socket, octets, request.source)

    def drop(self, request: Request, reason: str) -> None:
        """Leave the request unanswered; its next copy is handled anew."""
        self._memory.abandon(request.key)
        self._metrics.dropped(reason)

    def _send(self, index: int, octets: bytes, source: tuple[str, int]) -> None:
        try:
            self._sockets[index].sendto(octets, source)
        except OSError as error:
            # The reply is kept: the NAS asks again and gets it then.
            self._metrics["send-failed"] += 1
            log.debug("send to %s: %s", source[0], error)


def _refuse_unsigned(packet: Packet, client: Client) -> None:
    """Where a packet without Message-Authenticator is none to believe. Raises MessageAuthenticatorMissing."""
    if packet.code == Code.STATUS_SERVER:
        raise MessageAuthenticatorMissing("a Status-Server carries one (RFC 5997 section 2)")
    if client.require_message_authenticator:
        raise MessageAuthenticatorMissing("the NAS is set to require it")


def bind(address: str, port: int, *, shared: bool) -> socket.socket:
    """A UDP socket on that port. Raises OSError where it is taken, by whomever unless both share it."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_DGRAM)
    bound.setblocking(False)
    if shared:
        # The kernel spreads NAS over the processes by source address and port. Never without need: a second server on the port
        # would then take half of the packets in silence, where it should fail.
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    try:
        # Root may pass net.core.rmem_max.
        bound.setsockopt(socket.SOL_SOCKET, getattr(socket, "SO_RCVBUFFORCE", 33), RECEIVE_BUFFER)
    except PermissionError:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
    try:
        bound.bind((address, port))
    except OSError:
        bound.close()
        raise
    return bound
