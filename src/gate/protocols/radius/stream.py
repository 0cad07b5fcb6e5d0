"""RADIUS over a stream (RFC 6613, RFC 6614): where one packet ends and the next begins, told by the Length field alone.

A Length no packet may have leaves nothing to hold on to in what follows, so it ends the connection (RFC 6613 section 2.6.4).
"""

from __future__ import annotations

from typing import Final

from gate.protocols.radius.errors import PacketError, PacketTooLong, PacketTooShort
from gate.protocols.radius.packet import HEADER_SIZE, MAX_PACKET_SIZE

SECRET: Final = b"radsec"
"""The shared secret of RADIUS over TLS, the same everywhere (RFC 6614 section 2.3): TLS does what it does elsewhere."""
PORT: Final = 2083
"""TCP (RFC 6614 section 2.1)."""


class Frames:
    """What arrives on one connection, cut into packets. Holds less than one packet between two calls."""

    __slots__ = ("_rest", "fault")

    def __init__(self) -> None:
        self._rest = b""
        self.fault: PacketError | None = None
        """A Length no packet has: nothing behind it can be read any more."""

    def __len__(self) -> int:
        """Octets held of a packet whose end has not come."""
        return len(self._rest)

    def receive(self, data: bytes) -> list[bytes]:
        """The packets that are whole now, in order; none any more after a fault. What came before it is whole."""
        if self.fault is not None:
            return []
        octets = self._rest + data if self._rest else data
        packets: list[bytes] = []
        position, size = 0, len(octets)
        while size - position >= 4:
            length = octets[position + 2] << 8 | octets[position + 3]
            if length < HEADER_SIZE:
                self.fault = PacketTooShort(f"Length {length} is less than the 20 octets of a header")
                break
            if length > MAX_PACKET_SIZE:
                self.fault = PacketTooLong(f"Length {length} is more than 4096 octets")
                break
            if size - position < length:
                break
            packets.append(octets[position : position + length])
            position += length
        self._rest = octets[position:]
        return packets
