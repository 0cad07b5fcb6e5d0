"""MS-CHAP-V2 (RFC 2759) and the attributes that carry it (RFC 2548 section 2.3).

The password itself is needed, or its NT hash, which is as good as the password to whoever holds it. Old as the cryptography is
(MD4, DES, SHA-1), it is what PEAP speaks inside its tunnel; without a tunnel it is worth little.
"""

# ruff: noqa: S303, S304, S324 - MD4, DES and SHA-1 are what the protocol is made of.

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha1
from hmac import compare_digest
from typing import Final

from Crypto.Cipher import DES
from Crypto.Hash import MD4

from gate.protocols.radius.errors import ValueMalformed

CHALLENGE_SIZE: Final = 16
RESPONSE_SIZE: Final = 24
ERROR_AUTHENTICATION_FAILURE: Final = 691

_MAGIC_1: Final = b"Magic server to client signing constant"
_MAGIC_2: Final = b"Pad to make it do more than one iteration"


@dataclass(frozen=True, slots=True)
class Response:
    """What a peer answers: its own challenge and the NT-Response over both challenges."""

    identifier: int
    peer_challenge: bytes
    nt_response: bytes

    @classmethod
    def parse(cls, value: bytes) -> Response:
        """Take an MS-CHAP2-Response attribute apart (RFC 2548 section 2.3.2). Raises `ValueMalformed`."""
        if len(value) != 50:
            raise ValueMalformed(f"an MS-CHAP2-Response has 50 octets, not {len(value)}")
        # Octet 1 is Flags and octets 18 to 25 are reserved: both have to be zero and are ignored.
        return cls(identifier=value[0], peer_challenge=value[2:18], nt_response=value[26:50])

    def encode(self) -> bytes:
        """The attribute's 50 octets, as a NAS sends them."""
        return bytes((self.identifier, 0)) + self.peer_challenge + bytes(8) + self.nt_response


def nt_hash(password: bytes) -> bytes:
    """NtPasswordHash (RFC 2759 section 8.3) of a password in UTF-8; `ValueMalformed` where it is not UTF-8."""
    try:
        text = password.decode("utf-8")
    except UnicodeDecodeError:
        raise ValueMalformed("the password is not UTF-8 text") from None
    return MD4.new(text.encode("utf-16-le")).digest()


def hash_nt_hash(password_hash: bytes) -> bytes:
    """HashNtPasswordHash (RFC 2759 section 8.4)."""
    return MD4.new(password_hash).digest()


def without_domain(username: bytes) -> bytes:
    r"""The name that goes into the challenge's hash: what follows `DOMAIN\` (RFC 2759 section 4)."""
    return username.rpartition(b"\\")[2]


def challenge_hash(*, authenticator_challenge: bytes, peer_challenge: bytes, username: bytes) -> bytes:
    """ChallengeHash (RFC 2759 section 8.2): 8 octets. The name is taken without its domain."""
    return sha1(peer_challenge + authenticator_challenge + without_domain(username)).digest()[:8]


def nt_response(*, authenticator_challenge: bytes, peer_challenge: bytes, username: bytes, password_hash: bytes) -> bytes:
    """GenerateNTResponse (RFC 2759 section 8.1): 24 octets."""
    challenge = challenge_hash(authenticator_challenge=authenticator_challenge, peer_challenge=peer_challenge, username=username)
    return challenge_response(challenge=challenge, password_hash=password_hash)


def challenge_response(*, challenge: bytes, password_hash: bytes) -> bytes:
    """ChallengeResponse (RFC 2759 section 8.5): the challenge under three DES keys made of the hash."""
    keys = password_hash.ljust(21, b"\0")
    return b"".join(
        DES.new(with_parity(keys[position : position + 7]), DES.MODE_ECB).encrypt(challenge) for position in (0, 7, 14)
    )


def with_parity(key: bytes) -> bytes:
    """A DES key of 56 bits spread over 8 octets with odd parity (RFC 2759 section 8.6)."""
    bits = int.from_bytes(key, "big")
    sevens = [bits >> shift & 0x7F for shift in range(49, -1, -7)]
    return bytes(seven << 1 | (1 - seven.bit_count() % 2) for seven in sevens)


def authenticator_response(
    *,
    authenticator_challenge: bytes,
    peer_challenge: bytes,
    username: bytes,
    password_hash: bytes,
    response: bytes,
) -> bytes:
    """GenerateAuthenticatorResponse (RFC 2759 section 8.7): `S=` and 40 digits, which proves the server to the peer."""
    digest = sha1(hash_nt_hash(password_hash) + response + _MAGIC_1).digest()
    challenge = challenge_hash(authenticator_challenge=authenticator_challenge, peer_challenge=peer_challenge, username=username)
    return b"S=" + sha1(digest + challenge + _MAGIC_2).hexdigest().upper().encode()


def verify(
    *,
    authenticator_challenge: bytes,
    peer_challenge: bytes,
    username: bytes,
    password_hash: bytes,
    response: bytes,
) -> bool:
    """Tell whether the NT-Response was made from this password; compares in constant time."""
    expected = nt_response(
        authenticator_challenge=authenticator_challenge,
        peer_challenge=peer_challenge,
        username=username,
        password_hash=password_hash,
    )
    return compare_digest(expected, response)


def prove(
    *, authenticator_challenge: bytes, peer_challenge: bytes, username: bytes, password: bytes, response: bytes
) -> bytes | None:
    """The authenticator response, where the NT-Response was made from this password; else None, as for one that is no text."""
    try:
        password_hash = nt_hash(password)
    except ValueMalformed:
        return None
    sides = {
        "authenticator_challenge": authenticator_challenge,
        "peer_challenge": peer_challenge,
        "username": username,
        "password_hash": password_hash,
        "response": response,
    }
    return authenticator_response(**sides) if verify(**sides) else None


def failure(*, challenge: bytes, error: int = ERROR_AUTHENTICATION_FAILURE, message: str = "Authentication failed") -> bytes:
    """The text of a Failure packet (RFC 2759 section 6); `R=0`: trying again starts anew."""
    return f"E={error} R=0 C={challenge.hex().upper()} V=3 M={message}".encode()
