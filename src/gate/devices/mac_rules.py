"""What MAC addresses may be authorised. Pure."""

import re
from collections.abc import Sequence

from gate.core.errors import Invalid, Missing
from gate.devices.mac_types import MacFields
from gate.places.rules import parse_mac

MAX_AT_ONCE = 1_000
"""Addresses in one list."""
MAX_NOTE, MAX_PROFILES = 200, 32
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_TOLD = 5
"""Faults of a list that are told."""


def is_randomized(mac: str) -> bool:
    """Whether a device made the address up (the locally administered bit, IEEE 802 section 8.2): it may use another one soon."""
    return bool(int(mac[:2], 16) & 0b10)


def is_group(mac: str) -> bool:
    """Whether it is no device's own address but one of a group (multicast, broadcast)."""
    return bool(int(mac[:2], 16) & 0b1)


def read_lines(text: str) -> list[tuple[str, str]]:
    """Addresses and notes out of what somebody pasted: one a line, a note behind it, separated by blank, comma, semicolon or tab.

    Empty lines, and those that begin with #, say nothing. Raises Missing, Invalid naming the lines.
    """
    found: list[tuple[str, str]] = []
    faults: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        said = line.strip().strip('"')
        if not said or said.startswith("#"):
            continue
        mac, note = _divided(said)
        if mac is None:
            faults.append(f"line {number}: {said[:40]!r} begins with no MAC address")
        else:
            found.append((mac, note))
    if faults:
        raise Invalid.field("mac", "; ".join(faults[:_TOLD]))
    return checked(found)


def checked(addresses: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Addresses as they are stored, each with its note. Raises Missing where there are none, Invalid naming those refused."""
    if not addresses:
        raise Missing("mac is required", fields={"mac": ["is required"]})
    if len(addresses) > MAX_AT_ONCE:
        raise Invalid.field("mac", f"holds more than {MAX_AT_ONCE} addresses")
    made: dict[str, str] = {}
    faults = []
    for text, note in addresses:
        mac = parse_mac(text)
        if mac is None:
            faults.append(f"{text[:40]!r} is no MAC address: it has 12 hexadecimal digits, for example AA:BB:CC:DD:EE:FF")
        elif is_group(mac) or mac == "00:00:00:00:00:00":
            faults.append(f"{mac} is no device's own address")
        elif mac in made:
            faults.append(f"{mac} is there twice")
        else:
            made[mac] = note.strip()
    if faults:
        raise Invalid.field("mac", "; ".join(faults[:_TOLD]))
    for note in made.values():
        check({"note": note})
    return list(made.items())


def check(fields: MacFields) -> None:
    """Raises Invalid for what an address cannot have."""
    note = fields.get("note", "")
    if len(note) > MAX_NOTE or _CONTROL.search(note):
        raise Invalid.field("note", f"takes at most {MAX_NOTE} characters and no control characters")
    if len(fields.get("profile", ())) > MAX_PROFILES:
        raise Invalid.field("profile", f"holds more than {MAX_PROFILES} names")


def _divided(line: str) -> tuple[str | None, str]:
    """The address a line begins with, in its longest form, and what stands behind it."""
    for size in (17, 14, 13, 12):
        mac, rest = parse_mac(line[:size]), line[size:]
        if mac is not None and (not rest or rest[0] in " \t,;\"'"):
            return mac, rest.strip(" \t,;\"'")
    return None, ""
