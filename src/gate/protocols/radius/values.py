"""One encoder and one decoder for each data type of attributes (RFC 2865 section 5, RFC 2868, RFC 3162, RFC 8044).

Encoders raise `ValueMalformed` for what does not fit, decoders for octets of the wrong shape. Addresses are strings in
their canonical text, which is what logs, SQL and JSON take.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, IPv6Network
from typing import Final

from gate.protocols.radius.errors import ValueMalformed
from gate.protocols.radius.packet import encode_vendor, split_vendor

_MAX_32: Final = 0xFFFFFFFF
_MAX_64: Final = 0xFFFFFFFFFFFFFFFF
_MAX_TAG: Final = 0x1F


def encode_text(value: str) -> bytes:
    """Encode text as UTF-8 (RFC 8044 section 3.4)."""
    try:
        return value.encode()
    except UnicodeEncodeError:
        raise ValueMalformed("text holds a character that UTF-8 cannot carry") from None


def decode_text(value: bytes) -> str:
    """Decode UTF-8. Octets that are none, and NUL, which no database stores as text, become U+FFFD."""
    text = value.decode("utf-8", "replace")
    return text.replace("\0", "\ufffd") if "\0" in text else text


def encode_octets(value: str) -> bytes:
    """Encode ``0x`` and hexadecimal digits as octets; anything else as the UTF-8 it is."""
    if value[:2] in {"0x", "0X"}:
        try:
            return bytes.fromhex(value[2:])
        except ValueError:
            raise ValueMalformed("after 0x come pairs of hexadecimal digits") from None
    return encode_text(value)


def decode_octets(value: bytes) -> str:
    """Write octets as ``0x`` and lower-case hexadecimal digits."""
    return "0x" + value.hex()


def encode_integer(value: int) -> bytes:
    """Encode an unsigned integer of 32 bits."""
    if not 0 <= value <= _MAX_32:
        raise ValueMalformed(f"{value} is not between 0 and {_MAX_32}")
    return value.to_bytes(4, "big")


def decode_integer(value: bytes) -> int:
    """Decode an unsigned integer of 32 bits."""
    if len(value) != 4:
        raise ValueMalformed(f"an integer has 4 octets, not {len(value)}")
    return int.from_bytes(value, "big")


def encode_integer64(value: int) -> bytes:
    """Encode an unsigned integer of 64 bits (RFC 6929 section 2.5)."""
    if not 0 <= value <= _MAX_64:
        raise ValueMalformed(f"{value} is not between 0 and {_MAX_64}")
    return value.to_bytes(8, "big")


def decode_integer64(value: bytes) -> int:
    """Decode an unsigned integer of 64 bits."""
    if len(value) != 8:
        raise ValueMalformed(f"an integer64 has 8 octets, not {len(value)}")
    return int.from_bytes(value, "big")


def encode_date(value: int) -> bytes:
    """Encode seconds since 1970-01-01 00:00 UTC."""
    return encode_integer(value)


def decode_date(value: bytes) -> int:
    """Decode seconds since 1970-01-01 00:00 UTC."""
    if len(value) != 4:
        raise ValueMalformed(f"a date has 4 octets, not {len(value)}")
    return int.from_bytes(value, "big")


def encode_ipaddr(value: str) -> bytes:
    """Encode an IPv4 address."""
    try:
        return IPv4Address(value).packed
    except ValueError:
        raise ValueMalformed("that is no IPv4 address") from None


def decode_ipaddr(value: bytes) -> str:
    """Decode an IPv4 address."""
    if len(value) != 4:
        raise ValueMalformed(f"an IPv4 address has 4 octets, not {len(value)}")
    return f"{value[0]}.{value[1]}.{value[2]}.{value[3]}"


def encode_ipv6addr(value: str) -> bytes:
    """Encode an IPv6 address (RFC 3162 section 2.1)."""
    try:
        address = IPv6Address(value)
    except ValueError:
        raise ValueMalformed("that is no IPv6 address") from None
    if address.scope_id is not None:
        raise ValueMalformed("an IPv6 address in a packet has no zone")
    return address.packed


def decode_ipv6addr(value: bytes) -> str:
    """Decode an IPv6 address (RFC 3162 section 2.1)."""
    if len(value) != 16:
        raise ValueMalformed(f"an IPv6 address has 16 octets, not {len(value)}")
    return str(IPv6Address(value))


def encode_ipv6prefix(value: str) -> bytes:
    """Encode ``address/length`` (RFC 3162 section 2.3) with as many octets of the prefix as the length needs."""
    try:
        network = IPv6Network(value)
    except ValueError:
        raise ValueMalformed("that is no IPv6 prefix, or bits are set beyond its length") from None
    size = (network.prefixlen + 7) // 8
    return bytes((0, network.prefixlen)) + network.network_address.packed[:size]


def decode_ipv6prefix(value: bytes) -> str:
    """Decode a prefix to ``address/length``. Octets left out count as zeros, bits beyond the length are cleared."""
    if not 2 <= len(value) <= 18:
        raise ValueMalformed(f"an IPv6 prefix has 2 to 18 octets, not {len(value)}")
    if value[1] > 128:
        raise ValueMalformed(f"an IPv6 prefix has up to 128 bits, not {value[1]}")
    return str(IPv6Network((value[2:].ljust(16, b"\0"), value[1]), strict=False))


def encode_ifid(value: str) -> bytes:
    """Encode an interface identifier (RFC 3162 section 2.2): four groups of hexadecimal digits, or 16 digits."""
    groups = value.split(":")
    digits = "".join(group.zfill(4) for group in groups) if len(groups) == 4 else value
    try:
        octets = bytes.fromhex(digits)
    except ValueError:
        octets = b""
    if len(octets) != 8:
        raise ValueMalformed("an interface identifier looks like 0:0:0:1")
    return octets


def decode_ifid(value: bytes) -> str:
    """Decode an interface identifier to four groups of hexadecimal digits."""
    if len(value) != 8:
        raise ValueMalformed(f"an interface identifier has 8 octets, not {len(value)}")
    return ":".join(f"{value[i] << 8 | value[i + 1]:x}" for i in (0, 2, 4, 6))


def encode_ether(value: str) -> bytes:
    """Encode a MAC address written with or without ``:``, ``-`` or ``.``."""
    digits = value.replace(":", "").replace("-", "").replace(".", "")
    try:
        octets = bytes.fromhex(digits)
    except ValueError:
        octets = b""
    if len(octets) != 6:
        raise ValueMalformed("that is no MAC address")
    return octets


def decode_ether(value: bytes) -> str:
    """Decode a MAC address to ``aa:bb:cc:dd:ee:ff``."""
    if len(value) != 6:
        raise ValueMalformed(f"a MAC address has 6 octets, not {len(value)}")
    return value.hex(":")


def encode_tagged_integer(value: int, tag: int = 0) -> bytes:
    """Encode a tag and an integer of 24 bits (RFC 2868 section 3.1); tag 0 stands for no tag."""
    if not 0 <= tag <= _MAX_TAG:
        raise ValueMalformed(f"a tag is between 0 and 31, not {tag}")
    if not 0 <= value <= 0xFFFFFF:
        raise ValueMalformed(f"{value} is not between 0 and {0xFFFFFF}")
    return bytes((tag,)) + value.to_bytes(3, "big")


def decode_tagged_integer(value: bytes) -> tuple[int, int]:
    """Decode a tag and an integer of 24 bits: (tag, integer). A first octet above 31 is no tag and is ignored."""
    if len(value) != 4:
        raise ValueMalformed(f"a tagged integer has 4 octets, not {len(value)}")
    tag = value[0]
    return (tag if tag <= _MAX_TAG else 0), int.from_bytes(value[1:], "big")


def encode_tagged_text(value: str, tag: int = 0) -> bytes:
    """Encode a tag and text (RFC 2868 section 3.3).

    Without a tag there is no tag octet, as most NAS expect, unless the text would then be read as beginning with one.
    """
    if not 0 <= tag <= _MAX_TAG:
        raise ValueMalformed(f"a tag is between 0 and 31, not {tag}")
    octets = encode_text(value)
    if tag or (octets and octets[0] <= _MAX_TAG):
        return bytes((tag,)) + octets
    return octets


def decode_tagged_text(value: bytes) -> tuple[int, str]:
    """Decode a tag and text: (tag, text); without a tag octet the tag is 0."""
    if value and value[0] <= _MAX_TAG:
        return value[0], decode_text(value[1:])
    return 0, decode_text(value)


def encode_vsa(vendor_id: int, type: int, value: bytes) -> bytes:  # noqa: A002 - the RFC's word
    """Encode the contents of a Vendor-Specific attribute (RFC 2865 section 5.26), without type 26 and its length."""
    if not 0 <= vendor_id <= _MAX_32 or not 0 <= type <= 255:
        raise ValueMalformed(f"vendor {vendor_id}, type {type} do not fit their fields")
    return encode_vendor(vendor_id, type, value)[2:]


def decode_vsa(value: bytes) -> tuple[int, list[tuple[int, bytes]]]:
    """Decode the contents of a Vendor-Specific attribute: (vendor, [(type, value), ...])."""
    parts = split_vendor(value)
    if parts is None:
        raise ValueMalformed("the contents are not in the format RFC 2865 section 5.26 recommends")
    return parts
