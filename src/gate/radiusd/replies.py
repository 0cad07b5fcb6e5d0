"""A grant becomes the attributes of an Access-Accept. Encoded items are kept, since profiles repeat them."""

import functools
import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from gate.access import rules
from gate.access.types import Grant, Item, PortalFacts, ProfileFacts
from gate.protocols.radius import dictionary, values
from gate.protocols.radius.dictionary import rfc2865
from gate.protocols.radius.errors import RadiusError
from gate.protocols.radius.packet import encode_attribute
from gate.radiusd.translate import PORTAL_CLASS

log = logging.getLogger(__name__)

# Stands for a profile that is assigned and not yet in memory: its check never holds.
UNKNOWN_PROFILE: Final = ProfileFacts(id=0, short_name="(not loaded yet)", checks=(Item("", "never", ""),), replies=())

ROOM: Final = 4096 - 20 - 18 - 6 - 255 - 40 - 6 * 255
"""Octets for reply items: what header, Session-Timeout, Message-Authenticator, a portal's User-Name and Class and a few
Proxy-States leave."""


def encode(grant: Grant, request: Mapping[str, Sequence[str]]) -> bytes:
    """The attributes, Session-Timeout first, then what a portal's session says of its guest.

    An item that does not encode, or for which there is no room, is left out and logged.
    Profiles are validated when they are written, so that only a value taken from the request (`%{…}`) can fail here.
    """
    first = b"" if grant.session_timeout is None else _session_timeout(grant.session_timeout)
    if grant.portal is not None:
        first += _identity(grant, grant.portal)
    fixed = _fixed(grant.replies)
    if fixed is None:
        fixed = _fitting(Item(item.attribute, item.op, rules.expand(item.value, request)) for item in grant.replies)
    return first + fixed


@functools.lru_cache(maxsize=4096)
def _fixed(items: tuple[Item, ...]) -> bytes | None:
    """The same for every request, where no item asks for something of the request; else None."""
    return None if any("%{" in item.value for item in items) else _fitting(items)


def _fitting(items: Iterable[Item]) -> bytes:
    parts, size = [], 0
    for item in items:
        part = _encode(item)
        if size + len(part) > ROOM:
            log.error("The reply items do not fit into one packet: %s and those behind it are left out", item.attribute)
            break
        parts.append(part)
        size += len(part)
    return b"".join(parts)


def _session_timeout(seconds: int) -> bytes:
    return encode_attribute(rfc2865.SESSION_TIMEOUT, values.encode_integer(min(seconds, 2**32 - 1)))


def _identity(grant: Grant, portal: PortalFacts) -> bytes:
    """User-Name and Class, which the NAS repeats in accounting: who the device belongs to, and by which session it came in.

    RFC 2865 section 5.1 lets the server say the name, section 5.25 has Class come back unchanged. Class stands before one of a
    profile: a NAS that repeats one alone repeats the first.
    """
    name = portal.username.encode()
    told = b"" if len(name) > 253 or rules.first_of(grant.replies, "User-Name") else encode_attribute(rfc2865.USER_NAME, name)
    return told + encode_attribute(rfc2865.CLASS, PORTAL_CLASS + str(portal.id).encode())


def _encode(item: Item) -> bytes:
    try:
        return dictionary.encode(item.attribute, item.value)
    except RadiusError as error:
        log.warning("Reply item left out: %s", error)
        return b""
