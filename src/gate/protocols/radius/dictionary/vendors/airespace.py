"""Airespace, the wireless controllers of Cisco. Bandwidths are in kbit/s; upstream ones are what the client sends."""

from typing import Final

from gate.protocols.radius.dictionary.attribute import Attribute, Kind

VENDOR: Final = 14179

AIRESPACE_WLAN_ID: Final = 1
AIRESPACE_QOS_LEVEL: Final = 2
AIRESPACE_DSCP: Final = 3
AIRESPACE_8021P_TAG: Final = 4
AIRESPACE_INTERFACE_NAME: Final = 5
AIRESPACE_ACL_NAME: Final = 6
AIRESPACE_DATA_BANDWIDTH_AVERAGE_CONTRACT: Final = 7
AIRESPACE_REAL_TIME_BANDWIDTH_AVERAGE_CONTRACT: Final = 8
AIRESPACE_DATA_BANDWIDTH_BURST_CONTRACT: Final = 9
AIRESPACE_REAL_TIME_BANDWIDTH_BURST_CONTRACT: Final = 10
AIRESPACE_GUEST_ROLE_NAME: Final = 11
AIRESPACE_DATA_BANDWIDTH_AVERAGE_CONTRACT_UPSTREAM: Final = 13
AIRESPACE_REAL_TIME_BANDWIDTH_AVERAGE_CONTRACT_UPSTREAM: Final = 14
AIRESPACE_DATA_BANDWIDTH_BURST_CONTRACT_UPSTREAM: Final = 15
AIRESPACE_REAL_TIME_BANDWIDTH_BURST_CONTRACT_UPSTREAM: Final = 16

AIRESPACE_QOS_LEVEL_VALUES: Final = {
    "Silver": 0,
    "Gold": 1,
    "Platinum": 2,
    "Bronze": 3,
}

ATTRIBUTES: Final = (
    Attribute("Airespace-Wlan-Id", AIRESPACE_WLAN_ID, Kind.INTEGER, vendor=VENDOR),
    Attribute("Airespace-QOS-Level", AIRESPACE_QOS_LEVEL, Kind.INTEGER, vendor=VENDOR, values=AIRESPACE_QOS_LEVEL_VALUES),
    Attribute("Airespace-DSCP", AIRESPACE_DSCP, Kind.INTEGER, vendor=VENDOR),
    Attribute("Airespace-8021p-Tag", AIRESPACE_8021P_TAG, Kind.INTEGER, vendor=VENDOR),
    Attribute("Airespace-Interface-Name", AIRESPACE_INTERFACE_NAME, Kind.TEXT, vendor=VENDOR),
    Attribute("Airespace-ACL-Name", AIRESPACE_ACL_NAME, Kind.TEXT, vendor=VENDOR),
    Attribute(
        "Airespace-Data-Bandwidth-Average-Contract", AIRESPACE_DATA_BANDWIDTH_AVERAGE_CONTRACT, Kind.INTEGER, vendor=VENDOR
    ),
    Attribute(
        "Airespace-Real-Time-Bandwidth-Average-Contract",
        AIRESPACE_REAL_TIME_BANDWIDTH_AVERAGE_CONTRACT,
        Kind.INTEGER,
        vendor=VENDOR,
    ),
    Attribute("Airespace-Data-Bandwidth-Burst-Contract", AIRESPACE_DATA_BANDWIDTH_BURST_CONTRACT, Kind.INTEGER, vendor=VENDOR),
    Attribute(
        "Airespace-Real-Time-Bandwidth-Burst-Contract", AIRESPACE_REAL_TIME_BANDWIDTH_BURST_CONTRACT, Kind.INTEGER, vendor=VENDOR
    ),
    Attribute("Airespace-Guest-Role-Name", AIRESPACE_GUEST_ROLE_NAME, Kind.TEXT, vendor=VENDOR),
    Attribute(
        "Airespace-Data-Bandwidth-Average-Contract-Upstream",
        AIRESPACE_DATA_BANDWIDTH_AVERAGE_CONTRACT_UPSTREAM,
        Kind.INTEGER,
        vendor=VENDOR,
    ),
    Attribute(
        "Airespace-Real-Time-Bandwidth-Average-Contract-Upstream",
        AIRESPACE_REAL_TIME_BANDWIDTH_AVERAGE_CONTRACT_UPSTREAM,
        Kind.INTEGER,
        vendor=VENDOR,
    ),
    Attribute(
        "Airespace-Data-Bandwidth-Burst-Contract-Upstream",
        AIRESPACE_DATA_BANDWIDTH_BURST_CONTRACT_UPSTREAM,
        Kind.INTEGER,
        vendor=VENDOR,
    ),
    Attribute(
        "Airespace-Real-Time-Bandwidth-Burst-Contract-Upstream",
        AIRESPACE_REAL_TIME_BANDWIDTH_BURST_CONTRACT_UPSTREAM,
        Kind.INTEGER,
        vendor=VENDOR,
    ),
)
