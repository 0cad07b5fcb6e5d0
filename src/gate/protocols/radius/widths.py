"""Data types that only an operator's dictionary uses: numbers of other widths, signed ones, IPv4 prefixes (RFC 8044, RFC 6572).

Encoders raise `ValueMalformed` for what does not fit, decoders for octets of the wrong shape.
"""

from __future__ import annotations

import re
from ipaddress import IPv4Network
from typing import Final

from gate.protocols.radius.errors import ValueMalformed

_SIGNED: Final = re.compile(r"-?[0-9]{1,10}", re.ASCII)


def encode(value: int, size: int) -> bytes:
    """Encode an unsigned integer of so many octets."""
    if not 0 <= value < 1 << 8 * size:
        raise ValueMalformed(f"{value} is not between 0 and {(1 << 8 * size) - 1}")
    return value.to_bytes(size, "big")


def decode(value: bytes, size: int) -> int:
    """Decode an unsigned integer of so many octets."""
    if len(value) != size:
        raise ValueMalformed(f"a number of this kind has {size} octets, not {len(value)}")
    return int.from_bytes(value, "big")


def encode_signed(value: str) -> bytes:
    """Encode a signed integer of 32 bits, two's complement."""
    if not _SIGNED.fullmatch(value.strip()):
        raise ValueMalformed("takes a number, below zero as well")
    number = int(value)
    if not -(2**31) <= number < 2**31:
        raise ValueMalformed(f"{number} is not between {-(2**31)} and {2**31 - 1}")
    return number.to_bytes(4, "big", signed=True)


def decode_signed(value: bytes) -> int:
    """Decode a signed integer of 32 bits."""
    if len(value) != 4:
        raise ValueMalformed(f"a signed integer has 4 octets, not {len(value)}")
    return int.from_bytes(value, "big", signed=True)


def encode_ipv4prefix(value: str) -> bytes:
    """Encode an IPv4 prefix (RFC 8044 section 3.11)."""
    try:
        network = IPv4Network(value)
    except ValueError:
        raise ValueMalformed("that is no IPv4 prefix, or bits are set beyond its length") from None
    return bytes((0, network.prefixlen)) + network.network_address.packed


def decode_ipv4prefix(value: bytes) -> str:
    """Decode a prefix to ``address/length``; bits beyond the length are cleared."""
    if len(value) != 6 or value[1] > 32:
        raise ValueMalformed("an IPv4 prefix has 6 octets, the second of them up to 32")
    return str(IPv4Network((value[2:], value[1]), strict=False))
