"""Packets: RFC 2865 sections 3, 5 and 5.26."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate.protocols.radius import errors
from gate.protocols.radius.packet import Packet, encode, encode_attribute, encode_vendor, peek, split_vendor
from radius_vectors import BROKEN, PACKETS, Vector

AUTHENTICATOR = bytes(range(16))
ATTRIBUTES = st.lists(st.tuples(st.integers(0, 255), st.binary(min_size=1, max_size=60)), max_size=20)


@pytest.mark.parametrize("vector", PACKETS.values(), ids=PACKETS)
def test_a_published_packet_comes_apart_and_together(vector: Vector) -> None:
    data = vector.packet
    packet = Packet.parse(data)
    assert (packet.code, packet.identifier, len(data)) == peek(data)
    assert packet.authenticator == data[4:20]
    assert packet.attributes == vector.attributes
    attributes = b"".join(encode_attribute(number, value) for number, value in vector.attributes)
    assert encode(packet.code, packet.identifier, packet.authenticator, attributes) == data


@pytest.mark.parametrize("vector", BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize("form", [bytes, memoryview])
def test_a_broken_packet_raises_its_error(vector: Vector, form: type[bytes] | type[memoryview]) -> None:
    if vector.keys["error"] == "none":
        packet = Packet.parse(form(vector.packet))
        if vector.attributes:
            assert packet.attributes == vector.attributes
    else:
        with pytest.raises(errors.PacketError) as caught:
            Packet.parse(form(vector.packet))
        assert type(caught.value).__name__ == vector.keys["error"]


def test_the_largest_packet_keeps_all_its_attributes() -> None:
    packet = Packet.parse(BROKEN["length-4096"].packet)
    assert sum(len(value) + 2 for _, value in packet.attributes) == 4076


@given(st.binary(max_size=200), st.booleans())
def test_any_octets_parse_or_raise_a_packet_error(data: bytes, mend: bool) -> None:
    if mend and len(data) >= 4:
        data = data[:2] + len(data).to_bytes(2, "big") + data[4:]
    try:
        packet = Packet.parse(data)
    except errors.PacketError:
        return
    length = peek(data)[2]
    again = b"".join(bytes((number, len(value) + 2)) + value for number, value in packet.attributes)
    assert data[:4] + packet.authenticator + again == data[:length]


@given(st.integers(0, 255), st.integers(0, 255), ATTRIBUTES, st.binary(max_size=5))
def test_what_is_encoded_is_parsed(code: int, identifier: int, attributes: list[tuple[int, bytes]], padding: bytes) -> None:
    data = encode(code, identifier, AUTHENTICATOR, b"".join(encode_attribute(*attribute) for attribute in attributes))
    packet = Packet.parse(memoryview(data + padding))
    assert (packet.code, packet.identifier, packet.authenticator) == (code, identifier, AUTHENTICATOR)
    assert packet.attributes == attributes


def test_get_gives_the_first_value_and_get_all_all_in_order() -> None:
    packet = Packet(1, 1, AUTHENTICATOR, [(33, b"a"), (1, b"bob"), (33, b"b")])
    assert packet.get(33) == b"a"
    assert packet.get_all(33) == [b"a", b"b"]
    assert packet.get(1) == b"bob"
    assert packet.get(2) is None
    assert packet.get_all(2) == []


def test_a_packet_has_no_room_for_other_attributes() -> None:
    with pytest.raises(AttributeError):
        Packet(1, 1, AUTHENTICATOR, []).user = "bob"  # type: ignore[attr-defined]


def test_vendor_attributes_are_found_in_several_and_in_shared_attributes() -> None:
    shared = b"\x00\x00\x37\x2a" + b"\x07\x06\x00\x00\x00\x01" + b"\x08\x06\x00\x00\x00\x02"
    data = encode(
        1,
        1,
        AUTHENTICATOR,
        encode_vendor(14988, 8, b"1M/2M") + encode_attribute(26, shared) + encode_vendor(14122, 7, b"more"),
    )
    packet = Packet.parse(data)
    assert packet.vendor(14988, 8) == b"1M/2M"
    assert packet.vendor(14122, 7) == b"\x00\x00\x00\x01"
    assert packet.vendor(14122, 8) == b"\x00\x00\x00\x02"
    assert packet.vendor_all(14122, 7) == [b"\x00\x00\x00\x01", b"more"]
    assert packet.vendor(14988, 7) is None
    assert packet.vendor_all(14988, 7) == []


@pytest.mark.parametrize(
    "value",
    ["", "00003a", "00003a8c", "00003a8c08", "00003a8c0801", "00003a8c080331080331ff", "00003a8c08ff31", "00003a8c0803310800"],
)
def test_malformed_vendor_contents_count_as_absent(value: str) -> None:
    packet = Packet(1, 1, AUTHENTICATOR, [(26, bytes.fromhex(value)), (26, bytes.fromhex("00003a8c080332"))])
    assert split_vendor(bytes.fromhex(value)) is None
    assert packet.vendor_all(14988, 8) == [b"2"]


@given(st.lists(st.binary(max_size=40), max_size=4), st.integers(0, 2**32 - 1), st.integers(0, 255))
def test_any_vendor_contents_are_answered(contents: list[bytes], vendor: int, number: int) -> None:
    packet = Packet(1, 1, AUTHENTICATOR, [(26, content) for content in contents])
    values = packet.vendor_all(vendor, number)
    assert packet.vendor(vendor, number) == (values[0] if values else None)


@given(st.integers(0, 2**32 - 1), st.integers(0, 255), st.binary(min_size=1, max_size=247))
def test_a_vendor_attribute_comes_back(vendor: int, number: int, value: bytes) -> None:
    data = encode_vendor(vendor, number, value)
    assert data[0] == 26
    assert data[1] == len(data)
    assert split_vendor(data[2:]) == (vendor, [(number, value)])


@pytest.mark.parametrize("size", [0, 254])
def test_an_attribute_has_1_to_253_octets(size: int) -> None:
    assert encode_attribute(1, bytes(253)) == b"\x01\xff" + bytes(253)
    with pytest.raises(errors.ValueMalformed):
        encode_attribute(1, bytes(size))


@pytest.mark.parametrize("size", [0, 248])
def test_a_vendor_attribute_has_1_to_247_octets(size: int) -> None:
    assert len(encode_vendor(9, 1, bytes(247))) == 255
    with pytest.raises(errors.ValueMalformed):
        encode_vendor(9, 1, bytes(size))


def test_encode_refuses_what_no_packet_can_hold() -> None:
    assert len(encode(1, 1, AUTHENTICATOR, bytes(4076))) == 4096
    with pytest.raises(errors.PacketTooLong):
        encode(1, 1, AUTHENTICATOR, bytes(4077))
    with pytest.raises(errors.ValueMalformed):
        encode(1, 1, AUTHENTICATOR[:15], b"")
