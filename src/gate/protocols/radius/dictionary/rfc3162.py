"""RFC 3162: IPv6."""

from typing import Final

from gate.protocols.radius.dictionary.attribute import Attribute, Kind

NAS_IPV6_ADDRESS: Final = 95
FRAMED_INTERFACE_ID: Final = 96
FRAMED_IPV6_PREFIX: Final = 97
LOGIN_IPV6_HOST: Final = 98
FRAMED_IPV6_ROUTE: Final = 99
FRAMED_IPV6_POOL: Final = 100

ATTRIBUTES: Final = (
    Attribute("NAS-IPv6-Address", NAS_IPV6_ADDRESS, Kind.IPV6ADDR),
    Attribute("Framed-Interface-Id", FRAMED_INTERFACE_ID, Kind.IFID),
    Attribute("Framed-IPv6-Prefix", FRAMED_IPV6_PREFIX, Kind.IPV6PREFIX),
    Attribute("Login-IPv6-Host", LOGIN_IPV6_HOST, Kind.IPV6ADDR),
    Attribute("Framed-IPv6-Route", FRAMED_IPV6_ROUTE, Kind.TEXT),
    Attribute("Framed-IPv6-Pool", FRAMED_IPV6_POOL, Kind.TEXT),
)
