"""RFC 4849: filter rules."""

from typing import Final

from gate.protocols.radius.dictionary.attribute import Attribute, Kind

NAS_FILTER_RULE: Final = 92

ATTRIBUTES: Final = (Attribute("NAS-Filter-Rule", NAS_FILTER_RULE, Kind.TEXT),)
