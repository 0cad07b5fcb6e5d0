"""The dictionary: what it says of known attributes, and that every entry is usable."""

import contextlib
import re
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate.protocols.radius import dictionary
from gate.protocols.radius.dictionary import Attribute, Kind, rfc2865, rfc2866, rfc2868, rfc2869
from gate.protocols.radius.dictionary.vendors import chillispot, mikrotik, wispr
from gate.protocols.radius.errors import UnknownAttribute, ValueMalformed
from gate.protocols.radius.packet import Packet

SAMPLES = {
    Kind.TEXT: "some text",
    Kind.OCTETS: "0x00ff",
    Kind.INTEGER: "0",
    Kind.INTEGER64: "18446744073709551615",
    Kind.DATE: "2024-01-31T12:00:00Z",
    Kind.IPADDR: "192.0.2.1",
    Kind.IPV6ADDR: "2001:db8::1",
    Kind.IPV6PREFIX: "2001:db8::/64",
    Kind.IFID: "0:0:0:1",
    Kind.ETHER: "aa:bb:cc:00:11:22",
    Kind.VSA: "0x0000000901037a",
}
SENT = [attribute for attribute in dictionary.ALL if not attribute.internal and attribute.kind is not Kind.HIDDEN]


def plain(word: str) -> str:
    return re.sub(r"[^a-z0-9]", "", word.lower())


def value_of(encoded: bytes, attribute: Attribute) -> bytes:
    packet = Packet.parse(bytes((1, 1, 0, 20 + len(encoded))) + bytes(16) + encoded)
    assert len(packet.attributes) == 1
    value = packet.vendor(attribute.vendor, attribute.number) if attribute.vendor else packet.get(attribute.number)
    assert value is not None
    return value


def test_names_and_numbers_are_unique() -> None:
    names = Counter(attribute.name.lower() for attribute in dictionary.ALL)
    numbers = Counter((entry.vendor, entry.number) for entry in dictionary.ALL if not entry.internal)
    assert [name for name, count in names.items() if count > 1] == []
    assert [number for number, count in numbers.items() if count > 1] == []
    assert len(dictionary.ALL) > 400


@pytest.mark.parametrize("attribute", dictionary.ALL, ids=lambda attribute: attribute.name)
def test_an_entry_is_well_formed(attribute: Attribute) -> None:
    assert dictionary.by_name(attribute.name.upper()) is attribute
    assert attribute.internal or 0 <= attribute.number <= 255
    assert attribute.internal or dictionary.by_number(attribute.vendor, attribute.number) is attribute
    assert not attribute.values or attribute.kind is Kind.INTEGER
    readings: dict[str, int] = {}
    for word, number in attribute.values.items():
        assert not word[:1].isdigit() or not word.isdigit()
        assert readings.setdefault(plain(word), number) == number
    hash(attribute)


@pytest.mark.parametrize("attribute", SENT, ids=lambda attribute: attribute.name)
def test_a_sample_goes_on_the_wire_and_comes_back(attribute: Attribute) -> None:
    value = value_of(dictionary.encode(attribute.name, SAMPLES[attribute.kind]), attribute)
    text = dictionary.decode_value(attribute, value)
    assert dictionary.encode_value(attribute, text) == value
    if not attribute.values:
        assert text == SAMPLES[attribute.kind]


@pytest.mark.parametrize("attribute", [entry for entry in SENT if entry.values], ids=lambda attribute: attribute.name)
def test_every_word_is_read_and_its_first_spelling_printed(attribute: Attribute) -> None:
    first: dict[int, str] = {}
    for word, number in attribute.values.items():
        value = value_of(dictionary.encode(attribute.name, word), attribute)
        assert int.from_bytes(value, "big") == number
        assert dictionary.decode_value(attribute, value) == first.setdefault(number, word)


@pytest.mark.parametrize(
    ("name", "value", "octets"),
    [
        ("User-Name", "bob", "0105626f62"),
        ("Session-Timeout", "3600", "1b0600000e10"),
        ("Session-Timeout", "0x10", "1b0600000010"),
        ("nas-port-type", "Wireless-802.11", "3d0600000013"),
        ("NAS-Port-Type", "Wireless-IEEE-802-11", "3d0600000013"),
        ("NAS-Port-Type", "wireless-802-11", "3d0600000013"),
        ("NAS-Port-Type", "19", "3d0600000013"),
        ("NAS-Port-Type", "Virtual", "3d0600000005"),
        ("NAS-Port-Type", "Ethernet", "3d060000000f"),
        ("Service-Type", "Framed-User", "060600000002"),
        ("Service-Type", "Framed", "060600000002"),
        ("Service-Type", "Login", "060600000001"),
        ("Service-Type", "Administrative-User", "060600000006"),
        ("Framed-Protocol", "PPP", "070600000001"),
        ("Framed-Compression", "Van-Jacobson-TCP-IP", "0d0600000001"),
        ("Termination-Action", "RADIUS-Request", "1d0600000001"),
        ("Acct-Status-Type", "Interim-Update", "280600000003"),
        ("Acct-Status-Type", "Alive", "280600000003"),
        ("Acct-Authentic", "RADIUS", "2d0600000001"),
        ("Acct-Terminate-Cause", "User-Request", "310600000001"),
        ("Error-Cause", "Session-Context-Not-Found", "6506000001f7"),
        ("Framed-IP-Address", "192.168.1.3", "0806c0a80103"),
        ("Event-Timestamp", "2023-11-14T22:13:20Z", "37066553f100"),
        ("Event-Timestamp", "2023-11-14T23:13:20+01:00", "37066553f100"),
        ("Event-Timestamp", "2023-11-14T22:13:20", "37066553f100"),
        ("Event-Timestamp", "1700000000", "37066553f100"),
        ("Class", "guest", "19076775657374"),
        ("Class", "0x00ff", "190400ff"),
        ("Tunnel-Type", "VLAN", "40060000000d"),
        ("Tunnel-Type:1", "VLAN", "40060100000d"),
        ("tunnel-medium-type:1", "IEEE-802", "410601000006"),
        ("Tunnel-Private-Group-Id", "42", "51043432"),
        ("Tunnel-Private-Group-Id:1", "42", "5105013432"),
        ("Mikrotik-Rate-Limit", "1M/2M", "1a0d00003a8c0807314d2f324d"),
        ("WISPr-Bandwidth-Max-Down", "2000000", "1a0c0000372a0806001e8480"),
        ("ChilliSpot-Max-Total-Octets", "1000", "1a0c000038df0306000003e8"),
        ("Cisco-AVPair", "a=b", "1a0b000000090105613d62"),
    ],
)
def test_a_value_by_name_has_these_octets(name: str, value: str, octets: str) -> None:
    assert dictionary.encode(name, value).hex() == octets


def test_the_tag_may_be_an_argument() -> None:
    assert dictionary.encode("Tunnel-Type", "VLAN", tag=2).hex() == "40060200000d"
    assert dictionary.encode("Tunnel-Type:1", "VLAN", tag=2).hex() == "40060200000d"


@pytest.mark.parametrize("name", ["No-Such-Attribute", "", "Tunnel-Type:x", "Tunnel-Type:", "User-Name:1", ":1", "User-Name "])
def test_an_unknown_name_is_said(name: str) -> None:
    assert dictionary.by_name(name) is None
    with pytest.raises(UnknownAttribute, match=f"^{re.escape(name)}: "):
        dictionary.encode(name, "1")


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("Session-Timeout", "soon", "takes a number"),
        ("Session-Timeout", "", "takes a number"),
        ("Session-Timeout", "-1", "takes a number"),
        ("Session-Timeout", "1_000", "takes a number"),
        ("Session-Timeout", "٣", "takes a number"),
        ("Session-Timeout", "0x", "takes a number"),
        ("Session-Timeout", "9" * 5000, "takes a number"),
        ("Session-Timeout", "4294967296", "not between"),
        ("NAS-Port-Type", "Carrier-Pigeon", "word"),
        ("Framed-IP-Address", "example.com", "no IPv4 address"),
        ("Framed-IPv6-Prefix", "2001:db8::1/64", "no IPv6 prefix"),
        ("Event-Timestamp", "tomorrow", "takes a date"),
        ("Event-Timestamp", "1969-12-31T00:00:00Z", "not between"),
        ("User-Name", "", "1 to 253"),
        ("User-Name", "x" * 254, "1 to 253"),
        ("Mikrotik-Rate-Limit", "x" * 248, "1 to 247"),
        ("Tunnel-Type:32", "VLAN", "between 0 and 31"),
        ("User-Password", "secret", "hidden"),
        ("Tunnel-Password", "secret", "hidden"),
        ("MS-MPPE-Send-Key", "0x00", "hidden"),
        ("Huntgroup-Name", "lobby", "checks only"),
        ("Current-Time", "12:00", "checks only"),
        ("Packet-Type", "Access-Request", "checks only"),
    ],
)
def test_a_wrong_value_is_said_with_its_attribute(name: str, value: str, complaint: str) -> None:
    with pytest.raises(ValueMalformed, match=f"^{name.partition(':')[0]}: .*{complaint}"):
        dictionary.encode(name, value)


def test_a_tag_where_none_belongs_is_malformed() -> None:
    with pytest.raises(ValueMalformed, match="User-Name: takes no tag"):
        dictionary.encode("User-Name", "bob", tag=1)


def test_names_for_checks_are_internal_and_user_password_is_not() -> None:
    for name in ("Huntgroup-Name", "Current-Time", "Packet-Type", "Simultaneous-Use", "Cleartext-Password"):
        attribute = dictionary.by_name(name)
        assert attribute is not None
        assert attribute.internal
    password = dictionary.by_name("User-Password")
    assert password is not None
    assert not password.internal


@pytest.mark.parametrize(
    ("name", "octets", "text"),
    [
        ("NAS-Port-Type", "00000013", "Wireless-802.11"),
        ("NAS-Port-Type", "000003e8", "1000"),
        ("Service-Type", "00000002", "Framed-User"),
        ("Acct-Terminate-Cause", "00000001", "User-Request"),
        ("Tunnel-Type", "0100000d", "VLAN"),
        ("Tunnel-Private-Group-Id", "013432", "42"),
        ("Tunnel-Private-Group-Id", "3432", "42"),
        ("Session-Timeout", "00000e10", "3600"),
        ("Event-Timestamp", "6553f100", "2023-11-14T22:13:20Z"),
        ("Class", "00ff", "0x00ff"),
        ("User-Name", "626f62", "bob"),
        ("Airespace-QOS-Level", "00000003", "Bronze"),
    ],
)
def test_octets_are_printed_in_the_dictionary_s_words(name: str, octets: str, text: str) -> None:
    attribute = dictionary.by_name(name)
    assert attribute is not None
    assert dictionary.decode_value(attribute, bytes.fromhex(octets)) == text


@given(st.sampled_from(dictionary.ALL), st.binary(max_size=30))
def test_any_octets_decode_or_are_malformed(attribute: Attribute, octets: bytes) -> None:
    with contextlib.suppress(ValueMalformed):
        dictionary.decode_value(attribute, octets).encode()


@given(st.sampled_from(dictionary.ALL), st.text(max_size=40) | st.from_regex(r"[0-9a-fA-Fx:./+TZ-]{0,40}"))
def test_any_text_encodes_or_is_malformed(attribute: Attribute, text: str) -> None:
    complaint = None
    try:
        data = dictionary.encode(attribute.name, text)
    except ValueMalformed as error:
        complaint = str(error)
    if complaint is None:
        assert data[1] == len(data)
    else:
        assert complaint.startswith(f"{attribute.name}: ")


def test_constants_are_the_numbers_of_the_names() -> None:
    for constant, vendor, name in (
        (rfc2865.USER_NAME, 0, "User-Name"),
        (rfc2865.CALLED_STATION_ID, 0, "Called-Station-Id"),
        (rfc2866.ACCT_SESSION_ID, 0, "Acct-Session-Id"),
        (rfc2868.TUNNEL_PRIVATE_GROUP_ID, 0, "Tunnel-Private-Group-Id"),
        (rfc2869.EVENT_TIMESTAMP, 0, "Event-Timestamp"),
        (mikrotik.MIKROTIK_RATE_LIMIT, mikrotik.VENDOR, "Mikrotik-Rate-Limit"),
        (wispr.WISPR_BANDWIDTH_MAX_UP, wispr.VENDOR, "WISPr-Bandwidth-Max-Up"),
        (chillispot.CHILLISPOT_BANDWIDTH_MAX_DOWN, chillispot.VENDOR, "ChilliSpot-Bandwidth-Max-Down"),
    ):
        attribute = dictionary.by_number(vendor, constant)
        assert attribute is not None
        assert attribute.name == name


def test_an_unknown_number_is_none() -> None:
    assert dictionary.by_number(0, 255) is None
    assert dictionary.by_number(1, 1) is None
