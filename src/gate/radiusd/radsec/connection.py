"""One connection of a NAS: octets in, packets checked, answers out. What is wrong on it ends it, and nothing else.

RFC 6613 section 2.6.4 says what ends a connection: lengths no packet has, attributes that do not fill their packet, a
signature that does not hold. A stream that is off by one octet never finds back, so there is nothing to wait for.
"""

import asyncio
import logging
import ssl
from collections import deque
from typing import TYPE_CHECKING, Final, cast

from gate.core import clock
from gate.protocols.radius import signing, stream, v11
from gate.protocols.radius.codes import Code
from gate.protocols.radius.dictionary import rfc2869, rfc5176
from gate.protocols.radius.errors import MessageAuthenticatorMissing, PacketError, PacketTooLong, SignatureError
from gate.protocols.radius.packet import Packet, encode_attribute
from gate.protocols.radius.server import ReplyMemory, Seen
from gate.protocols.radius.values import encode_integer
from gate.radiusd.clients import Client
from gate.radiusd.radsec import certificates
from gate.radiusd.radsec.bindings import Bindings
from gate.radiusd.request import Request

if TYPE_CHECKING:
    from gate.radiusd.radsec.server import Radsec

log = logging.getLogger(__name__)

SOCKET: Final = 2
"""Stands for all of RadSec where packets a second are counted by socket."""
TURN: Final = 64
"""Packets of one connection that are taken before others get their turn: copies and what is dropped wait for no answer."""
REMEMBERED: Final = 1024
REMEMBERED_FOR: Final = 6.0
PROXY_STATE: Final = 33
PROTOCOL_ERROR: Final = 52
"""RFC 7930 section 4; how a RADIUS/1.1 server says that it cannot answer (RFC 9765 section 6.1)."""
_NO_RESOURCES: Final = encode_attribute(rfc5176.ERROR_CAUSE, encode_integer(506))
# Dropped because of what the packet says, not because the server could not: the sender has nothing to gain from another server.
_ITS_OWN_FAULT: Final = frozenset({"eap-ignored", "eap-out-of-turn", "packet-rate"})


class Connection(asyncio.Protocol):
    """From the end of the handshake on."""

    def __init__(self, server: "Radsec", address: str) -> None:
        self._server = server
        self._limits = server.limits
        self.address = address
        self.source = (address, 0)
        self.client: Client | None = None
        """Whose it is; None until that is known, and after the end."""
        self.presented: certificates.Presented | None = None
        self.version = v11.HISTORIC
        self._bindings: Bindings | None = None
        self._transport: asyncio.Transport | None = None
        self._frames = stream.Frames()
        self._waiting: deque[bytes] = deque()
        """Whole packets that wait for the answers of others."""
        self._memory = ReplyMemory(REMEMBERED, REMEMBERED_FOR)
        self._tokens: set[bytes] = set()
        self._out: list[bytes] = []
        self._pending = 0
        self._heard = self._began = clock.monotonic()
        self._stuck: float | None = None
        """Since when its other end takes nothing."""
        self._is_paused = False
        self._has_turn = False
        """Whether what waits is being taken, or will be in the next turn of the loop."""

    # --- asyncio asks ---------------------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The handshake is done and the certificate verified: find whose it is."""
        self._transport = transport = cast("asyncio.Transport", transport)
        transport.set_write_buffer_limits(high=self._limits.buffer)
        peer = transport.get_extra_info("peername")
        self.source = (peer[0], peer[1]) if peer else self.source
        held: ssl.SSLObject = transport.get_extra_info("ssl_object")
        self.version = held.selected_alpn_protocol() or v11.HISTORIC
        der = held.getpeercert(binary_form=True)
        if self.version == v11.ALPN and held.version() != "TLSv1.3":
            self._server.refuse(self, "tls-version")
        elif der is None:
            self._server.refuse(self, "no-certificate")
        else:
            try:
                self.presented = certificates.read(der)
            except certificates.Unreadable as error:
                log.debug("certificate of %s: %s", self.address, error)
                self._server.refuse(self, "unreadable")
            else:
                self._bindings = self._server.store.bindings
                self._server.admit(self)

    def data_received(self, data: bytes) -> None:
        """Some octets."""
        if self.client is None or not self._is_bound():
            return
        if not len(self._frames):
            self._began = clock.monotonic()
        self._waiting.extend(self._frames.receive(data))
        if self._waiting:
            self._heard = self._began = clock.monotonic()
            if not self._has_turn:
                self._take_waiting()
        if self._frames.fault is not None and self.client is not None:
            self.client.tally.dropped += 1
            self._server.metrics.dropped("malformed")
            self.end("malformed", self._frames.fault)

    def pause_writing(self) -> None:
        """The other end does not read: take nothing more from it."""
        self._stuck = clock.monotonic()
        self._pause()

    def resume_writing(self) -> None:
        """It reads again."""
        self._stuck = None
        self._take_waiting()

    def eof_received(self) -> bool:
        """It sends nothing more; TLS has no half-closed connections."""
        return False

    def connection_lost(self, error: Exception | None) -> None:
        """Gone, by whomever."""
        if error is not None:
            log.debug("connection of %s: %s", self.address, error)
        self._gone("lost" if error is not None else "closed")

    # --- who it is of ---------------------------------------------------------------------------------------------------------

    def check(self, now: float) -> None:
        """What only time brings: silence, half a packet, a slow reader, another row, an expired or revoked certificate."""
        limits = self._limits
        if self.client is None or self.presented is None:
            return
        if self._stuck is not None and now - self._stuck > limits.slow:
            self.end("slow-reader")
        elif len(self._frames) and now - self._began > limits.packet:
            self.end("half-packet")
        elif now - self._heard > limits.idle and not self._pending:
            self.end("idle")
        elif self.presented.expires <= clock.now():
            self.end("expired")
        elif self._server.is_revoked(self.presented):
            self.end("revoked")
        else:
            self._is_bound()

    def _is_bound(self) -> bool:
        """Whether the certificate is still that NAS's, by the rows of this moment; the connection ends where it is not."""
        bindings = self._server.store.bindings
        if bindings is self._bindings:
            return True
        assert self.presented is not None  # noqa: S101  for the type checker: there is none without
        found = bindings.find(self.presented)
        if isinstance(found, str) or self.client is None or found.nas_id != self.client.nas_id:
            self.end("unbound")
            return False
        self._bindings, self.client = bindings, found
        return True

    # --- packets --------------------------------------------------------------------------------------------------------------

    @property
    def _may_take(self) -> bool:
        has_room = self._pending < self._limits.pending and self._stuck is None
        return bool(self._waiting) and has_room and self.client is not None

    def _take_waiting(self) -> None:
        # Meanwhile an answer that comes at once (`_settle`) takes no further packet itself: each would stand on the one before.
        self._has_turn, left = True, TURN
        while left and self._may_take and self.client is not None:
            left -= 1
            self._take(self._waiting.popleft(), self.client)
        self._has_turn = self._may_take
        if self._has_turn:
            asyncio.get_running_loop().call_soon(self._take_waiting)
        if self._waiting or self._stuck is not None:
            self._pause()
        elif self._is_paused and self._transport is not None and self.client is not None:
            self._is_paused = False
            self._transport.resume_reading()

    def _pause(self) -> None:
        if not self._is_paused and self._transport is not None and self.client is not None:
            self._is_paused = True
            self._transport.pause_reading()

    def _take(self, octets: bytes, client: Client) -> None:
        server, now = self._server, clock.monotonic()
        server.metrics["received"] += 1
        server.packets["received", self.version] += 1
        if client.packet_rate and not client.tally.allows(socket=SOCKET, rate=client.packet_rate, now=now):
            client.tally.limited += 1
            server.metrics.dropped("packet-rate")
            return
        try:
            packet = self._checked(octets)
        except (PacketError, SignatureError) as error:
            client.tally.dropped += 1
            server.metrics.dropped("malformed" if isinstance(error, PacketError) else "signature")
            self.end("malformed" if isinstance(error, PacketError) else "signature", error)
            return
        handler = server.handlers.get(packet.code)
        if handler is None:
            client.tally.dropped += 1
            server.metrics.dropped("code")
            return
        key = (*self.source, packet.code, packet.identifier, packet.authenticator)
        if not self._is_new(key, now):
            return
        self._pending += 1
        request = Request(
            packet=packet, client=client, source=self.source, key=key, socket=SOCKET, at=clock.unix(), way=self
        )  # fmt: skip
        try:
            handler(request)
        except Exception:
            # A fault of GATE's own: told, and the connection goes on.
            log.exception("A packet of NAS %s met a fault and is not answered", client.nas_id)
            self.drop(request, "fault")

    def _checked(self, octets: bytes) -> Packet:
        """The packet, if it may be one. Raises PacketError and SignatureError."""
        if self.version == v11.ALPN:
            return v11.parse(octets, secret=stream.SECRET)
        packet = Packet.parse(octets)
        if packet.code == Code.ACCOUNTING_REQUEST:
            signing.verify_accounting_request(octets, stream.SECRET)
        signed = signing.verify_message_authenticator(octets, stream.SECRET)
        if not signed and (packet.code == Code.STATUS_SERVER or packet.get(rfc2869.EAP_MESSAGE) is not None):
            raise MessageAuthenticatorMissing("EAP and Status-Server carry one (RFC 3579 section 3.2, RFC 5997 section 2)")
        return packet

    def _is_new(self, key: tuple[str, int, int, int, bytes], now: float) -> bool:
        metrics = self._server.metrics
        if self.version == v11.ALPN:
            # Over TLS nothing is sent twice, and a Token is of one packet alone (RFC 9765 section 4.2).
            if key[4] in self._tokens:
                self.end("token-twice")
                return False
            self._tokens.add(key[4])
            return True
        seen = self._memory.begin(key, now)
        if isinstance(seen, bytes):
            metrics["duplicates.answered"] += 1
            self._write(seen)
        elif seen is Seen.IN_FLIGHT:
            metrics["duplicates.in-flight"] += 1
        return seen is Seen.NEW

    # --- answers: request.Way -------------------------------------------------------------------------------------------------

    def reply(self, request: Request, code: int, attributes: bytes) -> None:
        """Send the answer, a refusal in its time."""
        if code == Code.ACCESS_REJECT and self._server.reject_delay:
            self._server.holding.put(request, attributes)
        else:
            self.reply_now(request, code, attributes)

    def reply_now(self, request: Request, code: int, attributes: bytes) -> None:
        """Proxy-State goes back unchanged and in order (RFC 2865 section 5.33)."""
        packet, server = request.packet, self._server
        states = b"".join(bytes((PROXY_STATE, len(state) + 2)) + state for state in packet.get_all(PROXY_STATE))
        try:
            octets = self._encoded(packet, code, attributes + states)
        except PacketTooLong:
            self.drop(request, "reply-too-long")
            return
        server.metrics["answered"] += 1
        if code != Code.ACCESS_REJECT:
            server.latency.observe(clock.unix() - request.at)
        if packet.code != Code.STATUS_SERVER:
            request.client.tally.sent[code] += 1
        if self.version == v11.ALPN:
            self._tokens.discard(request.key[4])
        else:
            self._memory.finish(request.key, octets, clock.monotonic())
        self._write(octets)
        self._settle()

    def drop(self, request: Request, reason: str) -> None:
        """Leave it unanswered; by RADIUS/1.1 say so."""
        self._tokens.discard(request.key[4])
        self._memory.abandon(request.key)
        request.client.tally.dropped += 1
        self._server.metrics.dropped(reason)
        asked = request.packet.code in {Code.ACCESS_REQUEST, Code.ACCOUNTING_REQUEST}
        if self.version == v11.ALPN and asked and reason not in _ITS_OWN_FAULT:
            self._write(v11.encode(code=PROTOCOL_ERROR, token=v11.token_of(request.packet), attributes=_NO_RESOURCES))
        self._settle()

    def _encoded(self, packet: Packet, code: int, attributes: bytes) -> bytes:
        if self.version == v11.ALPN:
            return v11.response(code=code, request=packet, secret=stream.SECRET, attributes=attributes)
        return signing.response(
            code=code, identifier=packet.identifier, request_authenticator=packet.authenticator, secret=stream.SECRET,
            # As the listener has it (decision 0020).
            attributes=attributes, message_authenticator=code != Code.ACCOUNTING_RESPONSE,
        )  # fmt: skip

    def _settle(self) -> None:
        self._pending -= 1
        if self._waiting and not self._has_turn and self._pending <= self._limits.pending // 2:
            self._take_waiting()

    def _write(self, octets: bytes) -> None:
        """With what else this turn of the loop answers: one record of TLS for many packets."""
        if self.client is None:
            return
        if not self._out:
            asyncio.get_running_loop().call_soon(self._flush)
        self._out.append(octets)
        self._server.packets["sent", self.version] += 1

    def _flush(self) -> None:
        out, self._out = self._out, []
        if out and self._transport is not None and not self._transport.is_closing():
            self._transport.write(b"".join(out))

    # --- the end --------------------------------------------------------------------------------------------------------------

    def end(self, reason: str, error: Exception | None = None) -> None:
        """Close it; what was asked before is handled to its end all the same."""
        if self.client is not None:
            self._server.told.say(
                f"RadSec: closed the connection of NAS {self.client.name} from {self.address}: {error or reason}"
            )
        self._flush()
        self._gone(reason)
        if self._transport is not None:
            if self._stuck is None:
                self._transport.close()
            else:
                # Nobody takes what is left.
                self._transport.abort()

    def turn_away(self) -> None:
        """Close it before it was anybody's."""
        if self._transport is not None:
            self._transport.close()

    def _gone(self, reason: str) -> None:
        self._waiting.clear()
        if self.client is not None:
            self._server.leave(self, reason)
            self.client = None
