"""Fortinet."""

from typing import Final

from gate.protocols.radius.dictionary.attribute import Attribute, Kind

VENDOR: Final = 12356

FORTINET_GROUP_NAME: Final = 1
FORTINET_CLIENT_IP_ADDRESS: Final = 2
FORTINET_VDOM_NAME: Final = 3
FORTINET_CLIENT_IPV6_ADDRESS: Final = 4
FORTINET_INTERFACE_NAME: Final = 5
FORTINET_ACCESS_PROFILE: Final = 6
FORTINET_SSID: Final = 7
FORTINET_AP_NAME: Final = 8

ATTRIBUTES: Final = (
    Attribute("Fortinet-Group-Name", FORTINET_GROUP_NAME, Kind.TEXT, vendor=VENDOR),
    Attribute("Fortinet-Client-IP-Address", FORTINET_CLIENT_IP_ADDRESS, Kind.IPADDR, vendor=VENDOR),
    Attribute("Fortinet-Vdom-Name", FORTINET_VDOM_NAME, Kind.TEXT, vendor=VENDOR),
    Attribute("Fortinet-Client-IPv6-Address", FORTINET_CLIENT_IPV6_ADDRESS, Kind.OCTETS, vendor=VENDOR),
    Attribute("Fortinet-Interface-Name", FORTINET_INTERFACE_NAME, Kind.TEXT, vendor=VENDOR),
    Attribute("Fortinet-Access-Profile", FORTINET_ACCESS_PROFILE, Kind.TEXT, vendor=VENDOR),
    Attribute("Fortinet-SSID", FORTINET_SSID, Kind.TEXT, vendor=VENDOR),
    Attribute("Fortinet-AP-Name", FORTINET_AP_NAME, Kind.TEXT, vendor=VENDOR),
)
