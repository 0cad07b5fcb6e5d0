"""RFC 5580: the operator of a network and the place of a session."""

from typing import Final

from gate.protocols.radius.dictionary.attribute import Attribute, Kind

OPERATOR_NAME: Final = 126
LOCATION_INFORMATION: Final = 127
LOCATION_DATA: Final = 128
BASIC_LOCATION_POLICY_RULES: Final = 129
EXTENDED_LOCATION_POLICY_RULES: Final = 130
LOCATION_CAPABLE: Final = 131
REQUESTED_LOCATION_INFO: Final = 132

ATTRIBUTES: Final = (
    Attribute("Operator-Name", OPERATOR_NAME, Kind.TEXT),
    Attribute("Location-Information", LOCATION_INFORMATION, Kind.OCTETS),
    Attribute("Location-Data", LOCATION_DATA, Kind.OCTETS),
    Attribute("Basic-Location-Policy-Rules", BASIC_LOCATION_POLICY_RULES, Kind.OCTETS),
    Attribute("Extended-Location-Policy-Rules", EXTENDED_LOCATION_POLICY_RULES, Kind.OCTETS),
    Attribute("Location-Capable", LOCATION_CAPABLE, Kind.INTEGER),
    Attribute("Requested-Location-Info", REQUESTED_LOCATION_INFO, Kind.INTEGER),
)
