"""A packet in words, one attribute a line, for debug logs. Passwords, keys and signatures are blanked."""

from __future__ import annotations

import re
from typing import Final

from gate.protocols.radius import dictionary
from gate.protocols.radius.codes import Code
from gate.protocols.radius.dictionary import Kind
from gate.protocols.radius.errors import ValueMalformed
from gate.protocols.radius.packet import VENDOR_SPECIFIC, Packet, split_vendor

# Besides these every attribute of kind HIDDEN is blanked.
_BLANKED: Final = frozenset(
    {
        "ARAP-Challenge-Response",
        "ARAP-Password",
        "ARAP-Security-Data",
        "Aruba-AS-Credential-Hash",
        "Aruba-Network-SSO-Token",
        "CHAP-Password",
        "Cisco-Subscriber-Password",
        "Configuration-Token",
        "EAP-Message",  # may hold a password typed into a token card dialogue, and always holds somebody's proof
        "Message-Authenticator",
        "Mikrotik-Wireless-Enc-Key",
        "Mikrotik-Wireless-MPKey",
        "Mikrotik-Wireless-PSK",
        "Ruckus-CP-Token",
        "Ruckus-DPSK",
        "TPLink-Authentication-FindKey",
        "TPLink-Authentication-FoundKey",
    }
)
_MS_CHAP: Final = "MS-CHAP"
_BLANKED_PAIR: Final = re.compile(r"psk|pass|key|secret|token", re.IGNORECASE)


def describe(packet: Packet) -> str:
    """Describe a packet: its code, identifier and authenticator, then its attributes in wire order.

    Takes any packet `Packet.parse` returns, whatever is in it, and raises nothing.
    """
    try:
        label = Code(packet.code).label
    except ValueError:
        label = f"code {packet.code}"
    lines = [f"{label}, identifier {packet.identifier}, authenticator 0x{packet.authenticator.hex()}"]
    for number, value in packet.attributes:
        if number != VENDOR_SPECIFIC:
            lines.append(_line(0, number, value))
            continue
        parts = split_vendor(value)
        if parts is None:
            lines.append(f"    Vendor-Specific = <{len(value)} octets, malformed>")
            continue
        vendor_id, pairs = parts
        lines.extend(_line(vendor_id, inner, content) for inner, content in pairs)
    return "\n".join(lines)


def _line(vendor: int, number: int, value: bytes) -> str:
    attribute = dictionary.by_number(vendor, number)
    if attribute is None:
        name = f"Attr-{number}" if not vendor else f"Attr-26.{vendor}.{number}"
        return f"    {name} = 0x{value.hex()}"
    name = attribute.name
    if attribute.kind is Kind.HIDDEN or name in _BLANKED or name.startswith(_MS_CHAP):
        return f"    {name} = <{len(value)} octets, not shown>"
    try:
        text = dictionary.decode_value(attribute, value)
    except ValueMalformed:
        return f"    {name} = 0x{value.hex()} (malformed)"
    if attribute.kind is not Kind.TEXT:
        return f"    {name} = {text}"
    if name.lower().endswith("avpair") and _BLANKED_PAIR.search(text.partition("=")[0]):
        return f"    {name} = {_printable(text.partition('=')[0])}=<not shown>"
    return f'    {name} = "{_printable(text)}"'


def _printable(text: str) -> str:
    """Text on one line: whatever would break it, end the quotes or command a terminal is escaped."""
    return "".join(map(_escaped, text))


def _escaped(character: str) -> str:
    if character in {'"', "\\"}:
        return "\\" + character
    return character if character.isprintable() else character.encode("unicode_escape").decode()
