"""MPPE keys: RFC 3079 section 3 and RFC 2548 section 2.4."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate.protocols.radius import mppe
from gate.protocols.radius.errors import ValueMalformed
from gate.protocols.radius.packet import Packet, encode
from radius_vectors import Vector, read

AUTHENTICATOR = bytes(range(16))
HIDDEN = read("mppe.txt")


def test_the_published_keys() -> None:
    vector = read("mschap.txt")["rfc2759-9.2"]
    master = mppe.master_key(
        password_hash=bytes.fromhex(vector.keys["password-hash"]), response=bytes.fromhex(vector.keys["response"])
    )
    assert master == bytes.fromhex(vector.keys["master-key"])
    sends = mppe.start_key(master=master, server_sends=True)
    assert sends == bytes.fromhex(vector.keys["send-start-key-128"])
    assert mppe.start_key(master=master, server_sends=True, size=8) == sends[:8]
    assert mppe.start_key(master=master, server_sends=False) != sends


@pytest.mark.parametrize("vector", HIDDEN.values(), ids=HIDDEN)
def test_a_key_somebody_else_hid_is_found_and_hidden_alike(vector: Vector) -> None:
    key, hidden, authenticator = (bytes.fromhex(vector.keys[name]) for name in ("key", "hidden", "authenticator"))
    assert mppe.decrypt(hidden, secret=vector.secret, authenticator=authenticator) == key
    assert mppe.encrypt(key, secret=vector.secret, authenticator=authenticator, salt=hidden[:2]) == hidden


@given(st.binary(max_size=223), st.binary(min_size=1, max_size=40), st.binary(min_size=16, max_size=16), st.integers(0, 0x7FFF))
def test_a_hidden_key_comes_back(key: bytes, secret: bytes, authenticator: bytes, salt: int) -> None:
    hidden = mppe.encrypt(key, secret=secret, authenticator=authenticator, salt=(salt | 0x8000).to_bytes(2, "big"))
    assert len(hidden) % 16 == 2
    assert mppe.decrypt(hidden, secret=secret, authenticator=authenticator) == key


@given(st.binary(max_size=260))
def test_any_octets_are_a_key_or_raise_the_error(value: bytes) -> None:
    with contextlib.suppress(ValueMalformed):
        assert len(mppe.decrypt(value, secret=b"secret", authenticator=AUTHENTICATOR)) < len(value)


@pytest.mark.parametrize("salt", [b"", b"\x80", b"\x7f\xff", b"\x80\x00\x00"])
def test_a_salt_has_two_octets_and_its_first_bit(salt: bytes) -> None:
    with pytest.raises(ValueMalformed):
        mppe.encrypt(b"key", secret=b"secret", authenticator=AUTHENTICATOR, salt=salt)


def test_a_key_has_223_octets_at_most() -> None:
    with pytest.raises(ValueMalformed):
        mppe.encrypt(bytes(224), secret=b"secret", authenticator=AUTHENTICATOR, salt=b"\x80\x00")


@pytest.mark.parametrize("salts", [(b"\x00\x01", b"\x00\x02"), (b"\x00\x01", b"\x80\x01")])
def test_both_keys_stand_in_the_packet_under_different_salts(salts: tuple[bytes, bytes]) -> None:
    attributes = mppe.encode_keys(send=b"s" * 32, receive=b"r" * 32, secret=b"secret", authenticator=AUTHENTICATOR, salts=salts)
    packet = Packet.parse(encode(2, 1, AUTHENTICATOR, attributes))
    send, receive = packet.vendor(311, 16), packet.vendor(311, 17)
    assert send is not None
    assert receive is not None
    assert send[:2] != receive[:2]
    assert mppe.decrypt(send, secret=b"secret", authenticator=AUTHENTICATOR) == b"s" * 32
    assert mppe.decrypt(receive, secret=b"secret", authenticator=AUTHENTICATOR) == b"r" * 32
