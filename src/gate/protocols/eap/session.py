"""One conversation, from the peer's Identity to Success or Failure (RFC 3748 section 2).

::

    BEGIN ──Identity──► METHOD ──answers──► … ──► OVER
      │ nothing           │ Nak: another method, once
      ▼
    Identity is asked for

A conversation holds one packet in flight: the Response has to carry the identifier of the latest Request. Rounds and octets are
bounded here, age and number of conversations by whoever keeps them (RADIUS: by State).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Protocol, TypeAlias

from gate.protocols.eap import packet
from gate.protocols.eap.errors import PacketMalformed
from gate.protocols.eap.md5 import EapMd5
from gate.protocols.eap.peap import Peap
from gate.protocols.eap.steps import Done, Failed, NeedPassword, NeedSecret, Send, Step
from gate.protocols.eap.tls import EapTls
from gate.protocols.eap.tls_method import DEFAULT_FRAGMENT, TlsMethod
from gate.protocols.eap.ttls import EapTtls
from gate.protocols.eap.tunnel import Server

METHODS: Final = {"tls": packet.TLS, "ttls": packet.TTLS, "peap": packet.PEAP, "md5": packet.MD5_CHALLENGE}
"""Words for what may be offered."""
MAX_ROUNDS: Final = 200
"""Requests of a conversation: a long chain in small fragments takes 60."""


@dataclass(frozen=True, slots=True)
class Request:
    """Send this EAP packet, and wait for the peer."""

    octets: bytes


@dataclass(frozen=True, slots=True)
class Success:
    """The peer proved who they are. Whether they are let in is the caller's to say: `octets`, or else `refusal`, goes out."""

    octets: bytes
    refusal: bytes
    done: Done = field(repr=False)


@dataclass(frozen=True, slots=True)
class Failure:
    """The conversation failed, and this EAP packet says so."""

    octets: bytes
    failed: Failed


@dataclass(frozen=True, slots=True)
class Ignored:
    """The packet is to be discarded silently; the conversation waits on."""

    reason: str


_OVER_TLS: Final[dict[int, type[TlsMethod]]] = {packet.TLS: EapTls, packet.TTLS: EapTtls, packet.PEAP: Peap}

Outcome: TypeAlias = Request | NeedPassword | NeedSecret | Success | Failure | Ignored


class _Method(Protocol):
    type: int
    name: str

    def start(self) -> bytes: ...
    def receive(self, data: bytes, *, now: float) -> Step: ...
    def answer(self, *, right: bool) -> Step: ...


class Conversation:
    """One peer signing in. `offered` are types of EAP methods, the one to begin with first; those over TLS need `server`."""

    def __init__(self, *, offered: tuple[int, ...], server: Server | None, fragment: int = DEFAULT_FRAGMENT) -> None:
        usable = {packet.MD5_CHALLENGE}
        if server is not None:
            usable |= {packet.TTLS, packet.PEAP} | ({packet.TLS} if server.takes_certificates else set())
        self.offered = tuple(kind for kind in offered if kind in usable)
        """Types of the methods that can be had here, the one to begin with first."""
        self._server = server
        self._fragment = fragment
        self._identifier: int | None = None
        self._method: _Method | None = None
        self._is_negotiated = False
        self._is_asking = False
        self._is_over = False
        self._rounds = 0
        self.identity = ""
        """What the peer called itself outside any tunnel."""

    def receive(self, octets: bytes, *, now: float) -> Outcome:
        """Take one EAP packet of the peer; no octets at all are its wish to begin (RFC 3579 section 2.1)."""
        if self._is_over or self._is_asking:
            return Ignored("nothing is awaited")
        if not octets and self._identifier is None:
            return self._request(packet.IDENTITY, b"")
        try:
            response = packet.parse_response(octets)
            if self._identifier is not None and response.identifier != self._identifier:
                return Ignored(f"a Response to {response.identifier}, not to {self._identifier}")
            self._identifier = response.identifier
            if self._method is None:
                return self._begin(response)
        except PacketMalformed as error:
            return Ignored(str(error))
        if response.type == packet.NAK and not self._is_negotiated:
            return self._renegotiate(response.data)
        if response.type != self._method.type:
            return self._fail(Failed(f"type {response.type} answers a Request of type {self._method.type}"))
        self._is_negotiated = True
        return self._follow(self._method.receive(response.data, now=now))

    def answer(self, *, right: bool) -> Outcome:
        """What the caller found out about the `NeedPassword` or `NeedSecret` that came last."""
        if self._method is None or not self._is_asking:
            return Ignored("nothing was asked")
        self._is_asking = False
        return self._follow(self._method.answer(right=right))

    def _begin(self, response: packet.Response) -> Outcome:
        """Raises `PacketMalformed`."""
        if response.type != packet.IDENTITY:
            raise PacketMalformed("a conversation begins with an Identity")
        self.identity = packet.decode_identity(response.data)
        return self._offer(self.offered)

    def _offer(self, kinds: tuple[int, ...]) -> Outcome:
        if not kinds:
            return self._fail(Failed("no method is offered that the peer takes"))
        self._method = self._make(kinds[0])
        return self._request(kinds[0], self._method.start())

    def _make(self, kind: int) -> _Method:
        if self._server is None or kind == packet.MD5_CHALLENGE:
            return EapMd5(claimed=self.identity, identifier=self._next())
        return _OVER_TLS[kind](server=self._server, claimed=self.identity, fragment=self._fragment)

    def _renegotiate(self, wanted: bytes) -> Outcome:
        """A Nak names what the peer would take (RFC 3748 section 5.3.1): its order decides, once."""
        self._is_negotiated = True
        first = None if self._method is None else self._method.type
        return self._offer(tuple(kind for kind in wanted if kind in self.offered and kind != first))

    def _follow(self, step: Step) -> Outcome:
        match step:
            case Send():
                return self._request(0 if self._method is None else self._method.type, step.data)
            case NeedPassword() | NeedSecret():
                self._is_asking = True
                return step
            case Done():
                self._is_over = True
                at = self._identifier or 0
                return Success(packet.encode_success(identifier=at), refusal=packet.encode_failure(identifier=at), done=step)
            case Failed():
                return self._fail(step)

    def _fail(self, failed: Failed) -> Failure:
        self._is_over = True
        return Failure(packet.encode_failure(identifier=self._identifier or 0), failed)

    def _next(self) -> int:
        return 0 if self._identifier is None else (self._identifier + 1) & 255

    def _request(self, kind: int, data: bytes) -> Request | Failure:
        self._rounds += 1
        if self._rounds > MAX_ROUNDS:
            return self._fail(Failed(f"more than {MAX_ROUNDS} rounds"))
        self._identifier = self._next()
        return Request(packet.encode_request(identifier=self._identifier, type=kind, data=data))
