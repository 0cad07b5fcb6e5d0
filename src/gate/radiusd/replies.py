"""A grant becomes the attributes of an Access-Accept. Encoded items are kept by the item, since profiles repeat them."""

import functools
import logging
from collections.abc import Mapping, Sequence
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

ROOM: Final = 4096 - 20 - 18 - 6 * 255
"""Octets for reply items: what header, Message-Authenticator and a few Proxy-States leave."""


def encode(grant: Grant, request: Mapping[str, Sequence[str]]) -> bytes:
    """The attributes, Session-Timeout first. An item that does not encode is left out and logged: it limits nobody less."""
    parts = [] if grant.session_timeout is None else [_session_timeout(grant.session_timeout)]
    parts += [
        _encoded(item) if "%{" not in item.value else _encode(Item(item.attribute, item.op, rules.expand(item.value, request)))
        for item in grant.replies
    ]
    attributes = b"".join(parts)
    if len(attributes) > ROOM:
        log.error("The reply items of user %s do not fit into one packet; those past %d octets are left out", grant.user_id, ROOM)
        kept, size = [], 0
        for part in parts:
            size += len(part)
            if size > ROOM:
                break
            kept.append(part)
        attributes = b"".join(kept)
    return attributes


def _session_timeout(seconds: int) -> bytes:
    return encode_attribute(rfc2865.SESSION_TIMEOUT, values.encode_integer(min(seconds, 2**32 - 1)))


def _encode(item: Item) -> bytes:
    try:
        return dictionary.encode(item.attribute, item.value)
    except RadiusError as error:
        log.warning("Reply item left out: %s", error)
        return b""


_encoded = functools.lru_cache(maxsize=8192)(_encode)
