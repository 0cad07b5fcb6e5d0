"""The memory of replies: a request that comes again is answered again, never handled again (RFC 5080 section 2.2.2).

A NAS sends its request again when the reply is late or lost. While the first copy is being handled the others are
dropped; afterwards they get the very octets that were sent the first time, for as long as `lifetime`.

No clock is read and no timer started here: `now` is an argument, in seconds of any clock that never goes back.
"""

from __future__ import annotations

from collections import OrderedDict
from enum import Enum
from typing import Final, TypeAlias

MIN_LIFETIME: Final = 5.0

RequestKey: TypeAlias = tuple[str, int, int, int, bytes]
"""Source address, source port, code, identifier and request authenticator."""


class Seen(Enum):
    """What is known of a request whose reply is not stored."""

    NEW = "new"
    """Handle it, then call `ReplyMemory.finish` or `ReplyMemory.abandon`."""

    IN_FLIGHT = "in flight"
    """A copy is being handled: drop this one."""


class ReplyMemory:
    """Requests in flight and the replies of finished ones: at most `capacity` of both together.

    When it is full the oldest reply is forgotten and, when there are no replies, the oldest request in flight. That one
    would be handled a second time if it came again, which costs work but stays right: accounting is stored by upsert.
    Every operation takes constant time on average.
    """

    __slots__ = ("_capacity", "_finished", "_in_flight", "_lifetime")

    def __init__(self, capacity: int, lifetime: float) -> None:
        """Take the bound and the seconds a reply is kept; `ValueError` below 1 entry or 5 seconds."""
        if capacity < 1:
            raise ValueError("a reply memory holds one entry at least")
        if lifetime < MIN_LIFETIME:
            raise ValueError("a reply is kept for 5 seconds at least (RFC 5080 section 2.2.2)")
        self._capacity: int = capacity
        self._lifetime: float = lifetime
        # Both in order of arrival, so the first entry is the oldest; all replies live equally long. A plain dict would not do:
        # finding its first key passes over every entry deleted before it, which under load are all of the last minute's.
        self._in_flight: OrderedDict[RequestKey, None] = OrderedDict()
        self._finished: OrderedDict[RequestKey, tuple[bytes, float]] = OrderedDict()

    def __len__(self) -> int:
        """Requests in flight and stored replies, counting expired ones that no call has met yet."""
        return len(self._in_flight) + len(self._finished)

    def begin(self, key: RequestKey, now: float) -> Seen | bytes:
        """Say what to do with a request that has arrived: handle it, drop it, or send these octets again."""
        self.handle_timer(now)
        stored = self._finished.get(key)
        if stored is not None:
            return stored[0]
        if key in self._in_flight:
            return Seen.IN_FLIGHT
        self._make_room()
        self._in_flight[key] = None
        return Seen.NEW

    def finish(self, key: RequestKey, reply: bytes, now: float) -> None:
        """Store the reply that was sent."""
        self.handle_timer(now)
        self._in_flight.pop(key, None)
        # Taken out first, so that a second reply to one request also moves to the young end.
        self._finished.pop(key, None)
        self._make_room()
        self._finished[key] = (reply, now + self._lifetime)

    def abandon(self, key: RequestKey) -> None:
        """Forget a request that will not be answered, so that its next copy is handled anew."""
        self._in_flight.pop(key, None)

    def get_timer(self) -> float | None:
        """When `handle_timer` has something to forget, or None. Nobody has to call it in time: `begin` forgets too."""
        for _, expiry in self._finished.values():
            return expiry
        return None

    def handle_timer(self, now: float) -> None:
        """Forget the replies whose time is over."""
        finished = self._finished
        while finished:
            key = next(iter(finished))
            if finished[key][1] > now:
                return
            del finished[key]

    def _make_room(self) -> None:
        if len(self._in_flight) + len(self._finished) < self._capacity:
            return
        if self._finished:
            self._finished.popitem(last=False)
        else:
            self._in_flight.popitem(last=False)
