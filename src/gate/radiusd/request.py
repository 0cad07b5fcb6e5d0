"""One packet on its way through the server: where it came from, whose it is, and how it is answered."""

from typing import Protocol

import msgspec

from gate.protocols.radius.packet import Packet
from gate.protocols.radius.server import RequestKey
from gate.radiusd.clients import Client


class Answers(Protocol):
    """What handlers do with a request in the end: exactly one of the two."""

    def reply(self, request: "Request", code: int, attributes: bytes) -> None:
        """Send a signed reply, and keep it for copies of the request. Proxy-State is echoed."""

    def drop(self, request: "Request", reason: str) -> None:
        """Do not answer; the next copy is handled anew."""


class Way(Protocol):
    """How a request goes back that did not come by a datagram (radsec/): its connection signs, sends and counts by itself."""

    def reply(self, request: "Request", code: int, attributes: bytes) -> None:
        """As `Answers.reply`."""

    def drop(self, request: "Request", reason: str) -> None:
        """As `Answers.drop`."""


class Request(msgspec.Struct):
    """A packet whose client is known and whose signature holds."""

    packet: Packet
    client: Client
    source: tuple[str, int]
    key: RequestKey
    socket: int
    """Index of the socket it came in on, and its answer goes out of."""
    at: float
    """Arrival, seconds since 1970."""
    way: Way | None = None
    """The connection it came by; None: a datagram, answered from `socket`."""
