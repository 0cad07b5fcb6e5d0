"""EAP packets: RFC 3748 sections 4 and 5, RFC 3579 section 3.1."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate.protocols.eap import packet
from gate.protocols.eap.errors import PacketMalformed
from gate.protocols.radius.packet import Packet, encode
from radius_vectors import Vector, read

VECTORS = read("eap.txt")


@pytest.mark.parametrize("vector", VECTORS.values(), ids=VECTORS)
def test_a_packet_comes_apart_or_raises(vector: Vector) -> None:
    if vector.keys["error"] != "none":
        with pytest.raises(PacketMalformed):
            packet.parse_response(vector.packet)
        return
    response = packet.parse_response(vector.packet)
    assert (response.identifier, response.type) == (int(vector.keys["identifier"]), int(vector.keys["type"]))
    assert response.data == bytes.fromhex(vector.keys["data"])


@given(st.binary(max_size=300))
def test_any_octets_parse_or_raise(octets: bytes) -> None:
    try:
        response = packet.parse_response(octets)
    except PacketMalformed:
        return
    length = int.from_bytes(octets[2:4], "big")
    again = packet.encode_response(identifier=response.identifier, type=response.type, data=response.data)
    assert again == octets[:length]


@given(st.binary(min_size=1, max_size=2000))
def test_pieces_in_radius_are_one_packet_again(octets: bytes) -> None:
    attributes = packet.encode_attributes(octets)
    assert b"".join(Packet.parse(encode(11, 1, bytes(16), attributes)).get_all(79)) == octets


def test_what_a_server_sends() -> None:
    assert packet.encode_request(identifier=256, type=1, data=b"x") == b"\x01\x00\x00\x06\x01x"
    assert packet.encode_success(identifier=9) == b"\x03\x09\x00\x04"
    assert packet.encode_failure(identifier=9) == b"\x04\x09\x00\x04"


def test_an_identity_ends_at_its_first_nul() -> None:
    assert packet.decode_identity(b"bob@example.net\0networkid=x") == "bob@example.net"
    assert packet.decode_identity(b"") == ""
    for wrong in (b"\xff\xfe", b"x" * 254):
        with pytest.raises(PacketMalformed):
            packet.decode_identity(wrong)
