"""Data types: RFC 2865 section 5, RFC 2868 section 3, RFC 3162 section 2, RFC 8044 section 3."""

import contextlib
from collections.abc import Callable
from ipaddress import IPv6Address, IPv6Network
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate.protocols.radius import values
from gate.protocols.radius.errors import ValueMalformed

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60)
DECODERS: list[Callable[[bytes], Any]] = [
    values.decode_text,
    values.decode_octets,
    values.decode_integer,
    values.decode_integer64,
    values.decode_date,
    values.decode_ipaddr,
    values.decode_ipv6addr,
    values.decode_ipv6prefix,
    values.decode_ifid,
    values.decode_ether,
    values.decode_tagged_integer,
    values.decode_tagged_text,
    values.decode_vsa,
]


@pytest.mark.parametrize(
    ("encode", "decode", "value", "octets"),
    [
        (values.encode_text, values.decode_text, "Café", "436166c3a9"),
        (values.encode_octets, values.decode_octets, "0x00ff", "00ff"),
        (values.encode_integer, values.decode_integer, 3600, "00000e10"),
        (values.encode_integer, values.decode_integer, 2**32 - 1, "ffffffff"),
        (values.encode_integer64, values.decode_integer64, 2**40, "0000010000000000"),
        (values.encode_date, values.decode_date, 1_700_000_000, "6553f100"),
        (values.encode_ipaddr, values.decode_ipaddr, "192.168.1.16", "c0a80110"),
        (values.encode_ipv6addr, values.decode_ipv6addr, "2001:db8::1", "20010db8000000000000000000000001"),
        (values.encode_ipv6prefix, values.decode_ipv6prefix, "2001:db8:1:2::/64", "004020010db800010002"),
        (values.encode_ipv6prefix, values.decode_ipv6prefix, "::/0", "0000"),
        (values.encode_ipv6prefix, values.decode_ipv6prefix, "e000::/3", "0003e0"),
        (values.encode_ifid, values.decode_ifid, "0:1:ff:fe00", "0000000100fffe00"),
        (values.encode_ether, values.decode_ether, "aa:bb:cc:00:11:22", "aabbcc001122"),
        (values.encode_tagged_integer, values.decode_tagged_integer, (13, 1), "0100000d"),
        (values.encode_tagged_integer, values.decode_tagged_integer, (6, 0), "00000006"),
        (values.encode_tagged_text, values.decode_tagged_text, ("42", 1), "013432"),
        (values.encode_tagged_text, values.decode_tagged_text, ("42", 0), "3432"),
        (values.encode_tagged_text, values.decode_tagged_text, ("\x05x", 0), "000578"),
    ],
)
def test_a_value_has_these_octets(encode: Any, decode: Any, value: Any, octets: str) -> None:
    if isinstance(value, tuple):
        assert encode(*value).hex() == octets
        assert decode(bytes.fromhex(octets)) == (value[1], value[0])
    else:
        assert encode(value).hex() == octets
        assert decode(bytes.fromhex(octets)) == value


@pytest.mark.parametrize(
    ("encode", "arguments"),
    [
        (values.encode_text, ("\ud800",)),
        (values.encode_octets, ("0x0",)),
        (values.encode_octets, ("0xzz",)),
        (values.encode_integer, (-1,)),
        (values.encode_integer, (2**32,)),
        (values.encode_integer64, (2**64,)),
        (values.encode_integer64, (-1,)),
        (values.encode_date, (2**32,)),
        (values.encode_ipaddr, ("192.168.1",)),
        (values.encode_ipaddr, ("::1",)),
        (values.encode_ipv6addr, ("192.168.1.1",)),
        (values.encode_ipv6addr, ("fe80::1%eth0",)),
        (values.encode_ipv6prefix, ("2001:db8::1/64",)),
        (values.encode_ipv6prefix, ("2001:db8::/129",)),
        (values.encode_ifid, ("0:1:2",)),
        (values.encode_ifid, ("0:1:2:z",)),
        (values.encode_ether, ("aa:bb:cc:00:11",)),
        (values.encode_ether, ("xx:bb:cc:00:11:22",)),
        (values.encode_tagged_integer, (2**24, 0)),
        (values.encode_tagged_integer, (1, 32)),
        (values.encode_tagged_text, ("x", 32)),
        (values.encode_vsa, (2**32, 1, b"x")),
        (values.encode_vsa, (9, 256, b"x")),
        (values.encode_vsa, (9, 1, b"")),
    ],
)
def test_what_does_not_fit_is_malformed(encode: Any, arguments: tuple[Any, ...]) -> None:
    with pytest.raises(ValueMalformed):
        encode(*arguments)


@pytest.mark.parametrize("decode", DECODERS, ids=lambda decode: decode.__name__)
@given(octets=st.binary(max_size=40))
def test_any_octets_decode_or_are_malformed(decode: Callable[[bytes], Any], octets: bytes) -> None:
    with contextlib.suppress(ValueMalformed):
        decode(octets)


@pytest.mark.parametrize(
    ("decode", "size"),
    [
        (values.decode_integer, 4),
        (values.decode_integer64, 8),
        (values.decode_date, 4),
        (values.decode_ipaddr, 4),
        (values.decode_ipv6addr, 16),
        (values.decode_ifid, 8),
        (values.decode_ether, 6),
        (values.decode_tagged_integer, 4),
    ],
)
def test_fixed_sizes_are_held(decode: Callable[[bytes], Any], size: int) -> None:
    decode(bytes(size))
    for wrong in (0, size - 1, size + 1):
        with pytest.raises(ValueMalformed):
            decode(bytes(wrong))


def test_octets_that_are_no_text_become_storable_text() -> None:
    assert values.decode_text(b"bob\xff") == "bob\ufffd"
    assert values.decode_text(b"bob\0") == "bob\ufffd"
    assert values.decode_text(b"\xed\xa0\x80").isprintable() is True  # a surrogate in UTF-8's clothes


@given(st.binary(max_size=60))
def test_decoded_text_can_always_be_stored(octets: bytes) -> None:
    text = values.decode_text(octets)
    assert "\0" not in text
    text.encode()


@given(TEXT, st.integers(0, 31))
def test_text_and_tag_come_back(text: str, tag: int) -> None:
    assert values.decode_text(values.encode_text(text)) == text
    assert values.decode_tagged_text(values.encode_tagged_text(text, tag)) == (tag, text)


def test_a_tag_above_31_of_an_integer_is_no_tag() -> None:
    assert values.decode_tagged_integer(b"\x20\x00\x00\x0d") == (0, 13)


@given(st.binary(min_size=16, max_size=16).map(IPv6Address), st.integers(0, 128))
def test_a_prefix_comes_back(address: IPv6Address, length: int) -> None:
    prefix = str(IPv6Network((address, length), strict=False))
    octets = values.encode_ipv6prefix(prefix)
    assert values.decode_ipv6prefix(octets) == prefix
    assert values.decode_ipv6prefix(octets.ljust(18, b"\0")) == prefix


@pytest.mark.parametrize("octets", ["", "00", "0081", "00400000000000000000000000000000000000"])
def test_a_prefix_has_up_to_16_octets_and_128_bits(octets: str) -> None:
    with pytest.raises(ValueMalformed):
        values.decode_ipv6prefix(bytes.fromhex(octets))


def test_stray_bits_of_a_prefix_are_cleared() -> None:
    assert values.decode_ipv6prefix(bytes.fromhex("0004ff")) == "f000::/4"


@pytest.mark.parametrize("written", ["aabbcc001122", "AA-BB-CC-00-11-22", "aabb.cc00.1122"])
def test_a_mac_address_is_read_in_every_notation(written: str) -> None:
    assert values.encode_ether(written).hex() == "aabbcc001122"


def test_an_interface_identifier_is_read_without_colons() -> None:
    assert values.encode_ifid("0000000100fffe00").hex() == "0000000100fffe00"


def test_octets_without_0x_are_text() -> None:
    assert values.encode_octets("guest") == b"guest"


def test_vendor_specific_contents_come_back() -> None:
    octets = values.encode_vsa(14988, 8, b"1M/2M")
    assert octets.hex() == "00003a8c0807" + b"1M/2M".hex()
    assert values.decode_vsa(octets) == (14988, [(8, b"1M/2M")])
    with pytest.raises(ValueMalformed):
        values.decode_vsa(octets[:-1])
