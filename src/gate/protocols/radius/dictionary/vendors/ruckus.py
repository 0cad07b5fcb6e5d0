"""Ruckus."""

from typing import Final

from gate.protocols.radius.dictionary.attribute import Attribute, Kind

VENDOR: Final = 25053

RUCKUS_USER_GROUPS: Final = 1
RUCKUS_STA_RSSI: Final = 2
RUCKUS_SSID: Final = 3
RUCKUS_WLAN_ID: Final = 4
RUCKUS_LOCATION: Final = 5
RUCKUS_GRACE_PERIOD: Final = 6
RUCKUS_SCG_CBLADE_IP: Final = 7
RUCKUS_SCG_DBLADE_IP: Final = 8
RUCKUS_VLAN_ID: Final = 9
RUCKUS_STA_EXPIRATION: Final = 10
RUCKUS_STA_UUID: Final = 11
RUCKUS_ACCEPT_ENHANCEMENT_REASON: Final = 12
RUCKUS_STA_INNER_ID: Final = 13
RUCKUS_BSSID: Final = 14
RUCKUS_SESSION_TYPE: Final = 125
RUCKUS_ACCOUNTING_STATUS: Final = 126
RUCKUS_ZONE_ID: Final = 127
RUCKUS_AUTH_SERVER_ID: Final = 128
RUCKUS_WISPR_REDIRECT_POLICY: Final = 132
RUCKUS_ETH_PROFILE_ID: Final = 133
RUCKUS_ZONE_NAME: Final = 134
RUCKUS_WLAN_NAME: Final = 135
RUCKUS_CLIENT_HOST_NAME: Final = 138
RUCKUS_CLIENT_OS_TYPE: Final = 139
RUCKUS_CLIENT_OS_CLASS: Final = 140
RUCKUS_VLAN_POOL: Final = 141
RUCKUS_DPSK: Final = 142
RUCKUS_CP_TOKEN: Final = 143
RUCKUS_TRAFFIC_QUOTA: Final = 144

RUCKUS_SESSION_TYPE_VALUES: Final = {
    "TTG": 2,
    "Local-Breakout": 3,
    "Local-Breakout-AP": 4,
    "L3GRE": 5,
    "L2GRE": 6,
    "QinQL3": 7,
    "PMIP": 8,
}

RUCKUS_ACCOUNTING_STATUS_VALUES: Final = {
    "Accounting-Off": 0,
    "Accounting-On": 1,
}

ATTRIBUTES: Final = (
    Attribute("Ruckus-User-Groups", RUCKUS_USER_GROUPS, Kind.TEXT, vendor=VENDOR),
    Attribute("Ruckus-Sta-RSSI", RUCKUS_STA_RSSI, Kind.INTEGER, vendor=VENDOR),
    Attribute("Ruckus-SSID", RUCKUS_SSID, Kind.TEXT, vendor=VENDOR),
    Attribute("Ruckus-Wlan-Id", RUCKUS_WLAN_ID, Kind.INTEGER, vendor=VENDOR),
    Attribute("Ruckus-Location", RUCKUS_LOCATION, Kind.TEXT, vendor=VENDOR),
    Attribute("Ruckus-Grace-Period", RUCKUS_GRACE_PERIOD, Kind.INTEGER, vendor=VENDOR),
    Attribute("Ruckus-SCG-CBlade-IP", RUCKUS_SCG_CBLADE_IP, Kind.INTEGER, vendor=VENDOR),
    Attribute("Ruckus-SCG-DBlade-IP", RUCKUS_SCG_DBLADE_IP, Kind.INTEGER, vendor=VENDOR),
    Attribute("Ruckus-VLAN-ID", RUCKUS_VLAN_ID, Kind.INTEGER, vendor=VENDOR),
    Attribute("Ruckus-Sta-Expiration", RUCKUS_STA_EXPIRATION, Kind.INTEGER, vendor=VENDOR),
    Attribute("Ruckus-Sta-UUID", RUCKUS_STA_UUID, Kind.TEXT, vendor=VENDOR),
    Attribute("Ruckus-Accept-Enhancement-Reason", RUCKUS_ACCEPT_ENHANCEMENT_REASON, Kind.INTEGER, vendor=VENDOR),
    Attribute("Ruckus-Sta-Inner-Id", RUCKUS_STA_INNER_ID, Kind.TEXT, vendor=VENDOR),
    Attribute("Ruckus-BSSID", RUCKUS_BSSID, Kind.OCTETS, vendor=VENDOR),
    Attribute("Ruckus-Session-Type", RUCKUS_SESSION_TYPE, Kind.INTEGER, vendor=VENDOR, values=RUCKUS_SESSION_TYPE_VALUES),
    Attribute(
        "Ruckus-Accounting-Status", RUCKUS_ACCOUNTING_STATUS, Kind.INTEGER, vendor=VENDOR, values=RUCKUS_ACCOUNTING_STATUS_VALUES
    ),
    Attribute("Ruckus-Zone-Id", RUCKUS_ZONE_ID, Kind.TEXT, vendor=VENDOR),
    Attribute("Ruckus-Auth-Server-Id", RUCKUS_AUTH_SERVER_ID, Kind.TEXT, vendor=VENDOR),
    Attribute("Ruckus-Wispr-Redirect-Policy", RUCKUS_WISPR_REDIRECT_POLICY, Kind.TEXT, vendor=VENDOR),
    Attribute("Ruckus-Eth-Profile-Id", RUCKUS_ETH_PROFILE_ID, Kind.INTEGER, vendor=VENDOR),
    Attribute("Ruckus-Zone-Name", RUCKUS_ZONE_NAME, Kind.TEXT, vendor=VENDOR),
    Attribute("Ruckus-Wlan-Name", RUCKUS_WLAN_NAME, Kind.TEXT, vendor=VENDOR),
    Attribute("Ruckus-Client-Host-Name", RUCKUS_CLIENT_HOST_NAME, Kind.TEXT, vendor=VENDOR),
    Attribute("Ruckus-Client-Os-Type", RUCKUS_CLIENT_OS_TYPE, Kind.TEXT, vendor=VENDOR),
    Attribute("Ruckus-Client-Os-Class", RUCKUS_CLIENT_OS_CLASS, Kind.TEXT, vendor=VENDOR),
    Attribute("Ruckus-Vlan-Pool", RUCKUS_VLAN_POOL, Kind.TEXT, vendor=VENDOR),
    Attribute("Ruckus-DPSK", RUCKUS_DPSK, Kind.OCTETS, vendor=VENDOR),
    Attribute("Ruckus-CP-Token", RUCKUS_CP_TOKEN, Kind.OCTETS, vendor=VENDOR),
    Attribute("Ruckus-Traffic-Quota", RUCKUS_TRAFFIC_QUOTA, Kind.OCTETS, vendor=VENDOR),
)
