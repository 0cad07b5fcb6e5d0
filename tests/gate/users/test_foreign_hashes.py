"""Hashes made elsewhere: known by their shape, bounded in their cost, checked by bcrypt itself."""

import bcrypt
import pytest

from gate.core.errors import Invalid
from gate.users import foreign_hashes, hashing

BCRYPT = bcrypt.hashpw(b"open sesame", bcrypt.gensalt(4)).decode()
CUT = "$2a$10$N9qo8uLOickgx2ZMRZoMye"  # the reference's own example: a salt without a hash
ARGON2 = hashing.hash_password("open sesame")


def argon2(memory: int = 65536, passes: int = 3, lanes: int = 4, salt: str = "c29tZXNhbHRzb21lc2FsdA", v: str = "19") -> str:
    return f"$argon2id$v={v}$m={memory},t={passes},p={lanes}${salt}${'A' * 43}"


@pytest.mark.parametrize("letter", ["a", "b", "y"])
def test_bcrypt_is_checked(letter: str) -> None:
    stored = BCRYPT.replace("$2b$", f"$2{letter}$")
    assert hashing.accept(stored) == stored
    assert hashing.check_password("open sesame", stored)
    assert not hashing.check_password("open sesamf", stored)
    assert not hashing.check_password("", stored)
    assert not hashing.check_password("open sesame\0and more", stored)
    assert not hashing.check_password(stored, stored)
    assert hashing.outdated(stored)


def test_bcrypt_looks_at_72_octets() -> None:
    stored = bcrypt.hashpw(b"x" * 72, bcrypt.gensalt(4)).decode()
    assert hashing.check_password("x" * 72, stored)
    assert hashing.check_password("x" * 90, stored)
    assert not hashing.check_password("x" * 71, stored)


@pytest.mark.parametrize(
    "broken",
    [CUT, BCRYPT[:-1], f"{BCRYPT}x", BCRYPT.replace("$2b$", "$2x$"), "$2$10$short", "$2b$aa$" + "x" * 53, "$argon2id$broken",
     "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHQ", argon2(v="16"), argon2(salt="short"), argon2(memory=0),
     "$argon2id$v=19$m=8,m=9999999,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$" + "A" * 43],
)  # fmt: skip
def test_what_begins_like_a_hash_is_never_a_password(broken: str) -> None:
    stored = hashing.accept(broken)
    assert stored == hashing.UNUSABLE
    for guess in (broken, "", stored, CUT):
        assert not hashing.check_password(guess, stored)
        assert not hashing.check_password(guess, broken)


@pytest.mark.parametrize(
    "dear",
    [BCRYPT.replace("$04$", "$14$"), BCRYPT.replace("$04$", "$31$"), BCRYPT.replace("$04$", "$03$"), argon2(memory=65537),
     argon2(memory=4_000_000_000), argon2(passes=11), argon2(passes=4_000_000_000), argon2(lanes=9)],
)  # fmt: skip
def test_what_would_cost_too_much_is_refused_and_never_run(dear: str) -> None:
    with pytest.raises(Invalid) as refused:
        hashing.accept(dear)
    assert list(refused.value.fields) == ["password"]
    assert dear not in refused.value.detail
    assert not hashing.check_password("open sesame", dear)  # at once: the test would time out otherwise


def test_argon2_of_others_is_taken_within_bounds() -> None:
    for taken in (ARGON2, argon2()):
        assert hashing.accept(taken) == taken
        assert foreign_hashes.is_argon2(taken)
    assert hashing.check_password("open sesame", ARGON2)
    assert not hashing.outdated(ARGON2)
    assert hashing.outdated(argon2())


def test_a_password_in_clear_is_hashed() -> None:
    for plain in ("open sesame", "$2 for lunch", "$argon", "2a$10$"):
        stored = hashing.accept(plain)
        assert stored.startswith("$argon2id$")
        assert hashing.check_password(plain, stored)
    assert hashing.accept("") == ""
