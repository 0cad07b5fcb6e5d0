"""Encryption at rest: AES-256-GCM under keys derived (HKDF-SHA256) from the install's secret key, one key per purpose.

A sealed value is `version (1) | key fingerprint (4) | nonce (12) | ciphertext and tag`, bound by its associated data to the
purpose and the row it belongs to, so that a sealed secret moved to another row does not open. The secret key lives in
GATE_SECRET_KEY or in GATE_DATA, never in the database.
"""

import functools
import hashlib
import hmac
import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from gate import settings

KEY_FILE = "secret.key"
_VERSION = b"\x01"


class SealError(Exception):
    """A sealed value cannot be opened: another secret key, another row, or damage."""


def read_or_make_key(folder: Path) -> str:
    """The secret key kept in `folder`, made on first use with mode 0600. Raises OSError where the folder is not writable."""
    path = folder / KEY_FILE
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        # Written aside and linked into place: of two processes starting together one wins, and nobody reads half a key.
        draft = folder / f".{KEY_FILE}.{os.getpid()}.{secrets.token_hex(4)}"
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(48) + "\n", encoding="ascii")
        try:
            path.hardlink_to(draft)
        finally:
            draft.unlink()
    except FileExistsError:
        pass
    return path.read_text(encoding="ascii").strip()


@functools.cache
def secret_key() -> str:
    """The install's secret key: GATE_SECRET_KEY, or the one kept in GATE_DATA."""
    current = settings.current()
    return current.secret_key or read_or_make_key(current.data)


@functools.cache
def key(purpose: str) -> bytes:
    """32 bytes for one purpose (`nas-secret`, `cursor`, …); purposes never share a key."""
    return HKDF(algorithm=SHA256(), length=32, salt=b"gate", info=purpose.encode()).derive(secret_key().encode())


@functools.cache
def fingerprint(purpose: str) -> bytes:
    """Four bytes that tell which key sealed a value, without telling the key."""
    return hashlib.sha256(b"fingerprint" + key(purpose)).digest()[:4]


def seal(plain: bytes, *, purpose: str, row: str) -> bytes:
    """`plain` encrypted for `purpose`, bound to `row`."""
    nonce = os.urandom(12)
    head = _VERSION + fingerprint(purpose)
    return head + nonce + AESGCM(key(purpose)).encrypt(nonce, plain, head + row.encode())


def unseal(sealed: bytes, *, purpose: str, row: str) -> bytes:
    """What was sealed. Raises SealError."""
    head, nonce, body = bytes(sealed[:5]), bytes(sealed[5:17]), bytes(sealed[17:])
    if head[:1] != _VERSION or len(body) < 16:
        raise SealError("not a sealed value")
    if head[1:] != fingerprint(purpose):
        raise SealError("sealed under another secret key: is GATE_SECRET_KEY the one this database was filled with?")
    try:
        return AESGCM(key(purpose)).decrypt(nonce, body, head + row.encode())
    except InvalidTag:
        raise SealError("damaged, or sealed for another row") from None


def keyed_digest(purpose: str, *parts: bytes) -> bytes:
    """HMAC-SHA256 over length-prefixed parts, under the key of `purpose`."""
    # One call into OpenSSL: a sign-in waits for this.
    message = b""
    for part in parts:
        message += len(part).to_bytes(4, "big") + part
    return hmac.digest(key(purpose), message, "sha256")
