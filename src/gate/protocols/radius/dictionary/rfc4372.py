"""RFC 4372: Chargeable-User-Identity."""

from typing import Final

from gate.protocols.radius.dictionary.attribute import Attribute, Kind

CHARGEABLE_USER_IDENTITY: Final = 89

ATTRIBUTES: Final = (Attribute("Chargeable-User-Identity", CHARGEABLE_USER_IDENTITY, Kind.OCTETS),)
