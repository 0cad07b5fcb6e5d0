"""RFC 2865: authentication and authorization."""

from typing import Final

from gate.protocols.radius.dictionary.attribute import Attribute, Kind

USER_NAME: Final = 1
USER_PASSWORD: Final = 2
CHAP_PASSWORD: Final = 3
NAS_IP_ADDRESS: Final = 4
NAS_PORT: Final = 5
SERVICE_TYPE: Final = 6
FRAMED_PROTOCOL: Final = 7
FRAMED_IP_ADDRESS: Final = 8
FRAMED_IP_NETMASK: Final = 9
FRAMED_ROUTING: Final = 10
FILTER_ID: Final = 11
FRAMED_MTU: Final = 12
FRAMED_COMPRESSION: Final = 13
LOGIN_IP_HOST: Final = 14
LOGIN_SERVICE: Final = 15
LOGIN_TCP_PORT: Final = 16
REPLY_MESSAGE: Final = 18
CALLBACK_NUMBER: Final = 19
CALLBACK_ID: Final = 20
FRAMED_ROUTE: Final = 22
FRAMED_IPX_NETWORK: Final = 23
STATE: Final = 24
CLASS: Final = 25
VENDOR_SPECIFIC: Final = 26
SESSION_TIMEOUT: Final = 27
IDLE_TIMEOUT: Final = 28
TERMINATION_ACTION: Final = 29
CALLED_STATION_ID: Final = 30
CALLING_STATION_ID: Final = 31
NAS_IDENTIFIER: Final = 32
PROXY_STATE: Final = 33
LOGIN_LAT_SERVICE: Final = 34
LOGIN_LAT_NODE: Final = 35
LOGIN_LAT_GROUP: Final = 36
FRAMED_APPLETALK_LINK: Final = 37
FRAMED_APPLETALK_NETWORK: Final = 38
FRAMED_APPLETALK_ZONE: Final = 39
CHAP_CHALLENGE: Final = 60
NAS_PORT_TYPE: Final = 61
PORT_LIMIT: Final = 62
LOGIN_LAT_PORT: Final = 63

SERVICE_TYPE_VALUES: Final = {
    "Login-User": 1,
    "Framed-User": 2,
    "Callback-Login-User": 3,
    "Callback-Framed-User": 4,
    "Outbound-User": 5,
    "Administrative-User": 6,
    "NAS-Prompt-User": 7,
    "Authenticate-Only": 8,
    "Callback-NAS-Prompt": 9,
    "Call-Check": 10,
    "Callback-Administrative": 11,
    "Voice": 12,
    "Fax": 13,
    "Modem-Relay": 14,
    "IAPP-Register": 15,
    "IAPP-AP-Check": 16,
    "Authorize-Only": 17,
    "Framed-Management": 18,
    "Login": 1,
    "Framed": 2,
    "Callback-Login": 3,
    "Callback-Framed": 4,
    "Outbound": 5,
    "Administrative": 6,
    "NAS-Prompt": 7,
}

FRAMED_PROTOCOL_VALUES: Final = {
    "PPP": 1,
    "SLIP": 2,
    "ARAP": 3,
    "Gandalf-SLML": 4,
    "Xylogics-IPX-SLIP": 5,
    "X.75-Synchronous": 6,
    "GPRS-PDP-Context": 7,
}

FRAMED_ROUTING_VALUES: Final = {
    "None": 0,
    "Broadcast": 1,
    "Listen": 2,
    "Broadcast-Listen": 3,
    "Send": 1,
    "Send-and-Listen": 3,
}

FRAMED_COMPRESSION_VALUES: Final = {
    "None": 0,
    "Van-Jacobson-TCP-IP": 1,
    "IPX-Header-Compression": 2,
    "Stac-LZS": 3,
    "VJ-TCP/IP": 1,
}

LOGIN_SERVICE_VALUES: Final = {
    "Telnet": 0,
    "Rlogin": 1,
    "TCP-Clear": 2,
    "PortMaster": 3,
    "LAT": 4,
    "X25-PAD": 5,
    "X25-T3POS": 6,
    "TCP-Clear-Quiet": 8,
}

LOGIN_TCP_PORT_VALUES: Final = {
    "Telnet": 23,
    "Rlogin": 513,
    "Rsh": 514,
}

TERMINATION_ACTION_VALUES: Final = {
    "Default": 0,
    "RADIUS-Request": 1,
}

NAS_PORT_TYPE_VALUES: Final = {
    "Async": 0,
    "Sync": 1,
    "ISDN": 2,
    "ISDN-V120": 3,
    "ISDN-V110": 4,
    "Virtual": 5,
    "PIAFS": 6,
    "HDLC-Clear-Channel": 7,
    "X.25": 8,
    "X.75": 9,
    "G.3-Fax": 10,
    "SDSL": 11,
    "ADSL-CAP": 12,
    "ADSL-DMT": 13,
    "IDSL": 14,
    "Ethernet": 15,
    "xDSL": 16,
    "Cable": 17,
    "Wireless-Other": 18,
    "Wireless-802.11": 19,
    "Token-Ring": 20,
    "FDDI": 21,
    "Wireless-CDMA2000": 22,
    "Wireless-UMTS": 23,
    "Wireless-1X-EV": 24,
    "IAPP": 25,
    "FTTP": 26,
    "Wireless-802.16": 27,
    "Wireless-802.20": 28,
    "Wireless-802.22": 29,
    "PPPoA": 30,
    "PPPoEoA": 31,
    "PPPoEoE": 32,
    "PPPoEoVLAN": 33,
    "PPPoEoQinQ": 34,
    "xPON": 35,
    "Wireless-XGP": 36,
    "WiMAX-Pre-Release-8-IWK": 37,
    "WiMAX-WiFi-IWK": 38,
    "WiMAX-SFF": 39,
    "WiMAX-HA-LMA": 40,
    "WiMAX-DHCP": 41,
    "WiMAX-LBS": 42,
    "WiMAX-WVS": 43,
    "Wireless-IEEE-802-11": 19,
    "IEEE-802-11": 19,
}

ATTRIBUTES: Final = (
    Attribute("User-Name", USER_NAME, Kind.TEXT),
    Attribute("User-Password", USER_PASSWORD, Kind.HIDDEN),
    Attribute("CHAP-Password", CHAP_PASSWORD, Kind.OCTETS),
    Attribute("NAS-IP-Address", NAS_IP_ADDRESS, Kind.IPADDR),
    Attribute("NAS-Port", NAS_PORT, Kind.INTEGER),
    Attribute("Service-Type", SERVICE_TYPE, Kind.INTEGER, values=SERVICE_TYPE_VALUES),
    Attribute("Framed-Protocol", FRAMED_PROTOCOL, Kind.INTEGER, values=FRAMED_PROTOCOL_VALUES),
    Attribute("Framed-IP-Address", FRAMED_IP_ADDRESS, Kind.IPADDR),
    Attribute("Framed-IP-Netmask", FRAMED_IP_NETMASK, Kind.IPADDR),
    Attribute("Framed-Routing", FRAMED_ROUTING, Kind.INTEGER, values=FRAMED_ROUTING_VALUES),
    Attribute("Filter-Id", FILTER_ID, Kind.TEXT),
    Attribute("Framed-MTU", FRAMED_MTU, Kind.INTEGER),
    Attribute("Framed-Compression", FRAMED_COMPRESSION, Kind.INTEGER, values=FRAMED_COMPRESSION_VALUES),
    Attribute("Login-IP-Host", LOGIN_IP_HOST, Kind.IPADDR),
    Attribute("Login-Service", LOGIN_SERVICE, Kind.INTEGER, values=LOGIN_SERVICE_VALUES),
    Attribute("Login-TCP-Port", LOGIN_TCP_PORT, Kind.INTEGER, values=LOGIN_TCP_PORT_VALUES),
    Attribute("Reply-Message", REPLY_MESSAGE, Kind.TEXT),
    Attribute("Callback-Number", CALLBACK_NUMBER, Kind.TEXT),
    Attribute("Callback-Id", CALLBACK_ID, Kind.TEXT),
    Attribute("Framed-Route", FRAMED_ROUTE, Kind.TEXT),
    Attribute("Framed-IPX-Network", FRAMED_IPX_NETWORK, Kind.IPADDR),
    Attribute("State", STATE, Kind.OCTETS),
    Attribute("Class", CLASS, Kind.OCTETS),
    Attribute("Vendor-Specific", VENDOR_SPECIFIC, Kind.VSA),
    Attribute("Session-Timeout", SESSION_TIMEOUT, Kind.INTEGER),
    Attribute("Idle-Timeout", IDLE_TIMEOUT, Kind.INTEGER),
    Attribute("Termination-Action", TERMINATION_ACTION, Kind.INTEGER, values=TERMINATION_ACTION_VALUES),
    Attribute("Called-Station-Id", CALLED_STATION_ID, Kind.TEXT),
    Attribute("Calling-Station-Id", CALLING_STATION_ID, Kind.TEXT),
    Attribute("NAS-Identifier", NAS_IDENTIFIER, Kind.TEXT),
    Attribute("Proxy-State", PROXY_STATE, Kind.OCTETS),
    Attribute("Login-LAT-Service", LOGIN_LAT_SERVICE, Kind.TEXT),
    Attribute("Login-LAT-Node", LOGIN_LAT_NODE, Kind.TEXT),
    Attribute("Login-LAT-Group", LOGIN_LAT_GROUP, Kind.OCTETS),
    Attribute("Framed-AppleTalk-Link", FRAMED_APPLETALK_LINK, Kind.INTEGER),
    Attribute("Framed-AppleTalk-Network", FRAMED_APPLETALK_NETWORK, Kind.INTEGER),
    Attribute("Framed-AppleTalk-Zone", FRAMED_APPLETALK_ZONE, Kind.TEXT),
    Attribute("CHAP-Challenge", CHAP_CHALLENGE, Kind.OCTETS),
    Attribute("NAS-Port-Type", NAS_PORT_TYPE, Kind.INTEGER, values=NAS_PORT_TYPE_VALUES),
    Attribute("Port-Limit", PORT_LIMIT, Kind.INTEGER),
    Attribute("Login-LAT-Port", LOGIN_LAT_PORT, Kind.TEXT),
)
