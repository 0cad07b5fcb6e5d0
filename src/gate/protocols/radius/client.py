"""The sender's side of requests that NAS answer: Disconnect and CoA (RFC 5176), without sockets.

`send` and `handle_timer` leave datagrams in `datagrams_to_send`; what arrives goes to `receive`. A retransmission is the
first packet octet for octet, so its identifier and authenticator are the same (RFC 5176 section 2.3, RFC 5080 section 2.2.1).
No clock is read: `now` is an argument, in seconds of any clock that never goes back.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from gate.protocols.radius import signing
from gate.protocols.radius.codes import Code
from gate.protocols.radius.dictionary import rfc5176
from gate.protocols.radius.errors import RadiusError, ValueMalformed
from gate.protocols.radius.packet import Packet
from gate.protocols.radius.values import decode_integer

WAITS: Final = (2.0, 4.0, 8.0)
"""Seconds after each transmission until the next one, or until it is given up (RFC 5080 section 2.2.1: initially 2, doubled)."""
CAPACITY: Final = 1024
"""Requests under way at once, to all destinations together."""
IDENTIFIERS: Final = 256

Address: TypeAlias = tuple[str, int]
"""Address and UDP port, as sockets give them."""

_ANSWERS: Final[dict[int, tuple[int, ...]]] = {
    Code.DISCONNECT_REQUEST: (Code.DISCONNECT_ACK, Code.DISCONNECT_NAK),
    Code.COA_REQUEST: (Code.COA_ACK, Code.COA_NAK),
}
_POSITIVE: Final = frozenset((Code.DISCONNECT_ACK, Code.COA_ACK))


class Busy(Exception):
    """There is no room for another request, to this destination or at all: try again when one is answered."""


@dataclass(frozen=True, slots=True)
class Answered:
    """A request was answered by who knows the secret."""

    handle: int
    code: int
    acknowledged: bool
    error_cause: int | None
    """Error-Cause (RFC 5176 section 3.6), where the answer has one."""
    seconds: float
    """From the first transmission on."""


@dataclass(frozen=True, slots=True)
class Unanswered:
    """Every transmission stayed without an answer that could be believed."""

    handle: int


@dataclass(slots=True)
class _Pending:
    handle: int
    packet: bytes = field(repr=False)
    secret: bytes = field(repr=False)
    destination: Address
    began: float
    sent: int
    """Transmissions so far."""
    due: float


class Client:
    """Requests under way from one socket."""

    def __init__(self, *, waits: tuple[float, ...] = WAITS, capacity: int = CAPACITY) -> None:
        """Take the waits after each transmission and the most requests under way; `ValueError` without any."""
        if not waits or min(waits) <= 0 or capacity < 1:
            raise ValueError("there is one transmission at least, a wait after each, and room for one request")
        self._waits = waits
        self._capacity = capacity
        self._pending: dict[tuple[Address, int], _Pending] = {}
        # (due, handle, key); entries of what was answered meanwhile are passed over.
        self._timers: list[tuple[float, int, tuple[Address, int]]] = []
        # Per destination with requests under way or lately: where the search for a free identifier goes on. The NAS keeps
        # answers for copies of a request, so that an identifier rests as long as possible.
        self._next: dict[Address, int] = {}
        self._handles = 0
        self._outgoing: list[tuple[bytes, Address]] = []
        self.ignored = 0
        """Datagrams that answered nothing: unknown, forged or malformed."""

    def __len__(self) -> int:
        """Requests under way."""
        return len(self._pending)

    def send(self, *, code: int, attributes: bytes, secret: bytes, destination: Address, now: float) -> int:
        """Begin a Disconnect- or CoA-Request of these encoded attributes, signed here; gives the handle its event will carry.

        Raises `Busy`, `PacketTooLong` past 4096 octets, and `ValueError` for another code.
        """
        if code not in _ANSWERS:
            raise ValueError(f"code {code} is no request to a NAS")
        if len(self._pending) >= self._capacity:
            raise Busy("as many requests are under way as there may be")
        identifier = self._identifier(destination)
        packet = signing.accounting_request(
            identifier=identifier, secret=secret, attributes=attributes, message_authenticator=True, code=code
        )
        self._handles += 1
        key = (destination, identifier)
        self._pending[key] = _Pending(self._handles, packet, secret, destination, now, 0, now)
        self._transmit(key, now)
        return self._handles

    def datagrams_to_send(self) -> list[tuple[bytes, Address]]:
        """What to put on the wire now; each datagram is given once."""
        outgoing, self._outgoing = self._outgoing, []
        return outgoing

    def receive(self, data: bytes, source: Address, now: float) -> Answered | None:
        """Take a datagram: an answer to a request under way, or nothing.

        Believed is what comes from where the request went, carries its identifier, has a code that answers it, the right
        Response Authenticator, and a right Message-Authenticator if any.
        """
        key = (source, data[1]) if len(data) > 1 else (source, -1)
        pending = self._pending.get(key)
        if pending is None or data[0] not in _ANSWERS.get(pending.packet[0], ()):
            self.ignored += 1
            return None
        try:
            signing.verify_response(data, pending.packet[4:20], pending.secret)
            cause = Packet.parse(data).get(rfc5176.ERROR_CAUSE)
        except RadiusError:
            # Forged, or of an earlier request with this identifier: the right answer may still come.
            self.ignored += 1
            return None
        del self._pending[key]
        return Answered(pending.handle, data[0], data[0] in _POSITIVE, _integer(cause), now - pending.began)

    def get_timer(self) -> float | None:
        """When `handle_timer` has something to do, or None."""
        while self._timers and not self._is_set(self._timers[0]):
            heapq.heappop(self._timers)
        return self._timers[0][0] if self._timers else None

    def handle_timer(self, now: float) -> list[Unanswered]:
        """Send again what was not answered in time, and give up what was sent often enough."""
        over: list[Unanswered] = []
        while (due := self.get_timer()) is not None and due <= now:
            key = heapq.heappop(self._timers)[2]
            pending = self._pending[key]
            if pending.sent < len(self._waits):
                self._transmit(key, now)
            else:
                del self._pending[key]
                over.append(Unanswered(pending.handle))
        return over

    def _transmit(self, key: tuple[Address, int], now: float) -> None:
        pending = self._pending[key]
        pending.due = now + self._waits[pending.sent]
        pending.sent += 1
        heapq.heappush(self._timers, (pending.due, pending.handle, key))
        self._outgoing.append((pending.packet, pending.destination))

    def _is_set(self, timer: tuple[float, int, tuple[Address, int]]) -> bool:
        due, handle, key = timer
        pending = self._pending.get(key)
        return pending is not None and pending.handle == handle and pending.due == due

    def _identifier(self, destination: Address) -> int:
        if destination not in self._next and len(self._next) >= self._capacity:
            # The one named longest ago: with requests under way it is found again as if new, and taken identifiers are skipped.
            del self._next[next(iter(self._next))]
        start = self._next.pop(destination, 0)
        for step in range(IDENTIFIERS):
            identifier = (start + step) % IDENTIFIERS
            if (destination, identifier) not in self._pending:
                self._next[destination] = (identifier + 1) % IDENTIFIERS
                return identifier
        self._next[destination] = start
        raise Busy("every identifier for this destination is in use")


def _integer(value: bytes | None) -> int | None:
    if value is None:
        return None
    try:
        return decode_integer(value)
    except ValueMalformed:
        return None
