"""RFC 4818: delegated IPv6 prefixes."""

from typing import Final

from gate.protocols.radius.dictionary.attribute import Attribute, Kind

DELEGATED_IPV6_PREFIX: Final = 123

ATTRIBUTES: Final = (Attribute("Delegated-IPv6-Prefix", DELEGATED_IPV6_PREFIX, Kind.IPV6PREFIX),)
