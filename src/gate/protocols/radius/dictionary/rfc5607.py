"""RFC 5607: management sessions on network devices."""

from typing import Final

from gate.protocols.radius.dictionary.attribute import Attribute, Kind

FRAMED_MANAGEMENT: Final = 133
MANAGEMENT_TRANSPORT_PROTECTION: Final = 134
MANAGEMENT_POLICY_ID: Final = 135
MANAGEMENT_PRIVILEGE_LEVEL: Final = 136

FRAMED_MANAGEMENT_VALUES: Final = {
    "SNMP": 1,
    "Web-Based": 2,
    "NETCONF": 3,
    "FTP": 4,
    "TFTP": 5,
    "SFTP": 6,
    "RCP": 7,
    "SCP": 8,
}

MANAGEMENT_TRANSPORT_PROTECTION_VALUES: Final = {
    "No-Protection": 1,
    "Integrity-Protection": 2,
    "Integrity-Confidentiality-Protection": 3,
}

ATTRIBUTES: Final = (
    Attribute("Framed-Management", FRAMED_MANAGEMENT, Kind.INTEGER, values=FRAMED_MANAGEMENT_VALUES),
    Attribute(
        "Management-Transport-Protection",
        MANAGEMENT_TRANSPORT_PROTECTION,
        Kind.INTEGER,
        values=MANAGEMENT_TRANSPORT_PROTECTION_VALUES,
    ),
    Attribute("Management-Policy-Id", MANAGEMENT_POLICY_ID, Kind.TEXT),
    Attribute("Management-Privilege-Level", MANAGEMENT_PRIVILEGE_LEVEL, Kind.INTEGER),
)
