"""From octets to what is stored. What devices send comes in many notations; what attackers send must be storable too."""

import dataclasses
import ipaddress
import json
import struct
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate.accounting import sql
from gate.protocols.radius.packet import Packet, encode_attribute, encode_vendor
from gate.radiusd import translate
from gate.radiusd.clients import Client
from strategies import quick

NOW = 1_772_366_400.0
NAS = Client(
    nas_id=3, tenant_id=1, organization_id=10, path="1.10", location_id=100, address="192.0.2.0/24", secret=b"s", vendor="",
    require_message_authenticator=False,
)  # fmt: skip
POINTS = {(1, "AA:BB:CC:DD:EE:FF"): (7, 20, 200), (1, "AA:BB:CC:DD:EE:00"): (8, 20, None), (2, "AA:BB:CC:DD:EE:11"): (9, 30, 300)}
STORE = SimpleNamespace(access_points=POINTS)


def number(value):
    return struct.pack("!I", value)


def packet(*attributes):
    return Packet(4, 1, bytes(16), list(attributes))


def told(*attributes, status=3, source="192.0.2.9", client=NAS, session=b"s1", now=NOW):
    every = [(40, number(status)), (44, session), *attributes]
    return translate.session_update(packet(*every), client=client, source=source, store=STORE, now=now)


def vendor(vendor_id, kind, value):
    return (26, encode_vendor(vendor_id, kind, value)[2:])


# --- MAC addresses and SSIDs ----------------------------------------------------------------------------------------------

MAC = "AA:BB:CC:DD:EE:FF"


@pytest.mark.parametrize(
    ("sent", "mac", "ssid"),
    [
        ("AA-BB-CC-DD-EE-FF", MAC, None),
        ("aa:bb:cc:dd:ee:ff", MAC, None),
        ("aabb.ccdd.eeff", MAC, None),
        ("aabbccddeeff", MAC, None),
        ("AABBCC-DDEEFF", MAC, None),
        ("AA BB CC DD EE FF", MAC, None),
        ("AA-BB-CC-DD-EE-FF:Guests", MAC, "Guests"),
        ("aabb.ccdd.eeff:Guests", MAC, "Guests"),
        ("aabbccddeeff:Guests", MAC, "Guests"),
        ("AA-BB-CC-DD-EE-FF-Guests", MAC, "Guests"),
        ("AA:BB:CC:DD:EE:FF Guests", MAC, "Guests"),
        ("AA-BB-CC-DD-EE-FF:a:b::c", MAC, "a:b::c"),
        ("AA-BB-CC-DD-EE-FF::", MAC, ":"),
        ("AA-BB-CC-DD-EE-FF:", MAC, None),
        ("AA-BB-CC-DD-EE-FF:Café ☕", MAC, "Café ☕"),
        ("AA-BB-CC-DD-EE-FF:two\nlines", MAC, "two\nlines"),
        ("AA-BB-CC-DD-EE-FF:00-11-22-33-44-55", MAC, "00-11-22-33-44-55"),
        ("hotspot1", None, None),
        ("AA-BB-CC-DD-EE", None, None),
        ("AA-BB-CC-DD-EE-FFA", None, None),
        ("AA-BB-CC-DD-EE-FG", None, None),
        ("AA--BB-CC-DD-EE-FF", None, None),
        (" AA-BB-CC-DD-EE-FF", None, None),
        ("", None, None),
        (None, None, None),
    ],
)
def test_called_station_id(sent, mac, ssid):
    assert translate.station(sent) == (mac, ssid)


@pytest.mark.parametrize("own", [(14823, 5), (25053, 3), (25053, 135), (12356, 7)])
def test_a_maker_s_own_attribute_names_the_network(own):
    called = (30, b"AA-BB-CC-DD-EE-FF:behind-the-mac")
    assert told(called, vendor(*own, b"own")).ssid == "own"
    assert told(vendor(*own, b"own")).ssid == "own"
    assert told(called, vendor(*own, b"\0")).ssid == "behind-the-mac"
    assert told(called, vendor(own[0], 99, b"own")).ssid == "behind-the-mac"
    assert told(called, (26, b"\0\0")).ssid == "behind-the-mac"


def test_the_access_point_brings_organization_and_location():
    point = told((30, b"aabb.ccdd.eeff:Guests"))
    assert (point.access_point_id, point.organization_id, point.location_id, point.path) == (7, 20, 200, None)


def test_an_access_point_without_location_stands_where_its_nas_does():
    point = told((30, b"AA-BB-CC-DD-EE-00"))
    assert (point.access_point_id, point.organization_id, point.location_id) == (8, 20, 100)


@pytest.mark.parametrize("called", [b"AA-BB-CC-DD-EE-11", b"00-00-00-00-00-00", b"hotspot1"])
def test_an_unknown_access_point_or_another_tenant_s_leaves_the_session_with_the_nas(called):
    update = told((30, called))
    assert (update.access_point_id, update.organization_id, update.location_id, update.path) == (None, 10, 100, "1.10")


# --- texts and numbers ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("octets", "expected"),
    [
        (None, None), (b"", None), (b"\0", None), (b"\0\0\0", None), (b"a\0b\0", "ab"), (b"caf\xc3\xa9", "café"),
        (b"caf\xe9", "caf\ufffd"), (b"\xed\xa0\x80", "\ufffd\ufffd\ufffd"), (b" ", " "),
    ],
)  # fmt: skip
def test_text(octets, expected):
    assert translate.text(octets) == expected


@pytest.mark.parametrize("octets", [None, b"", b"\1", b"\0\0\1", b"\0\0\0\0\1", b"\0" * 8])
def test_numbers_and_addresses_of_another_size_count_as_absent(octets):
    assert translate.number(octets) is None
    assert translate.address(octets) is None
    assert translate.word(61, octets) is None


def test_words():
    assert translate.word(61, number(19)) == "Wireless-802.11"
    assert translate.word(61, number(4_000_000)) == "4000000"
    assert translate.word(250, number(19)) == "19"


def test_the_memory_of_words_is_bounded(monkeypatch):
    monkeypatch.setattr(translate, "_WORDS", {})
    for value in range(11_000):
        assert translate.word(61, number(value + 10**6)) == str(value + 10**6)
    assert len(translate._WORDS) == 10_000


@pytest.mark.parametrize("session", [b"", b"\0"])
def test_a_packet_without_session_id_says_nothing(session):
    assert told(session=session) is None
    bare = packet((40, number(1)))
    assert translate.session_update(bare, client=NAS, source="192.0.2.9", store=STORE, now=NOW) is None


@pytest.mark.parametrize(
    ("low", "high", "octets"),
    [
        (5, None, 5), (None, 1, 2**32), (5, 1, 2**32 + 5), (2**32 - 1, 2**31 - 1, 2**63 - 1), (0, 2**31, 2**63 - 1),
        (2**32 - 1, 2**32 - 1, 2**63 - 1), (None, None, 0),
    ],
)  # fmt: skip
def test_gigawords_and_their_limit(low, high, octets):
    """2^63-1 is what a bigint holds."""
    for low_kind, high_kind, field in ((42, 52, "acctinputoctets"), (43, 53, "acctoutputoctets")):
        sent = [(kind, number(value)) for kind, value in ((low_kind, low), (high_kind, high)) if value is not None]
        assert getattr(told(*sent), field) == octets


@pytest.mark.parametrize(("user", "realm"), [("a@b", "b"), ("a@b@c", "c"), ("a", None), ("a@", None), ("@b", "b"), ("@", None)])
def test_realm(user, realm):
    assert told((1, user.encode())).realm == realm


def test_status_decides_which_fields_are_told():
    sent = [(77, b"11 Mbit/s"), (49, number(1)), (46, number(60))]
    start, interim, stop = (told(*sent, status=status) for status in (1, 3, 2))
    assert (start.start_seen, interim.start_seen, stop.start_seen) == (True, False, False)
    assert (start.stopped, interim.stopped, stop.stopped) == (None, None, NOW)
    assert [each.acctterminatecause for each in (start, interim, stop)] == [None, None, "User-Request"]
    assert [each.connectinfo_start for each in (start, interim, stop)] == ["11 Mbit/s", "11 Mbit/s", None]
    assert [each.connectinfo_stop for each in (start, interim, stop)] == [None, None, "11 Mbit/s"]
    assert [each.started for each in (start, interim, stop)] == [NOW, NOW - 60, NOW - 60]


def test_a_session_of_centuries_is_not_believed_to_have_begun_then():
    update = told((46, number(2**32 - 1)))
    assert update.acctsessiontime == 2**32 - 1
    assert NOW - update.started == 400 * 86400


# --- when ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stamp", "delay", "expected"),
    [
        (None, None, NOW), (None, 7, NOW - 7), (NOW - 100, None, NOW - 100), (NOW - 100, 7, NOW - 100),
        (NOW + 299, None, NOW + 299),
        (NOW - 30 * 86400, None, NOW - 30 * 86400), (NOW + 301, None, NOW), (NOW - 32 * 86400, None, NOW), (0, 7, NOW - 7),
        (2**32 - 1, None, NOW), (None, 2**32 - 1, NOW - 31 * 86400),
    ],
)  # fmt: skip
def test_event_time(stamp, delay, expected):
    sent = [(kind, number(int(value))) for kind, value in ((55, stamp), (41, delay)) if value is not None]
    assert translate.event_time(packet(*sent), NOW) == expected
    assert told(*sent).updated == expected


def test_a_stamp_of_another_size_is_no_stamp():
    assert translate.event_time(packet((55, b"\1\2\3"), (41, number(5))), NOW) == NOW - 5


# --- whose session -------------------------------------------------------------------------------------------------------


def test_the_unique_id_tells_sessions_apart():
    import dataclasses

    other = dataclasses.replace(NAS, nas_id=4)
    variants = [
        told(), told(client=other), told((1, b"eve")), told((1, b"Eve")), told(session=b"s2"), told((32, b"ap-7")),
        told((4, bytes((192, 0, 2, 77)))), told(source="192.0.2.10"), told((1, b"s1"), session=b"eve"),
        told((32, b"s1"), session=b"x"),
    ]  # fmt: skip
    assert len({update.acctuniqueid for update in variants}) == len(variants)
    assert all(len(update.acctuniqueid) == 16 for update in variants)


def test_the_unique_id_stays_through_a_session():
    start = told((1, b"eve"), (4, bytes((192, 0, 2, 7))), status=1)
    stop = told((1, b"eve"), (4, bytes((192, 0, 2, 7))), (46, number(60)), status=2, source="192.0.2.200", now=NOW + 60)
    assert start.acctuniqueid == stop.acctuniqueid


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("192.0.2.9", "192.0.2.9"), ("::ffff:192.0.2.9", "192.0.2.9"), ("fe80::1%eth0", "fe80::1"),
        ("2001:db8::1", "2001:db8::1"),
    ],
)  # fmt: skip
def test_the_address_of_a_nas_that_does_not_say_its_own(source, expected):
    """PostgreSQL's inet knows no zones: with one the packet would never be stored."""
    assert told(source=source).nasipaddress == expected


def test_the_address_a_nas_says_is_its_own():
    assert told((4, bytes((10, 0, 0, 1)))).nasipaddress == "10.0.0.1"
    assert told((95, bytes.fromhex("20010db8000000000000000000000001"))).nasipaddress == "2001:db8::1"
    assert told((4, b"\1\2\3"), (95, b"\1")).nasipaddress == "192.0.2.9"


# --- anything at all -----------------------------------------------------------------------------------------------------

attribute = st.one_of(
    st.tuples(st.integers(0, 255), st.binary(max_size=253)),
    st.tuples(st.sampled_from([4, 5, 6, 7, 8, 40, 41, 42, 43, 45, 46, 49, 52, 53, 55, 61]), st.binary(min_size=4, max_size=4)),
    st.tuples(st.sampled_from([1, 25, 26, 30, 31, 32, 44, 50, 77, 87]), st.binary(max_size=40)),
    st.builds(
        vendor, st.sampled_from([14823, 25053, 12356, 9]), st.sampled_from([1, 3, 5, 7]), st.binary(min_size=1, max_size=30)
    ),
)
_RANGES = {"bigint": (-(2**63), 2**63 - 1), "integer": (-(2**31), 2**31 - 1)}


@quick
@given(st.lists(attribute, max_size=20), st.sampled_from([1, 2, 3]))
def test_whatever_is_sent_can_be_stored(attributes, status):
    update = told(*attributes, status=status)
    if update is None:
        return
    for (name, kind), value in zip(sql._INPUT, update, strict=True):
        if value is None:
            continue
        if kind == "text":
            assert isinstance(value, str), name
            assert "\0" not in value
            value.encode()
        elif kind in _RANGES:
            assert type(value) is int, name
            assert _RANGES[kind][0] <= value <= _RANGES[kind][1], name
        elif kind == "double precision":
            assert isinstance(value, float), name
            assert NOW - 500 * 86400 <= value <= NOW + 300, name
        elif kind == "inet":
            ipaddress.ip_address(value)
        elif kind == "bytea":
            assert len(value) == 16
    assert update.started <= update.updated


@quick
@given(st.lists(attribute, max_size=20), st.text(max_size=20))
def test_whatever_is_sent_can_be_asked_for(attributes, name):
    words = translate.RequestWords(packet(*attributes), password=None)
    for asked in [*words, name, "User-Password", "User-Name", "Called-Station-Id", "Tunnel-Type:1", "NAS-Port-Type"]:
        values = words.get(asked, ())
        assert all(isinstance(value, str) for value in values)
    assert len(words) == len(attributes)


def test_the_password_is_asked_for_as_it_was_decrypted():
    hidden = packet((2, b"\1" * 16))
    assert translate.RequestWords(hidden, password="secret")["user-password"] == ["secret"]
    with pytest.raises(KeyError):
        translate.RequestWords(hidden, password=None)["User-Password"]


def test_words_are_found_by_any_spelling_of_the_name_and_by_vendor():
    words = translate.RequestWords(packet((1, b"eve"), (61, number(19)), vendor(14823, 5, b"Guests")), password=None)
    assert words["user-name"] == ["eve"]
    assert words["NAS-Port-Type"] == ["Wireless-802.11"]
    assert words["Aruba-Essid-Name"] == ["Guests"]
    assert words.get("Filter-Id") is None
    assert encode_attribute(1, b"eve") == b"\1\5eve"


# --- counters, IPv6, names in pairs ---------------------------------------------------------------------------------------


def test_counters_of_32_bits_are_told_from_those_with_gigawords():
    low = (42, b"\0\0\0\x07"), (43, b"\0\0\0\x09")
    assert told(*low).narrow is True
    assert told(*low, (52, bytes(4))).narrow is False
    assert told(*low, (53, bytes(4))).narrow is False
    assert told().narrow is None
    assert told(low[0]).narrow is None


def test_a_nas_that_counts_the_wrong_way_round_is_turned():
    sent = ((42, b"\0\0\0\x07"), (52, b"\0\0\0\x01"), (43, b"\0\0\0\x09"))
    plain = told(*sent)
    turned = told(*sent, client=dataclasses.replace(NAS, swapped_octets=True))
    assert (plain.acctinputoctets, plain.acctoutputoctets) == (2**32 + 7, 9)
    assert (turned.acctinputoctets, turned.acctoutputoctets) == (9, 2**32 + 7)


def test_ipv6_of_the_session():
    prefix, delegated = b"\0\x40" + bytes.fromhex("20010db8000000aa"), b"\0\x38" + bytes.fromhex("20010db8000001")
    one, two = (bytes.fromhex("20010db8") + bytes(11) + bytes([last]) for last in (1, 2))
    update = told((168, one), (168, two), (97, prefix), (96, b"\0\0\0\0\0\0\0\x05"), (123, delegated))
    assert json.loads(update.ipv6) == {
        "address": "2001:db8::1, 2001:db8::2", "prefix": "2001:db8:0:aa::/64", "interface": "0:0:0:5",
        "delegated": "2001:db8:0:100::/56",
    }  # fmt: skip
    assert told().ipv6 is None
    assert told((168, b"short"), (97, b"")).ipv6 is None


@pytest.mark.parametrize("pair", [(9, 1), (8744, 0)])
def test_a_pair_names_the_network(pair):
    called = (30, b"AA-BB-CC-DD-EE-FF:behind-the-mac")
    assert told(called, vendor(*pair, b"vlan=7"), vendor(*pair, b"ssid=Guests")).ssid == "Guests"
    assert told(called, vendor(*pair, b"ssid=")).ssid == "behind-the-mac"
    assert told(called, vendor(*pair, b"essid=Guests")).ssid == "behind-the-mac"


@pytest.mark.parametrize(
    ("own", "value", "expected"),
    [
        ((14179, 1), b"\0\0\0\7", "wlan-7"),
        ((14179, 1), b"\7", None),
        ((388, 2), b"Guests", "Guests"),
        ((4329, 5), b"Guests", "Guests"),
    ],
)
def test_where_called_station_id_has_no_network_what_controllers_send_names_it(own, value, expected):
    assert told(vendor(*own, value)).ssid == expected
    assert told((30, b"AA-BB-CC-DD-EE-FF"), vendor(*own, value)).ssid == expected
    assert told((30, b"AA-BB-CC-DD-EE-FF:behind-the-mac"), vendor(*own, value)).ssid == "behind-the-mac"


def test_cisco_s_audit_session_id_joins_sessions_where_nothing_else_does():
    pair = vendor(9, 1, b"audit-session-id=0A0B0C0D00000001")
    assert told(vendor(9, 1, b"vlan=7"), pair).acctmultisessionid == "0A0B0C0D00000001"
    assert told((50, b"multi"), pair).acctmultisessionid == "multi"
    assert told(vendor(9, 1, b"audit-session-id=")).acctmultisessionid is None
    assert told().acctmultisessionid is None
