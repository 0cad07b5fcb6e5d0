"""User-Password: RFC 2865 section 5.2."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate.protocols.radius import pap
from gate.protocols.radius.errors import ValueMalformed
from gate.protocols.radius.packet import Packet
from radius_vectors import PACKETS

AUTHENTICATORS = st.binary(min_size=16, max_size=16)
SECRETS = st.binary(min_size=1, max_size=40)


@pytest.mark.parametrize("name", ["rfc2865-7.1-request", "rfc2865-7.3-request", "rfc2865-7.3-answer"])
def test_a_published_password_is_hidden_and_revealed(name: str) -> None:
    vector = PACKETS[name]
    packet = Packet.parse(vector.packet)
    hidden = packet.get(2)
    assert hidden is not None
    password = vector.keys["password"].encode()
    assert pap.decrypt(hidden, vector.secret, packet.authenticator) == password
    assert pap.encrypt(password, vector.secret, packet.authenticator) == hidden


@given(st.binary(max_size=128), SECRETS, AUTHENTICATORS)
def test_a_password_comes_back_without_its_trailing_nuls(password: bytes, secret: bytes, authenticator: bytes) -> None:
    hidden = pap.encrypt(password, secret, authenticator)
    assert len(hidden) == max(16, (len(password) + 15) // 16 * 16)
    assert pap.decrypt(hidden, secret, authenticator) == password.rstrip(b"\0")


def test_every_block_depends_on_the_one_before() -> None:
    hidden = pap.encrypt(b"a" * 16 + b"c" * 16, b"secret", bytes(16))
    other = pap.encrypt(b"b" * 16 + b"c" * 16, b"secret", bytes(16))
    assert hidden[16:] != other[16:]


@given(st.binary(max_size=160), SECRETS, st.binary(max_size=20))
def test_any_octets_decrypt_or_are_malformed(hidden: bytes, secret: bytes, authenticator: bytes) -> None:
    if len(authenticator) == 16 and 16 <= len(hidden) <= 128 and len(hidden) % 16 == 0:
        assert len(pap.decrypt(hidden, secret, authenticator)) <= len(hidden)
    else:
        with pytest.raises(ValueMalformed):
            pap.decrypt(hidden, secret, authenticator)


@pytest.mark.parametrize("size", [0, 15, 17, 144])
def test_a_user_password_has_16_to_128_octets_in_steps_of_16(size: int) -> None:
    with pytest.raises(ValueMalformed):
        pap.decrypt(bytes(size), b"secret", bytes(16))


def test_encrypt_refuses_what_does_not_fit() -> None:
    assert len(pap.encrypt(b"x" * 128, b"secret", bytes(16))) == 128
    with pytest.raises(ValueMalformed):
        pap.encrypt(b"x" * 129, b"secret", bytes(16))
    with pytest.raises(ValueMalformed):
        pap.encrypt(b"x", b"secret", bytes(15))
