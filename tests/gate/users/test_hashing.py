"""Passwords at rest, and the keyed verifier that stands in for Argon2 on the hot path."""

import pytest

from gate.core import seal
from gate.users import hashing


def test_a_password_is_known_again_and_another_is_not() -> None:
    stored = hashing.hash_password("naïve pässword")
    assert stored.startswith("$argon2id$")
    assert hashing.check_password("naïve pässword", stored)
    assert not hashing.check_password("naive password", stored)


@pytest.mark.parametrize("stored", ["", "plain text", "$argon2id$broken", "pbkdf2_sha256$1$a$b"])
def test_what_is_no_hash_lets_nobody_in(stored: str) -> None:
    assert not hashing.check_password("nobody's password", stored)
    assert not hashing.check_password(stored, stored)


def test_a_verifier_holds_for_one_user_one_version_and_one_password() -> None:
    verifier = hashing.make_verifier(user_id=1, password_version=2, password=b"secret")
    assert hashing.check_verifier(verifier, user_id=1, password_version=2, password=b"secret") is True
    assert hashing.check_verifier(verifier, user_id=1, password_version=2, password=b"Secret") is False
    assert hashing.check_verifier(verifier, user_id=1, password_version=3, password=b"secret") is False
    assert hashing.check_verifier(verifier, user_id=2, password_version=2, password=b"secret") is False
    assert b"secret" not in verifier


def test_a_verifier_made_under_another_key_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """After the secret key changed, people must still get in, by way of Argon2."""
    verifier = hashing.make_verifier(user_id=1, password_version=0, password=b"secret")
    monkeypatch.setattr(seal, "fingerprint", lambda _: b"else")
    assert hashing.check_verifier(verifier, user_id=1, password_version=0, password=b"secret") is None
    assert hashing.check_verifier(None, user_id=1, password_version=0, password=b"secret") is None
