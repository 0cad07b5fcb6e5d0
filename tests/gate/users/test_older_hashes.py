"""Hashes too weak to keep: what is stored is Argon2id over them, checked against what other tools make of a password."""

import hashlib
import os
import shutil
import subprocess

import pytest

import people
from gate.core.errors import Invalid
from gate.users import bulk, foreign_hashes, hashing, older_hashes

PASSWORD = "Pässw0rd, x"
_CI = bool(os.environ.get("CI"))


def stored(older: older_hashes.Older) -> str:
    return older.store(hashing.hash_password(older.digest))


def openssl(*words: str) -> str:
    command = ["openssl", "passwd", *words, PASSWORD]
    return subprocess.run(command, capture_output=True, text=True, timeout=20, check=True).stdout.strip()


def proves(kept: str, password: str = PASSWORD) -> None:
    assert len(kept) <= foreign_hashes.MAX_LENGTH
    assert hashing.check_password(password, kept)
    for wrong in (f"x{password}", "", kept, f"{password}\0", password.upper()):
        assert not hashing.check_password(wrong, kept)
    assert hashing.outdated(kept)


@pytest.mark.skipif(not shutil.which("openssl") and not _CI, reason="openssl is away: apt install openssl")
@pytest.mark.parametrize("words", [["-1"], ["-5"], ["-6"], ["-6", "-salt", "ab"], ["-1", "-salt", "8signsno"]])
def test_crypt_as_openssl_makes_it(words: list[str]) -> None:
    proves(stored(older_hashes.of_crypt(openssl(*words))))


@pytest.mark.parametrize(
    ("password", "text"),
    [
        # As crypt(3) of libxcrypt makes them.
        ("Hello world!", "$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5"),
        ("Hello world!", "$5$rounds=10000$saltstringsaltst$3xv.VbSHBb41AL9AvLeujZkZRBAwqFMz2.opqey6IcA"),
        ("password", "abJnggxhB/yWI"), ("password", "$1$$I2o9Z7NcvQAKp7wyCTlia0"),
    ],
)  # fmt: skip
def test_known_answers_of_crypt(password: str, text: str) -> None:
    kept = stored(older_hashes.of_crypt(text))
    assert hashing.check_password(password, kept)
    assert not hashing.check_password(f"x{password}", kept)
    assert text.rpartition("$")[2][2:] not in kept  # nothing weak is at rest


@pytest.mark.skipif(not shutil.which("smbencrypt") and not _CI, reason="smbencrypt is away: apt install freeradius-utils")
def test_nt_as_freeradius_makes_it() -> None:
    said = subprocess.run(["smbencrypt", PASSWORD], capture_output=True, text=True, timeout=20, check=True).stdout
    proves(stored(older_hashes.of_digest("nt", bytes.fromhex(said.split()[-1]))))


def test_nt_known_answer() -> None:
    # RFC 2759 section 9.2: PasswordHash of "clientPass".
    older = older_hashes.of_digest("nt", bytes.fromhex("44EBBA8D5312B8D611474411F56989AE"))
    proves(stored(older), "clientPass")


@pytest.mark.parametrize("salt", [b"", b"s\x00\xff$,", b"x" * older_hashes.MAX_SALT])
@pytest.mark.parametrize("scheme", older_hashes.DIGESTS)
def test_digests_with_and_without_salt(scheme: str, salt: bytes) -> None:
    digest = hashlib.new(scheme, PASSWORD.encode() + salt).digest()
    kept = stored(older_hashes.of_digest(scheme, digest, salt))
    assert digest.hex() not in kept
    proves(kept)


@pytest.mark.parametrize(
    "text",
    ["", "ab", "abJnggxhB/yW", "abJnggxhB/yWI.", "ab!nggxhB/yWI", "$1$salt$short", "$5$salt$" + "x" * 86, "$6$salt$" + "x" * 43,
     "$6$seventeen-letters$" + "x" * 86, "$6$rounds=05000$ab$" + "x" * 86, "$y$j9T$ab$" + "x" * 43, "$2b$10$cut",
     "abJnggxhB/yWI\n", "$6$rounds=100001$ab$" + "x" * 86, "$6$rounds=999$ab$" + "x" * 86, "$6$rounds=999999999$ab$" + "x" * 86],
)  # fmt: skip
def test_what_is_broken_or_too_dear_is_no_hash(text: str) -> None:
    with pytest.raises(ValueError, match=r"^is ") as refused:
        older_hashes.of_crypt(text)
    assert not text or text not in str(refused.value)


def test_what_is_stored_is_bounded_too() -> None:
    kept = stored(older_hashes.of_crypt("$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5"))
    dear = older_hashes.Older("crypt", b"$5$rounds=999999999$saltstring", "x").store(hashing.hash_password("x"))
    for broken in (dear, kept[:-30], kept.replace("crypt", "other"), kept.replace("m=19456", "m=9999999"), f"{kept}\n"):
        assert not older_hashes.is_stored(broken)
        assert not hashing.check_password("Hello world!", broken)  # at once: the test would time out otherwise
    assert not hashing.check_password("x" * (older_hashes.MAX_PASSWORD + 1), kept)


def test_the_api_takes_none_and_it_is_never_a_password() -> None:
    kept = stored(older_hashes.of_digest("md5", hashlib.md5(PASSWORD.encode()).digest()))
    assert hashing.accept(kept) == hashing.UNUSABLE
    plain = hashing.accept("{SSHA}c29tZXRoaW5n")  # no hash to the API: somebody's odd password
    assert hashing.check_password("{SSHA}c29tZXRoaW5n", plain)
    with pytest.raises(Invalid):
        hashing.accept("$2b$31$" + "x" * 53)


@pytest.mark.django_db
def test_what_an_export_wrote_is_brought_again(world: people.World) -> None:
    kept = stored(older_hashes.of_digest("md5", hashlib.md5(PASSWORD.encode()).digest()))
    whole, cut = (bulk.Newcomer(fields={"username": f"o{n}"}, password_hash=text) for n, text in enumerate((kept, kept[:-30])))
    made, refused = bulk.create_many(world.owner.scope, [whole, cut], hash_all=lambda texts: map(hashing.hash_password, texts))
    assert isinstance(made, int)
    assert bulk.password_hashes(world.owner.scope, [made]) == {made: kept}
    assert isinstance(refused, Invalid)
    assert list(refused.fields) == ["password_hash"]
    assert kept[:-30] not in refused.detail
