"""Passwords at rest: Argon2id with OWASP's parameters (19 MiB, two passes, one lane: about 20 ms), and the keyed verifier.

The verifier is HMAC-SHA256 under a key that is not in the database, over user, password version and password. It is written after
the first good Argon2 check of a subscriber's password and dropped with every password change, so that a reconnect storm costs
microseconds a sign-in. Whoever steals the database alone cannot test guesses against it. Staff passwords never get one.
See docs/decisions/ on passwords.
"""

import hmac
from typing import Any

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError
from django.contrib.auth.hashers import BasePasswordHasher

from gate.core import seal
from gate.core.errors import Invalid
from gate.users import foreign_hashes, older_hashes

_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1, hash_len=32, salt_len=16, type=Type.ID)
# What an unknown user's password is checked against, so that it takes as long as a known one's.
_NOBODY = _HASHER.hash("nobody's password")
_PURPOSE = "password-verifier"
UNUSABLE = "!"
"""Stored in place of a hash: no password matches it."""


def hash_password(password: str) -> str:
    """The Argon2id hash to store. About 20 ms of one core."""
    return _HASHER.hash(password)


def accept(password: str) -> str:
    """What to store for a password that came in clear or as a hash made elsewhere.

    A whole bcrypt or Argon2 hash is stored as it is, and becomes Argon2id of our own at the first good sign-in. What begins like
    a hash and is none becomes a hash that nothing matches: it is never taken for a password. Raises Invalid for a hash that
    would cost too much to check. Argon2id over a weaker hash is none that is taken here: imports alone bring it.
    """
    if not foreign_hashes.looks_like_one(password):
        return hash_password(password) if password else ""
    reason = foreign_hashes.problem(password)
    if reason is not None:
        raise Invalid.field("password", reason)
    return password if foreign_hashes.is_bcrypt(password) or foreign_hashes.is_argon2(password) else UNUSABLE


def check_password(password: str, stored: str) -> bool:
    """Whether `password` is the one hashed in `stored`; takes as long where `stored` is empty or no hash at all."""
    if foreign_hashes.is_bcrypt(stored):
        return foreign_hashes.check_bcrypt(password, stored)
    if older_hashes.is_stored(stored):
        redone = older_hashes.redo(password, stored)
        if redone is None:
            _verify_nobody(password)
            return False
        password, stored = redone
    known = foreign_hashes.is_argon2(stored)
    try:
        _HASHER.verify(stored if known else _NOBODY, password)
    except VerifyMismatchError:
        return False
    except (InvalidHashError, VerificationError):
        _verify_nobody(password)
        return False
    return known


def outdated(stored: str) -> bool:
    """Whether a hash that just matched is to be replaced by `hash_password`: whatever was made elsewhere."""
    return foreign_hashes.is_bcrypt(stored) or older_hashes.is_stored(stored) or _HASHER.check_needs_rehash(stored)


def _verify_nobody(password: str) -> None:
    try:
        _HASHER.verify(_NOBODY, password)
    except VerifyMismatchError:
        return


def make_verifier(*, user_id: int, password_version: int, password: bytes) -> bytes:
    """The keyed verifier: four bytes naming the key, then the HMAC."""
    number = user_id.to_bytes(8, "big") + password_version.to_bytes(8, "big")
    return seal.fingerprint(_PURPOSE) + seal.keyed_digest(_PURPOSE, number, password)


def check_verifier(verifier: bytes | None, *, user_id: int, password_version: int, password: bytes) -> bool | None:
    """True or False where the verifier can tell; None where there is none, or it was made under another key."""
    if verifier is None or verifier[:4] != seal.fingerprint(_PURPOSE):
        return None
    return hmac.compare_digest(verifier, make_verifier(user_id=user_id, password_version=password_version, password=password))


class Argon2id(BasePasswordHasher):
    """The same hashes for Django, which asks for a class."""

    algorithm = "argon2"

    def encode(self, password: str, salt: str) -> str:  # noqa: ARG002  Django's signature; Argon2 makes its own salt
        """Hash with a fresh salt."""
        return hash_password(password)

    def verify(self, password: str, encoded: str) -> bool:
        """Whether it matches."""
        return check_password(password, encoded)

    def decode(self, encoded: str) -> dict[str, Any]:
        """What the console may show of a hash."""
        return {"algorithm": "argon2id", "hash": encoded}

    def safe_summary(self, encoded: str) -> dict[Any, Any]:  # noqa: ARG002  nothing of the hash is shown
        """Nothing but the name."""
        return {"algorithm": "Argon2id"}

    def must_update(self, encoded: str) -> bool:
        """Whether the parameters have moved on since."""
        return not foreign_hashes.is_argon2(encoded) or outdated(encoded)

    def harden_runtime(self, password: str, encoded: str) -> None:
        """Nothing to do: a check takes the time its parameters say."""
