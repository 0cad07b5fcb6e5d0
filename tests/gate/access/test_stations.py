"""Which of several words speaks for a device."""

import datetime as dt

import pytest

from gate.access.stations import Station, choose

NOW = dt.datetime(2026, 3, 1, 12, 0, tzinfo=dt.UTC)
ROOT = Station("mac", 1, is_active=True, expires=None, path="1", organization_id=1, is_blocked=False, username="")
WEST = ROOT._replace(id=2, path="1.2")
EAST = ROOT._replace(id=3, path="1.3")
OVER = WEST._replace(id=4, expires=NOW)
OFF = WEST._replace(id=5, is_active=False)
DEVICE = WEST._replace(id=6, kind="device", path="1.9")


@pytest.mark.parametrize(
    ("stations", "has_other", "expected"),
    [
        ([], False, None),
        ([ROOT, WEST], True, 2),
        ([WEST, ROOT, EAST], False, 2),
        ([ROOT, OVER], False, 1),
        ([EAST], False, 3),
        ([EAST], True, None),
        ([OFF, EAST], False, 5),
        ([OFF, DEVICE], False, 6),
        ([DEVICE, ROOT], False, 1),
        ([DEVICE], True, None),
    ],
)
def test_who_speaks_at_a_nas_of_west(stations, has_other, expected):
    place = choose(stations, has_other=has_other, path="1.2.7", now=NOW)
    assert (None if place is None else stations[place].id) == expected


def test_paths_are_compared_label_by_label():
    assert not WEST.is_at("1.22")
    assert WEST.is_at("1.2")
    assert DEVICE.is_at("1.3")
