"""Sealed values open for their purpose, their row and their key, and for nothing else."""

import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate.core import seal
from gate.core.seal import SealError


@given(st.binary(max_size=300))
def test_what_was_sealed_comes_back_and_is_not_to_be_read_in_between(plain: bytes) -> None:
    sealed = seal.seal(plain, purpose="test", row="nas:1")
    assert seal.unseal(sealed, purpose="test", row="nas:1") == plain
    assert len(plain) < 4 or plain not in sealed


def test_the_same_secret_sealed_twice_looks_different() -> None:
    assert seal.seal(b"secret", purpose="test", row="nas:1") != seal.seal(b"secret", purpose="test", row="nas:1")


def test_a_sealed_secret_moved_to_another_row_or_purpose_stays_shut() -> None:
    sealed = seal.seal(b"secret", purpose="test", row="nas:1")
    for purpose, row in (("test", "nas:2"), ("other", "nas:1")):
        with pytest.raises(SealError):
            seal.unseal(sealed, purpose=purpose, row=row)


@given(st.binary(max_size=80))
def test_damage_is_told_as_such(octets: bytes) -> None:
    with pytest.raises(SealError):
        seal.unseal(octets, purpose="test", row="nas:1")


@given(st.integers(min_value=0, max_value=60), st.integers(min_value=1, max_value=255))
def test_one_changed_octet_is_noticed(place: int, change: int) -> None:
    sealed = bytearray(seal.seal(b"s" * 40, purpose="test", row="nas:1"))
    sealed[place] ^= change
    with pytest.raises(SealError):
        seal.unseal(bytes(sealed), purpose="test", row="nas:1")


def test_the_parts_of_a_keyed_digest_do_not_run_together() -> None:
    assert seal.keyed_digest("test", b"ab", b"c") != seal.keyed_digest("test", b"a", b"bc")
    assert seal.keyed_digest("test", b"ab") != seal.keyed_digest("other", b"ab")


def test_the_secret_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "data"
    key = seal.read_or_make_key(folder)
    assert len(key) >= 32
    assert seal.read_or_make_key(folder) == key
    assert stat.S_IMODE((folder / seal.KEY_FILE).stat().st_mode) == 0o600
    assert [entry.name for entry in folder.iterdir()] == [seal.KEY_FILE]
