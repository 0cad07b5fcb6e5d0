"""Ubiquiti. Rates are in bit/s."""

from typing import Final

from gate.protocols.radius.dictionary.attribute import Attribute, Kind

VENDOR: Final = 41112

UBNT_DATA_RATE_DL: Final = 1
UBNT_DATA_RATE_UL: Final = 2

ATTRIBUTES: Final = (
    Attribute("UBNT-Data-Rate-DL", UBNT_DATA_RATE_DL, Kind.INTEGER, vendor=VENDOR),
    Attribute("UBNT-Data-Rate-UL", UBNT_DATA_RATE_UL, Kind.INTEGER, vendor=VENDOR),
)
