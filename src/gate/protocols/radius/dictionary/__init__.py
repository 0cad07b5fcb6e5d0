"""Names, numbers, types and words of attributes, and values by name.

One file per RFC and one per vendor; names are those of the FreeRADIUS dictionaries, which administrators know. Each
file also has the numbers as constants (``rfc2865.USER_NAME``) for code that asks packets directly.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

from gate.protocols.radius import packet, values, widths
from gate.protocols.radius.dictionary import (
    internal,
    rfc2865,
    rfc2866,
    rfc2867,
    rfc2868,
    rfc2869,
    rfc3162,
    rfc4072,
    rfc4372,
    rfc4675,
    rfc4818,
    rfc4849,
    rfc5176,
    rfc5580,
    rfc5607,
    rfc6519,
    rfc6911,
    rfc7055,
    rfc7268,
    wire,
)
from gate.protocols.radius.dictionary.attribute import Attribute, Kind, Layout
from gate.protocols.radius.dictionary.vendors import VENDOR_ATTRIBUTES
from gate.protocols.radius.errors import UnknownAttribute, ValueMalformed

__all__ = [
    "ALL",
    "Attribute",
    "Kind",
    "Layout",
    "by_name",
    "by_number",
    "decode_value",
    "encode",
    "encode_value",
    "every",
    "extend",
    "split_tag",
]

ALL: Final[tuple[Attribute, ...]] = (
    *rfc2865.ATTRIBUTES,
    *rfc2866.ATTRIBUTES,
    *rfc2867.ATTRIBUTES,
    *rfc2868.ATTRIBUTES,
    *rfc2869.ATTRIBUTES,
    *rfc3162.ATTRIBUTES,
    *rfc4072.ATTRIBUTES,
    *rfc4372.ATTRIBUTES,
    *rfc4675.ATTRIBUTES,
    *rfc4818.ATTRIBUTES,
    *rfc4849.ATTRIBUTES,
    *rfc5176.ATTRIBUTES,
    *rfc5580.ATTRIBUTES,
    *rfc5607.ATTRIBUTES,
    *rfc6519.ATTRIBUTES,
    *rfc6911.ATTRIBUTES,
    *rfc7055.ATTRIBUTES,
    *rfc7268.ATTRIBUTES,
    *VENDOR_ATTRIBUTES,
    *internal.ATTRIBUTES,
)
"""Every attribute GATE itself has a name for."""


def _plain(word: str) -> str:
    """A word without case and punctuation, so that ``Wireless-802.11`` and ``wireless-802-11`` are one."""
    return "".join(character for character in word.casefold() if character.isalnum())


def _printed(attribute: Attribute) -> dict[int, str]:
    """Number to word; the first word of a number stays."""
    words: dict[int, str] = {}
    for word, number in attribute.values.items():
        words.setdefault(number, word)
    return words


_DIGITS: Final = frozenset("0123456789")
_HEX_DIGITS: Final = frozenset("0123456789abcdefABCDEF")
_BY_NAME: Final = {attribute.name.lower(): attribute for attribute in ALL}
_BY_NUMBER: Final = {(attribute.vendor, attribute.number): attribute for attribute in ALL if not attribute.internal}
_NUMBERS: Final = {
    attribute.name: {_plain(word): number for word, number in attribute.values.items()} for attribute in ALL if attribute.values
}
_WORDS: Final = {attribute.name: _printed(attribute) for attribute in ALL if attribute.values}


def extend(attributes: Iterable[Attribute]) -> None:
    """Add an operator's attributes, once, before the first packet.

    One of a name that is there takes its place; what a number means stays as it is. reader.py sees to it that nothing of an
    RFC is redefined that way: of those it gives more words alone.
    """
    for attribute in attributes:
        _BY_NAME[attribute.name.lower()] = attribute
        if not attribute.internal and attribute.layout is None:
            held = _BY_NUMBER.get((attribute.vendor, attribute.number))
            if held is None or held.name == attribute.name:
                _BY_NUMBER[attribute.vendor, attribute.number] = attribute
        if attribute.values:
            _NUMBERS[attribute.name] = {_plain(word): number for word, number in attribute.values.items()}
            _WORDS[attribute.name] = _printed(attribute)


def every() -> tuple[Attribute, ...]:
    """Every attribute that has a name, the operator's as well."""
    return tuple(_BY_NAME.values())


def split_tag(name: str) -> tuple[str, int | None]:
    """Split ``Tunnel-Type:1`` into the name and its tag; the tag is None when there is none."""
    bare, colon, tag = name.partition(":")
    if colon and len(tag) <= 2 and tag.isascii() and tag.isdigit():
        return bare, int(tag)
    return name, None


def by_name(name: str) -> Attribute | None:
    """Find an attribute by its name, whatever its case, with or without a tag behind a colon."""
    attribute = _BY_NAME.get(name.lower())
    if attribute is None and ":" in name:
        bare, tag = split_tag(name)
        found = None if tag is None else _BY_NAME.get(bare.lower())
        attribute = found if found is not None and found.tagged else None
    return attribute


def by_number(vendor: int, number: int) -> Attribute | None:
    """Find an attribute by its vendor (0 for the RFCs' own) and its number."""
    return _BY_NUMBER.get((vendor, number))


def encode(name: str, value: str, tag: int | None = None) -> bytes:
    """Encode a complete attribute for the wire, a vendor's one inside a Vendor-Specific attribute.

    The tag may also stand in the name (``Tunnel-Type:1``); the argument wins.
    Raises `UnknownAttribute`, or `ValueMalformed` with the attribute's name and what is wrong with the value.
    """
    attribute = by_name(name)
    if attribute is None:
        raise UnknownAttribute(f"{name}: the dictionary has no attribute of this name")
    try:
        octets = _encode_for_wire(attribute, value, split_tag(name)[1] if tag is None else tag)
        if attribute.layout is not None:
            return wire.encode(attribute, attribute.layout, octets)
        if attribute.vendor:
            return packet.encode_vendor(attribute.vendor, attribute.number, octets)
        return packet.encode_attribute(attribute.number, octets)
    except ValueMalformed as error:
        raise ValueMalformed(f"{attribute.name}: {error}") from None


def _encode_for_wire(attribute: Attribute, value: str, tag: int | None) -> bytes:
    if attribute.internal:
        raise ValueMalformed("is for checks only and is never sent")
    if attribute.kind is Kind.HIDDEN:
        raise ValueMalformed("is hidden with the shared secret and cannot be sent as a plain value")
    return encode_value(attribute, value, tag)


def encode_value(attribute: Attribute, value: str, tag: int | None = None) -> bytes:
    """Encode a value as this attribute's octets, without type, length and vendor.

    Raises `ValueMalformed` with what is wrong, without the attribute's name.
    """
    if tag is not None and not attribute.tagged:
        raise ValueMalformed("takes no tag")
    if attribute.kind is Kind.INTEGER:
        number = _parse_integer(attribute, value)
        return values.encode_tagged_integer(number, tag or 0) if attribute.tagged else values.encode_integer(number)
    if attribute.tagged:
        return values.encode_tagged_text(value, tag or 0)
    if attribute.values:
        value = _number_of_word(attribute, value)
    return _encode_plain(attribute.kind, value)


def _encode_plain(kind: Kind, value: str) -> bytes:  # noqa: PLR0911 - one return a type
    size = _WIDTHS.get(kind)
    if size is not None:
        return widths.encode(_parse_number(value), size)
    match kind:
        case Kind.TEXT:
            return values.encode_text(value)
        case Kind.SIGNED:
            return widths.encode_signed(value)
        case Kind.IPV4PREFIX:
            return widths.encode_ipv4prefix(value)
        case Kind.COMBO_IP:
            return values.encode_ipv6addr(value) if ":" in value else values.encode_ipaddr(value)
        case Kind.IPADDR:
            return values.encode_ipaddr(value)
        case Kind.IPV6ADDR:
            return values.encode_ipv6addr(value)
        case Kind.IPV6PREFIX:
            return values.encode_ipv6prefix(value)
        case Kind.IFID:
            return values.encode_ifid(value)
        case Kind.ETHER:
            return values.encode_ether(value)
        case Kind.DATE:
            return values.encode_date(_parse_date(value))
        case _:
            return values.encode_octets(value)


def decode_value(attribute: Attribute, value: bytes) -> str:
    """Decode octets to what `encode_value` takes: words where the dictionary has them, else numbers, addresses, text.

    A tag is left out. Dates are ``2024-01-31T12:00:00Z``. Raises `ValueMalformed` when the octets have the wrong shape.
    """
    kind = attribute.kind
    if kind is Kind.INTEGER:
        number = values.decode_tagged_integer(value)[1] if attribute.tagged else values.decode_integer(value)
        words = _WORDS.get(attribute.name)
        return str(number) if words is None else words.get(number) or str(number)
    if kind is Kind.TEXT:
        return values.decode_tagged_text(value)[1] if attribute.tagged else values.decode_text(value)
    plain = _decode_plain(kind, value)
    words = _WORDS.get(attribute.name)
    return plain if words is None else words.get(int(plain), plain)


def _decode_plain(kind: Kind, value: bytes) -> str:  # noqa: PLR0911 - one return a type
    size = _WIDTHS.get(kind)
    if size is not None:
        return str(widths.decode(value, size))
    match kind:
        case Kind.SIGNED:
            return str(widths.decode_signed(value))
        case Kind.IPV4PREFIX:
            return widths.decode_ipv4prefix(value)
        case Kind.COMBO_IP:
            return values.decode_ipv6addr(value) if len(value) == 16 else values.decode_ipaddr(value)
        case Kind.IPADDR:
            return values.decode_ipaddr(value)
        case Kind.IPV6ADDR:
            return values.decode_ipv6addr(value)
        case Kind.IPV6PREFIX:
            return values.decode_ipv6prefix(value)
        case Kind.IFID:
            return values.decode_ifid(value)
        case Kind.ETHER:
            return values.decode_ether(value)
        case Kind.DATE:
            return f"{datetime.fromtimestamp(values.decode_date(value), tz=UTC):%Y-%m-%dT%H:%M:%SZ}"
        case _:
            return values.decode_octets(value)


_WIDTHS: Final = {Kind.BYTE: 1, Kind.SHORT: 2, Kind.INTEGER: 4, Kind.INTEGER64: 8}


def _number_of_word(attribute: Attribute, value: str) -> str:
    """The number, written in digits, of a word of an attribute that is not a plain integer; else the value as it is."""
    number = _NUMBERS[attribute.name].get(_plain(value))
    return value if number is None else str(number)


def _parse_integer(attribute: Attribute, value: str) -> int:
    words = _NUMBERS.get(attribute.name)
    if words is not None:
        number = words.get(_plain(value))
        if number is not None:
            return number
        if not value[:1].isdigit():
            raise ValueMalformed("has neither this word nor is it a number")
    return _parse_number(value)


def _parse_number(value: str) -> int:
    # Digits are looked at one by one because int() would also take signs, underscores and other scripts.
    digits = value.strip()
    if digits[:2] in {"0x", "0X"} and _HEX_DIGITS.issuperset(digits[2:]) and 3 <= len(digits) <= 18:
        return int(digits, 16)
    if _DIGITS.issuperset(digits) and 1 <= len(digits) <= 20:
        return int(digits)
    raise ValueMalformed("takes a number")


def _parse_date(value: str) -> int:
    if value.isascii() and value.isdigit():
        return _parse_number(value)
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise ValueMalformed("takes a date like 2024-01-31T12:00:00Z or seconds since 1970") from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return int(moment.timestamp())
