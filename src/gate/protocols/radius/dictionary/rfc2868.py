"""RFC 2868: tunnels, and with them the VLAN of a session (RFC 3580 section 3.31)."""

from typing import Final

from gate.protocols.radius.dictionary.attribute import Attribute, Kind

TUNNEL_TYPE: Final = 64
TUNNEL_MEDIUM_TYPE: Final = 65
TUNNEL_CLIENT_ENDPOINT: Final = 66
TUNNEL_SERVER_ENDPOINT: Final = 67
TUNNEL_PASSWORD: Final = 69
TUNNEL_PRIVATE_GROUP_ID: Final = 81
TUNNEL_ASSIGNMENT_ID: Final = 82
TUNNEL_PREFERENCE: Final = 83
TUNNEL_CLIENT_AUTH_ID: Final = 90
TUNNEL_SERVER_AUTH_ID: Final = 91

TUNNEL_TYPE_VALUES: Final = {
    "PPTP": 1,
    "L2F": 2,
    "L2TP": 3,
    "ATMP": 4,
    "VTP": 5,
    "AH": 6,
    "IP": 7,
    "MIN-IP": 8,
    "ESP": 9,
    "GRE": 10,
    "DVS": 11,
    "IP-in-IP": 12,
    "VLAN": 13,
}

TUNNEL_MEDIUM_TYPE_VALUES: Final = {
    "IPv4": 1,
    "IPv6": 2,
    "NSAP": 3,
    "HDLC": 4,
    "BBN-1822": 5,
    "IEEE-802": 6,
    "E.163": 7,
    "E.164": 8,
    "F.69": 9,
    "X.121": 10,
    "IPX": 11,
    "Appletalk": 12,
    "DecNet-IV": 13,
    "Banyan-Vines": 14,
    "E.164-NSAP": 15,
    "IP": 1,
}

ATTRIBUTES: Final = (
    Attribute("Tunnel-Type", TUNNEL_TYPE, Kind.INTEGER, tagged=True, values=TUNNEL_TYPE_VALUES),
    Attribute("Tunnel-Medium-Type", TUNNEL_MEDIUM_TYPE, Kind.INTEGER, tagged=True, values=TUNNEL_MEDIUM_TYPE_VALUES),
    Attribute("Tunnel-Client-Endpoint", TUNNEL_CLIENT_ENDPOINT, Kind.TEXT, tagged=True),
    Attribute("Tunnel-Server-Endpoint", TUNNEL_SERVER_ENDPOINT, Kind.TEXT, tagged=True),
    Attribute("Tunnel-Password", TUNNEL_PASSWORD, Kind.HIDDEN, tagged=True),
    Attribute("Tunnel-Private-Group-Id", TUNNEL_PRIVATE_GROUP_ID, Kind.TEXT, tagged=True),
    Attribute("Tunnel-Assignment-Id", TUNNEL_ASSIGNMENT_ID, Kind.TEXT, tagged=True),
    Attribute("Tunnel-Preference", TUNNEL_PREFERENCE, Kind.INTEGER, tagged=True),
    Attribute("Tunnel-Client-Auth-Id", TUNNEL_CLIENT_AUTH_ID, Kind.TEXT, tagged=True),
    Attribute("Tunnel-Server-Auth-Id", TUNNEL_SERVER_AUTH_ID, Kind.TEXT, tagged=True),
)
