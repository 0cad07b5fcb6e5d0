"""The RADIUS dictionary as profiles/rules.py asks for it. Ways in hand it to the room; rooms never import protocols."""

import logging

from gate.protocols.radius import dictionary
from gate.protocols.radius.dictionary import Kind
from gate.protocols.radius.errors import RadiusError, UnknownAttribute, ValueMalformed

log = logging.getLogger(__name__)

_COMPARING = frozenset({"==", "!=", "=", ":=", "+=", ">", ">=", "<", "<="})
_ORDERED = frozenset({Kind.INTEGER, Kind.INTEGER64, Kind.BYTE, Kind.SHORT, Kind.DATE, Kind.IPADDR, Kind.IPV6ADDR, Kind.COMBO_IP})


def canonical(name: str, op: str, value: str) -> tuple[str, str]:
    """Attribute and value of a check item, spelled as requests are printed (`Wireless-802.11` has several spellings)."""
    attribute = dictionary.by_name(name)
    if attribute is None:
        return name, value
    # A password is compared as the text it is; comparing with nothing asks whether something was sent.
    if attribute.kind is not Kind.HIDDEN and value and "%{" not in value and op in _COMPARING:
        try:
            value = dictionary.decode_value(attribute, dictionary.encode_value(attribute, value))
        except RadiusError:
            log.warning("Check item %s %s %s does not fit the dictionary and will not hold", name, op, value)
    return attribute.name, value


class RadiusDictionary:
    """Answers from gate.protocols.radius.dictionary."""

    def knows(self, name: str) -> bool:
        """Whether there is an attribute of this name."""
        return dictionary.by_name(name) is not None

    def why_not_sent(self, name: str, value: str | None) -> str | None:
        """Why this cannot be a reply item; None where it can."""
        attribute = dictionary.by_name(name)
        if attribute is None:
            return "the dictionary has no attribute of this name"
        if attribute.internal:
            return "is for checks only and is never sent"
        if attribute.kind is Kind.HIDDEN:
            return "is hidden with the shared secret and cannot be sent as a plain value"
        if value is None:
            return None
        try:
            dictionary.encode(name, value)
        except (UnknownAttribute, ValueMalformed) as error:
            return str(error)
        return None

    def why_not_compared(self, name: str, value: str) -> str | None:
        """Why no request could hold this value; None where one could."""
        attribute = dictionary.by_name(name)
        if attribute is None:
            return "the dictionary has no attribute of this name"
        if attribute.kind is Kind.HIDDEN:
            return None  # a password in clear is compared as text
        try:
            dictionary.encode_value(attribute, value)
        except ValueMalformed as error:
            return f"{attribute.name}: {error}"
        return None

    def is_ordered(self, name: str) -> bool:
        """Whether values of this attribute have a before and an after."""
        attribute = dictionary.by_name(name)
        return attribute is not None and attribute.kind in _ORDERED
