"""TP-Link Omada."""

from typing import Final

from gate.protocols.radius.dictionary.attribute import Attribute, Kind

VENDOR: Final = 11863

TPLINK_RECV_LIMIT: Final = 1
TPLINK_XMIT_LIMIT: Final = 2
TPLINK_AUTHENTICATION_FINDKEY: Final = 3
TPLINK_AUTHENTICATION_FOUNDKEY: Final = 4
TPLINK_USER_COMMAND: Final = 5
TPLINK_SITE: Final = 6
TPLINK_OMADA: Final = 7
TPLINK_REDIRECT_URL: Final = 8
TPLINK_PORTAL_ACCESS_STATUS: Final = 9

ATTRIBUTES: Final = (
    Attribute("TPLink-Recv-limit", TPLINK_RECV_LIMIT, Kind.INTEGER, vendor=VENDOR),
    Attribute("TPLink-Xmit-limit", TPLINK_XMIT_LIMIT, Kind.INTEGER, vendor=VENDOR),
    Attribute("TPLink-Authentication-FindKey", TPLINK_AUTHENTICATION_FINDKEY, Kind.OCTETS, vendor=VENDOR),
    Attribute("TPLink-Authentication-FoundKey", TPLINK_AUTHENTICATION_FOUNDKEY, Kind.OCTETS, vendor=VENDOR),
    Attribute("TPLink-User-Command", TPLINK_USER_COMMAND, Kind.TEXT, vendor=VENDOR),
    Attribute("TPLink-Site", TPLINK_SITE, Kind.TEXT, vendor=VENDOR),
    Attribute("TPLink-Omada", TPLINK_OMADA, Kind.TEXT, vendor=VENDOR),
    Attribute("TPLink-Redirect-Url", TPLINK_REDIRECT_URL, Kind.TEXT, vendor=VENDOR),
    Attribute("TPLink-Portal-Access-Status", TPLINK_PORTAL_ACCESS_STATUS, Kind.INTEGER, vendor=VENDOR),
)
