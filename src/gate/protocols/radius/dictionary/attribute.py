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
