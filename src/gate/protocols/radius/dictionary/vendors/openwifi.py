"""OpenWiFi (Telecom Infra Project)."""

from typing import Final

from gate.protocols.radius.dictionary.attribute import Attribute, Kind

VENDOR: Final = 58888

OPENWIFI_AP_MAC_ADDRESS: Final = 1

ATTRIBUTES: Final = (Attribute("OpenWiFi-AP-MAC-Address", OPENWIFI_AP_MAC_ADDRESS, Kind.TEXT, vendor=VENDOR),)
