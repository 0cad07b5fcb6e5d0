"""Lists of addresses as people paste them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate.core.errors import Invalid, Missing
from gate.devices import mac_rules


def test_lines_in_any_notation_with_notes():
    text = """# printers
aa:bb:cc:dd:ee:01 second floor
AA-BB-CC-DD-EE-02, third floor; left
"aabb.ccdd.ee03","reception"

aabbccddee04\tcellar
aabbcc-ddee05
"""
    assert mac_rules.read_lines(text) == [
        ("AA:BB:CC:DD:EE:01", "second floor"),
        ("AA:BB:CC:DD:EE:02", "third floor; left"),
        ("AA:BB:CC:DD:EE:03", "reception"),
        ("AA:BB:CC:DD:EE:04", "cellar"),
        ("AA:BB:CC:DD:EE:05", ""),
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("aa:bb:cc:dd:ee:01\nprinter", "line 2: 'printer' begins with no MAC address"),
        ("aa:bb:cc:dd:ee:012", "line 1"),
        ("aa:bb:cc:dd:ee:01\naabbccddee01", "is there twice"),
        ("01:00:5e:00:00:01", "no device's own address"),
        (f"aa:bb:cc:dd:ee:01 {'x' * 201}", "note"),
    ],
)
def test_what_is_refused_is_named(text, told):
    with pytest.raises(Invalid) as raised:
        mac_rules.read_lines(text)
    assert told in raised.value.detail


def test_nothing_is_missing():
    with pytest.raises(Missing):
        mac_rules.read_lines("# nothing\n\n")


@pytest.mark.parametrize(("mac", "expected"), [
    ("02:00:00:00:00:01", True), ("DA:A1:19:00:00:01", True), ("AE:00:00:00:00:00", True), ("00:16:3E:00:00:01", False),
    ("AC:DE:48:00:00:01", False),
])  # fmt: skip
def test_addresses_made_up_by_devices(mac, expected):
    assert mac_rules.is_randomized(mac) is expected


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text):
    try:
        found = mac_rules.read_lines(text)
    except (Invalid, Missing):
        return
    assert all(len(mac) == 17 for mac, _ in found)
