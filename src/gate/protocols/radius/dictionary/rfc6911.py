"""RFC 6911: IPv6 addresses, name servers, routes and pools."""

from typing import Final

from gate.protocols.radius.dictionary.attribute import Attribute, Kind

FRAMED_IPV6_ADDRESS: Final = 168
DNS_SERVER_IPV6_ADDRESS: Final = 169
ROUTE_IPV6_INFORMATION: Final = 170
DELEGATED_IPV6_PREFIX_POOL: Final = 171
STATEFUL_IPV6_ADDRESS_POOL: Final = 172

ATTRIBUTES: Final = (
    Attribute("Framed-IPv6-Address", FRAMED_IPV6_ADDRESS, Kind.IPV6ADDR),
    Attribute("DNS-Server-IPv6-Address", DNS_SERVER_IPV6_ADDRESS, Kind.IPV6ADDR),
    Attribute("Route-IPv6-Information", ROUTE_IPV6_INFORMATION, Kind.IPV6PREFIX),
    Attribute("Delegated-IPv6-Prefix-Pool", DELEGATED_IPV6_PREFIX_POOL, Kind.TEXT),
    Attribute("Stateful-IPv6-Address-Pool", STATEFUL_IPV6_ADDRESS_POOL, Kind.TEXT),
)
