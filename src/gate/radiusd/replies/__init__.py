"""A grant becomes the attributes of an Access-Accept. Encoded items are kept, since profiles repeat them."""

import functools
import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from gate.access import rules
from gate.access.types import UNLIMITED, Grant, Item, Limits, PortalFacts, ProfileFacts
from gate.protocols.radius import dictionary, values
from gate.protocols.radius.dictionary import rfc2865
from gate.protocols.radius.errors import RadiusError
from gate.protocols.radius.packet import encode_attribute
from gate.radiusd.replies import makes
from gate.radiusd.translate import PORTAL_CLASS

log = logging.getLogger(__name__)

# Stands for a profile that is assigned and not yet in memory: its check never holds.
UNKNOWN_PROFILE: Final = ProfileFacts(id=0, short_name="(not loaded yet)", checks=(Item("", "never", ""),), replies=())

ROOM: Final = 4096 - 20 - 18 - 6 - 255 - 180 - 6 * 255
"""Octets for reply items: what header, Session-Timeout, Message-Authenticator, a User-Name with a portal's Class or the keys of
EAP and MS-CHAP-V2, and a few Proxy-States leave."""
MOST_TOLD: Final = 1000
"""Attributes of reply items whose failing is remembered to have been told."""
_TOLD: Final[set[str]] = set()


def encode(grant: Grant, request: Mapping[str, Sequence[str]], vendor: str = "") -> bytes:
    """The attributes, Session-Timeout first, then what a portal's session says of its guest, then limits as `vendor` has them.

    An item that does not encode, or for which there is no room, is left out and logged.
    Profiles are validated when they are written, so that only a value taken from the request (`%{…}`) can fail here.
    """
    first = b"" if grant.session_timeout is None else _session_timeout(grant.session_timeout)
    if grant.portal is not None:
        first += _identity(grant, grant.portal)
    elif grant.station is not None:
        first += _name(grant, grant.station.username)
    fixed = _fixed(grant.replies, grant.limits, vendor)
    if fixed is None:
        whole = with_limits(grant.replies, grant.limits, vendor)
        fixed = _fitting(Item(item.attribute, item.op, rules.expand(item.value, request)) for item in whole)
    return first + fixed


@functools.lru_cache(maxsize=4096)
def _fixed(items: tuple[Item, ...], limits: Limits, vendor: str) -> bytes | None:
    """The same for every request, where no item asks for something of the request; else None. `Limits` are known by identity."""
    return None if any("%{" in item.value for item in items) else _fitting(with_limits(items, limits, vendor))


def with_limits(items: tuple[Item, ...], limits: Limits, vendor: str) -> tuple[Item, ...]:
    """The operator's items, and behind them what of the limits they leave to be said.

    An item with `=` or `:=` stands in place of whatever says the same; one with `+=` is sent beside it.
    """
    if limits is UNLIMITED:
        return items
    own = {_subject(item) for item in items if item.op != "+="}
    rendered = (group for group in makes.of(vendor)(limits) if own.isdisjoint(map(_subject, group)))
    return (*items, *(item for group in rendered for item in group))


def _subject(item: Item) -> str:
    """What an item is about: its attribute, whatever the tag, and of a pair `name=value` the name."""
    attribute = dictionary.split_tag(item.attribute)[0].lower()
    return f"{attribute} {item.value.partition('=')[0].lower()}" if attribute.endswith("-avpair") else attribute


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
    return _name(grant, portal.username) + encode_attribute(rfc2865.CLASS, PORTAL_CLASS + str(portal.id).encode())


def _name(grant: Grant, username: str) -> bytes:
    name = username.encode()
    is_said = not name or len(name) > 253 or rules.first_of(grant.replies, "User-Name")
    return b"" if is_said else encode_attribute(rfc2865.USER_NAME, name)


def _encode(item: Item) -> bytes:
    try:
        return dictionary.encode(item.attribute, item.value)
    except RadiusError as error:
        _tell(item.attribute, str(error))
        return b""


def _tell(attribute: str, error: str) -> None:
    """Once a process for each attribute: what a request lacks, it may lack at every sign-in."""
    if attribute not in _TOLD:
        if len(_TOLD) < MOST_TOLD:
            _TOLD.add(attribute)
        log.warning("Reply item left out, whenever this is so: %s", error)
