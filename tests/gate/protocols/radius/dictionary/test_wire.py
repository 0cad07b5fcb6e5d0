"""Attributes of other layouts: octets by hand, there and back, and whatever a NAS may send."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate.protocols.radius import packet
from gate.protocols.radius.dictionary import Attribute, Kind, Layout, wire
from gate.protocols.radius.errors import ValueMalformed
from gate.protocols.radius.packet import Packet


def parsed(octets: bytes) -> Packet:
    return Packet.parse(packet.encode(1, 1, bytes(16), octets))


VECTORS = [
    (64001, 300, Layout(type_size=2), b"ab", "1a0b0000fa01012c05" + "6162"),
    (64002, 70000, Layout(type_size=4, length_size=0), b"ab", "1a0c0000fa0200011170" + "6162"),
    (64003, 1, Layout(type_size=2, length_size=2), b"ab", "1a0c0000fa0300010006" + "6162"),
    (24757, 1, Layout(continued=True), b"ab", "1a0b000060b5010500" + "6162"),
    (24757, 1, Layout(continued=True, path=(1,)), b"1.2", "1a0e000060b5010800" + "0105" + "312e32"),
    (0, 1, Layout(extended=241), b"\0\0\0\1", "f10701" + "00000001"),
    (0, 1, Layout(extended=245), b"ab", "f5060100" + "6162"),
    (11344, 2, Layout(extended=245), b"ab", "f50b1a00" + "00002c5002" + "6162"),
    (0, 200, Layout(path=(3, 4)), b"x", "c80703050403" + "78"),
]


@pytest.mark.parametrize(("vendor", "number", "layout", "value", "octets"), VECTORS)
def test_octets(vendor, number, layout, value, octets):
    attribute = Attribute("Foo", number, Kind.OCTETS, vendor=vendor, layout=layout)
    made = wire.encode(attribute, layout, value)
    assert made.hex() == octets
    assert wire.find(attribute, layout, parsed(made)) == [value]


@pytest.mark.parametrize("layout", [Layout(continued=True), Layout(extended=245)])
@pytest.mark.parametrize("size", [0, 245, 246, 247, 251, 252, 700])
def test_long_values_go_on(layout, size):
    attribute = Attribute("Foo", 1, Kind.OCTETS, vendor=24757 if layout.continued else 0, layout=layout)
    value = bytes(n % 251 for n in range(size))
    assert wire.find(attribute, layout, parsed(wire.encode(attribute, layout, value))) == [value]


@pytest.mark.parametrize("layout", [Layout(type_size=2), Layout(extended=241), Layout(path=(1,))])
def test_too_long_is_refused(layout):
    attribute = Attribute("Foo", 1, Kind.OCTETS, vendor=9 if layout.type_size == 2 else 0, layout=layout)
    with pytest.raises(ValueMalformed):
        wire.encode(attribute, layout, bytes(254))


@given(st.sampled_from(VECTORS), st.binary(max_size=60))
def test_whatever_comes_is_taken_or_passed_over(vector, octets):
    vendor, number, layout, _, _ = vector
    attribute = Attribute("Foo", number, Kind.OCTETS, vendor=vendor, layout=layout)
    if vendor and not layout.extended:
        octets = vendor.to_bytes(4, "big") + octets
    held = Packet(1, 1, bytes(16), [(layout.extended or (26 if vendor else number), octets)] * 2)
    assert all(isinstance(value, bytes) for value in wire.find(attribute, layout, held))
