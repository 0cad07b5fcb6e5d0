"""Password hashes made elsewhere: which are taken as they are, and how bcrypt is checked. Pure.

Whoever made a hash chose how long it takes to check. Were every hash run, somebody who may write one could make each sign-in
cost gigabytes or hours. What is dearer than the bounds below is refused, and not run even where it is stored already.
"""

import re

import bcrypt

MAX_LENGTH = 200
"""Characters of a stored hash."""
BCRYPT_COSTS = range(4, 14)
"""2^13 rounds are half a second of one core."""
MAX_MEMORY_KIB, MAX_PASSES, MAX_LANES = 64 * 1024, 10, 8
"""64 MiB is what most libraries take unless told otherwise (RFC 9106 section 4, second recommendation)."""

OVER = "$argon2id-over$"
"""How Argon2id over a weaker hash begins (older_hashes)."""

_BCRYPT_LIKE = re.compile(r"\$2[abxy]?\$")
_BCRYPT = re.compile(r"\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}\Z", re.ASCII)
_ARGON2_LIKE = re.compile(r"\$argon2(?:id|i|d)\$")
# Salts of 8 octets and more (RFC 9106 section 3.1), hashes of 16 and more. The order is the one the reference code demands.
_ARGON2 = re.compile(
    r"\$argon2(?:id|i|d)\$v=19\$m=([1-9]\d{0,9}),t=([1-9]\d{0,9}),p=([1-9]\d{0,7})\$[A-Za-z0-9+/]{11,86}\$[A-Za-z0-9+/]{22,86}\Z",
    re.ASCII,
)
_BCRYPT_TAKES = 72  # octets; it has never looked at more


def looks_like_one(text: str) -> bool:
    """Whether `text` begins like a hash, whole or not, so that it is no password in clear."""
    return bool(_BCRYPT_LIKE.match(text) or _ARGON2_LIKE.match(text)) or text.startswith(OVER)


def problem(text: str) -> str | None:
    """Why a whole hash is not taken: it would cost too much to check. None for all else."""
    if (found := _BCRYPT.match(text)) and int(found[1]) not in BCRYPT_COSTS:
        return f"is a bcrypt hash of cost {found[1]}; {BCRYPT_COSTS[0]} to {BCRYPT_COSTS[-1]} are taken"
    if (found := _ARGON2.match(text)) and not _bearable(found):
        return f"is an Argon2 hash beyond {MAX_MEMORY_KIB} KiB, {MAX_PASSES} passes or {MAX_LANES} lanes"
    return None


def is_bcrypt(text: str) -> bool:
    """Whether `text` is a whole bcrypt hash of a bearable cost."""
    found = _BCRYPT.match(text)
    return found is not None and int(found[1]) in BCRYPT_COSTS


def is_argon2(text: str) -> bool:
    """Whether `text` is a whole Argon2 hash of bearable costs."""
    found = _ARGON2.match(text)
    return found is not None and len(text) <= MAX_LENGTH and _bearable(found)


def check_bcrypt(password: str, stored: str) -> bool:
    """Whether `password` is the one hashed in `stored`, for which `is_bcrypt` holds."""
    octets = password.encode()
    # bcrypt ends a password at its first NUL: one that holds a NUL would match a shorter one.
    return b"\0" not in octets and bcrypt.checkpw(octets[:_BCRYPT_TAKES], stored.encode("ascii"))


def _bearable(found: re.Match[str]) -> bool:
    memory, passes, lanes = (int(number) for number in found.groups())
    return memory <= MAX_MEMORY_KIB and passes <= MAX_PASSES and lanes <= MAX_LANES
