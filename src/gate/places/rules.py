"""What a place may look like. Pure: a draft comes in, the draft as it is stored comes out, or Invalid names every fault."""

import re
from dataclasses import fields, replace
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any, TypeVar

from gate.core.errors import Invalid, Missing
from gate.places.types import AccessPointDraft, LocationDraft

D = TypeVar("D", bound=LocationDraft)

# IEEE 802 writes dashes; Unix and Wi-Fi colons; Cisco 0000.0000.0000; Aruba and HP 000000-000000; RADIUS often nothing.
_MAC = re.compile(
    r"[0-9a-f]{2}([:\- ]?)(?:[0-9a-f]{2}\1){4}[0-9a-f]{2}"
    r"|[0-9a-f]{4}([.:\-])[0-9a-f]{4}\2[0-9a-f]{4}"
    r"|[0-9a-f]{6}[.:\-][0-9a-f]{6}",
    re.ASCII | re.IGNORECASE,
)
_SHORT_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*", re.ASCII)
_COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_MICRODEGREE = Decimal("0.000001")
LENGTHS = {
    "name": 200, "short_name": 100, "description": 10_000, "thumbnail": 500, "address": 300, "reference": 200, "city": 100,
    "postal_code": 20, "state": 100, "region": 100, "country_code": 2,
}  # fmt: skip


def parse_mac(text: str) -> str | None:
    """The MAC address in `text` as `AA:BB:CC:DD:EE:FF`, from any common notation; None where it is none."""
    if not _MAC.fullmatch(text.strip()):
        return None
    digits = re.sub(r"[^0-9a-fA-F]", "", text).upper()
    return ":".join(digits[at : at + 2] for at in range(0, 12, 2))


def checked(draft: D) -> D:
    """`draft` as it is stored: trimmed, MAC and country code in canonical form, coordinates to a millionth of a degree.

    Raises Missing where the name or the short name is absent, Invalid naming every field that is refused.
    """
    said = {item.name: value.strip() for item in fields(draft) if isinstance(value := getattr(draft, item.name), str)}
    absent = {name: ["This field is required."] for name in ("name", "short_name") if not said[name]}
    if absent:
        raise Missing(f"{', '.join(absent)}: required", fields=absent)
    faults = {name: [reason] for name, value in said.items() if (reason := _text_fault(name, value))}
    said["country_code"] = said["country_code"].upper()
    if said["country_code"] and not _COUNTRY.fullmatch(said["country_code"]):
        faults["country_code"] = ["Two letters (ISO 3166-1), for example US."]
    for name, bound in (("latitude", 90), ("longitude", 180)):
        degrees: Decimal | None = getattr(draft, name)
        if degrees is not None and not (degrees.is_finite() and -bound <= degrees <= bound):
            faults[name] = [f"Between -{bound} and {bound} degrees."]
    if (draft.latitude is None) != (draft.longitude is None):
        faults.setdefault("latitude" if draft.latitude is None else "longitude", ["Latitude and longitude go together."])
    if isinstance(draft, AccessPointDraft) and said.get("mac_addr") and parse_mac(said["mac_addr"]) is None:
        faults["mac_addr"] = ["A MAC address has 12 hexadecimal digits, for example AA:BB:CC:DD:EE:FF."]
    if faults:
        raise Invalid("; ".join(f"{name}: {why[0]}" for name, why in faults.items()), fields=faults)
    changed: dict[str, Any] = {**said, "latitude": _rounded(draft.latitude), "longitude": _rounded(draft.longitude)}
    if isinstance(draft, AccessPointDraft):
        changed["mac_addr"] = parse_mac(draft.mac_addr) if draft.mac_addr and draft.mac_addr.strip() else None
    return replace(draft, **changed)


def _text_fault(name: str, value: str) -> str | None:
    limit = LENGTHS.get(name)
    if limit is not None and len(value) > limit:
        return f"At most {limit} characters."
    if _CONTROL.search(value):
        return "Control characters are not allowed."
    if name == "short_name" and not _SHORT_NAME.fullmatch(value):
        return "Letters, digits, dots, dashes and underscores, starting with a letter or digit."
    if name == "thumbnail" and value and not value.lower().startswith(("http://", "https://")):
        return "An address that starts with http:// or https://."
    return None


def _rounded(degrees: Decimal | None) -> Decimal | None:
    return None if degrees is None else degrees.quantize(_MICRODEGREE, rounding=ROUND_HALF_EVEN)
