"""How a target takes what it needs from the octets it is given, and what a target is.

A target gets any octets and returns. Whatever it raises is a finding: errors the decoder documents are caught in the target, and
what must hold beside is asserted there.
"""

from collections.abc import Callable
from dataclasses import dataclass


class Broken(AssertionError):
    """Something that is promised does not hold."""


@dataclass(frozen=True, slots=True)
class Target:
    """One thing to fuzz: `check` takes up to `longest` octets; `share` is its part of all inputs."""

    name: str
    check: Callable[[bytes], None]
    seeds: Callable[[], list[bytes]]
    longest: int = 1024
    share: int = 4

    def __str__(self) -> str:
        return self.name


class Feed:
    """Octets, taken from the front. At their end come zeros and nothing, never an error: short inputs are inputs."""

    __slots__ = ("_at", "_data")

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def __bool__(self) -> bool:
        """Whether something is left."""
        return self._at < len(self._data)

    def octet(self) -> int:
        """One octet as a number."""
        taken = self.take(1)
        return taken[0] if taken else 0

    def number(self, octets: int) -> int:
        """So many octets as a number."""
        return int.from_bytes(self.take(octets), "big")

    def take(self, size: int) -> bytes:
        """At most so many octets."""
        taken = self._data[self._at : self._at + size]
        self._at += len(taken)
        return taken

    def piece(self) -> bytes:
        """What an octet in front gives the length of."""
        return self.take(self.octet())

    def rest(self) -> bytes:
        """All that is left."""
        return self.take(len(self._data))

    def text(self) -> str:
        """A piece as text, as the server reads texts."""
        return self.piece().decode("utf-8", "replace")


def promise(holds: object, what: str) -> None:
    """Raise Broken where it does not hold. Not `assert`: what is fuzzed may be compiled without."""
    if not holds:
        raise Broken(what)


def piece(octets: bytes) -> bytes:
    """What `Feed.piece` gives back; for seeds."""
    return bytes((min(len(octets), 255),)) + octets[:255]
