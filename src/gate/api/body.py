"""Reading requests. A body is the object itself, `{"data": {…}}` or `{"data": "<the object as JSON text>"}`: all mean the same.

What PostgreSQL cannot store (NUL) and what only an attacker nests or repeats is refused here, once for every endpoint.
"""

import re
from collections.abc import Iterator
from typing import Any, cast

import msgspec
from django.http import HttpRequest
from django.utils.datastructures import MultiValueDict
from ninja.parser import Parser
from ninja.types import DictStrAny

from gate.core import ids
from gate.core.errors import Invalid

MAX_BYTES = 2 * 1024 * 1024
MAX_DEPTH = 32
MAX_QUERY_VALUE = 2_000
# Of any text, list or number in a body; fields have tighter bounds of their own.
MAX_TEXT = 100_000
MAX_ITEMS = 10_000
# What a body must hold to be nested, to have a number beyond 64 bits, or a NUL.
_ODDITIES: dict[type, Any] = {
    bytes: ((b"{", b"["), re.compile(rb"[0-9]{19}|[0-9][eE]"), b"\\u0000"),
    str: (("{", "["), re.compile(r"[0-9]{19}|[0-9][eE]", re.ASCII), "\\u0000"),
}


def read(raw: bytes) -> Any:
    """What the body means, unwrapped. Raises Invalid."""
    if len(raw) > MAX_BYTES:
        raise Invalid(f"The body is larger than {MAX_BYTES} bytes.", code="body_too_large")
    value = unwrap(decode(raw))
    if len(raw) > MAX_ITEMS:  # a shorter one has room for neither
        check_sizes(value)
    return value


def decode(raw: bytes | str) -> Any:
    """JSON of bounded depth, its numbers those PostgreSQL can store, without NUL characters. Raises Invalid."""
    try:
        value = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Invalid("The body is no JSON.", code="malformed") from None
    # Few bodies have what one of these could find: looking at the text first saves walking through the value.
    nested, large, nul = _ODDITIES[type(raw)]
    if sum(map(raw.count, nested)) > MAX_DEPTH and _too_deep(value):
        raise Invalid(f"The body is nested deeper than {MAX_DEPTH}.", code="malformed")
    if nul in raw and _holds_nul(value):
        raise Invalid("The body holds a NUL character.", code="malformed")
    if large.search(raw) and any(isinstance(item, (int, float)) and abs(item) > ids.MAX_ID for item in _all(value)):
        raise Invalid("The body holds a number beyond 64 bits.", code="malformed")
    return value


def check_sizes(value: Any) -> None:
    """Raises Invalid where a text or a list of an unwrapped body is too long."""
    for item in _all(value):
        if isinstance(item, str) and len(item) > MAX_TEXT:
            raise Invalid(f"The body holds a text of more than {MAX_TEXT} characters.", code="body_too_large")
        if isinstance(item, list) and len(item) > MAX_ITEMS:
            raise Invalid(f"The body holds a list of more than {MAX_ITEMS} items.", code="body_too_large")


def unwrap(value: Any) -> Any:
    """`value`, or what stands in its `data`. Raises Invalid where that is text and no JSON."""
    if not isinstance(value, dict) or "data" not in value:
        return value
    inner = value["data"]
    if isinstance(inner, str):
        inner = decode(inner)
    return inner if isinstance(inner, (dict, list)) else value


def _too_deep(value: Any) -> bool:
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [child for parent in level for child in _children(parent)]
        if not level:
            return False
    return True


def _holds_nul(value: Any) -> bool:
    return any(
        (isinstance(item, str) and "\x00" in item) or (isinstance(item, dict) and any("\x00" in name for name in item))
        for item in _all(value)
    )


def _all(value: Any) -> Iterator[Any]:
    """`value` and all that is in it."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        yield item
        waiting.extend(_children(item))


def _children(value: Any) -> Any:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


class RequestParser(Parser):
    """What django-ninja asks for bodies and query strings."""

    def parse_body(self, request: HttpRequest) -> DictStrAny:
        """The body, unwrapped."""
        return cast("DictStrAny", read(request.body))

    def parse_querydict(self, data: MultiValueDict[str, Any], list_fields: list[str], request: HttpRequest) -> DictStrAny:  # noqa: ARG002  ninja's signature
        """Query parameters; an empty one counts as not given."""
        result: DictStrAny = {}
        for name in data:
            values = [value for value in data.getlist(name) if value != ""]
            if any("\x00" in value or len(value) > MAX_QUERY_VALUE for value in values if isinstance(value, str)):
                raise Invalid.field(name, "is too long or holds a NUL character")
            if values:
                result[name] = values if name in list_fields else values[-1]
        return result
