"""Packets in words: nothing secret, nothing that breaks a log line, nothing that raises."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate.protocols.radius import dictionary
from gate.protocols.radius.dump import describe
from gate.protocols.radius.packet import Packet, encode_vendor
from radius_vectors import PACKETS


def test_a_published_packet_in_words() -> None:
    assert describe(Packet.parse(PACKETS["rfc2865-7.2-request"].packet)).splitlines() == [
        "Access-Request, identifier 1, authenticator 0x2aee86f08d0d55969ca5978e0d3367a2",
        '    User-Name = "flopsy"',
        "    CHAP-Password = <17 octets, not shown>",
        "    NAS-IP-Address = 192.168.1.16",
        "    NAS-Port = 20",
        "    Service-Type = Framed-User",
        "    Framed-Protocol = PPP",
    ]


@pytest.mark.parametrize(
    "name",
    ["User-Password", "CHAP-Password", "Message-Authenticator", "Tunnel-Password", "EAP-Message", "ARAP-Password",
     "MS-CHAP-Response", "MS-CHAP2-Response", "MS-CHAP-Challenge", "MS-CHAP2-Success", "MS-CHAP-MPPE-Keys",
     "MS-MPPE-Send-Key", "MS-MPPE-Recv-Key", "Mikrotik-Wireless-PSK", "Ruckus-DPSK", "Cisco-Subscriber-Password"],
)  # fmt: skip
def test_a_secret_is_not_shown(name: str) -> None:
    attribute = dictionary.by_name(name)
    assert attribute is not None
    secret = b"open sesame 1234"
    pair = (attribute.number, secret)
    if attribute.vendor:
        pair = (26, encode_vendor(attribute.vendor, attribute.number, secret)[2:])
    text = describe(Packet(1, 1, bytes(16), [pair]))
    assert f"{name} = <16 octets, not shown>" in text
    assert "sesame" not in text
    assert secret.hex() not in text


def test_a_secret_in_a_pair_is_not_shown() -> None:
    attributes = dictionary.encode("Cisco-AVPair", "psk=sesame") + dictionary.encode("Cisco-AVPair", "ssid=Lobby")
    text = describe(Packet.parse(bytes((1, 1, 0, 20 + len(attributes))) + bytes(16) + attributes))
    assert "    Cisco-AVPair = psk=<not shown>" in text
    assert '    Cisco-AVPair = "ssid=Lobby"' in text
    assert "sesame" not in text


def test_malformed_vendor_contents_are_not_shown() -> None:
    text = describe(Packet(1, 1, bytes(16), [(26, b"\0\0\1\x37\x01\xffsesame")]))
    assert "    Vendor-Specific = <12 octets, malformed>" in text


def test_what_the_dictionary_does_not_know_is_shown_in_hexadecimal() -> None:
    vendor = encode_vendor(99999, 7, b"\1\2")[2:]
    lines = describe(Packet(99, 1, bytes(16), [(250, b"\xab"), (26, vendor), (27, b"\1")])).splitlines()
    assert lines == [
        "code 99, identifier 1, authenticator 0x" + "00" * 16,
        "    Attr-250 = 0xab",
        "    Attr-26.99999.7 = 0x0102",
        "    Session-Timeout = 0x01 (malformed)",
    ]


def test_text_cannot_break_its_line() -> None:
    text = describe(Packet(1, 1, bytes(16), [(1, 'a"\\\n\x1b[0m\u2028\u202e'.encode())]))
    assert text.splitlines()[1] == r'    User-Name = "a\"\\\n\x1b[0m\u2028\u202e"'


@given(
    st.integers(0, 255),
    st.lists(st.tuples(st.integers(0, 255) | st.just(26), st.binary(max_size=40)), max_size=10),
)
def test_any_packet_is_described_without_an_error(code: int, attributes: list[tuple[int, bytes]]) -> None:
    text = describe(Packet(code, 1, bytes(16), attributes))
    assert all(character.isprintable() or character == "\n" for character in text)
    text.encode()


@given(st.sampled_from(dictionary.ALL), st.binary(min_size=1, max_size=40))
def test_any_value_of_a_known_attribute_is_described_on_one_line(attribute: dictionary.Attribute, value: bytes) -> None:
    pair = (attribute.number, value)
    if attribute.vendor:
        pair = (26, encode_vendor(attribute.vendor, attribute.number, value)[2:])
    assert len(describe(Packet(1, 1, bytes(16), [pair])).splitlines()) >= 2
    assert describe(Packet(1, 1, bytes(16), [(1, value)])).count("\n") == 1
