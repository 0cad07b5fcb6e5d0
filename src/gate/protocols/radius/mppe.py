"""Keys for the NAS: how MS-CHAP-V2 makes them (RFC 3079 section 3) and how RADIUS hides them (RFC 2548 section 2.4).

The names look from the NAS's side: what it sends with, the peer receives with. EAP methods bring their own key material (MSK);
its first half is what the NAS receives with (RFC 2548 section 2.4.3, RFC 5247).
"""

# ruff: noqa: S324 - MD5 and SHA-1 are what the protocol is made of.

from __future__ import annotations

from hashlib import md5, sha1
from typing import Final

from gate.protocols.radius.errors import ValueMalformed
from gate.protocols.radius.mschap import hash_nt_hash
from gate.protocols.radius.packet import encode_vendor

MICROSOFT: Final = 311
SEND_KEY: Final = 16
RECV_KEY: Final = 17

_MASTER: Final = b"This is the MPPE Master Key"
_CLIENT_SENDS: Final = b"On the client side, this is the send key; on the server side, it is the receive key."
_CLIENT_RECEIVES: Final = b"On the client side, this is the receive key; on the server side, it is the send key."
_PAD_1: Final = bytes(40)
_PAD_2: Final = b"\xf2" * 40
_MAX_KEY: Final = 223


def master_key(*, password_hash: bytes, response: bytes) -> bytes:
    """GetMasterKey (RFC 3079 section 3.4): 16 octets from NT hash and NT-Response."""
    return sha1(hash_nt_hash(password_hash) + response + _MASTER).digest()[:16]


def start_key(*, master: bytes, server_sends: bool, size: int = 16) -> bytes:
    """GetAsymmetricStartKey (RFC 3079 section 3.4), on the server's side; `size` is 8 or 16 octets."""
    magic = _CLIENT_RECEIVES if server_sends else _CLIENT_SENDS
    return sha1(master + _PAD_1 + magic + _PAD_2).digest()[:size]


def encrypt(key: bytes, *, secret: bytes, authenticator: bytes, salt: bytes) -> bytes:
    """Hide a key for the holder of the secret (RFC 2548 section 2.4.2): the salt, then the chained blocks.

    Raises `ValueMalformed` for a key of more than 223 octets, and for a salt that has not 2 octets with its first bit set.
    """
    if len(key) > _MAX_KEY:
        raise ValueMalformed(f"a key has {_MAX_KEY} octets at most, not {len(key)}")
    if len(salt) != 2 or not salt[0] & 0x80:
        raise ValueMalformed("a salt has 2 octets, the first bit set")
    plain = bytes((len(key),)) + key
    plain = plain.ljust(-(-len(plain) // 16) * 16, b"\0")
    hidden, chain = b"", authenticator + salt
    for position in range(0, len(plain), 16):
        chain = _xor(plain[position : position + 16], md5(secret + chain).digest())
        hidden += chain
    return salt + hidden


def decrypt(value: bytes, *, secret: bytes, authenticator: bytes) -> bytes:
    """Reveal such a key, as a NAS does. Raises `ValueMalformed` for a wrong shape or (mostly) a wrong secret."""
    salt, hidden = value[:2], value[2:]
    if not 16 <= len(hidden) <= 240 or len(hidden) % 16:
        raise ValueMalformed(f"a hidden key has 18 to 242 octets in steps of 16, not {len(value)}")
    plain, chain = b"", authenticator + salt
    for position in range(0, len(hidden), 16):
        block = hidden[position : position + 16]
        plain += _xor(block, md5(secret + chain).digest())
        chain = block
    size = plain[0]
    if size >= len(plain) or any(plain[size + 1 :]):
        raise ValueMalformed("the hidden key was not made with this secret")
    return plain[1 : size + 1]


def encode_keys(*, send: bytes, receive: bytes, secret: bytes, authenticator: bytes, salts: tuple[bytes, bytes]) -> bytes:
    """MS-MPPE-Send-Key and MS-MPPE-Recv-Key of an Access-Accept, by the authenticator of its request.

    The two salts must differ; they are 2 random octets each, of which the first bit is set here. Raises `ValueMalformed`.
    """
    first, second = (bytes((salt[0] | 0x80,)) + salt[1:] for salt in salts)
    if first == second:
        second = first[:1] + bytes((first[1] ^ 1,))
    return encode_vendor(
        MICROSOFT, SEND_KEY, encrypt(send, secret=secret, authenticator=authenticator, salt=first)
    ) + encode_vendor(MICROSOFT, RECV_KEY, encrypt(receive, secret=secret, authenticator=authenticator, salt=second))


def _xor(left: bytes, right: bytes) -> bytes:
    return (int.from_bytes(left, "big") ^ int.from_bytes(right, "big")).to_bytes(16, "big")
