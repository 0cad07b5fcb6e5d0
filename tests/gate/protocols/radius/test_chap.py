"""CHAP-Password: RFC 2865 sections 2.2 and 5.3."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate.protocols.radius import chap
from gate.protocols.radius.errors import ValueMalformed
from gate.protocols.radius.packet import Packet
from radius_vectors import PACKETS


def test_the_published_answer_verifies_and_is_made() -> None:
    vector = PACKETS["rfc2865-7.2-request"]
    packet = Packet.parse(vector.packet)
    answer = packet.get(3)
    assert answer is not None
    password = vector.keys["password"].encode()
    assert chap.verify(answer, packet.authenticator, password) is True
    assert chap.verify(answer, packet.authenticator, password + b"x") is False
    assert chap.respond(identifier=22, challenge=packet.authenticator, password=password) == answer


@given(st.integers(0, 255), st.binary(max_size=40), st.binary(max_size=40), st.integers(0, 16), st.integers(0, 7))
def test_an_answer_verifies_and_a_changed_one_does_not(
    identifier: int, challenge: bytes, password: bytes, position: int, bit: int
) -> None:
    answer = chap.respond(identifier=identifier, challenge=challenge, password=password)
    assert chap.verify(answer, challenge, password) is True
    changed = bytearray(answer)
    changed[position] ^= 1 << bit
    assert chap.verify(bytes(changed), challenge, password) is False


@pytest.mark.parametrize("size", [0, 16, 18])
def test_a_chap_password_has_17_octets(size: int) -> None:
    with pytest.raises(ValueMalformed):
        chap.verify(bytes(size), bytes(16), b"password")
