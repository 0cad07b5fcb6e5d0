"""Guessing at one user's password is slow: so many different wrong ones a minute, then the name is refused unchecked.

Different ones, since a phone with an old password sends it again and again, and must not keep the user's other devices out. The
very same wrong password is not checked a second time either: that would cost another Argon2 check, which is what floods are
made of.

In memory, by process. What is remembered of a password is a digest under a key that ends with the process.
"""

import hashlib
import secrets
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Final

from gate.access.types import Proof

WINDOW: Final = 60.0
"""Seconds from the first wrong guess until all are forgotten."""
MOST: Final = 50_000
"""Users remembered. Past it the one guessed at longest ago is forgotten: that many names cost a guesser more than a minute."""


@dataclass(slots=True)
class _Guessed:
    since: float
    passwords: set[bytes] = field(default_factory=set, repr=False)


class Guesses:
    """Who was guessed at in the last minute. Costs one look into a dictionary for everybody else."""

    def __init__(self, *, limit: int) -> None:
        self._limit = limit
        self._held: OrderedDict[int, _Guessed] = OrderedDict()
        self._key = secrets.token_bytes(32)

    def __len__(self) -> int:
        """How many users are remembered."""
        return len(self._held)

    def known(self, *, user_id: int, password_version: int, password: bytes | None, now: float) -> Proof | None:
        """What is known of a guess before it is checked: one too many, wrong as it was before, or nothing.

        `password` is None where only an answer made of it was sent (CHAP). `now` in seconds since 1970.
        """
        held = self._held.get(user_id)
        if held is None:
            return None
        if not held.since <= now < held.since + WINDOW:
            del self._held[user_id]
            return None
        if len(held.passwords) >= self._limit:
            return Proof.GUESSED
        if password is not None and self._digest(password_version, password) in held.passwords:
            return Proof.WRONG
        return None

    def wrong(self, *, user_id: int, password_version: int, password: bytes | None, now: float) -> None:
        """Remember a wrong guess."""
        if not self._limit:
            return
        held = self._held.get(user_id)
        if held is None:
            held = self._held[user_id] = _Guessed(now)
            if len(self._held) > MOST:
                self._held.popitem(last=False)
        held.passwords.add(secrets.token_bytes(16) if password is None else self._digest(password_version, password))

    def _digest(self, password_version: int, password: bytes) -> bytes:
        # With the version: what was wrong before the password was changed may be right now.
        return hashlib.blake2b(b"%d:%b" % (password_version, password), key=self._key, digest_size=16).digest()
