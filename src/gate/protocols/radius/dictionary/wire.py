"""Attributes that stand in a packet in another way than RFC 2865 has it, by their `Layout`.

Vendors with wider types or lengths (`format=` of FreeRADIUS's dictionaries), WiMAX's continuation, extended attributes and the
vendors in them (RFC 6929 sections 2.1 to 2.4), TLVs within all of these (section 2.3). What does not hold is passed over in
reading, for its contents come from a NAS; writing raises `ValueMalformed`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from gate.protocols.radius.errors import ValueMalformed

if TYPE_CHECKING:
    from gate.protocols.radius.dictionary.attribute import Attribute, Layout
    from gate.protocols.radius.packet import Packet

VENDOR_SPECIFIC: Final = 26
LONG: Final = frozenset({245, 246})
"""Extended attributes with flags, which may go on in the next one (RFC 6929 section 2.2)."""
_MORE: Final = 0x80
_LARGEST: Final = 255


def encode(attribute: Attribute, layout: Layout, octets: bytes) -> bytes:
    """The complete attribute around its value."""
    for number in reversed(layout.path):
        if len(octets) + 2 > _LARGEST:
            raise ValueMalformed(f"takes at most {_LARGEST - 2} octets")
        octets = bytes((number, len(octets) + 2)) + octets
    return _encode_extended(attribute, layout, octets) if layout.extended else _encode_vendor(attribute, layout, octets)


def find(attribute: Attribute, layout: Layout, packet: Packet) -> list[bytes]:
    """The values of all attributes of this kind in a packet, in wire order."""
    found = _extended(attribute, layout, packet) if layout.extended else _vendor(attribute, layout, packet)
    for number in layout.path:
        found = [value for parent in found for kind, value in _tlvs(parent) if kind == number]
    return found


def _encode_extended(attribute: Attribute, layout: Layout, octets: bytes) -> bytes:
    kind = attribute.number
    if attribute.vendor:
        kind, octets = VENDOR_SPECIFIC, attribute.vendor.to_bytes(4, "big") + bytes((attribute.number,)) + octets
    if layout.extended not in LONG:
        if len(octets) + 3 > _LARGEST:
            raise ValueMalformed("the value is too long for one attribute")
        return bytes((layout.extended, len(octets) + 3, kind)) + octets
    parts = [octets[at : at + 251] for at in range(0, len(octets), 251)] or [b""]
    last = len(parts) - 1
    return b"".join(
        bytes((layout.extended, len(part) + 4, kind, 0 if at == last else _MORE)) + part for at, part in enumerate(parts)
    )


def _encode_vendor(attribute: Attribute, layout: Layout, octets: bytes) -> bytes:
    if not attribute.vendor:
        if len(octets) + 2 > _LARGEST:
            raise ValueMalformed(f"takes at most {_LARGEST - 2} octets")
        return bytes((attribute.number, len(octets) + 2)) + octets
    overhead = layout.type_size + layout.length_size + layout.continued
    room = _LARGEST - 6 - overhead
    if len(octets) > room and not layout.continued:
        raise ValueMalformed(f"takes at most {room} octets")
    parts = [octets[at : at + room] for at in range(0, len(octets), room)] or [b""]
    last = len(parts) - 1
    return b"".join(_one(attribute, layout, part, is_last=at == last) for at, part in enumerate(parts))


def _one(attribute: Attribute, layout: Layout, octets: bytes, *, is_last: bool) -> bytes:
    """One Vendor-Specific attribute with one attribute in it."""
    overhead = layout.type_size + layout.length_size + layout.continued
    inner = attribute.number.to_bytes(layout.type_size, "big")
    if layout.length_size:
        inner += (overhead + len(octets)).to_bytes(layout.length_size, "big")
    if layout.continued:
        inner += bytes((0 if is_last else _MORE,))
    inner += octets
    return bytes((VENDOR_SPECIFIC, len(inner) + 6)) + attribute.vendor.to_bytes(4, "big") + inner


def _extended(attribute: Attribute, layout: Layout, packet: Packet) -> list[bytes]:
    is_long = layout.extended in LONG
    wanted = VENDOR_SPECIFIC if attribute.vendor else attribute.number
    found, begun = [], b""
    for value in packet.get_all(layout.extended):
        if len(value) < (2 if is_long else 1) or value[0] != wanted:
            begun = b""
            continue
        begun += value[2:] if is_long else value[1:]
        if is_long and value[1] & _MORE:
            continue
        whole, begun = begun, b""
        if not attribute.vendor:
            found.append(whole)
        elif len(whole) > 5 and int.from_bytes(whole[:4], "big") == attribute.vendor and whole[4] == attribute.number:
            found.append(whole[5:])
    return found


def _vendor(attribute: Attribute, layout: Layout, packet: Packet) -> list[bytes]:
    if not attribute.vendor:
        return packet.get_all(attribute.number)
    found, begun = [], b""
    for value in packet.get_all(VENDOR_SPECIFIC):
        if len(value) < 5 or int.from_bytes(value[:4], "big") != attribute.vendor:
            continue
        for kind, goes_on, octets in _inner(value, layout):
            if kind != attribute.number:
                begun = b""
                continue
            begun += octets
            if not goes_on:
                found.append(begun)
                begun = b""
    return found


def _inner(value: bytes, layout: Layout) -> Iterator[tuple[int, bool, bytes]]:
    """Type, whether it goes on in the next, and value of what stands in a Vendor-Specific attribute, up to the first fault."""
    position, size = 4, len(value)
    overhead = layout.type_size + layout.length_size + layout.continued
    while position + overhead <= size:
        kind = int.from_bytes(value[position : position + layout.type_size], "big")
        begin = position + layout.type_size
        length = int.from_bytes(value[begin : begin + layout.length_size], "big") if layout.length_size else size - position
        end = position + length
        if length < overhead or end > size:
            return
        goes_on = layout.continued and bool(value[position + overhead - 1] & _MORE)
        yield kind, goes_on, value[position + overhead : end]
        position = end


def _tlvs(value: bytes) -> Iterator[tuple[int, bytes]]:
    """Type and value of the TLVs in a value, up to the first fault."""
    position, size = 0, len(value)
    while position + 2 <= size:
        end = position + value[position + 1]
        if value[position + 1] < 2 or end > size:
            return
        yield value[position], value[position + 2 : end]
        position = end
