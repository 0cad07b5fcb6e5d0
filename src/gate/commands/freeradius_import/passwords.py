"""What FreeRADIUS's attributes of passwords mean in GATE. Pure: an attribute and its value come in, one of three comes out.

Values are read as FreeRADIUS reads them: octets as `0x…`, hexadecimal or base64 (rlm_pap's `normalise`), salts behind digests.
"""

import base64
import binascii
import re
from typing import Final

from gate.users import foreign_hashes, older_hashes
from gate.users.older_hashes import Older

CLEAR: Final = frozenset({"cleartext-password", "user-password"})
_HEADED: Final = "password-with-header"
_CRYPT: Final = "crypt-password"
_SHA2: Final = "sha2-password"
_BY_LENGTH: Final = {size: name for name, size in older_hashes.DIGESTS.items() if name not in {"md5", "sha1"}}
_PLAIN: Final = {
    "nt-password": older_hashes.NT, "md5-password": "md5", "sha-password": "sha1", "sha1-password": "sha1",
    "sha2-224-password": "sha224", "sha2-256-password": "sha256", "sha2-384-password": "sha384", "sha2-512-password": "sha512",
}  # fmt: skip
_SALTED: Final = {
    "smd5-password": "md5", "ssha-password": "sha1", "ssha1-password": "sha1", "ssha2-224-password": "sha224",
    "ssha2-256-password": "sha256", "ssha2-384-password": "sha384", "ssha2-512-password": "sha512", "ssha224-password": "sha224",
    "ssha256-password": "sha256", "ssha384-password": "sha384", "ssha512-password": "sha512",
}  # fmt: skip
_UNKNOWN: Final = frozenset({
    "lm-password", "ns-mta-md5-password", "pbkdf2-password", "ssha2-password", "sha3-password", "ssha3-224-password",
    "ssha3-256-password", "ssha3-384-password", "ssha3-512-password",
})  # fmt: skip
"""Passwords, but of kinds GATE does not check."""
HASHED: Final = _PLAIN.keys() | _SALTED.keys() | _UNKNOWN | {_HEADED, _CRYPT, _SHA2}
# Their headers, in lower case, as rlm_pap knows them.
_HEADERS: Final = {
    "clear": "cleartext-password", "cleartext": "cleartext-password", "crypt": _CRYPT, "md5": "md5-password",
    "base64_md5": "md5-password", "smd5": "smd5-password", "sha": "sha-password", "ssha": "ssha-password", "sha2": _SHA2,
    "sha224": _SHA2, "sha256": _SHA2, "sha384": _SHA2, "sha512": _SHA2, "ssha224": "ssha2-224-password",
    "ssha256": "ssha2-256-password", "ssha384": "ssha2-384-password", "ssha512": "ssha2-512-password", "nt": "nt-password",
    "nthash": "nt-password", "x-nthash": "nt-password", "md4": "nt-password",
}  # fmt: skip
_HEADER: Final = re.compile(r"\{([^{}]{1,20})\}", re.ASCII)
_HEX: Final = re.compile(rb"(?:[0-9A-Fa-f]{2})+\Z")


class Unknown(ValueError):
    """Says what is the matter with the value, without quoting it."""


def read(attribute: str, value: str) -> str | Older:
    """What a line of CLEAR or HASHED says: a password in clear, a hash to keep as it is, or one to put Argon2id over.

    Raises Unknown.
    """
    name = attribute.lower()
    if name in CLEAR:
        return Clear(value)
    try:
        return _headed(value) if name == _HEADED else _hash(name, value)
    except Unknown:
        raise
    except ValueError as error:
        raise Unknown(str(error)) from None


class Clear(str):
    """A password in clear."""

    __slots__ = ()


def _hash(name: str, value: str) -> str | Older:
    if name == _CRYPT:
        text = value[7:] if value[:7].lower() == "{crypt}" else value
        if foreign_hashes.is_bcrypt(text) or foreign_hashes.is_argon2(text):
            return text
        if reason := foreign_hashes.problem(text):
            raise Unknown(reason)
        return older_hashes.of_crypt(text)
    if name in _UNKNOWN:
        raise Unknown("is a hash of a kind GATE does not check")
    if name == _SHA2:
        octets = _octets(value, least=min(_BY_LENGTH))
        if len(octets) not in _BY_LENGTH:
            raise Unknown("is not as long as a hash of SHA-2")
        return older_hashes.of_digest(_BY_LENGTH[len(octets)], octets)
    if name in _PLAIN:
        scheme = _PLAIN[name]
        return older_hashes.of_digest(scheme, _octets(value, least=older_hashes.DIGESTS.get(scheme, 16)))
    scheme = _SALTED[name]
    size = older_hashes.DIGESTS[scheme]
    octets = _octets(value, least=size)
    if len(octets) <= size:
        raise Unknown("is not as long as such a hash and its salt")
    return older_hashes.of_digest(scheme, octets[:size], octets[size:])


def _headed(value: str) -> str | Older:
    found = _HEADER.match(value)
    if found is None:
        # All of it may be in base64; without a header it is the password itself, for FreeRADIUS.
        inner = _octets(value, least=4).decode("utf-8", "replace")
        found = _HEADER.match(inner)
        if found is None:
            if foreign_hashes.looks_like_one(value):
                raise Unknown("has no header such as {crypt}")
            return Clear(value)
        value = inner
    name = _HEADERS.get(found[1].lower())
    if name is None:
        raise Unknown("has a header GATE does not know")
    rest = value[found.end() :]
    return Clear(rest) if name in CLEAR else _hash(name, rest)


def _octets(text: str, *, least: int) -> bytes:
    """What a value of octets says, which has `least` of them or more: in hexadecimal or base64, else itself."""
    given = bytes.fromhex(text[2:]) if text[:2] in {"0x", "0X"} and _HEX.match(text[2:].encode()) else text.encode()
    if len(given) >= 2 * least and _HEX.match(given):
        return bytes.fromhex(given.decode())
    if 3 * len(given) >= 4 * least:
        try:
            decoded = base64.b64decode(given + b"=" * (-len(given) % 4), validate=True)
        except binascii.Error:
            return given
        if len(decoded) >= least:
            return decoded
    return given
