"""JSON of rlm_rest to packets and back: what no FreeRADIUS would send, too."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate.protocols.radius import mppe, pap
from gate.protocols.radius.dictionary import rfc2865, rfc2868, rfc2869
from gate.protocols.radius.errors import ValueMalformed
from gate.protocols.radius.packet import encode_attribute, encode_vendor
from gate.radiusd.freeradius.attributes import MOST, json_of, packet_of

HOW = {"code": 1, "secret": b"s" * 16, "authenticator": bytes(16)}
BACK = {"secret": HOW["secret"], "authenticator": HOW["authenticator"]}


def said(kind, *values):
    return {"type": kind, "value": list(values)}


def test_each_type_is_what_the_nas_sent():
    packet = packet_of(
        {
            "User-Name": said("string", "0xnot-octets"), "User-Password": said("string", "p\u00e4ss"),
            "NAS-IP-Address": said("ipaddr", "192.0.2.1"), "NAS-Port-Type": said("integer", 19),
            "Service-Type": said("integer", "Framed-User"), "Class": said("octets", "0x00ff", "0x61"),
            "Event-Timestamp": said("date", "Nov 22 2026 14:00:00 UTC"), "Tunnel-Type:1": said("integer", 13),
            "Calling-Station-Id": said("string", ""), "Mikrotik-Host-IP": said("ipaddr", "10.0.0.1"),
            "Attr-26.4242.7": said("octets", "0xbeef"), "Freeradius-Proxied-To": said("ipaddr", "127.0.0.1"),
            "Acct-Unique-Session-Id": said("string", "x"), "Packet-Src-IP-Address": said("ipaddr", "127.0.0.1"),
        },
        **HOW,
    )  # fmt: skip
    assert packet.get(rfc2865.USER_NAME) == b"0xnot-octets"
    assert pap.decrypt(packet.get(rfc2865.USER_PASSWORD), HOW["secret"], bytes(16)) == "p\u00e4ss".encode()
    assert packet.get(rfc2865.NAS_IP_ADDRESS) == bytes((192, 0, 2, 1))
    assert packet.get(rfc2865.NAS_PORT_TYPE) == bytes((0, 0, 0, 19))
    assert packet.get(rfc2865.SERVICE_TYPE) == bytes((0, 0, 0, 2))
    assert packet.get_all(rfc2865.CLASS) == [b"\x00\xff", b"a"]
    assert int.from_bytes(packet.get(rfc2869.EVENT_TIMESTAMP), "big") == 1_795_356_000
    assert packet.get(rfc2868.TUNNEL_TYPE) == bytes((1, 0, 0, 13))
    assert packet.get(rfc2865.CALLING_STATION_ID) is None
    assert packet.vendor(14988, 10) == bytes((10, 0, 0, 1))
    assert packet.vendor(4242, 7) == b"\xbe\xef"
    assert len(packet.attributes) == 11


@pytest.mark.parametrize(
    ("name", "held"),
    [
        ("User-Password", said("string", "x" * 129)), ("NAS-IP-Address", said("ipaddr", "::1")),
        ("User-Name", said("string", "x" * 254)),
        ("Event-Timestamp", said("date", "yesterday")), ("Class", said("octets", "0x0")), ("User-Name", "bob"), ("User-Name", {}),
        ("Attr-26.9999999999.1", said("octets", "0x00")), ("Attr-26.1.256", said("octets", "0x00")),
        ("NAS-Port", said("integer", -1)),
    ],
)  # fmt: skip
def test_what_fits_no_packet_is_refused_by_name(name, held):
    with pytest.raises(ValueMalformed, match=f"^{name}: "):
        packet_of({name: held}, **HOW)


def test_more_than_any_packet_holds_is_refused():
    with pytest.raises(ValueMalformed):
        packet_of({"Class": said("octets", *["0x00"] * (MOST + 1))}, **HOW)
    with pytest.raises(ValueMalformed):
        packet_of({f"x{n}": said("string", "x") for n in range(MOST + 1)}, **HOW)


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=20), inner, max_size=4),
    max_leaves=12,
)
_names = st.sampled_from(
    ["User-Name", "User-Password", "Class", "NAS-IP-Address", "Event-Timestamp", "Tunnel-Type:1", "Attr-26.9.1"]
)
_kinds = st.sampled_from(["string", "octets", "integer", "date", "ipaddr", "vsa", ""])
_held = st.fixed_dictionaries({"type": _kinds, "value": st.lists(_json, max_size=3)})


@given(_json | st.dictionaries(_names | st.text(max_size=10), _held | _json, max_size=5))
def test_whatever_is_said_only_the_documented_error_comes_out(anything):
    try:
        packet = packet_of(anything, **HOW)
    except ValueMalformed:
        return
    assert all(0 <= kind <= 255 and len(value) <= 253 for kind, value in packet.attributes)


@given(st.lists(st.tuples(st.integers(1, 255), st.binary(min_size=1, max_size=247)), max_size=8))
def test_every_reply_can_be_told(attributes):
    told = json_of(b"".join(encode_attribute(kind, value) for kind, value in attributes), **BACK)
    assert all(name.startswith("reply:") and held["do_xlat"] is False for name, held in told.items())


def test_values_are_told_by_number_and_several_of_a_name_are_added():
    told = json_of(
        encode_attribute(64, bytes((2, 0, 0, 13))) + encode_attribute(6, bytes((0, 0, 0, 2))) + encode_attribute(18, b"a")
        + encode_attribute(18, b"b") + encode_vendor(11, 27, b"role") + encode_attribute(25, b"\x00")
        + encode_vendor(4242, 1, b"\x01"),
        **BACK,
    )  # fmt: skip
    assert {name: (held["op"], held["value"]) for name, held in told.items()} == {
        "reply:Tunnel-Type:2": (":=", ["13"]), "reply:Service-Type": (":=", ["2"]), "reply:Reply-Message": ("+=", ["a", "b"]),
        "reply:HP-CPPM-Role": (":=", ["role"]), "reply:Class": (":=", ["0x00"]), "reply:Attr-26.4242.1": (":=", ["0x01"]),
    }  # fmt: skip


def test_a_tunnel_s_password_goes_bare():
    """FreeRADIUS hides it for its NAS; hidden twice nobody could read it."""
    hidden = mppe.encrypt(b"of the tunnel", **BACK, salt=b"\x80\x01")
    told = json_of(encode_attribute(rfc2868.TUNNEL_PASSWORD, b"\x01" + hidden), **BACK)
    assert told["reply:Tunnel-Password:1"]["value"] == ["of the tunnel"]
