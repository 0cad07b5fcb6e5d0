import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate.protocols.radius import mppe, pap, v11
from gate.protocols.radius.errors import PacketError, PacketTooLong, ValueMalformed
from gate.protocols.radius.packet import Packet, encode_attribute, encode_vendor

SECRET = b"radsec"
TOKEN = b"\x01\x02\x03\x04"


def request(*attributes: tuple[int, bytes], reserved: bytes = bytes(12), identifier: int = 0) -> bytes:
    encoded = b"".join(bytes((number, len(value) + 2)) + value for number, value in attributes)
    return bytes((1, identifier)) + (20 + len(encoded)).to_bytes(2, "big") + TOKEN + reserved + encoded


@given(st.binary(max_size=128), st.binary(min_size=12, max_size=12), st.integers(0, 255))
def test_a_plain_password_becomes_a_hidden_one_and_reserved_fields_mean_nothing(password, reserved, identifier):
    """RFC 9765 sections 4.1 and 5.1.1."""
    packet = v11.parse(request((1, b"somebody"), (2, password), reserved=reserved, identifier=identifier), secret=SECRET)
    assert (packet.identifier, packet.authenticator) == (0, TOKEN + bytes(12))
    assert pap.decrypt(packet.get(2), SECRET, packet.authenticator) == password.rstrip(b"\0")
    assert v11.token_of(packet) == TOKEN


def test_a_password_too_long_is_none_that_can_be_read():
    packet = v11.parse(request((2, b"x" * 129)), secret=SECRET)
    with pytest.raises(ValueMalformed):
        pap.decrypt(packet.get(2), SECRET, packet.authenticator)


def test_chap_without_a_challenge_is_no_credential():
    """Section 5.1.2: the authenticator is nobody's challenge."""
    assert v11.parse(request((3, b"x" * 17)), secret=SECRET).get(3) is None
    assert v11.parse(request((3, b"x" * 17), (60, b"y" * 16)), secret=SECRET).get(3) == b"x" * 17


def test_message_authenticator_is_passed_over():
    """Section 5.2, whatever its size."""
    for size in (0, 3, 16, 253):
        assert v11.parse(request((80, b"x" * size), (1, b"a")), secret=SECRET).attributes == [(1, b"a")]


def test_the_answer_has_the_token_and_keys_and_passwords_in_the_clear():
    """Sections 4.1, 5.1.3 and 5.1.4."""
    asked = v11.parse(request((1, b"a")), secret=SECRET)
    keys = mppe.encode_keys(
        send=b"s" * 32, receive=b"r" * 32, secret=SECRET, authenticator=asked.authenticator, salts=(b"\x80\1", b"\x80\2")
    )
    hidden = mppe.encrypt(b"tunnel", secret=SECRET, authenticator=asked.authenticator, salt=b"\x80\3")
    octets = v11.response(
        code=2, request=asked, secret=SECRET,
        attributes=encode_attribute(18, b"hello") + keys + encode_attribute(69, b"\1" + hidden) + encode_vendor(9, 1, b"a=b"),
    )  # fmt: skip
    assert octets[:2] == bytes((2, 0))
    assert octets[4:20] == TOKEN + bytes(12)
    told = Packet.parse(octets)
    assert told.get(18) == b"hello"
    assert told.vendor(311, 16) == b"s" * 32
    assert told.vendor(311, 17) == b"r" * 32
    assert told.get(69) == b"\1tunnel"
    assert told.vendor(9, 1) == b"a=b"


def test_an_answer_too_long_is_said():
    asked = v11.parse(request((1, b"a")), secret=SECRET)
    with pytest.raises(PacketTooLong):
        v11.response(code=2, request=asked, secret=SECRET, attributes=encode_attribute(18, b"x" * 253) * 17)


@given(st.binary(max_size=300))
def test_random_octets_are_a_packet_or_a_packet_error(octets):
    try:
        v11.parse(octets, secret=SECRET)
    except PacketError:
        return
