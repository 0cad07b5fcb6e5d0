"""What each make is sent for the same limits: attribute, value and octets, as its dictionary has them."""

import struct

import pytest

from gate.access.types import UNLIMITED, Grant, Item, Limits
from gate.nas.presets import PRESETS
from gate.protocols.radius import dictionary
from gate.protocols.radius.packet import Packet
from gate.radiusd import replies
from gate.radiusd.replies import generic, makes

GIB = 2**30
LIMITS = Limits(
    rate_up=2_500_999, rate_down=10_000_000, quota_up=5 * GIB, quota_down=GIB, quota_total=8 * GIB, session_timeout=3600,
    idle_timeout=600, vlan=20, role="staff", redirect_url="https://example.com/hi",
)  # fmt: skip
TUNNEL = ["Tunnel-Type VLAN", "Tunnel-Medium-Type IEEE-802", "Tunnel-Private-Group-Id 20"]
WISPR = ["WISPr-Bandwidth-Max-Up 2500999", "WISPr-Bandwidth-Max-Down 10000000"]
FILTER, PAGE = "Filter-Id staff", "WISPr-Redirection-URL https://example.com/hi"
MOST = 2**32 - 1

EXPECTED = {
    "": [*WISPR, *TUNNEL, FILTER, PAGE],
    "mikrotik": [
        "Mikrotik-Rate-Limit 2500999/10000000",
        "Mikrotik-Recv-Limit 1073741824", "Mikrotik-Recv-Limit-Gigawords 1",
        "Mikrotik-Xmit-Limit 1073741824", "Mikrotik-Xmit-Limit-Gigawords 0",
        "Mikrotik-Total-Limit 0", "Mikrotik-Total-Limit-Gigawords 2",
        "Mikrotik-Wireless-VLANID 20", "Mikrotik-Wireless-VLANID-Type 0", *TUNNEL,
        "Mikrotik-Group staff", "Mikrotik-Advertise-URL https://example.com/hi", PAGE,
    ],
    "coovachilli": [
        "ChilliSpot-Bandwidth-Max-Up 2500", "ChilliSpot-Bandwidth-Max-Down 10000",
        "ChilliSpot-Max-Input-Octets 1073741824", "ChilliSpot-Max-Input-Gigawords 1",
        "ChilliSpot-Max-Output-Octets 1073741824", "ChilliSpot-Max-Output-Gigawords 0",
        "ChilliSpot-Max-Total-Octets 0", "ChilliSpot-Max-Total-Gigawords 2",
        "ChilliSpot-VLAN-Id 20", FILTER, PAGE,
    ],
    "cisco": [
        "Airespace-Data-Bandwidth-Average-Contract-Upstream 2500", "Airespace-Data-Bandwidth-Average-Contract 10000", *TUNNEL,
        "Airespace-ACL-Name staff", "Cisco-AVPair url-redirect=https://example.com/hi",
    ],
    "aruba": ["Aruba-User-Vlan 20", "Aruba-User-Role staff", "Aruba-Captive-Portal-URL https://example.com/hi"],
    "ruckus": [*WISPR, "Ruckus-VLAN-ID 20", *TUNNEL, "Ruckus-User-Groups staff", PAGE],
    "cambium": [
        *WISPR,
        "Cambium-Traffic-Quota-Limit-Up 1073741824", "Cambium-Traffic-Quota-Limit-Up-Gigwords 1",
        "Cambium-Traffic-Quota-Limit-Down 1073741824", "Cambium-Traffic-Quota-Limit-Down-Gigwords 0",
        "Cambium-Traffic-Quota-Limit-Total 0", "Cambium-Traffic-Quota-Limit-Total-Gigwords 2", *TUNNEL, FILTER, PAGE,
    ],
    "ubiquiti": [*WISPR, *TUNNEL, FILTER, PAGE, "UBNT-Data-Rate-UL 2500999", "UBNT-Data-Rate-DL 10000000"],
    "meraki": [*TUNNEL, FILTER],
    "omada": [
        *WISPR, f"TPLink-Recv-limit {MOST}", "TPLink-Xmit-limit 1073741824", *TUNNEL, FILTER,
        "TPLink-Redirect-Url https://example.com/hi",
    ],
    "pfsense": [
        "pfSense-Bandwidth-Max-Up 2500999", "pfSense-Bandwidth-Max-Down 10000000", f"pfSense-Max-Total-Octets {MOST}", FILTER,
        PAGE,
    ],
    "fortinet": [*TUNNEL, "Fortinet-Group-Name staff"],
    "nomadix": [
        "Nomadix-Bw-Up 2500", "Nomadix-Bw-Down 10000", f"Nomadix-MaxBytesUp {MOST}", "Nomadix-MaxBytesDown 1073741824",
        "Nomadix-Net-VLAN 20", "Nomadix-URL-Redirection https://example.com/hi",
    ],
    "huawei": ["Huawei-Input-Average-Rate 2500999", "Huawei-Output-Average-Rate 10000000", *TUNNEL, FILTER],
    "hp": [
        "HP-Bandwidth-Max-Ingress 2500", "HP-Bandwidth-Max-Egress 10000", *TUNNEL, "HP-User-Role staff",
        "HP-Captive-Portal-URL https://example.com/hi",
    ],
    "extreme": ["Symbol-Uplink-Limit 2500", "Symbol-Downlink-Limit 10000", *TUNNEL, FILTER],
}  # fmt: skip
ALIASES = {
    "wispr": "", "airespace": "cisco", "chillispot": "coovachilli", "symbol": "extreme", "hpe": "hp", "tplink": "omada",
    "unifi": "ubiquiti", "aruba-instant": "aruba",
}  # fmt: skip


def sent(vendor, limits, *items):
    """What stands in the packet: name and value as the dictionary prints them."""
    octets = replies.encode(Grant(user_id=7, replies=items, session_timeout=None, limits=limits), {}, vendor)
    packet = Packet.parse(b"\2\1" + struct.pack("!H", 20 + len(octets)) + bytes(16) + octets)
    return [line for kind, value in packet.attributes for line in _printed(kind, value)]


def _printed(kind, value):
    vendor = 0
    if kind == 26:
        vendor, kind, value = int.from_bytes(value[:4], "big"), value[4], value[6 : 4 + value[5]]
    attribute = dictionary.by_number(vendor, kind)
    yield f"{attribute.name} {dictionary.decode_value(attribute, value)}"


@pytest.mark.parametrize("vendor", EXPECTED)
def test_every_limit_in_the_words_and_units_of_the_make(vendor):
    assert sent(vendor, LIMITS) == EXPECTED[vendor]


def test_every_make_is_in_the_table():
    assert set(makes.BY_MAKE) == set(EXPECTED) | set(ALIASES)
    for alias, vendor in ALIASES.items():
        assert makes.of(alias) is makes.of(vendor)
    assert makes.of("no-such-make") is generic.render


def test_makes_the_console_offers_are_rendered_on_purpose():
    """Those without a file read the attributes of the RFCs and of WISPr."""
    assert set(PRESETS) - set(makes.BY_MAKE) <= {"mist", "arista", "openwrt", "hostapd"}


@pytest.mark.parametrize("vendor", makes.BY_MAKE)
def test_nothing_limited_is_nothing_said(vendor):
    assert sent(vendor, UNLIMITED) == []
    assert sent(vendor, Limits()) == []


@pytest.mark.parametrize("vendor", makes.BY_MAKE)
@pytest.mark.parametrize("most", [True, False])
def test_the_least_and_the_most_fit(vendor, most):
    """Whatever rules.py lets in, some number reaches the NAS, and never 0 for a rate, which means no limit."""
    from gate.profiles.rules import MAX_ROLE, MAX_URL, NUMBERS

    numbers = {name: bounds[most] for name, bounds in NUMBERS.items()}
    url = "https://" + "x" * (MAX_URL - 8)
    lines = sent(vendor, Limits(**numbers, role="9" * (MAX_ROLE if most else 1), redirect_url=url))
    full = sent(vendor, LIMITS)
    assert {line.split()[0] for line in full} <= {line.split()[0] for line in lines}
    assert not [line for line in lines if line.split()[0].lower().endswith(("up", "down", "rate")) and line.endswith(" 0")]


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        ({"rate_up": 1_000_000}, "1000000/0"), ({"rate_down": 1_000_000}, "0/1000000"),
        ({"rate_up": 10**12, "rate_down": 1_000}, "1000000000000/1000"),
    ],
)  # fmt: skip
def test_mikrotik_is_told_both_directions(limits, expected):
    assert sent("mikrotik", Limits(**limits)) == [f"Mikrotik-Rate-Limit {expected}"]


@pytest.mark.parametrize(
    ("octets", "low", "high"),
    [(1, 1, 0), (2**32 - 1, 2**32 - 1, 0), (2**32, 0, 1), (2**32 + 1, 1, 1), (2**63 - 1, 2**32 - 1, 2**31 - 1)],
)
def test_quotas_of_64_bits_are_split(octets, low, high):
    assert sent("mikrotik", Limits(quota_down=octets)) == [f"Mikrotik-Xmit-Limit {low}", f"Mikrotik-Xmit-Limit-Gigawords {high}"]


@pytest.mark.parametrize(("bits", "kbit"), [(1_000, 1), (1_999, 1), (2_000, 2), (999, 1), (1, 1), (2**43, 2**32 - 1)])
def test_kbit_are_rounded_down_and_never_to_none(bits, kbit):
    assert sent("coovachilli", Limits(rate_up=bits)) == [f"ChilliSpot-Bandwidth-Max-Up {kbit}"]


def test_an_operator_s_item_stands_in_place_of_the_whole_group():
    own = Item("mikrotik-recv-limit", ":=", "1000")
    lines = sent("mikrotik", Limits(quota_up=5 * GIB, quota_down=1, vlan=3), own, Item("Tunnel-Private-Group-Id:1", "=", "9"))
    assert lines == [
        "Mikrotik-Recv-Limit 1000", "Tunnel-Private-Group-Id 9", "Mikrotik-Xmit-Limit 1", "Mikrotik-Xmit-Limit-Gigawords 0",
        "Mikrotik-Wireless-VLANID 3", "Mikrotik-Wireless-VLANID-Type 0",
    ]  # fmt: skip


def test_an_item_that_appends_is_sent_beside_the_limit():
    assert sent("", Limits(role="staff"), Item("Filter-Id", "+=", "more")) == ["Filter-Id more", "Filter-Id staff"]


def test_pairs_are_told_apart_by_their_name():
    limits = Limits(redirect_url="https://example.com/")
    other, same = Item("Cisco-AVPair", "=", "url-redirect-acl=x"), Item("Cisco-AVPair", "=", "url-redirect=https://other/")
    assert len(sent("cisco", limits, other)) == 2
    assert sent("cisco", limits, same) == ["Cisco-AVPair url-redirect=https://other/"]


def test_limits_are_sent_where_an_item_is_of_the_request_as_well():
    octets = replies.encode(
        Grant(user_id=7, replies=(Item("Reply-Message", "=", "Hi %{User-Name}"),), session_timeout=None, limits=Limits(role="x")),
        {"User-Name": ["eve"]}, "",
    )  # fmt: skip
    assert octets == b"\x12\x08Hi eve" + b"\x0b\x03x"
