"""What sends requests to one port of a home server, whatever carries them: UDP (udp.py), or a connection (tls.py)."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from gate.protocols.radius.packet import Packet

Encode = Callable[[bytes, bytes], bytes]
"""Gives the attributes of a request, by the secret shared with the server and the Request Authenticator it is sent under; without
Message-Authenticator. May raise RadiusError."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A reply that is believed: it came from the server, to this very request, signed with the secret."""

    packet: Packet
    secret: bytes = field(repr=False)
    """What hides its attributes, together with the next."""
    authenticator: bytes
    """The Request Authenticator of the request."""


Done = Callable[[Answer | None], None]
"""Is told, once, of the answer; None: there is none, and the request was sent as often as it is."""


class Upstream(Protocol):
    """One port of a home server."""

    @property
    def in_flight(self) -> int:
        """Requests that wait for their answer."""

    def send(self, *, code: int, encode: Encode, done: Done) -> bool:
        """Send a request; never waits. False where there is no room or no way, and then `done` is told nothing.

        Raises RadiusError of `encode`, and PacketTooLong.
        """

    def give_up(self) -> None:
        """End it; whoever waits is told that there is no answer."""

    def close(self) -> None:
        """Give everything up, silently: the server ends."""
