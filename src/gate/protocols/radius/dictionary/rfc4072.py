"""RFC 4072: the name of an EAP key."""

from typing import Final

from gate.protocols.radius.dictionary.attribute import Attribute, Kind

EAP_KEY_NAME: Final = 102

ATTRIBUTES: Final = (Attribute("EAP-Key-Name", EAP_KEY_NAME, Kind.OCTETS),)
