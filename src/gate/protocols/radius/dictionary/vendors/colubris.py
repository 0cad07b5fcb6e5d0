"""Colubris (HP MSM)."""

from typing import Final

from gate.protocols.radius.dictionary.attribute import Attribute, Kind

VENDOR: Final = 8744

COLUBRIS_AVPAIR: Final = 0

ATTRIBUTES: Final = (Attribute("Colubris-AVPair", COLUBRIS_AVPAIR, Kind.TEXT, vendor=VENDOR),)
