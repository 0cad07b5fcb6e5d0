"""MS-CHAP-V2: RFC 2759."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate.protocols.radius import mschap
from gate.protocols.radius.errors import ValueMalformed
from radius_vectors import Vector, read

VECTORS = read("mschap.txt")
CHALLENGE = bytes(range(16))


def octets(vector: Vector, key: str) -> bytes:
    return bytes.fromhex(vector.keys[key])


@pytest.mark.parametrize("vector", VECTORS.values(), ids=VECTORS)
def test_the_published_exchange(vector: Vector) -> None:
    sides = {
        "authenticator_challenge": octets(vector, "authenticator-challenge"),
        "peer_challenge": octets(vector, "peer-challenge"),
        "username": vector.keys["username"].encode(),
    }
    hashed, response = octets(vector, "password-hash"), octets(vector, "response")
    assert mschap.nt_hash(vector.keys["password"].encode()) == hashed
    assert mschap.hash_nt_hash(hashed) == octets(vector, "password-hash-hash")
    assert mschap.challenge_hash(**sides) == octets(vector, "challenge")
    assert mschap.nt_response(**sides, password_hash=hashed) == response
    assert mschap.verify(**sides, password_hash=hashed, response=response) is True
    proof = mschap.authenticator_response(**sides, password_hash=hashed, response=response)
    assert proof.decode() == vector.keys["authenticator-response"]


@pytest.mark.parametrize("field", ["authenticator_challenge", "peer_challenge", "username", "password_hash", "response"])
def test_whatever_is_changed_the_response_no_longer_verifies(field: str) -> None:
    hashed = mschap.nt_hash("pässwörd".encode())
    sides = {"authenticator_challenge": CHALLENGE, "peer_challenge": CHALLENGE[::-1], "username": b"bob"}
    right = sides | {"password_hash": hashed, "response": mschap.nt_response(**sides, password_hash=hashed)}
    assert mschap.verify(**right) is True
    changed = bytearray(right[field])
    changed[0] ^= 1
    assert mschap.verify(**right | {field: bytes(changed)}) is False


def test_des_keys_have_odd_parity() -> None:
    """RFC 2759 section 8.6: the eighth bit of each octet."""
    key = mschap.with_parity(bytes.fromhex("fc0e7e37a8cb40"))
    assert all(octet.bit_count() % 2 for octet in key)
    assert len(key) == 8


@given(st.binary(max_size=60))
def test_any_attribute_parses_or_raises_its_error(value: bytes) -> None:
    try:
        response = mschap.Response.parse(value)
    except ValueMalformed:
        assert len(value) != 50
        return
    assert mschap.Response.parse(response.encode()) == response


@given(st.binary(min_size=50, max_size=50))
def test_an_attribute_of_50_octets_is_taken_apart(value: bytes) -> None:
    response = mschap.Response.parse(value)
    assert (response.identifier, response.peer_challenge, response.nt_response) == (value[0], value[2:18], value[26:])


@given(st.binary(max_size=40))
def test_any_password_is_hashed_or_refused(password: bytes) -> None:
    try:
        assert len(mschap.nt_hash(password)) == 16
    except ValueMalformed:
        with pytest.raises(UnicodeDecodeError):
            password.decode()


def test_a_failure_says_that_it_is_final() -> None:
    text = mschap.failure(challenge=CHALLENGE)
    assert text == b"E=691 R=0 C=000102030405060708090A0B0C0D0E0F V=3 M=Authentication failed"
