"""The only sockets. Drains them up to 32 datagrams a wake-up, checks what must be checked before anything is believed, answers.

Order for a datagram: its source is a known NAS (else counted and dropped before any parsing), it is a packet, its signature
holds, it is no copy of one in hand or answered. Then its code's handler takes it.
"""

import asyncio
import gc
import logging
import os
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from gate.core import clock
from gate.core.exposition import Histogram
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
from gate.radiusd import translate
from gate.radiusd.clients import Client, Neighbours
from gate.radiusd.holding import Holding
from gate.radiusd.metrics import Metrics
from gate.radiusd.request import Request
from gate.radiusd.store import Store

log = logging.getLogger(__name__)

DRAIN: Final = 32
SWEEP: Final = 256
"""Packets after which the youngest objects are swept. A reply that is kept stays for seconds, and takes the place of one that is
forgotten: the collector counts what came less what went, so by itself it would wait until a hundred thousand of them are young,
and then stand still over them for a tenth of a second."""
RECEIVE_BUFFER: Final = 8 * 1024 * 1024
REMEMBERED: Final = 250_000
REMEMBERED_FOR: Final = 6.0
"""Seconds a reply is kept for copies of its request (RFC 5080 section 2.2.2 asks for 5 to 30)."""
LATENCIES: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
PROXY_STATE: Final = 33
NAS_IDENTIFIER: Final = 32
EAP_MESSAGE: Final = 79

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
        self._swept = 0
        self._sockets: list[socket.socket] = []
        self.latencies: list[Histogram] = []
        """Seconds from arrival to answer, by socket; Access-Rejects, which wait for their time, apart."""

    def open(self, endpoints: list[Endpoint], loop: asyncio.AbstractEventLoop, *, shared: bool) -> None:
        """Bind and start receiving; `shared` ports are served by several processes. Raises OSError where a port is taken."""
        for endpoint in endpoints:
            bound = bind(endpoint.address, endpoint.port, shared=shared)
            index = len(self._sockets)
            self._sockets.append(bound)
            self.latencies.append(Histogram(LATENCIES))
            loop.add_reader(bound.fileno(), self._drain, index, bound, endpoint.handlers)

    def close(self, loop: asyncio.AbstractEventLoop) -> None:
        """Stop receiving; refusals held back go out first."""
        self.holding.release()
        for bound in self._sockets:
            loop.remove_reader(bound.fileno())
            bound.close()

    def inodes(self) -> list[int]:
        """By which the kernel's tables name the sockets."""
        return [os.fstat(bound.fileno()).st_ino for bound in self._sockets]

    def _drain(self, index: int, bound: socket.socket, handlers: Mapping[int, Handler]) -> None:
        received = self._metrics["received"]
        if received - self._swept >= SWEEP:
            self._swept = received
            gc.collect(0)
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
        found = self._store.clients.find(source[0])
        if found is None:
            metrics.dropped("unknown-client")
            return
        client = found if type(found) is Client else self._neighbour(found, data)
        if client is None:
            return
        rate = client.packet_rate
        if rate and not client.tally.allows(socket=index, rate=rate, now=monotonic):
            client.tally.limited += 1
            metrics.dropped("packet-rate")
            return
        try:
            packet = Packet.parse(data)
            handler = handlers.get(packet.code)
            if handler is None:
                client.tally.dropped += 1
                metrics.dropped("code")
                return
            data = data[: data[2] << 8 | data[3]]
            if packet.code == Code.ACCOUNTING_REQUEST:
                signing.verify_accounting_request(data, client.secret)
            signed = signing.verify_message_authenticator(data, client.secret)
            if packet.code != Code.ACCOUNTING_REQUEST:
                _check_signed(packet, client, source[0], signed=signed)
        except (PacketError, SignatureError) as error:
            client.tally.dropped += 1
            metrics.dropped("malformed" if isinstance(error, PacketError) else "signature")
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

    def _neighbour(self, found: Client | Neighbours, data: bytes) -> Client | None:
        """The one of several behind an address that a packet says it is from."""
        if isinstance(found, Client):
            return found
        try:
            client = found.claimed(Packet.parse(data).get(NAS_IDENTIFIER))
        except PacketError as error:
            self._metrics.dropped("malformed")
            log.debug("from one of several: %s", error)
            return None
        if client is None:
            self._metrics.dropped("unknown-identifier")
        return client

    def reply(self, request: Request, code: int, attributes: bytes) -> None:
        """Sign, send and keep the answer, a refusal in its time (holding.py). What came by a connection goes back by it."""
        if request.way is not None:
            request.way.reply(request, code, attributes)
        elif code == Code.ACCESS_REJECT and self._reject_delay:
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
        if code != Code.ACCESS_REJECT:
            self.latencies[request.socket].observe(clock.unix() - request.at)
        if packet.code != Code.STATUS_SERVER:
            request.client.tally.sent[code] += 1
        self._send(request.socket, octets, request.source)

    def drop(self, request: Request, reason: str) -> None:
        """Leave the request unanswered; its next copy is handled anew."""
        if request.way is not None:
            request.way.drop(request, reason)
            return
        self._memory.abandon(request.key)
        request.client.tally.dropped += 1
        self._metrics.dropped(reason)

    def _send(self, index: int, octets: bytes, source: tuple[str, int]) -> None:
        try:
            self._sockets[index].sendto(octets, source)
        except OSError as error:
            # The reply is kept: the NAS asks again and gets it then.
            self._metrics["send-failed"] += 1
            log.debug("send to %s: %s", source[0], error)


def _check_signed(packet: Packet, client: Client, source: str, *, signed: bool) -> None:
    """Where a packet without Message-Authenticator is none to believe. Raises MessageAuthenticatorMissing.

    EAP always carries one (RFC 3579 section 3.2), which tells nothing of what the NAS does otherwise: EAP is neither counted
    nor learned from.
    """
    tally = client.tally
    if signed and source in tally.signers and packet.code != Code.STATUS_SERVER:
        # As nearly always.
        if packet.get(EAP_MESSAGE) is None:
            tally.signed += 1
        return
    if packet.code == Code.STATUS_SERVER:
        if not signed:
            raise MessageAuthenticatorMissing("a Status-Server carries one (RFC 5997 section 2)")
        return
    if packet.get(EAP_MESSAGE) is not None:
        if not signed:
            raise MessageAuthenticatorMissing("EAP carries one (RFC 3579 section 3.2)")
        return
    address = translate.plain_address(source)
    if signed:
        tally.signed += 1
        if client.learn_message_authenticator and address not in tally.signers:
            tally.learn(address)
        return
    tally.unsigned += 1
    tally.unsigned_from = address
    if client.require_message_authenticator or (client.learn_message_authenticator and address in tally.signers):
        tally.refused += 1
        raise MessageAuthenticatorMissing("this NAS has to send it")


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
