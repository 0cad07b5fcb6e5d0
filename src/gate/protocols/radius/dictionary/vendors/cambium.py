"""Cambium Networks. The vendor writes "Gigwords"."""

from typing import Final

from gate.protocols.radius.dictionary.attribute import Attribute, Kind

VENDOR: Final = 17713

CAMBIUM_AUTH_ROLE: Final = 1
CAMBIUM_EPMP_DATA_VLAN_ID: Final = 21
CAMBIUM_EPMP_MANAGEMENT_VLAN_ID: Final = 22
CAMBIUM_EPMP_MAX_BURST_UPLINK_RATE: Final = 26
CAMBIUM_EPMP_MAX_BURST_DOWNLINK_RATE: Final = 27
CAMBIUM_TRAFFIC_QUOTA_LIMIT_UP: Final = 151
CAMBIUM_TRAFFIC_QUOTA_LIMIT_DOWN: Final = 152
CAMBIUM_TRAFFIC_QUOTA_LIMIT_UP_GIGWORDS: Final = 153
CAMBIUM_TRAFFIC_QUOTA_LIMIT_DOWN_GIGWORDS: Final = 154
CAMBIUM_TRAFFIC_QUOTA_LIMIT_TOTAL: Final = 155
CAMBIUM_TRAFFIC_QUOTA_LIMIT_TOTAL_GIGWORDS: Final = 156
CAMBIUM_VLAN_POOL_ID: Final = 157
CAMBIUM_AUTHORIZE_CLASSES: Final = 158
CAMBIUM_TRAFFIC_CLASSES_ACCT: Final = 159
CAMBIUM_WALLED_GARDEN_STATE: Final = 160

CAMBIUM_AUTH_ROLE_VALUES: Final = {
    "Invalid": 0,
    "Read-Only": 1,
    "System-Admin": 2,
    "Security-Officer": 3,
}

ATTRIBUTES: Final = (
    Attribute("Cambium-Auth-Role", CAMBIUM_AUTH_ROLE, Kind.INTEGER, vendor=VENDOR, values=CAMBIUM_AUTH_ROLE_VALUES),
    Attribute("Cambium-ePMP-Data-VLAN-Id", CAMBIUM_EPMP_DATA_VLAN_ID, Kind.INTEGER, vendor=VENDOR),
    Attribute("Cambium-ePMP-Management-VLAN-Id", CAMBIUM_EPMP_MANAGEMENT_VLAN_ID, Kind.INTEGER, vendor=VENDOR),
    Attribute("Cambium-ePMP-Max-Burst-Uplink-Rate", CAMBIUM_EPMP_MAX_BURST_UPLINK_RATE, Kind.INTEGER, vendor=VENDOR),
    Attribute("Cambium-ePMP-Max-Burst-Downlink-Rate", CAMBIUM_EPMP_MAX_BURST_DOWNLINK_RATE, Kind.INTEGER, vendor=VENDOR),
    Attribute("Cambium-Traffic-Quota-Limit-Up", CAMBIUM_TRAFFIC_QUOTA_LIMIT_UP, Kind.INTEGER, vendor=VENDOR),
    Attribute("Cambium-Traffic-Quota-Limit-Down", CAMBIUM_TRAFFIC_QUOTA_LIMIT_DOWN, Kind.INTEGER, vendor=VENDOR),
    Attribute("Cambium-Traffic-Quota-Limit-Up-Gigwords", CAMBIUM_TRAFFIC_QUOTA_LIMIT_UP_GIGWORDS, Kind.INTEGER, vendor=VENDOR),
    Attribute(
        "Cambium-Traffic-Quota-Limit-Down-Gigwords", CAMBIUM_TRAFFIC_QUOTA_LIMIT_DOWN_GIGWORDS, Kind.INTEGER, vendor=VENDOR
    ),
    Attribute("Cambium-Traffic-Quota-Limit-Total", CAMBIUM_TRAFFIC_QUOTA_LIMIT_TOTAL, Kind.INTEGER, vendor=VENDOR),
    Attribute(
        "Cambium-Traffic-Quota-Limit-Total-Gigwords", CAMBIUM_TRAFFIC_QUOTA_LIMIT_TOTAL_GIGWORDS, Kind.INTEGER, vendor=VENDOR
    ),
    Attribute("Cambium-VLAN-Pool-Id", CAMBIUM_VLAN_POOL_ID, Kind.TEXT, vendor=VENDOR),
    Attribute("Cambium-Authorize-Classes", CAMBIUM_AUTHORIZE_CLASSES, Kind.OCTETS, vendor=VENDOR),
    Attribute("Cambium-Traffic-Classes-Acct", CAMBIUM_TRAFFIC_CLASSES_ACCT, Kind.OCTETS, vendor=VENDOR),
    Attribute("Cambium-Walled-Garden-State", CAMBIUM_WALLED_GARDEN_STATE, Kind.INTEGER, vendor=VENDOR),
)
