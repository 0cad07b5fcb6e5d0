"""User-Password: hidden by a chain of MD5 blocks (RFC 2865 section 5.2)."""

# ruff: noqa: S324 - MD5 is what the protocol is made of.

from __future__ import annotations

from hashlib import md5

from gate.protocols.radius.errors import ValueMalformed


def encrypt(password: bytes, secret: bytes, authenticator: bytes) -> bytes:
    """Hide a password of up to 128 octets for a User-Password attribute.

    Raises `ValueMalformed` for a longer one, and for an authenticator that has not 16 octets.
    """
    if len(password) > 128:
        raise ValueMalformed(f"a password has 128 octets at most, not {len(password)}")
    if len(authenticator) != 16:
        raise ValueMalformed(f"an authenticator has 16 octets, not {len(authenticator)}")
    padded = password.ljust(max(16, -(-len(password) // 16) * 16), b"\0")
    hidden = b""
    chain = authenticator
    for position in range(0, len(padded), 16):
        chain = _xor(padded[position : position + 16], md5(secret + chain).digest())
        hidden += chain
    return hidden


def decrypt(hidden: bytes, secret: bytes, authenticator: bytes) -> bytes:
    """Reveal the password of a User-Password attribute, without its trailing NULs.

    With a wrong secret the result is noise, not an error. Raises `ValueMalformed` when the attribute has not 16 to 128
    octets in steps of 16, or the authenticator has not 16.
    """
    size = len(hidden)
    if not 16 <= size <= 128 or size % 16:
        raise ValueMalformed(f"a User-Password has 16 to 128 octets in steps of 16, not {size}")
    if len(authenticator) != 16:
        raise ValueMalformed(f"an authenticator has 16 octets, not {len(authenticator)}")
    if size == 16:
        return _xor(hidden, md5(secret + authenticator).digest()).rstrip(b"\0")
    chain = authenticator + hidden
    return b"".join(
        _xor(hidden[position : position + 16], md5(secret + chain[position : position + 16]).digest())
        for position in range(0, size, 16)
    ).rstrip(b"\0")


def _xor(left: bytes, right: bytes) -> bytes:
    return (int.from_bytes(left, "big") ^ int.from_bytes(right, "big")).to_bytes(16, "big")
