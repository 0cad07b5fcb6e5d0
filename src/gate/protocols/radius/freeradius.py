"""Where FreeRADIUS's dictionaries differ from GATE's: names it has not, and names of its own.

GATE has the names of FreeRADIUS (0021), but for vendors whose dictionaries are no part of it. An attribute goes to a FreeRADIUS
by name, so it needs those names too: `dictionary_text` is a file for it to include.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from gate.protocols.radius import dictionary
from gate.protocols.radius.dictionary import Attribute, Kind

VENDORS: Final[Mapping[int, str]] = {11863: "TPLink", 14559: "ChilliSpot", 41112: "Ubiquiti", 58888: "OpenWiFi"}
"""What FreeRADIUS calls the vendors of attributes it lacks, or is told to call them."""
# Of ChilliSpot it has some.
_CHILLISPOT: Final = frozenset({10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 21, 22, 23, 24, 25, 26, 27, 40, 41, 42, 54, 56, 70})
NAMES: Final[Mapping[tuple[int, int], str]] = {(11, 27): "HP-CPPM-Role", (25053, 144): "Ruckus-Max-DL-UL-Quota"}
"""Vendor and number of what it calls otherwise."""
_NUMBERS: Final = {name.lower(): key for key, name in NAMES.items()}
_TYPES: Final[Mapping[Kind, str]] = {Kind.TEXT: "string", Kind.HIDDEN: "string"}


def name_of(attribute: Attribute) -> str:
    """What FreeRADIUS calls an attribute."""
    return NAMES.get((attribute.vendor, attribute.number), attribute.name)


def by_name(name: str) -> Attribute | None:
    """The attribute FreeRADIUS calls so, with or without a tag behind a colon; None where GATE has none."""
    number = _NUMBERS.get(name.lower())
    return dictionary.by_name(name) if number is None else dictionary.by_number(*number)


def lacking() -> Iterator[Attribute]:
    """The attributes Debian's FreeRADIUS 3.2 has no name for."""
    for attribute in dictionary.ALL:
        if attribute.vendor in VENDORS and (attribute.vendor != 14559 or attribute.number in _CHILLISPOT):
            yield attribute


def dictionary_text() -> str:
    """A dictionary of those, as FreeRADIUS reads it (dictionary(5))."""
    lines = []
    for vendor, name in VENDORS.items():
        lines += ["", f"VENDOR\t\t{name}\t\t{vendor}", f"BEGIN-VENDOR\t{name}"]
        lines += [
            f"ATTRIBUTE\t{attribute.name}\t{attribute.number}\t{_TYPES.get(attribute.kind, attribute.kind.value)}"
            for attribute in lacking()
            if attribute.vendor == vendor
        ]
        lines.append(f"END-VENDOR\t{name}")
    return "\n".join(["#  Attributes GATE may send that FreeRADIUS has no name for.", *lines, ""])
