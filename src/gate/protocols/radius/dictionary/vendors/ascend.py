"""Ascend and its heirs. Rates are in bit/s."""

from typing import Final

from gate.protocols.radius.dictionary.attribute import Attribute, Kind

VENDOR: Final = 529

ASCEND_CLIENT_GATEWAY: Final = 132
ASCEND_CLIENT_PRIMARY_DNS: Final = 135
ASCEND_CLIENT_SECONDARY_DNS: Final = 136
ASCEND_DATA_RATE: Final = 197
ASCEND_XMIT_RATE: Final = 255

ATTRIBUTES: Final = (
    Attribute("Ascend-Client-Gateway", ASCEND_CLIENT_GATEWAY, Kind.IPADDR, vendor=VENDOR),
    Attribute("Ascend-Client-Primary-DNS", ASCEND_CLIENT_PRIMARY_DNS, Kind.IPADDR, vendor=VENDOR),
    Attribute("Ascend-Client-Secondary-DNS", ASCEND_CLIENT_SECONDARY_DNS, Kind.IPADDR, vendor=VENDOR),
    Attribute("Ascend-Data-Rate", ASCEND_DATA_RATE, Kind.INTEGER, vendor=VENDOR),
    Attribute("Ascend-Xmit-Rate", ASCEND_XMIT_RATE, Kind.INTEGER, vendor=VENDOR),
)
