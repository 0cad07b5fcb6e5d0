"""What a device's identifiers look like. Pure: what an app said comes in, what is stored comes out.

IMEI, IMSI and ICCID are those of 3GPP TS 23.003 and ITU-T E.118, without the check digits: apps report what they are given. The
identifier of a mobile network is MCC and MNC (ITU-T E.212) in one.
"""

import re
from typing import Any, cast

from gate.core.errors import Forbidden, Invalid, Missing
from gate.devices.types import Device, DeviceFields, Reporter
from gate.places.rules import parse_mac

IDENTIFIERS = ("number", "generic_id", "imei", "imsi", "iccid", "mac_addr")
"""Any of these is enough to be registered."""
TYPES = ("de", "la", "tb", "ph", "io")
LENGTHS = {
    "number": 32, "generic_id": 200, "home_mobile_network_name": 100, "app_version": 50, "os_family": 50, "os_version": 50,
    "os_api_version": 50, "device_family": 100, "device_brand": 100, "device_model": 100, "push_key": 4_096,
    "user_external_id": 200, "user_class": 100,
}  # fmt: skip

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_NUMBER = re.compile(r"\+?[0-9]{3,15}", re.ASCII)
_DIGITS = {
    "imei": (re.compile(r"[0-9]{15}", re.ASCII), "has 15 digits"),
    "imsi": (re.compile(r"[0-9]{14,15}", re.ASCII), "has 14 or 15 digits"),
    "iccid": (re.compile(r"[0-9]{19,20}", re.ASCII), "has 19 or 20 digits"),
    "home_mobile_network_mccmnc": (re.compile(r"[0-9]{5,6}", re.ASCII), "has 5 or 6 digits"),
}


def checked(fields: DeviceFields) -> DeviceFields:
    """`fields` as they are stored; an empty identifier is None. Raises Invalid naming every field that is refused."""
    made: dict[str, Any] = {}
    faults: dict[str, list[str]] = {}
    for name, value in fields.items():
        text = str(value or "").strip()
        reason = _fault(name, text) if text else None
        if reason is not None:
            faults[name] = [reason]
        made[name] = _stored(name, text)
    if faults:
        raise Invalid("; ".join(f"{name} {why[0]}" for name, why in faults.items()), fields=faults)
    return cast("DeviceFields", made)


def check_identified(fields: DeviceFields) -> None:
    """Raises Missing where `fields`, once checked, hold no identifier."""
    if not any(fields.get(name) for name in IDENTIFIERS):
        listed = ", ".join(IDENTIFIERS)
        raise Missing(f"At least one of {listed} is needed.", fields={name: ["one of these is required"] for name in IDENTIFIERS})


def check_not_blocked(device: Device | Reporter) -> None:
    """Raises Forbidden for a blocked device."""
    if device.is_blocked:
        raise Forbidden("The device is blocked.", code="device_blocked")


def _fault(name: str, text: str) -> str | None:
    if name in _DIGITS:
        shape, wanted = _DIGITS[name]
        return None if shape.fullmatch(text) else wanted
    if name == "mac_addr":
        return None if parse_mac(text) else "has 12 hexadecimal digits, for example AA:BB:CC:DD:EE:FF"
    if name == "device_type":
        return None if text in TYPES else f"is one of {', '.join(TYPES)}"
    if name == "number":
        return None if _NUMBER.fullmatch(_bare(text)) else "has 3 to 15 digits, with or without a + before them"
    if _CONTROL.search(text):
        return "holds control characters"
    return f"is longer than {LENGTHS[name]} characters" if len(text) > LENGTHS[name] else None


def _stored(name: str, text: str) -> str | None:
    if name not in IDENTIFIERS:
        return text
    if name == "mac_addr":
        return parse_mac(text)
    return (_bare(text) if name == "number" else text) or None


def _bare(number: str) -> str:
    """Without what people write between the digits of a telephone number."""
    return re.sub(r"[ ().\-/]", "", number)
