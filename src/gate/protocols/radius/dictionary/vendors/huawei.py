"""Huawei. Rates are in bit/s; input is what the client sends."""

from typing import Final

from gate.protocols.radius.dictionary.attribute import Attribute, Kind

VENDOR: Final = 2011

HUAWEI_INPUT_BURST_SIZE: Final = 1
HUAWEI_INPUT_AVERAGE_RATE: Final = 2
HUAWEI_INPUT_PEAK_RATE: Final = 3
HUAWEI_OUTPUT_BURST_SIZE: Final = 4
HUAWEI_OUTPUT_AVERAGE_RATE: Final = 5
HUAWEI_OUTPUT_PEAK_RATE: Final = 6
HUAWEI_REMANENT_VOLUME: Final = 15
HUAWEI_ISP_ID: Final = 17
HUAWEI_COMMAND: Final = 20
HUAWEI_PRIORITY: Final = 22
HUAWEI_RESULT_CODE: Final = 25
HUAWEI_CONNECT_ID: Final = 26
HUAWEI_PORTALURL: Final = 27
HUAWEI_FTP_DIRECTORY: Final = 28
HUAWEI_EXEC_PRIVILEGE: Final = 29
HUAWEI_QOS_PROFILE_NAME: Final = 31
HUAWEI_USER_CLASS: Final = 66
HUAWEI_DATA_FILTER: Final = 82
HUAWEI_PORTAL_MODE: Final = 85
HUAWEI_FRAMED_POOL: Final = 88
HUAWEI_QUEUE_PROFILE: Final = 91
HUAWEI_VPN_INSTANCE: Final = 94
HUAWEI_POLICY_NAME: Final = 95
HUAWEI_DOMAIN_NAME: Final = 138
HUAWEI_HTTP_REDIRECT_URL: Final = 140
HUAWEI_USER_MAC: Final = 153
HUAWEI_AVPAIR: Final = 188
HUAWEI_WEB_URL: Final = 253
HUAWEI_VERSION: Final = 254
HUAWEI_PRODUCT_ID: Final = 255

HUAWEI_PORTAL_MODE_VALUES: Final = {
    "PADM": 0,
    "Redirectional": 1,
    "Non-captive": 2,
}

ATTRIBUTES: Final = (
    Attribute("Huawei-Input-Burst-Size", HUAWEI_INPUT_BURST_SIZE, Kind.INTEGER, vendor=VENDOR),
    Attribute("Huawei-Input-Average-Rate", HUAWEI_INPUT_AVERAGE_RATE, Kind.INTEGER, vendor=VENDOR),
    Attribute("Huawei-Input-Peak-Rate", HUAWEI_INPUT_PEAK_RATE, Kind.INTEGER, vendor=VENDOR),
    Attribute("Huawei-Output-Burst-Size", HUAWEI_OUTPUT_BURST_SIZE, Kind.INTEGER, vendor=VENDOR),
    Attribute("Huawei-Output-Average-Rate", HUAWEI_OUTPUT_AVERAGE_RATE, Kind.INTEGER, vendor=VENDOR),
    Attribute("Huawei-Output-Peak-Rate", HUAWEI_OUTPUT_PEAK_RATE, Kind.INTEGER, vendor=VENDOR),
    Attribute("Huawei-Remanent-Volume", HUAWEI_REMANENT_VOLUME, Kind.INTEGER, vendor=VENDOR),
    Attribute("Huawei-ISP-ID", HUAWEI_ISP_ID, Kind.TEXT, vendor=VENDOR),
    Attribute("Huawei-Command", HUAWEI_COMMAND, Kind.INTEGER, vendor=VENDOR),
    Attribute("Huawei-Priority", HUAWEI_PRIORITY, Kind.INTEGER, vendor=VENDOR),
    Attribute("Huawei-Result-Code", HUAWEI_RESULT_CODE, Kind.INTEGER, vendor=VENDOR),
    Attribute("Huawei-Connect-ID", HUAWEI_CONNECT_ID, Kind.INTEGER, vendor=VENDOR),
    Attribute("Huawei-PortalURL", HUAWEI_PORTALURL, Kind.TEXT, vendor=VENDOR),
    Attribute("Huawei-FTP-Directory", HUAWEI_FTP_DIRECTORY, Kind.TEXT, vendor=VENDOR),
    Attribute("Huawei-Exec-Privilege", HUAWEI_EXEC_PRIVILEGE, Kind.INTEGER, vendor=VENDOR),
    Attribute("Huawei-Qos-Profile-Name", HUAWEI_QOS_PROFILE_NAME, Kind.TEXT, vendor=VENDOR),
    Attribute("Huawei-User-Class", HUAWEI_USER_CLASS, Kind.TEXT, vendor=VENDOR),
    Attribute("Huawei-Data-Filter", HUAWEI_DATA_FILTER, Kind.TEXT, vendor=VENDOR),
    Attribute("Huawei-Portal-Mode", HUAWEI_PORTAL_MODE, Kind.INTEGER, vendor=VENDOR, values=HUAWEI_PORTAL_MODE_VALUES),
    Attribute("Huawei-Framed-Pool", HUAWEI_FRAMED_POOL, Kind.TEXT, vendor=VENDOR),
    Attribute("Huawei-Queue-Profile", HUAWEI_QUEUE_PROFILE, Kind.TEXT, vendor=VENDOR),
    Attribute("Huawei-VPN-Instance", HUAWEI_VPN_INSTANCE, Kind.TEXT, vendor=VENDOR),
    Attribute("Huawei-Policy-Name", HUAWEI_POLICY_NAME, Kind.TEXT, vendor=VENDOR),
    Attribute("Huawei-Domain-Name", HUAWEI_DOMAIN_NAME, Kind.TEXT, vendor=VENDOR),
    Attribute("Huawei-HTTP-Redirect-URL", HUAWEI_HTTP_REDIRECT_URL, Kind.TEXT, vendor=VENDOR),
    Attribute("Huawei-User-Mac", HUAWEI_USER_MAC, Kind.TEXT, vendor=VENDOR),
    Attribute("Huawei-AVpair", HUAWEI_AVPAIR, Kind.TEXT, vendor=VENDOR),
    Attribute("Huawei-Web-URL", HUAWEI_WEB_URL, Kind.TEXT, vendor=VENDOR),
    Attribute("Huawei-Version", HUAWEI_VERSION, Kind.TEXT, vendor=VENDOR),
    Attribute("Huawei-Product-ID", HUAWEI_PRODUCT_ID, Kind.TEXT, vendor=VENDOR),
)
