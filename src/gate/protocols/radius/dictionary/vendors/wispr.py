"""WISPr 1.0 (Wi-Fi Alliance best current practices). Bandwidths are in bit/s."""

from typing import Final

from gate.protocols.radius.dictionary.attribute import Attribute, Kind

VENDOR: Final = 14122

WISPR_LOCATION_ID: Final = 1
WISPR_LOCATION_NAME: Final = 2
WISPR_LOGOFF_URL: Final = 3
WISPR_REDIRECTION_URL: Final = 4
WISPR_BANDWIDTH_MIN_UP: Final = 5
WISPR_BANDWIDTH_MIN_DOWN: Final = 6
WISPR_BANDWIDTH_MAX_UP: Final = 7
WISPR_BANDWIDTH_MAX_DOWN: Final = 8
WISPR_SESSION_TERMINATE_TIME: Final = 9
WISPR_SESSION_TERMINATE_END_OF_DAY: Final = 10
WISPR_BILLING_CLASS_OF_SERVICE: Final = 11

ATTRIBUTES: Final = (
    Attribute("WISPr-Location-ID", WISPR_LOCATION_ID, Kind.TEXT, vendor=VENDOR),
    Attribute("WISPr-Location-Name", WISPR_LOCATION_NAME, Kind.TEXT, vendor=VENDOR),
    Attribute("WISPr-Logoff-URL", WISPR_LOGOFF_URL, Kind.TEXT, vendor=VENDOR),
    Attribute("WISPr-Redirection-URL", WISPR_REDIRECTION_URL, Kind.TEXT, vendor=VENDOR),
    Attribute("WISPr-Bandwidth-Min-Up", WISPR_BANDWIDTH_MIN_UP, Kind.INTEGER, vendor=VENDOR),
    Attribute("WISPr-Bandwidth-Min-Down", WISPR_BANDWIDTH_MIN_DOWN, Kind.INTEGER, vendor=VENDOR),
    Attribute("WISPr-Bandwidth-Max-Up", WISPR_BANDWIDTH_MAX_UP, Kind.INTEGER, vendor=VENDOR),
    Attribute("WISPr-Bandwidth-Max-Down", WISPR_BANDWIDTH_MAX_DOWN, Kind.INTEGER, vendor=VENDOR),
    Attribute("WISPr-Session-Terminate-Time", WISPR_SESSION_TERMINATE_TIME, Kind.TEXT, vendor=VENDOR),
    Attribute("WISPr-Session-Terminate-End-Of-Day", WISPR_SESSION_TERMINATE_END_OF_DAY, Kind.TEXT, vendor=VENDOR),
    Attribute("WISPr-Billing-Class-Of-Service", WISPR_BILLING_CLASS_OF_SERVICE, Kind.TEXT, vendor=VENDOR),
)
