"""Pages of lists: limit and offset with a count, and signed cursors for lists too long to count or to skip through.

A cursor is a place between two rows, told by the key of the row beside it, so that rows added meanwhile move nothing. It is
signed: whoever changes one gets 400, and a cursor of one list or tenant does not open another.
"""

import base64
import binascii
import hmac
import struct
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from gate.core import clock, seal
from gate.core.errors import Invalid

DEFAULT_LIMIT = 20
MAX_LIMIT = 100

T = TypeVar("T")

_BODY = struct.Struct(">?qq")
_TAG = 16


@dataclass(frozen=True, slots=True)
class Cursor:
    """Start beside the row whose key is (`major`, `minor`), going on to older rows, or `backwards` to newer ones."""

    major: int
    minor: int
    backwards: bool = False

    def encode(self, *, context: str) -> str:
        """The opaque text; `context` names the list and the tenant."""
        body = _BODY.pack(self.backwards, self.major, self.minor)
        return base64.urlsafe_b64encode(body + _sign(body, context)).rstrip(b"=").decode()


def parse_cursor(text: str, *, context: str) -> Cursor:
    """The cursor that `encode` gave as `text`. Raises Invalid naming `cursor`."""
    try:
        raw = base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (UnicodeEncodeError, binascii.Error):
        raise _forged() from None
    body, tag = raw[: _BODY.size], raw[_BODY.size :]
    if len(raw) != _BODY.size + _TAG or not hmac.compare_digest(tag, _sign(body, context)):
        raise _forged()
    backwards, major, minor = _BODY.unpack(body)
    return Cursor(major=major, minor=minor, backwards=backwards)


def _sign(body: bytes, context: str) -> bytes:
    return seal.keyed_digest("cursor", context.encode(), body)[:_TAG]


def _forged() -> Invalid:
    return Invalid.field("cursor", "is none that GATE gave out for this list")


@dataclass(frozen=True, slots=True)
class CursorPage(Generic[T]):
    """Rows, newest first, and where to go on in both directions."""

    results: Sequence[T]
    next: Cursor | None
    """To older rows."""
    previous: Cursor | None
    """To newer rows."""


def cut(rows: Sequence[T], *, limit: int, cursor: Cursor | None, key: Callable[[T], tuple[int, int]]) -> CursorPage[T]:
    """The page out of up to `limit + 1` rows read from the cursor on, in reading order (backwards: oldest first)."""
    more = len(rows) > limit
    shown = list(rows[:limit])
    backwards = cursor is not None and cursor.backwards
    if backwards:
        shown.reverse()
    if not shown:
        return CursorPage(results=(), next=None, previous=None)
    (first_major, first_minor), (last_major, last_minor) = key(shown[0]), key(shown[-1])
    # The side we came from has at least the row the cursor stands beside.
    older, newer = (True, more) if backwards else (more, cursor is not None)
    return CursorPage(
        results=shown,
        next=Cursor(major=last_major, minor=last_minor) if older else None,
        previous=Cursor(major=first_major, minor=first_minor, backwards=True) if newer else None,
    )


class CountCache:
    """Counts that take long are asked once in a while; short ones each time, so that small lists are always exact.

    Kept per process. A kept count is at most `seconds` old, or `share` times as old as it took to ask, so that counting one
    list takes a fiftieth of a processor at most, however long the list is.
    """

    def __init__(self, *, seconds: float = 10.0, worth_keeping: float = 0.05, share: float = 50.0, size: int = 1_000) -> None:
        self._share = share
        self._seconds, self._worth_keeping, self._size = seconds, worth_keeping, size
        self._kept: OrderedDict[Hashable, tuple[float, int]] = OrderedDict()
        self._lock = threading.Lock()

    def count(self, key: Hashable, ask: Callable[[], int]) -> int:
        """The count for `key`: kept, or asked for now."""
        began = clock.monotonic()
        with self._lock:
            until, number = self._kept.get(key, (0.0, 0))
        if until > began:
            return number
        number = ask()
        ended = clock.monotonic()
        took = ended - began
        if took >= self._worth_keeping:
            with self._lock:
                self._kept[key] = (ended + max(self._seconds, took * self._share), number)
                while len(self._kept) > self._size:
                    self._kept.popitem(last=False)
        return number
