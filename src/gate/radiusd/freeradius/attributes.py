"""Between rlm_rest's JSON and packets. Pure.

FreeRADIUS says `{"User-Name": {"type": "string", "value": ["bob"]}}`, with `raw_value` numbers for enumerated attributes. It is
told `{"reply:Session-Timeout": {"op": ":=", "value": ["3600"], "do_xlat": false}}`. `do_xlat` matters: without it FreeRADIUS
would expand what stands in a value, and a guest's name may stand there.

Names are those of FreeRADIUS's dictionaries (protocols/radius/freeradius.py).
"""

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any, Final

from gate.protocols.radius import dictionary, freeradius, mppe, pap
from gate.protocols.radius.dictionary import Attribute, Kind, rfc2865, rfc2868
from gate.protocols.radius.errors import RadiusError, ValueMalformed
from gate.protocols.radius.packet import MAX_VALUE_SIZE, Packet, encode_vendor, split_vendor

MOST: Final = 250
"""Attributes of one request: FreeRADIUS itself takes 200 unless told otherwise."""

_NUMBERED: Final = re.compile(r"Attr-26\.(\d{1,10})\.(\d{1,3})\Z", re.ASCII)
_DATES: Final = ("%b %d %Y %H:%M:%S %Z", "%Y-%m-%dT%H:%M:%SZ")
_TEXTS: Final = frozenset({Kind.TEXT, Kind.OCTETS, Kind.HIDDEN})
_KEYS: Final = frozenset({(mppe.MICROSOFT, mppe.SEND_KEY), (mppe.MICROSOFT, mppe.RECV_KEY)})
_TUNNEL_PASSWORD: Final = (0, rfc2868.TUNNEL_PASSWORD)
_USER_PASSWORD: Final = dictionary.by_number(0, rfc2865.USER_PASSWORD)


def packet_of(said: Any, *, code: int, secret: bytes, authenticator: bytes) -> Packet:
    """The packet whose attributes FreeRADIUS tells. What GATE has no name for, and FreeRADIUS's own words, are left out.

    A password is hidden again by `secret` and `authenticator`, as in a packet. Raises ValueMalformed, naming the attribute.
    """
    if not isinstance(said, dict) or len(said) > MOST:
        raise ValueMalformed(f"the body is an object of at most {MOST} attributes")
    attributes: list[tuple[int, bytes]] = []
    for name, held in said.items():
        if not isinstance(held, dict) or not isinstance(values := held.get("value"), list):
            raise ValueMalformed(f"{name[:64]}: takes an object with a list `value`")
        kind = held.get("type")
        for value in values:
            if isinstance(value, bool) or not isinstance(value, (str, int, float)):
                raise ValueMalformed(f"{name[:64]}: a value is a text or a number")
            try:
                attributes.extend(_attribute(name, str(kind), value, secret, authenticator))
            except ValueMalformed as error:
                raise ValueMalformed(f"{name[:64]}: {error}") from None
    if len(attributes) > MOST:
        raise ValueMalformed(f"there are more than {MOST} attributes")
    return Packet(code, 0, authenticator, attributes)


def _attribute(name: str, kind: str, value: Any, secret: bytes, authenticator: bytes) -> Iterator[tuple[int, bytes]]:
    numbered = _NUMBERED.match(name)
    if numbered:
        yield _vendor(int(numbered[1]), int(numbered[2]), _octets(str(value)))
        return
    attribute = freeradius.by_name(name)
    if attribute is None or attribute.internal:
        return
    if attribute is _USER_PASSWORD:
        yield rfc2865.USER_PASSWORD, pap.encrypt(str(value).encode("utf-8", "surrogatepass"), secret, authenticator)
        return
    octets = _value(attribute, kind, value, dictionary.split_tag(name)[1])
    if attribute.vendor:
        yield _vendor(attribute.vendor, attribute.number, octets)
    elif octets:
        if len(octets) > MAX_VALUE_SIZE:
            raise ValueMalformed("is longer than 253 octets")
        yield attribute.number, octets


def _vendor(vendor: int, number: int, octets: bytes) -> tuple[int, bytes]:
    if vendor >= 2**32 or number > 255:
        raise ValueMalformed("is no vendor's attribute")
    return rfc2865.VENDOR_SPECIFIC, encode_vendor(vendor, number, octets)[2:]


def _value(attribute: Attribute, kind: str, value: Any, tag: int | None) -> bytes:
    text = str(value)
    if kind == "octets":
        return _octets(text)
    if kind == "string" and attribute.kind in _TEXTS and not attribute.tagged:
        return text.encode("utf-8", "surrogatepass")
    if kind == "date":
        return dictionary.encode_value(attribute, text if text.isdecimal() else _date(text))
    return dictionary.encode_value(attribute, text, tag if attribute.tagged else None)


def _octets(text: str) -> bytes:
    try:
        return bytes.fromhex(text[2:]) if text[:2] in {"0x", "0X"} else text.encode("utf-8", "surrogatepass")
    except ValueError:
        raise ValueMalformed("after 0x come pairs of hexadecimal digits") from None


def _date(text: str) -> str:
    for form in _DATES:
        try:
            return str(int(dt.datetime.strptime(text, form).replace(tzinfo=dt.UTC).timestamp()))
        except ValueError:
            continue
    raise ValueMalformed("is no date")


def json_of(attributes: bytes, *, secret: bytes, authenticator: bytes) -> dict[str, dict[str, Any]]:
    """The attributes of a reply for FreeRADIUS. Keys that are hidden in a packet go bare: FreeRADIUS hides them for its NAS."""
    told: dict[str, list[str]] = {}
    for vendor, number, value in _each(attributes):
        bare = _bare(vendor, number, value, secret, authenticator)
        name, text = _named(vendor, number, bare)
        told.setdefault(name, []).append(text)
    return {
        f"reply:{name}": {"op": ":=" if len(values) == 1 else "+=", "value": values, "do_xlat": False, "is_json": False}
        for name, values in told.items()
    }


def _bare(vendor: int, number: int, value: bytes, secret: bytes, authenticator: bytes) -> bytes:
    """The value, revealed where it is hidden. What was not hidden by the secret stays as it is."""
    # A tunnel's password has a tag before its salt (RFC 2868 section 3.5).
    tag = value[:1] if (vendor, number) == _TUNNEL_PASSWORD else b""
    if not tag and (vendor, number) not in _KEYS:
        return value
    try:
        return tag + mppe.decrypt(value[len(tag) :], secret=secret, authenticator=authenticator)
    except ValueMalformed:
        return value


def _each(attributes: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Vendor (0: none), number and value of each attribute, those inside Vendor-Specific ones by themselves."""
    position = 0
    while position < len(attributes):
        number, size = attributes[position], attributes[position + 1]
        value = attributes[position + 2 : position + size]
        position += size
        parts = split_vendor(value) if number == rfc2865.VENDOR_SPECIFIC else None
        if parts is None:
            yield 0, number, value
        else:
            yield from ((parts[0], inner, content) for inner, content in parts[1])


def _named(vendor: int, number: int, value: bytes) -> tuple[str, str]:
    attribute = dictionary.by_number(vendor, number)
    if attribute is None:
        return (f"Attr-26.{vendor}.{number}" if vendor else f"Attr-{number}"), "0x" + value.hex()
    if attribute.tagged:
        tag, content = (value[0], value[1:]) if value and value[0] <= 0x1F else (0, value)
        name = f"{freeradius.name_of(attribute)}:{tag}" if tag else freeradius.name_of(attribute)
        if attribute.kind is Kind.INTEGER:
            return name, str(int.from_bytes(value[1:], "big"))
        return name, content.decode("utf-8", "replace")
    return freeradius.name_of(attribute), _text(attribute, value)


def _text(attribute: Attribute, value: bytes) -> str:
    # Numbers for words and dates: dictionaries may call a number differently.
    if attribute.kind in {Kind.INTEGER, Kind.DATE, Kind.INTEGER64}:
        return str(int.from_bytes(value, "big"))
    try:
        return dictionary.decode_value(attribute, value)
    except RadiusError:
        return "0x" + value.hex()
