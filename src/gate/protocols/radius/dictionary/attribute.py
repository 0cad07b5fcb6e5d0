"""What the dictionary says of one attribute."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """Data types, named as in dictionaries and RFC 8044."""

    TEXT = "text"
    OCTETS = "octets"
    HIDDEN = "hidden"
    """Text or octets hidden with the shared secret, such as User-Password: cannot be encoded without it."""
    INTEGER = "integer"
    INTEGER64 = "integer64"
    DATE = "date"
    IPADDR = "ipaddr"
    IPV6ADDR = "ipv6addr"
    IPV6PREFIX = "ipv6prefix"
    IFID = "ifid"
    ETHER = "ether"
    VSA = "vsa"
    # What only files of an operator hold (reader.py).
    BYTE = "byte"
    SHORT = "short"
    SIGNED = "signed"
    IPV4PREFIX = "ipv4prefix"
    COMBO_IP = "combo-ip"
    TLV = "tlv"


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Where an attribute stands, if not plainly in a packet or as RFC 2865 section 5.26 recommends for vendors."""

    type_size: int = 1
    """Octets of a vendor's type: 1, 2 or 4."""
    length_size: int = 1
    """Octets of a vendor's length, 0 for a vendor who has none and puts one attribute into each Vendor-Specific."""
    continued: bool = False
    """Whether an octet of flags follows, which says that the next attribute continues this one (WiMAX)."""
    extended: int = 0
    """The extended attribute it stands in (241 to 246, RFC 6929); 0: none."""
    path: tuple[int, ...] = ()
    """Types of TLVs from the outermost attribute inwards (RFC 6929 section 2.3), the attribute's own last."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute.

    `number` is the type on the wire, `vendor` the vendor's enterprise number (0 for the RFCs' own). `tagged` ones carry
    a tag (RFC 2868). `values` are the words an integer may be given by; of several words for a number the first one is
    printed. `internal` ones name something to check and never travel in a packet.
    """

    name: str
    number: int
    kind: Kind
    vendor: int = 0
    tagged: bool = False
    values: Mapping[str, int] = field(default_factory=dict, hash=False)
    internal: bool = False
    layout: Layout | None = None
    """None: plainly, or as RFC 2865 section 5.26 recommends."""
