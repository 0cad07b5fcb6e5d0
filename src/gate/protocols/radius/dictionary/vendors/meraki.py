"""Cisco Meraki; all sent by the access point."""

from typing import Final

from gate.protocols.radius.dictionary.attribute import Attribute, Kind

VENDOR: Final = 29671

MERAKI_DEVICE_NAME: Final = 1
MERAKI_NETWORK_NAME: Final = 2
MERAKI_AP_NAME: Final = 3
MERAKI_AP_TAGS: Final = 4

ATTRIBUTES: Final = (
    Attribute("Meraki-Device-Name", MERAKI_DEVICE_NAME, Kind.TEXT, vendor=VENDOR),
    Attribute("Meraki-Network-Name", MERAKI_NETWORK_NAME, Kind.TEXT, vendor=VENDOR),
    Attribute("Meraki-Ap-Name", MERAKI_AP_NAME, Kind.TEXT, vendor=VENDOR),
    Attribute("Meraki-Ap-Tags", MERAKI_AP_TAGS, Kind.TEXT, vendor=VENDOR),
)
