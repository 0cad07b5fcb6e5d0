from hypothesis import given
from hypothesis import strategies as st

from gate.protocols.radius.errors import PacketTooLong, PacketTooShort
from gate.protocols.radius.stream import Frames


def packet(size: int, mark: int = 0) -> bytes:
    return bytes((1, mark, size >> 8, size & 255)) + bytes((mark,)) * (size - 4)


@given(st.lists(st.integers(20, 4096), min_size=1, max_size=8), st.data())
def test_packets_come_out_whole_and_in_order_however_they_are_cut(sizes, data):
    packets = [packet(size, mark) for mark, size in enumerate(sizes)]
    octets, frames, found = b"".join(packets), Frames(), []
    cuts = sorted(data.draw(st.lists(st.integers(0, len(octets)), max_size=20)))
    for start, end in zip([0, *cuts], [*cuts, len(octets)], strict=True):
        found += frames.receive(octets[start:end])
        assert len(frames) < 4096
    assert found == packets
    assert len(frames) == 0
    assert frames.fault is None


@given(st.integers(0, 65535), st.binary(max_size=40))
def test_a_length_no_packet_has_is_a_fault_and_what_came_before_is_whole(length, rest):
    frames = Frames()
    found = frames.receive(packet(30) + bytes((1, 1, length >> 8, length & 255)) + rest)
    assert found[0] == packet(30)
    if length < 20:
        assert isinstance(frames.fault, PacketTooShort)
    elif length > 4096:
        assert isinstance(frames.fault, PacketTooLong)
    else:
        assert frames.fault is None
        return
    assert frames.receive(packet(30)) == []


@given(st.lists(st.binary(max_size=100), max_size=30))
def test_whatever_comes_nothing_is_raised_and_little_is_held(parts):
    frames = Frames()
    for part in parts:
        for octets in frames.receive(part):
            assert 20 <= len(octets) <= 4096
        assert frames.fault is not None or len(frames) < 4096
