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
_SECRET: Final = frozenset(
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
_SECRET_PREFIX: Final = "MS-CHAP"
_SECRET_PAIR: Final = re.compile(r"psk|pass|key|secret|token", re.IGNORECASE)


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
        parts = split_vendor(value) if number == VENDOR_SPECIFIC else None
        if parts is None:
            lines.append(_line(0, number, value))
        else:
            vendor_id, pairs = parts
            lines.extend(_line(vendor_id, inner, content) for inner, content in pairs)
    return "\n".join(lines)


def _line(vendor: int, number: int, value: bytes) -> str:
    attribute = dictionary.by_number(vendor, number)
    if attribute is None:
        name = f"Attr-{number}" if not vendor else f"Attr-26.{vendor}.{number}"
        return f"    {name} = 0x{value.hex()}"
    name = attribute.name
    if attribute.kind is Kind.HIDDEN or name in _SECRET or name.startswith(_SECRET_PREFIX):
        return f"    {name} = <{len(value)} octets, not shown>"
    try:
        text = dictionary.decode_value(attribute, value)
    except ValueMalformed:
        return f"    {name} = 0x{value.hex()} (malformed)"
    if attribute.kind is not Kind.TEXT:
        return f"    {name} = {text}"
    if name.lower().endswith("avpair") and _SECRET_PAIR.search(text.partition("=")[0]):
        return f"    {name} = {_printable(text.partition('=')[0])}=<not shown>"
    return f'    {name} = "{_printable(text)}"'


def _printable(text: str) -> str:
    """Text on one line: what would break the line, end the quotes or command a terminal is escaped."""
    return "".join(
        character
        if character.isprintable() and character not in '"\\'
        else character.encode("unicode_escape").decode()
        if character != '"'
        else '\\"'
        for character in text
    )
