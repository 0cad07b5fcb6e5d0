"""CHAP-Password: an identifier and MD5(identifier, password, challenge) (RFC 2865 sections 2.2 and 5.3).

The challenge is the CHAP-Challenge attribute or, in its absence, the Request Authenticator.
"""

# ruff: noqa: S324 - MD5 is what the protocol is made of.

from __future__ import annotations

from hashlib import md5
from hmac import compare_digest

from gate.protocols.radius.errors import ValueMalformed


def verify(chap_password: bytes, challenge: bytes, password: bytes) -> bool:
    """Tell whether the answer was made from this password; compares in constant time.

    Raises `ValueMalformed` when the attribute has not 17 octets.
    """
    if len(chap_password) != 17:
        raise ValueMalformed(f"a CHAP-Password has 17 octets, not {len(chap_password)}")
    return compare_digest(md5(chap_password[:1] + password + challenge).digest(), chap_password[1:])


def respond(*, identifier: int, challenge: bytes, password: bytes) -> bytes:
    """Make the CHAP-Password attribute's 17 octets, as a NAS does."""
    start = bytes((identifier,))
    return start + md5(start + password + challenge).digest()
