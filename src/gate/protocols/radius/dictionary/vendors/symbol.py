"""Symbol, Motorola and Extreme WiNG. Limits are text in kbit/s."""

from typing import Final

from gate.protocols.radius.dictionary.attribute import Attribute, Kind

VENDOR: Final = 388

SYMBOL_ADMIN_ROLE: Final = 1
SYMBOL_CURRENT_ESSID: Final = 2
SYMBOL_ALLOWED_ESSID: Final = 3
SYMBOL_WLAN_INDEX: Final = 4
SYMBOL_QOS_PROFILE: Final = 5
SYMBOL_ALLOWED_RADIO: Final = 6
SYMBOL_EXPIRY_DATE_TIME: Final = 7
SYMBOL_START_DATE_TIME: Final = 8
SYMBOL_POSTURE_STATUS: Final = 9
SYMBOL_DOWNLINK_LIMIT: Final = 10
SYMBOL_UPLINK_LIMIT: Final = 11
SYMBOL_USER_GROUP: Final = 12
SYMBOL_LOGIN_SOURCE: Final = 100

SYMBOL_QOS_PROFILE_VALUES: Final = {
    "BestEffort": 1,
    "Background": 2,
    "Video": 3,
    "Voice": 4,
}

ATTRIBUTES: Final = (
    Attribute("Symbol-Admin-Role", SYMBOL_ADMIN_ROLE, Kind.INTEGER, vendor=VENDOR),
    Attribute("Symbol-Current-ESSID", SYMBOL_CURRENT_ESSID, Kind.TEXT, vendor=VENDOR),
    Attribute("Symbol-Allowed-ESSID", SYMBOL_ALLOWED_ESSID, Kind.TEXT, vendor=VENDOR),
    Attribute("Symbol-WLAN-Index", SYMBOL_WLAN_INDEX, Kind.INTEGER, vendor=VENDOR),
    Attribute("Symbol-QoS-Profile", SYMBOL_QOS_PROFILE, Kind.INTEGER, vendor=VENDOR, values=SYMBOL_QOS_PROFILE_VALUES),
    Attribute("Symbol-Allowed-Radio", SYMBOL_ALLOWED_RADIO, Kind.TEXT, vendor=VENDOR),
    Attribute("Symbol-Expiry-Date-Time", SYMBOL_EXPIRY_DATE_TIME, Kind.TEXT, vendor=VENDOR),
    Attribute("Symbol-Start-Date-Time", SYMBOL_START_DATE_TIME, Kind.TEXT, vendor=VENDOR),
    Attribute("Symbol-Posture-Status", SYMBOL_POSTURE_STATUS, Kind.TEXT, vendor=VENDOR),
    Attribute("Symbol-Downlink-Limit", SYMBOL_DOWNLINK_LIMIT, Kind.TEXT, vendor=VENDOR),
    Attribute("Symbol-Uplink-Limit", SYMBOL_UPLINK_LIMIT, Kind.TEXT, vendor=VENDOR),
    Attribute("Symbol-User-Group", SYMBOL_USER_GROUP, Kind.TEXT, vendor=VENDOR),
    Attribute("Symbol-Login-Source", SYMBOL_LOGIN_SOURCE, Kind.INTEGER, vendor=VENDOR),
)
