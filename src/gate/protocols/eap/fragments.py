"""Messages longer than a packet, in fragments with an acknowledgement for each (RFC 5216 sections 2.1.5 and 3.1).

EAP-TTLS (RFC 5281 section 9.1) and PEAP write the same flags, with a version in the lowest three bits.
"""

from __future__ import annotations

from typing import Final

from gate.protocols.eap.errors import MessageMalformed, TooMuch

LENGTH_INCLUDED: Final = 0x80
MORE_FRAGMENTS: Final = 0x40
START: Final = 0x20
VERSION_MASK: Final = 0x07

MAX_MESSAGE: Final = 65_536
"""Octets of one message from a peer: a chain of certificates is a tenth of it."""
MAX_RECEIVED: Final = 131_072
"""Octets of all messages of a conversation."""


class Incoming:
    """Puts a peer's fragments together."""

    __slots__ = ("_announced", "_parts", "_received", "_size")

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._size = 0
        self._announced: int | None = None
        self._received = 0

    def add(self, data: bytes) -> bytes | None:
        """Take one packet's data; the whole message, or None while more fragments are to come.

        Raises `MessageMalformed`, and `TooMuch` past the bounds.
        """
        if not data:
            raise MessageMalformed("there is no octet of flags")
        flags, body = data[0], data[1:]
        if flags & START:
            raise MessageMalformed("only a server sends Start")
        if flags & LENGTH_INCLUDED:
            body = self._take_length(body)
        self._size += len(body)
        self._received += len(body)
        if self._size > MAX_MESSAGE or self._received > MAX_RECEIVED:
            raise TooMuch(f"a message has {MAX_MESSAGE} octets at most")
        if self._announced is not None and self._size > self._announced:
            raise MessageMalformed(f"{self._announced} octets were announced, and more arrived")
        self._parts.append(body)
        if flags & MORE_FRAGMENTS:
            if not body:
                raise MessageMalformed("a fragment without octets announces more")
            return None
        if self._announced not in {None, self._size}:
            raise MessageMalformed(f"{self._announced} octets were announced, {self._size} arrived")
        message = b"".join(self._parts)
        self._parts, self._size, self._announced = [], 0, None
        return message

    def _take_length(self, body: bytes) -> bytes:
        if len(body) < 4:
            raise MessageMalformed("the length of the message is cut off")
        length = int.from_bytes(body[:4], "big")
        if length > MAX_MESSAGE:
            raise TooMuch(f"a message has {MAX_MESSAGE} octets at most, not {length}")
        # RFC 5216 section 3.1: the first fragment has to tell the length; peers that repeat it have to repeat it rightly.
        if self._parts and self._announced != length:
            raise MessageMalformed("the fragments announce different lengths")
        self._announced = length
        return body[4:]


class Outgoing:
    """Cuts a message into fragments of at most `size` octets of TLS data."""

    __slots__ = ("_first", "_message", "_size", "_version")

    def __init__(self, *, size: int, version: int = 0) -> None:
        self._size = size
        self._version = version
        self._message = b""
        self._first = False

    def __bool__(self) -> bool:
        """Whether a fragment waits to be sent."""
        return bool(self._message)

    def put(self, message: bytes) -> None:
        """The next message; the one before has to be gone."""
        self._message = message
        self._first = True

    def next(self) -> bytes:
        """The next fragment with its flags; without a message, the flags alone, which acknowledge."""
        part, self._message = self._message[: self._size], self._message[self._size :]
        flags, length = self._version, b""
        if self._message:
            flags |= MORE_FRAGMENTS
            if self._first:
                flags |= LENGTH_INCLUDED
                length = (len(part) + len(self._message)).to_bytes(4, "big")
        self._first = False
        return bytes((flags,)) + length + part
