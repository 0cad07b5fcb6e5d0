"""A grant becomes the attributes of an Access-Accept. Encoded items are kept, since profiles repeat them."""

import functools
import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from gate.access import rules
from gate.access.types import Grant, Item, ProfileFacts
from gate.protocols.radius import dictionary, values
from gate.protocols.radius.dictionary import rfc2865
from gate.protocols.radius.errors import RadiusError
from gate.protocols.radius.packet import encode_attribute

log = logging.getLogger(__name__)

# Stands for a profile that is assigned and not yet in memory: its check never holds.
UNKNOWN_PROFILE: Final = ProfileFacts(id=0, short_name="(not loaded yet)", checks=(Item("", "never", ""),), replies=())

ROOM: Final = 4096 - 20 - 18 - 6 - 6 * 255
"""Octets for reply items: what header, Session-Timeout, Message-Authenticator and a few Proxy-States leave."""


def encode(grant: Grant, request: Mapping[str, Sequence[str]]) -> bytes:
    """The attributes, Session-Timeout first. An item that does not encode, or for which there is no room, is left out and logged.

    Profiles are validated when they are written, so that only a value taken from the request (`%{…}`) can fail here.
    """
    first = b"" if grant.session_timeout is None else _session_timeout(grant.session_timeout)
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


def _encode(item: Item) -> bytes:
    try:
        return dictionary.encode(item.attribute, item.value)
    except RadiusError as error:
        log.warning("Reply item left out: %s", error)
        return b""
