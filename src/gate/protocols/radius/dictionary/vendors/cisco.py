"""Cisco. Policies "In" and "Out" are seen from the router."""

from typing import Final

from gate.protocols.radius.dictionary.attribute import Attribute, Kind

VENDOR: Final = 9

CISCO_AVPAIR: Final = 1
CISCO_NAS_PORT: Final = 2
CISCO_POLICY_UP: Final = 37
CISCO_POLICY_DOWN: Final = 38
CISCO_SUB_QOS_POL_IN: Final = 55
CISCO_SUB_QOS_POL_OUT: Final = 56
CISCO_MULTILINK_ID: Final = 187
CISCO_NUM_IN_MULTILINK: Final = 188
CISCO_PRE_INPUT_OCTETS: Final = 190
CISCO_PRE_OUTPUT_OCTETS: Final = 191
CISCO_PRE_INPUT_PACKETS: Final = 192
CISCO_PRE_OUTPUT_PACKETS: Final = 193
CISCO_MAXIMUM_TIME: Final = 194
CISCO_DISCONNECT_CAUSE: Final = 195
CISCO_DATA_RATE: Final = 197
CISCO_PRESESSION_TIME: Final = 198
CISCO_IDLE_LIMIT: Final = 244
CISCO_SUBSCRIBER_PASSWORD: Final = 249
CISCO_ACCOUNT_INFO: Final = 250
CISCO_SERVICE_INFO: Final = 251
CISCO_COMMAND_CODE: Final = 252
CISCO_CONTROL_INFO: Final = 253
CISCO_XMIT_RATE: Final = 255

ATTRIBUTES: Final = (
    Attribute("Cisco-AVPair", CISCO_AVPAIR, Kind.TEXT, vendor=VENDOR),
    Attribute("Cisco-NAS-Port", CISCO_NAS_PORT, Kind.TEXT, vendor=VENDOR),
    Attribute("Cisco-Policy-Up", CISCO_POLICY_UP, Kind.TEXT, vendor=VENDOR),
    Attribute("Cisco-Policy-Down", CISCO_POLICY_DOWN, Kind.TEXT, vendor=VENDOR),
    Attribute("Cisco-Sub-QoS-Pol-In", CISCO_SUB_QOS_POL_IN, Kind.TEXT, vendor=VENDOR),
    Attribute("Cisco-Sub-QoS-Pol-Out", CISCO_SUB_QOS_POL_OUT, Kind.TEXT, vendor=VENDOR),
    Attribute("Cisco-Multilink-ID", CISCO_MULTILINK_ID, Kind.INTEGER, vendor=VENDOR),
    Attribute("Cisco-Num-In-Multilink", CISCO_NUM_IN_MULTILINK, Kind.INTEGER, vendor=VENDOR),
    Attribute("Cisco-Pre-Input-Octets", CISCO_PRE_INPUT_OCTETS, Kind.INTEGER, vendor=VENDOR),
    Attribute("Cisco-Pre-Output-Octets", CISCO_PRE_OUTPUT_OCTETS, Kind.INTEGER, vendor=VENDOR),
    Attribute("Cisco-Pre-Input-Packets", CISCO_PRE_INPUT_PACKETS, Kind.INTEGER, vendor=VENDOR),
    Attribute("Cisco-Pre-Output-Packets", CISCO_PRE_OUTPUT_PACKETS, Kind.INTEGER, vendor=VENDOR),
    Attribute("Cisco-Maximum-Time", CISCO_MAXIMUM_TIME, Kind.INTEGER, vendor=VENDOR),
    Attribute("Cisco-Disconnect-Cause", CISCO_DISCONNECT_CAUSE, Kind.INTEGER, vendor=VENDOR),
    Attribute("Cisco-Data-Rate", CISCO_DATA_RATE, Kind.INTEGER, vendor=VENDOR),
    Attribute("Cisco-PreSession-Time", CISCO_PRESESSION_TIME, Kind.INTEGER, vendor=VENDOR),
    Attribute("Cisco-Idle-Limit", CISCO_IDLE_LIMIT, Kind.INTEGER, vendor=VENDOR),
    Attribute("Cisco-Subscriber-Password", CISCO_SUBSCRIBER_PASSWORD, Kind.TEXT, vendor=VENDOR),
    Attribute("Cisco-Account-Info", CISCO_ACCOUNT_INFO, Kind.TEXT, vendor=VENDOR),
    Attribute("Cisco-Service-Info", CISCO_SERVICE_INFO, Kind.TEXT, vendor=VENDOR),
    Attribute("Cisco-Command-Code", CISCO_COMMAND_CODE, Kind.TEXT, vendor=VENDOR),
    Attribute("Cisco-Control-Info", CISCO_CONTROL_INFO, Kind.TEXT, vendor=VENDOR),
    Attribute("Cisco-Xmit-Rate", CISCO_XMIT_RATE, Kind.INTEGER, vendor=VENDOR),
)
