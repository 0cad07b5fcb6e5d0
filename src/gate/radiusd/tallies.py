"""What is counted and remembered of one NAS, beside the row it is: plain integers, so that counting costs next to nothing.

The rows in memory are replaced whenever the table changes; a tally stays as long as the process.
"""

from dataclasses import dataclass, field
from typing import Final

MOST_SIGNERS: Final = 1_024
"""Addresses of one range remembered to send Message-Authenticator; beyond them none is learned."""
_CODES: Final = 64


class Bucket:
    """A token bucket: so many a second, and as many at once."""

    __slots__ = ("_at", "_left")

    def __init__(self) -> None:
        self._left = -1.0
        self._at = 0.0

    def take(self, rate: int, now: float) -> bool:
        """Take one; False where there is none left. `now` in seconds of a clock that never goes back."""
        left = rate if self._left < 0 else min(self._left + (now - self._at) * rate, rate)
        self._at = now
        if left < 1:
            self._left = left
            return False
        self._left = left - 1
        return True


@dataclass(slots=True, eq=False)
class Tally:
    """Counts of one NAS since the start of the process."""

    sent: list[int] = field(default_factory=lambda: [0] * _CODES)
    """Answers by packet code."""
    dropped: int = 0
    limited: int = 0
    """Packets beyond its limit."""
    signed: int = 0
    """Access-Requests without EAP that carried a right Message-Authenticator."""
    unsigned: int = 0
    """Those that carried none."""
    refused: int = 0
    """And were left unanswered for it."""
    unsigned_from: str = ""
    """Where the last one of these came from."""
    signers: frozenset[str] = frozenset()
    """Addresses known to send Message-Authenticator."""
    learned: set[str] = field(default_factory=set)
    """Those of them that are not stored yet."""
    buckets: dict[int, Bucket] = field(default_factory=dict)
    """By socket, so that a flood of accounting leaves sign-ins their own."""

    def allows(self, *, socket: int, rate: int, now: float) -> bool:
        """Whether one more packet may come in by that socket."""
        bucket = self.buckets.get(socket)
        if bucket is None:
            bucket = self.buckets[socket] = Bucket()
        return bucket.take(rate, now)

    def learn(self, address: str) -> None:
        """Remember that this address sends Message-Authenticator: from now on it has to."""
        if len(self.signers) < MOST_SIGNERS:
            self.learned.add(address)
            self.signers |= {address}

    def known(self, addresses: list[str]) -> None:
        """Take over what is stored, which is less than before where the operator had it forgotten."""
        self.signers = frozenset(addresses) | self.learned


class Tallies(dict[int, Tally]):
    """Tallies by the NAS's id, made at the first question."""

    def __missing__(self, nas_id: int) -> Tally:
        made = self[nas_id] = Tally()
        return made
