"""ChilliSpot and CoovaChilli. Bandwidths are in kbit/s."""

from typing import Final

from gate.protocols.radius.dictionary.attribute import Attribute, Kind

VENDOR: Final = 14559

CHILLISPOT_MAX_INPUT_OCTETS: Final = 1
CHILLISPOT_MAX_OUTPUT_OCTETS: Final = 2
CHILLISPOT_MAX_TOTAL_OCTETS: Final = 3
CHILLISPOT_BANDWIDTH_MAX_UP: Final = 4
CHILLISPOT_BANDWIDTH_MAX_DOWN: Final = 5
CHILLISPOT_CONFIG: Final = 6
CHILLISPOT_LANG: Final = 7
CHILLISPOT_VERSION: Final = 8
CHILLISPOT_ORIGINALURL: Final = 9
CHILLISPOT_ACCT_VIEW_POINT: Final = 10
CHILLISPOT_REQUIRE_UAM: Final = 11
CHILLISPOT_REQUIRE_SPLASH: Final = 12
CHILLISPOT_ROUTE_TO_INTERFACE: Final = 13
CHILLISPOT_CONFIG_FILE: Final = 14
CHILLISPOT_SESSION_STATE: Final = 15
CHILLISPOT_SESSION_ID: Final = 16
CHILLISPOT_AP_SESSION_ID: Final = 17
CHILLISPOT_USER_AGENT: Final = 18
CHILLISPOT_ACCEPT_LANGUAGE: Final = 19
CHILLISPOT_MAX_INPUT_GIGAWORDS: Final = 21
CHILLISPOT_MAX_OUTPUT_GIGAWORDS: Final = 22
CHILLISPOT_MAX_TOTAL_GIGAWORDS: Final = 23
CHILLISPOT_VLAN_ID: Final = 24
CHILLISPOT_LOCATION: Final = 25
CHILLISPOT_OLD_LOCATION: Final = 26
CHILLISPOT_LOCATION_CHANGE_COUNT: Final = 27
CHILLISPOT_SYS_UPTIME: Final = 40
CHILLISPOT_SYS_LOADAVG: Final = 41
CHILLISPOT_SYS_MEMORY: Final = 42
CHILLISPOT_DHCP_HOSTNAME: Final = 54
CHILLISPOT_DHCP_CLIENT_FQDN: Final = 56
CHILLISPOT_INJECT_URL: Final = 70
CHILLISPOT_UAM_ALLOWED: Final = 100
CHILLISPOT_MAC_ALLOWED: Final = 101
CHILLISPOT_INTERVAL: Final = 102

CHILLISPOT_ACCT_VIEW_POINT_VALUES: Final = {
    "ChilliSpot-NAS-View-Point": 1,
    "ChilliSpot-Client-View-Point": 2,
}

CHILLISPOT_SESSION_STATE_VALUES: Final = {
    "Authorized": 1,
    "NotAuthorized": 2,
    "Started": 3,
    "Stopped": 4,
    "UserLogoutUrl": 10,
    "IdleTimeoutReached": 11,
    "TimeoutReached": 12,
    "LogoutTimeReached": 13,
    "InDataLimitReached": 14,
    "OutDataLimitReached": 15,
    "TotalDataLimitReached": 16,
    "LocationChanged": 17,
}

ATTRIBUTES: Final = (
    Attribute("ChilliSpot-Max-Input-Octets", CHILLISPOT_MAX_INPUT_OCTETS, Kind.INTEGER, vendor=VENDOR),
    Attribute("ChilliSpot-Max-Output-Octets", CHILLISPOT_MAX_OUTPUT_OCTETS, Kind.INTEGER, vendor=VENDOR),
    Attribute("ChilliSpot-Max-Total-Octets", CHILLISPOT_MAX_TOTAL_OCTETS, Kind.INTEGER, vendor=VENDOR),
    Attribute("ChilliSpot-Bandwidth-Max-Up", CHILLISPOT_BANDWIDTH_MAX_UP, Kind.INTEGER, vendor=VENDOR),
    Attribute("ChilliSpot-Bandwidth-Max-Down", CHILLISPOT_BANDWIDTH_MAX_DOWN, Kind.INTEGER, vendor=VENDOR),
    Attribute("ChilliSpot-Config", CHILLISPOT_CONFIG, Kind.TEXT, vendor=VENDOR),
    Attribute("ChilliSpot-Lang", CHILLISPOT_LANG, Kind.TEXT, vendor=VENDOR),
    Attribute("ChilliSpot-Version", CHILLISPOT_VERSION, Kind.TEXT, vendor=VENDOR),
    Attribute("ChilliSpot-OriginalURL", CHILLISPOT_ORIGINALURL, Kind.TEXT, vendor=VENDOR),
    Attribute(
        "ChilliSpot-Acct-View-Point",
        CHILLISPOT_ACCT_VIEW_POINT,
        Kind.INTEGER,
        vendor=VENDOR,
        values=CHILLISPOT_ACCT_VIEW_POINT_VALUES,
    ),
    Attribute("ChilliSpot-Require-UAM", CHILLISPOT_REQUIRE_UAM, Kind.TEXT, vendor=VENDOR),
    Attribute("ChilliSpot-Require-Splash", CHILLISPOT_REQUIRE_SPLASH, Kind.TEXT, vendor=VENDOR),
    Attribute("ChilliSpot-Route-To-Interface", CHILLISPOT_ROUTE_TO_INTERFACE, Kind.TEXT, vendor=VENDOR),
    Attribute("ChilliSpot-Config-File", CHILLISPOT_CONFIG_FILE, Kind.TEXT, vendor=VENDOR),
    Attribute(
        "ChilliSpot-Session-State", CHILLISPOT_SESSION_STATE, Kind.INTEGER, vendor=VENDOR, values=CHILLISPOT_SESSION_STATE_VALUES
    ),
    Attribute("ChilliSpot-Session-Id", CHILLISPOT_SESSION_ID, Kind.TEXT, vendor=VENDOR),
    Attribute("ChilliSpot-AP-Session-Id", CHILLISPOT_AP_SESSION_ID, Kind.TEXT, vendor=VENDOR),
    Attribute("ChilliSpot-User-Agent", CHILLISPOT_USER_AGENT, Kind.TEXT, vendor=VENDOR),
    Attribute("ChilliSpot-Accept-Language", CHILLISPOT_ACCEPT_LANGUAGE, Kind.TEXT, vendor=VENDOR),
    Attribute("ChilliSpot-Max-Input-Gigawords", CHILLISPOT_MAX_INPUT_GIGAWORDS, Kind.INTEGER, vendor=VENDOR),
    Attribute("ChilliSpot-Max-Output-Gigawords", CHILLISPOT_MAX_OUTPUT_GIGAWORDS, Kind.INTEGER, vendor=VENDOR),
    Attribute("ChilliSpot-Max-Total-Gigawords", CHILLISPOT_MAX_TOTAL_GIGAWORDS, Kind.INTEGER, vendor=VENDOR),
    Attribute("ChilliSpot-VLAN-Id", CHILLISPOT_VLAN_ID, Kind.INTEGER, vendor=VENDOR),
    Attribute("ChilliSpot-Location", CHILLISPOT_LOCATION, Kind.TEXT, vendor=VENDOR),
    Attribute("ChilliSpot-Old-Location", CHILLISPOT_OLD_LOCATION, Kind.TEXT, vendor=VENDOR),
    Attribute("ChilliSpot-Location-Change-Count", CHILLISPOT_LOCATION_CHANGE_COUNT, Kind.INTEGER, vendor=VENDOR),
    Attribute("ChilliSpot-Sys-Uptime", CHILLISPOT_SYS_UPTIME, Kind.INTEGER, vendor=VENDOR),
    Attribute("ChilliSpot-Sys-LoadAvg", CHILLISPOT_SYS_LOADAVG, Kind.TEXT, vendor=VENDOR),
    Attribute("ChilliSpot-Sys-Memory", CHILLISPOT_SYS_MEMORY, Kind.TEXT, vendor=VENDOR),
    Attribute("ChilliSpot-DHCP-Hostname", CHILLISPOT_DHCP_HOSTNAME, Kind.TEXT, vendor=VENDOR),
    Attribute("ChilliSpot-DHCP-Client-FQDN", CHILLISPOT_DHCP_CLIENT_FQDN, Kind.TEXT, vendor=VENDOR),
    Attribute("ChilliSpot-Inject-URL", CHILLISPOT_INJECT_URL, Kind.TEXT, vendor=VENDOR),
    Attribute("ChilliSpot-UAM-Allowed", CHILLISPOT_UAM_ALLOWED, Kind.TEXT, vendor=VENDOR),
    Attribute("ChilliSpot-MAC-Allowed", CHILLISPOT_MAC_ALLOWED, Kind.TEXT, vendor=VENDOR),
    Attribute("ChilliSpot-Interval", CHILLISPOT_INTERVAL, Kind.INTEGER, vendor=VENDOR),
)
