"""What a NAS may look like. Pure: a draft comes in, the draft as it is stored comes out, or Invalid names every fault."""

import datetime as dt
import ipaddress
import re
from dataclasses import replace

from gate.core.errors import Invalid, Missing
from gate.nas import presets
from gate.nas.types import NasDraft

# RFC 2865 §3 asks for 16 octets or more; an offline guess at a captured packet asks for as much entropy as there is.
SECRET_LENGTH = 32
SECRET_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789"  # noqa: S105  none that look alike when typed off a screen
_LEAST_GIVEN, _MOST_GIVEN = 16, 128

_MOST_PACKETS = 1_000_000

_SHORT_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*", re.ASCII)
_VENDOR = re.compile(r"[a-z0-9_-]*", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_SECRET = re.compile(r"[\x21-\x7e]+")
_CONTROL_WORDS = ("off", "disconnect", "both")
_UNCHANGEABLE_WORDS = ("leave", "disconnect")
_FINGERPRINT = re.compile(r"[0-9a-f]{64}")
_CERTIFICATE_NAME = re.compile(r"[\x21-\x7e]([\x20-\x7e]{0,253}[\x21-\x7e])?")
_LENGTHS = {"name": 200, "short_name": 100, "description": 10_000, "nas_identifier": 253, "vendor": 32}

KNOWN_BY = "Give an address, or else the name in its certificate for RadSec or the fingerprint: by one of them GATE knows a NAS."
"""What is said of a NAS that nothing tells from others."""

RECENT = dt.timedelta(days=7)
"""How long a sign-in without Message-Authenticator counts against a NAS."""

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def parse_address(text: str) -> Network:
    """The address or range packets come from. Raises ValueError with one sentence for people."""
    text = text.strip()
    if "%" in text:
        raise ValueError("A zone (%eth0) cannot be part of it: give the address alone.")
    try:
        loose = ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise ValueError("An IPv4 or IPv6 address, or a range such as 192.0.2.0/24.") from None
    if loose.prefixlen == 0:
        raise ValueError(f"{loose} is every address there is: name the networks the NAS sends from.")
    if isinstance(loose, ipaddress.IPv6Network) and loose.network_address.ipv4_mapped is not None:
        raise ValueError("Write an IPv4 address as IPv4, for example 192.0.2.7.")
    if loose.network_address.is_multicast or (loose.num_addresses == 1 and loose.network_address.is_unspecified):
        raise ValueError("No packet comes from this address.")
    try:
        return ipaddress.ip_network(text, strict=True)
    except ValueError:
        host = text.partition("/")[0]
        raise ValueError(
            f"{text} has bits set beyond its prefix: write {host} for the one address, or {loose} for the range."
        ) from None


def shown_address(address: str | None) -> str:
    """A stored address for people: a single one without its prefix length, a dash where there is none."""
    if address is None:
        return "-"
    network = ipaddress.ip_network(address)
    return str(network.network_address) if network.num_addresses == 1 else str(network)


def reached(*, address: str | None, coa_address: str | None, live_control: str) -> str:
    """Where a NAS is asked to end or change a session, in words for people (control.rules.destination)."""
    if live_control == "off":
        return "Nowhere: it is set to take neither Disconnect nor CoA"
    if coa_address is not None:
        return coa_address
    if address is None:
        return "Where each session says that its NAS is; give a CoA address if GATE cannot send there by UDP"
    if ipaddress.ip_network(address).num_addresses > 1:
        return f"Where each session says that its NAS is, within {address}"
    return shown_address(address)


def signing(*, last_signed: dt.datetime | None, last_unsigned: dt.datetime | None, now: dt.datetime) -> str:
    """Whether a NAS sends Message-Authenticator with its sign-ins, in words for people, by when it last did and did not."""
    bare = last_unsigned is not None and now - last_unsigned < RECENT
    match (last_signed is not None, bare):
        case (True, False):
            return "Sent"
        case (True, True):
            return "Not always sent"
        case (False, True):
            return "Not sent"
        case _:
            return "-"


def checked_secret(secret: str) -> str:
    """A secret brought along from elsewhere, if it will do. Raises Invalid, never quoting it."""
    if not _LEAST_GIVEN <= len(secret) <= _MOST_GIVEN:
        raise Invalid.field("secret", f"{_LEAST_GIVEN} to {_MOST_GIVEN} characters (RFC 2865 section 3).")
    if not _SECRET.fullmatch(secret):
        raise Invalid.field("secret", "Printable ASCII characters without spaces: devices disagree about others.")
    return secret


def checked(draft: NasDraft) -> NasDraft:
    """`draft` as it is stored: trimmed, its address in CIDR form.

    Raises Missing where name or short name is absent, or all of what a NAS is known by, Invalid naming every field that is
    refused.
    """
    said = {name: str(getattr(draft, name)).strip() for name in _LENGTHS}
    said["vendor"] = said["vendor"].lower()
    known, refused = _known_by(draft)
    absent = {name: ["This field is required."] for name in ("name", "short_name") if not said[name]}
    if not any(known.values()):
        absent["address"] = [KNOWN_BY]
    if absent:
        raise Missing("; ".join(f"{name}: {why[0]}" for name, why in absent.items()), fields=absent)
    faults = dict(refused)
    for name, limit in _LENGTHS.items():
        if len(said[name]) > limit:
            faults[name] = [f"At most {limit} characters."]
        elif _CONTROL.search(said[name]):
            faults[name] = ["Control characters are not allowed."]
    if "short_name" not in faults and not _SHORT_NAME.fullmatch(said["short_name"]):
        faults["short_name"] = ["Letters, digits, dots, dashes and underscores, starting with a letter or digit."]
    if "vendor" not in faults and not _VENDOR.fullmatch(said["vendor"]):
        faults["vendor"] = ["Lower-case letters, digits, dashes and underscores."]
    if draft.message_authenticator not in {"auto", "require", "off"}:
        faults["message_authenticator"] = ["auto, require or off."]
    if draft.packet_rate is not None and not 1 <= draft.packet_rate <= _MOST_PACKETS:
        faults["packet_rate"] = [f"1 to {_MOST_PACKETS} packets a second, or nothing."]
    if draft.coa_port is not None and not 1 <= draft.coa_port <= 65535:
        faults["coa_port"] = ["A port from 1 to 65535."]
    control, refused = _live_control(draft)
    faults |= refused
    if faults:
        raise Invalid("; ".join(f"{name}: {why[0]}" for name, why in faults.items()), fields=faults)
    return replace(
        draft, name=said["name"], short_name=said["short_name"], description=said["description"], vendor=said["vendor"],
        nas_identifier=said["nas_identifier"], address=known["address"], radsec_name=known["radsec_name"] or "",
        radsec_fingerprint=known["radsec_fingerprint"] or "", coa_address=control["coa_address"],
        coa_attributes=control["coa_attributes"] or "", coa_mac_format=control["coa_mac_format"] or "",
    )  # fmt: skip


def _known_by(draft: NasDraft) -> tuple[dict[str, str | None], dict[str, list[str]]]:
    """What tells it from others, as it is stored, and what of it is refused."""
    stored: dict[str, str | None] = {"address": (draft.address or "").strip() or None}
    name = stored["radsec_name"] = draft.radsec_name.strip().lower()
    fingerprint = stored["radsec_fingerprint"] = re.sub(r"[:\s]", "", draft.radsec_fingerprint).lower()
    faults: dict[str, list[str]] = {}
    if stored["address"] is not None:
        try:
            stored["address"] = str(parse_address(stored["address"]))
        except ValueError as error:
            faults["address"] = [str(error)]
    elif draft.by_identifier:
        faults["by_identifier"] = ["It has no address to share with others."]
    if name and not _CERTIFICATE_NAME.fullmatch(name):
        faults["radsec_name"] = ["At most 255 printable ASCII characters, as the certificate has them."]
    if fingerprint and not _FINGERPRINT.fullmatch(fingerprint):
        faults["radsec_fingerprint"] = ["64 hexadecimal digits: SHA-256 of the certificate, with or without colons."]
    return stored, faults


def _live_control(draft: NasDraft) -> tuple[dict[str, str | None], dict[str, list[str]]]:
    """What is said of RFC 5176 as it is stored, and what of it is refused."""
    stored: dict[str, str | None] = {"coa_address": None, "coa_attributes": "", "coa_mac_format": draft.coa_mac_format.strip()}
    faults: dict[str, list[str]] = {}
    if draft.live_control not in _CONTROL_WORDS:
        faults["live_control"] = [f"One of {', '.join(_CONTROL_WORDS)}."]
    if draft.unchangeable not in _UNCHANGEABLE_WORDS:
        faults["unchangeable"] = [f"One of {', '.join(_UNCHANGEABLE_WORDS)}."]
    if stored["coa_mac_format"] and stored["coa_mac_format"] not in presets.MAC_FORMATS:
        faults["coa_mac_format"] = [f"One of {', '.join(presets.MAC_FORMATS)}."]
    try:
        stored["coa_attributes"] = ",".join(presets.names(draft.coa_attributes))
    except ValueError as error:
        faults["coa_attributes"] = [str(error)]
    said = (draft.coa_address or "").strip()
    if said:
        try:
            network = parse_address(said)
        except ValueError as error:
            faults["coa_address"] = [str(error)]
        else:
            stored["coa_address"] = str(network.network_address)
            if network.num_addresses > 1:
                faults["coa_address"] = ["One address, not a range."]
    return stored, faults
