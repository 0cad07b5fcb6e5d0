"""Hashes too weak to keep as they are (MD5, SHA, NT, crypt), which operators bring from elsewhere. Pure.

What is stored is Argon2id over such a hash, with the scheme and its salt beside it (in base64url):
`$argon2id-over$sha256$c2FsdA$argon2id$…`. A check makes the old hash out of the password that is offered, then asks Argon2
whether it is the one. So a stolen database holds nothing that is quick to guess at, users sign in at once, and each check
takes Argon2's time. Imports alone store these: `hashing.accept`, which takes what API clients send, does not.

A check is bounded: SHA-crypt's rounds by `ROUNDS`, and no password of more than MAX_PASSWORD octets is tried against crypt, whose
time grows with it. Sources: RFC 2307 and OpenLDAP's headers (`{SSHA}` and its like: digest, then salt), FreeRADIUS's rlm_pap,
MS-NLMP section 3.3.1 (NT), crypt(5).
"""

# ruff: noqa: S303 - MD4 is what such a hash is made by.

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass, field
from typing import Final

from Crypto.Hash import MD4

from gate.users import foreign_hashes

PREFIX: Final = foreign_hashes.OVER
NT: Final = "nt"
CRYPT: Final = "crypt"
DIGESTS: Final = {"md5": 16, "sha1": 20, "sha224": 28, "sha256": 32, "sha384": 48, "sha512": 64}
"""Octets of a digest by its name; hashed are the password and the salt behind it, if there is one."""
MAX_SALT: Final = 48
"""Octets of a salt, so that the whole fits into the column."""
ROUNDS: Final = range(1_000, 100_001)
"""Of SHA-crypt. 5,000 are usual and take 2 ms; 100,000 take 45 ms, about as long as two checks of Argon2."""
MAX_PASSWORD: Final = 256
"""Octets. RADIUS carries 128 (RFC 2865 section 5.2)."""

_STORED = re.compile(r"\$argon2id-over\$([a-z0-9]+)\$([A-Za-z0-9_-]*)(\$argon2id\$.*)\Z", re.ASCII | re.DOTALL)
_SETTING = re.compile(
    r"(?:(?P<des>[./A-Za-z0-9]{2})|\$(?P<kind>1)\$(?P<salt>[./A-Za-z0-9]{0,8})"
    r"|\$(?P<sha>[56])\$(?:rounds=(?P<rounds>[1-9]\d{0,8})\$)?(?P<sha_salt>[./A-Za-z0-9]{0,16}))\Z",
    re.ASCII,
)
_SIGNS = re.compile(r"[./A-Za-z0-9]+\Z", re.ASCII)
_LENGTHS = {"des": 11, "1": 22, "5": 43, "6": 86}
_USUAL_ROUNDS = 5_000


@dataclass(frozen=True, slots=True)
class Older:
    """One such hash, taken apart."""

    scheme: str
    """NT, CRYPT or one of DIGESTS."""
    salt: bytes = field(repr=False)
    """Of CRYPT: all that stands before the hash itself, without the dollar between them."""
    digest: str = field(repr=False)
    """What Argon2 goes over: the hash in hexadecimal, or in crypt's own letters."""

    def store(self, argon2: str) -> str:
        """What to store, given `hashing.hash_password` of the digest."""
        return f"{PREFIX}{self.scheme}${base64.urlsafe_b64encode(self.salt).decode().rstrip('=')}{argon2}"


def of_digest(scheme: str, digest: bytes, salt: bytes = b"") -> Older:
    """A digest by its name or NT's. Raises ValueError: of another length, or too long a salt."""
    if len(digest) != (16 if scheme == NT else DIGESTS[scheme]):
        raise ValueError("is not as long as such a hash")
    if len(salt) > MAX_SALT:
        raise ValueError(f"has a salt of more than {MAX_SALT} octets")
    return Older(scheme, salt, digest.hex())


def of_crypt(text: str) -> Older:
    """A hash of crypt(3): DES, MD5 ($1$) or SHA ($5$, $6$). Raises ValueError, saying why it is none that is taken."""
    before, _, digest = text.rpartition("$") if text.startswith("$") else (text[:2], "", text[2:])
    setting = _setting(before)
    if setting is None or not _SIGNS.match(digest) or len(digest) != _LENGTHS[setting.kind]:
        raise ValueError("is no whole hash of a kind that is taken (crypt: DES, $1$, $5$, $6$, bcrypt, Argon2)")
    if setting.rounds not in ROUNDS:
        raise ValueError(f"is a hash of {setting.rounds:,} rounds; {ROUNDS[0]:,} to {ROUNDS[-1]:,} are taken")
    return Older(CRYPT, before.encode(), digest)


def is_stored(text: str) -> bool:
    """Whether `text` is a whole one as it is stored, of bearable costs."""
    return _parts(text) is not None


def redo(password: str, stored: str) -> tuple[str, str] | None:
    """The digest of `password` by the stored one's scheme and salt, and the Argon2 hash it is to match.

    None where `stored` is none of these, or no password of this kind could match it.
    """
    parts = _parts(stored)
    if parts is None:
        return None
    scheme, salt, argon2 = parts
    if scheme == CRYPT:
        made = _crypt(password.encode(), salt.decode("ascii"))
        return None if made is None else (made, argon2)
    if scheme == NT:
        return MD4.new(password.encode("utf-16-le")).hexdigest(), argon2
    return hashlib.new(scheme, password.encode() + salt, usedforsecurity=False).hexdigest(), argon2


def _parts(text: str) -> tuple[str, bytes, str] | None:
    found = _STORED.match(text)
    if found is None or len(text) > foreign_hashes.MAX_LENGTH or not foreign_hashes.is_argon2(found[3]):
        return None
    scheme = found[1]
    try:
        salt = base64.urlsafe_b64decode(found[2] + "=" * (-len(found[2]) % 4))
    except binascii.Error:
        return None
    if scheme == CRYPT:
        setting = _setting(salt.decode("ascii", "replace"))
        return None if setting is None or setting.rounds not in ROUNDS else (scheme, salt, found[3])
    return (scheme, salt, found[3]) if scheme in DIGESTS or (scheme == NT and not salt) else None


@dataclass(frozen=True, slots=True)
class _Setting:
    """What stands before a hash of crypt(3)."""

    kind: str
    salt: str
    rounds: int = _USUAL_ROUNDS
    """Of SHA-crypt; the others have no choice of them."""


def _setting(text: str) -> _Setting | None:
    found = _SETTING.match(text)
    if found is None:
        return None
    if found["des"] is not None:
        return _Setting("des", found["des"])
    if found["kind"] is not None:
        return _Setting(found["kind"], found["salt"])
    return _Setting(found["sha"], found["sha_salt"], int(found["rounds"] or _USUAL_ROUNDS))


def _crypt(password: bytes, text: str) -> str | None:
    setting = _setting(text)
    # crypt(3) ends a password at its first NUL: one that holds a NUL would match a shorter one.
    if setting is None or b"\0" in password or len(password) > MAX_PASSWORD:
        return None
    # Most installs never check one of these.
    from passlib.hash import des_crypt, md5_crypt, sha256_crypt, sha512_crypt

    match setting.kind:
        case "des":
            return str(des_crypt.using(salt=setting.salt).hash(password))[2:]
        case "1":
            made = md5_crypt.using(salt=setting.salt).hash(password)
        case _:
            handler = sha256_crypt if setting.kind == "5" else sha512_crypt
            made = handler.using(salt=setting.salt, rounds=setting.rounds).hash(password)
    return str(made).rpartition("$")[2]
