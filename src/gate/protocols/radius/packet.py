"""A datagram to a `Packet` and back (RFC 2865 sections 3 and 5).

Parsing keeps attributes as raw octets in wire order; indexes over them are made at the first question, in C, because a
handler asks for a dozen attributes and a dropped packet is asked for none.
"""

from __future__ import annotations

from typing import Final

from gate.protocols.radius.errors import (
    AttributeMalformed,
    PacketLengthMismatch,
    PacketTooLong,
    PacketTooShort,
    ValueMalformed,
)

HEADER_SIZE: Final = 20
MAX_PACKET_SIZE: Final = 4096
MAX_VALUE_SIZE: Final = 253
AUTHENTICATOR_SIZE: Final = 16
VENDOR_SPECIFIC: Final = 26
MAX_VENDOR_VALUE_SIZE: Final = MAX_VALUE_SIZE - 6


def peek(data: bytes | memoryview) -> tuple[int, int, int]:
    """Read code, identifier and length from the header alone, before anything is trusted or unpacked.

    Raises `PacketTooShort`, `PacketTooLong` or `PacketLengthMismatch` by the rules of RFC 2865 section 3.
    """
    size = len(data)
    if size < HEADER_SIZE:
        raise PacketTooShort(f"{size} octets are fewer than the 20 of a header")
    length = data[2] << 8 | data[3]
    if length < HEADER_SIZE:
        raise PacketTooShort(f"Length {length} is less than the 20 octets of a header")
    if length > MAX_PACKET_SIZE:
        raise PacketTooLong(f"Length {length} is more than 4096 octets")
    if length > size:
        raise PacketLengthMismatch(f"Length is {length}, but {size} octets arrived")
    return data[0], data[1], length


def split_vendor(value: bytes) -> tuple[int, list[tuple[int, bytes]]] | None:
    """Take a Vendor-Specific value apart: the vendor and its (type, value) pairs, or None when it is malformed.

    RFC 2865 section 5.26 only recommends this inner format, so contents of another shape are no error of the packet.
    """
    size = len(value)
    if size < 7:
        return None
    pairs: list[tuple[int, bytes]] = []
    position = 4
    last = size - 1
    while position < last:
        step = value[position + 1]
        end = position + step
        if step < 2 or end > size:
            return None
        pairs.append((value[position], value[position + 2 : end]))
        position = end
    if position != size:
        return None
    return int.from_bytes(value[:4], "big"), pairs


class Packet:
    """One RADIUS packet. Do not change `attributes` after the first question to it: the indexes are made then."""

    __slots__ = ("_first", "_vendors", "attributes", "authenticator", "code", "identifier")

    def __init__(self, code: int, identifier: int, authenticator: bytes, attributes: list[tuple[int, bytes]]) -> None:
        """Take the parts as they are; `attributes` are (type, value) pairs in wire order."""
        self.code: int = code
        self.identifier: int = identifier
        self.authenticator: bytes = authenticator
        self.attributes: list[tuple[int, bytes]] = attributes
        self._first: dict[int, bytes] | None = None
        self._vendors: dict[tuple[int, int], list[bytes]] | None = None

    @classmethod
    def parse(cls, data: bytes | memoryview) -> Packet:
        """Take a datagram apart. Octets beyond the Length field are padding and are ignored (RFC 2865 section 3).

        Raises `PacketTooShort`, `PacketTooLong`, `PacketLengthMismatch` or `AttributeMalformed`.
        """
        code, identifier, length = peek(data)
        octets = data if isinstance(data, bytes) else bytes(data[:length])
        attributes: list[tuple[int, bytes]] = []
        position = HEADER_SIZE
        last = length - 1
        while position < last:
            step = octets[position + 1]
            end = position + step
            if step < 2 or end > length:
                raise AttributeMalformed(f"attribute {octets[position]} at octet {position} has length {step}")
            attributes.append((octets[position], octets[position + 2 : end]))
            position = end
        if position != length:
            raise AttributeMalformed(f"a single octet at octet {position} is no attribute")
        return cls(code, identifier, octets[4:HEADER_SIZE], attributes)

    def get(self, type: int) -> bytes | None:  # noqa: A002 - the RFC's word
        """Return the value of the first attribute of this type, or None."""
        first = self._first
        if first is None:
            # Reversed, so that of several values the first one is written last and stays.
            first = self._first = dict(reversed(self.attributes))
        return first.get(type)

    def first_values(self) -> dict[int, bytes]:
        """Return the first value of each type, for callers who ask for many. Not to be changed."""
        first = self._first
        if first is None:
            first = self._first = dict(reversed(self.attributes))
        return first

    def get_all(self, type: int) -> list[bytes]:  # noqa: A002 - the RFC's word
        """Return the values of all attributes of this type in wire order."""
        return [value for number, value in self.attributes if number == type]

    def vendor(self, vendor_id: int, type: int) -> bytes | None:  # noqa: A002 - the RFC's word
        """Return the first value of this vendor's attribute, or None. Malformed contents count as absent."""
        values = (self._index_vendors() if self._vendors is None else self._vendors).get((vendor_id, type))
        return None if values is None else values[0]

    def vendor_all(self, vendor_id: int, type: int) -> list[bytes]:  # noqa: A002 - the RFC's word
        """Return all values of this vendor's attribute in wire order. Malformed contents count as absent."""
        return list((self._index_vendors() if self._vendors is None else self._vendors).get((vendor_id, type), ()))

    def _index_vendors(self) -> dict[tuple[int, int], list[bytes]]:
        index: dict[tuple[int, int], list[bytes]] = {}
        for number, value in self.attributes:
            if number == VENDOR_SPECIFIC:
                parts = split_vendor(value)
                if parts is not None:
                    vendor_id, pairs = parts
                    for inner, content in pairs:
                        index.setdefault((vendor_id, inner), []).append(content)
        self._vendors = index
        return index


def encode(code: int, identifier: int, authenticator: bytes, attributes: bytes) -> bytes:
    """Put a packet together from its parts; `attributes` are already encoded.

    Raises `PacketTooLong` past 4096 octets and `ValueMalformed` when the authenticator has not 16 octets.
    """
    if len(authenticator) != AUTHENTICATOR_SIZE:
        raise ValueMalformed(f"an authenticator has 16 octets, not {len(authenticator)}")
    return encode_header(code, identifier, len(attributes)) + authenticator + attributes


def encode_header(code: int, identifier: int, attributes_size: int) -> bytes:
    """Encode code, identifier and length of a packet whose attributes have so many octets; may raise `PacketTooLong`."""
    length = HEADER_SIZE + attributes_size
    if length > MAX_PACKET_SIZE:
        raise PacketTooLong(f"the packet would have {length} octets; 4096 are allowed")
    return bytes((code, identifier, length >> 8, length & 255))


def encode_attribute(type: int, value: bytes) -> bytes:  # noqa: A002 - the RFC's word
    """Encode one attribute of 1 to 253 octets (RFC 2865 section 5); any other size raises `ValueMalformed`."""
    size = len(value)
    if not 1 <= size <= MAX_VALUE_SIZE:
        raise ValueMalformed(f"attribute {type} takes 1 to 253 octets, not {size}")
    return bytes((type, size + 2)) + value


def encode_vendor(vendor_id: int, type: int, value: bytes) -> bytes:  # noqa: A002 - the RFC's word
    """Encode a vendor's attribute of 1 to 247 octets as one Vendor-Specific attribute (RFC 2865 section 5.26).

    Raises `ValueMalformed` for any other size.
    """
    size = len(value)
    if not 1 <= size <= MAX_VENDOR_VALUE_SIZE:
        raise ValueMalformed(f"attribute {type} of vendor {vendor_id} takes 1 to 247 octets, not {size}")
    return bytes((VENDOR_SPECIFIC, size + 8)) + vendor_id.to_bytes(4, "big") + bytes((type, size + 2)) + value
