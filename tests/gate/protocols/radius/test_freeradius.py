"""Names against Debian's dictionaries: what GATE may send, FreeRADIUS knows by that name, or is told."""

import re
from pathlib import Path

import pytest

from gate.protocols.radius import dictionary, freeradius

FOLDER = Path("/usr/share/freeradius")
_LINES = re.compile(r"^(VENDOR|ATTRIBUTE|BEGIN-VENDOR|END-VENDOR)[ \t]+(\S+)(?:[ \t]+(\S+))?", re.MULTILINE)


def _names(texts: list[str]) -> dict[tuple[int, int], set[str]]:
    """Names by vendor and number."""
    vendors: dict[str, int] = {}
    names: dict[tuple[int, int], set[str]] = {}
    for text in texts:
        vendor = 0
        for word, name, number in _LINES.findall(text):
            if word == "VENDOR":
                vendors[name] = int(number, 0)
            elif word == "BEGIN-VENDOR":
                vendor = vendors[name]
            elif word == "END-VENDOR":
                vendor = 0
            elif re.fullmatch(r"\d+|0x[0-9a-fA-F]+", number):
                names.setdefault((vendor, int(number, 0)), set()).add(name.lower())
    return names


@pytest.mark.skipif(not FOLDER.exists(), reason="FreeRADIUS's dictionaries are away: apt install freeradius-common")
def test_every_attribute_has_its_name_there_or_is_told() -> None:
    included = re.findall(r"^\$INCLUDE\s+(\S+)", (FOLDER / "dictionary").read_text(), re.MULTILINE)
    theirs = _names([(FOLDER / name).read_text("utf-8", "replace") for name in included])
    told = _names([freeradius.dictionary_text()])
    lost = [
        attribute.name
        for attribute in dictionary.ALL
        if not attribute.internal
        and freeradius.name_of(attribute).lower()
        not in theirs.get((attribute.vendor, attribute.number), set()) | told.get((attribute.vendor, attribute.number), set())
    ]
    assert lost == []
    # And nothing is told that they know already.
    assert [key for key in told if key in theirs] == []


def test_a_name_of_their_own_leads_to_the_attribute() -> None:
    for (vendor, number), name in freeradius.NAMES.items():
        attribute = dictionary.by_number(vendor, number)
        assert attribute is not None
        assert freeradius.by_name(name.upper()) is attribute
        assert freeradius.name_of(attribute) == name
    assert freeradius.by_name("Session-Timeout") is dictionary.by_name("session-timeout")
    assert freeradius.by_name("no-such-attribute") is None
