"""pfSense (Netgate). Bandwidths are in bit/s."""

from typing import Final

from gate.protocols.radius.dictionary.attribute import Attribute, Kind

VENDOR: Final = 13644

PFSENSE_BANDWIDTH_MAX_UP: Final = 1
PFSENSE_BANDWIDTH_MAX_DOWN: Final = 2
PFSENSE_MAX_TOTAL_OCTETS: Final = 3

ATTRIBUTES: Final = (
    Attribute("pfSense-Bandwidth-Max-Up", PFSENSE_BANDWIDTH_MAX_UP, Kind.INTEGER, vendor=VENDOR),
    Attribute("pfSense-Bandwidth-Max-Down", PFSENSE_BANDWIDTH_MAX_DOWN, Kind.INTEGER, vendor=VENDOR),
    Attribute("pfSense-Max-Total-Octets", PFSENSE_MAX_TOTAL_OCTETS, Kind.INTEGER, vendor=VENDOR),
)
