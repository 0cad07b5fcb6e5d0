"""RFC 2866: accounting."""

from typing import Final

from gate.protocols.radius.dictionary.attribute import Attribute, Kind

ACCT_STATUS_TYPE: Final = 40
ACCT_DELAY_TIME: Final = 41
ACCT_INPUT_OCTETS: Final = 42
ACCT_OUTPUT_OCTETS: Final = 43
ACCT_SESSION_ID: Final = 44
ACCT_AUTHENTIC: Final = 45
ACCT_SESSION_TIME: Final = 46
ACCT_INPUT_PACKETS: Final = 47
ACCT_OUTPUT_PACKETS: Final = 48
ACCT_TERMINATE_CAUSE: Final = 49
ACCT_MULTI_SESSION_ID: Final = 50
ACCT_LINK_COUNT: Final = 51

ACCT_STATUS_TYPE_VALUES: Final = {
    "Start": 1,
    "Stop": 2,
    "Interim-Update": 3,
    "Accounting-On": 7,
    "Accounting-Off": 8,
    "Tunnel-Start": 9,
    "Tunnel-Stop": 10,
    "Tunnel-Reject": 11,
    "Tunnel-Link-Start": 12,
    "Tunnel-Link-Stop": 13,
    "Tunnel-Link-Reject": 14,
    "Failed": 15,
    "Alive": 3,
}

ACCT_AUTHENTIC_VALUES: Final = {
    "RADIUS": 1,
    "Local": 2,
    "Remote": 3,
    "Diameter": 4,
}

ACCT_TERMINATE_CAUSE_VALUES: Final = {
    "User-Request": 1,
    "Lost-Carrier": 2,
    "Lost-Service": 3,
    "Idle-Timeout": 4,
    "Session-Timeout": 5,
    "Admin-Reset": 6,
    "Admin-Reboot": 7,
    "Port-Error": 8,
    "NAS-Error": 9,
    "NAS-Request": 10,
    "NAS-Reboot": 11,
    "Port-Unneeded": 12,
    "Port-Preempted": 13,
    "Port-Suspended": 14,
    "Service-Unavailable": 15,
    "Callback": 16,
    "User-Error": 17,
    "Host-Request": 18,
    "Supplicant-Restart": 19,
    "Reauthentication-Failure": 20,
    "Port-Reinit": 21,
    "Port-Disabled": 22,
    "Lost-Power": 23,
}

ATTRIBUTES: Final = (
    Attribute("Acct-Status-Type", ACCT_STATUS_TYPE, Kind.INTEGER, values=ACCT_STATUS_TYPE_VALUES),
    Attribute("Acct-Delay-Time", ACCT_DELAY_TIME, Kind.INTEGER),
    Attribute("Acct-Input-Octets", ACCT_INPUT_OCTETS, Kind.INTEGER),
    Attribute("Acct-Output-Octets", ACCT_OUTPUT_OCTETS, Kind.INTEGER),
    Attribute("Acct-Session-Id", ACCT_SESSION_ID, Kind.TEXT),
    Attribute("Acct-Authentic", ACCT_AUTHENTIC, Kind.INTEGER, values=ACCT_AUTHENTIC_VALUES),
    Attribute("Acct-Session-Time", ACCT_SESSION_TIME, Kind.INTEGER),
    Attribute("Acct-Input-Packets", ACCT_INPUT_PACKETS, Kind.INTEGER),
    Attribute("Acct-Output-Packets", ACCT_OUTPUT_PACKETS, Kind.INTEGER),
    Attribute("Acct-Terminate-Cause", ACCT_TERMINATE_CAUSE, Kind.INTEGER, values=ACCT_TERMINATE_CAUSE_VALUES),
    Attribute("Acct-Multi-Session-Id", ACCT_MULTI_SESSION_ID, Kind.TEXT),
    Attribute("Acct-Link-Count", ACCT_LINK_COUNT, Kind.INTEGER),
)
