"""MikroTik. Rates and quotas are seen from the router: "rx" and "Recv" are what the client sends."""

from typing import Final

from gate.protocols.radius.dictionary.attribute import Attribute, Kind

VENDOR: Final = 14988

MIKROTIK_RECV_LIMIT: Final = 1
MIKROTIK_XMIT_LIMIT: Final = 2
MIKROTIK_GROUP: Final = 3
MIKROTIK_WIRELESS_FORWARD: Final = 4
MIKROTIK_WIRELESS_SKIP_DOT1X: Final = 5
MIKROTIK_WIRELESS_ENC_ALGO: Final = 6
MIKROTIK_WIRELESS_ENC_KEY: Final = 7
MIKROTIK_RATE_LIMIT: Final = 8
MIKROTIK_REALM: Final = 9
MIKROTIK_HOST_IP: Final = 10
MIKROTIK_MARK_ID: Final = 11
MIKROTIK_ADVERTISE_URL: Final = 12
MIKROTIK_ADVERTISE_INTERVAL: Final = 13
MIKROTIK_RECV_LIMIT_GIGAWORDS: Final = 14
MIKROTIK_XMIT_LIMIT_GIGAWORDS: Final = 15
MIKROTIK_WIRELESS_PSK: Final = 16
MIKROTIK_TOTAL_LIMIT: Final = 17
MIKROTIK_TOTAL_LIMIT_GIGAWORDS: Final = 18
MIKROTIK_ADDRESS_LIST: Final = 19
MIKROTIK_WIRELESS_MPKEY: Final = 20
MIKROTIK_WIRELESS_COMMENT: Final = 21
MIKROTIK_DELEGATED_IPV6_POOL: Final = 22
MIKROTIK_DHCP_OPTION_SET: Final = 23
MIKROTIK_DHCP_OPTION_PARAM_STR1: Final = 24
MIKROTIK_DHCP_OPTION_PARAM_STR2: Final = 25
MIKROTIK_WIRELESS_VLANID: Final = 26
MIKROTIK_WIRELESS_VLANID_TYPE: Final = 27
MIKROTIK_WIRELESS_MINSIGNAL: Final = 28
MIKROTIK_WIRELESS_MAXSIGNAL: Final = 29
MIKROTIK_SWITCHING_FILTER: Final = 30

MIKROTIK_WIRELESS_ENC_ALGO_VALUES: Final = {
    "No-encryption": 0,
    "40-bit-WEP": 1,
    "104-bit-WEP": 2,
    "AES-CCM": 3,
    "TKIP": 4,
}

ATTRIBUTES: Final = (
    Attribute("Mikrotik-Recv-Limit", MIKROTIK_RECV_LIMIT, Kind.INTEGER, vendor=VENDOR),
    Attribute("Mikrotik-Xmit-Limit", MIKROTIK_XMIT_LIMIT, Kind.INTEGER, vendor=VENDOR),
    Attribute("Mikrotik-Group", MIKROTIK_GROUP, Kind.TEXT, vendor=VENDOR),
    Attribute("Mikrotik-Wireless-Forward", MIKROTIK_WIRELESS_FORWARD, Kind.INTEGER, vendor=VENDOR),
    Attribute("Mikrotik-Wireless-Skip-Dot1x", MIKROTIK_WIRELESS_SKIP_DOT1X, Kind.INTEGER, vendor=VENDOR),
    Attribute(
        "Mikrotik-Wireless-Enc-Algo",
        MIKROTIK_WIRELESS_ENC_ALGO,
        Kind.INTEGER,
        vendor=VENDOR,
        values=MIKROTIK_WIRELESS_ENC_ALGO_VALUES,
    ),
    Attribute("Mikrotik-Wireless-Enc-Key", MIKROTIK_WIRELESS_ENC_KEY, Kind.TEXT, vendor=VENDOR),
    Attribute("Mikrotik-Rate-Limit", MIKROTIK_RATE_LIMIT, Kind.TEXT, vendor=VENDOR),
    Attribute("Mikrotik-Realm", MIKROTIK_REALM, Kind.TEXT, vendor=VENDOR),
    Attribute("Mikrotik-Host-IP", MIKROTIK_HOST_IP, Kind.IPADDR, vendor=VENDOR),
    Attribute("Mikrotik-Mark-Id", MIKROTIK_MARK_ID, Kind.TEXT, vendor=VENDOR),
    Attribute("Mikrotik-Advertise-URL", MIKROTIK_ADVERTISE_URL, Kind.TEXT, vendor=VENDOR),
    Attribute("Mikrotik-Advertise-Interval", MIKROTIK_ADVERTISE_INTERVAL, Kind.INTEGER, vendor=VENDOR),
    Attribute("Mikrotik-Recv-Limit-Gigawords", MIKROTIK_RECV_LIMIT_GIGAWORDS, Kind.INTEGER, vendor=VENDOR),
    Attribute("Mikrotik-Xmit-Limit-Gigawords", MIKROTIK_XMIT_LIMIT_GIGAWORDS, Kind.INTEGER, vendor=VENDOR),
    Attribute("Mikrotik-Wireless-PSK", MIKROTIK_WIRELESS_PSK, Kind.TEXT, vendor=VENDOR),
    Attribute("Mikrotik-Total-Limit", MIKROTIK_TOTAL_LIMIT, Kind.INTEGER, vendor=VENDOR),
    Attribute("Mikrotik-Total-Limit-Gigawords", MIKROTIK_TOTAL_LIMIT_GIGAWORDS, Kind.INTEGER, vendor=VENDOR),
    Attribute("Mikrotik-Address-List", MIKROTIK_ADDRESS_LIST, Kind.TEXT, vendor=VENDOR),
    Attribute("Mikrotik-Wireless-MPKey", MIKROTIK_WIRELESS_MPKEY, Kind.TEXT, vendor=VENDOR),
    Attribute("Mikrotik-Wireless-Comment", MIKROTIK_WIRELESS_COMMENT, Kind.TEXT, vendor=VENDOR),
    Attribute("Mikrotik-Delegated-IPv6-Pool", MIKROTIK_DELEGATED_IPV6_POOL, Kind.TEXT, vendor=VENDOR),
    Attribute("Mikrotik-DHCP-Option-Set", MIKROTIK_DHCP_OPTION_SET, Kind.TEXT, vendor=VENDOR),
    Attribute("Mikrotik-DHCP-Option-Param-STR1", MIKROTIK_DHCP_OPTION_PARAM_STR1, Kind.TEXT, vendor=VENDOR),
    Attribute("Mikrotik-DHCP-Option-Param-STR2", MIKROTIK_DHCP_OPTION_PARAM_STR2, Kind.TEXT, vendor=VENDOR),
    Attribute("Mikrotik-Wireless-VLANID", MIKROTIK_WIRELESS_VLANID, Kind.INTEGER, vendor=VENDOR),
    Attribute("Mikrotik-Wireless-VLANID-Type", MIKROTIK_WIRELESS_VLANID_TYPE, Kind.INTEGER, vendor=VENDOR),
    Attribute("Mikrotik-Wireless-Minsignal", MIKROTIK_WIRELESS_MINSIGNAL, Kind.TEXT, vendor=VENDOR),
    Attribute("Mikrotik-Wireless-Maxsignal", MIKROTIK_WIRELESS_MAXSIGNAL, Kind.TEXT, vendor=VENDOR),
    Attribute("Mikrotik-Switching-Filter", MIKROTIK_SWITCHING_FILTER, Kind.TEXT, vendor=VENDOR),
)
