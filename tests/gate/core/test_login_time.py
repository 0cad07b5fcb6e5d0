"""Times of the week, as FreeRADIUS writes them."""

import datetime as dt
import zoneinfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate.core.login_time import parse, seconds_left
from strategies import quick

MONDAY = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)
DAY = 24 * 60


def moment(text):
    """`We 17:59:30` of the week that begins on MONDAY."""
    day, clock = text.split()
    hours, minutes, *seconds = map(int, clock.split(":"))
    days = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su").index(day)
    return MONDAY + dt.timedelta(days=days, hours=hours, minutes=minutes, seconds=sum(seconds))


@pytest.mark.parametrize(
    ("text", "at", "left"),
    [
        ("Wk0900-1800", "Mo 09:00", 9 * 3600), ("Wk0900-1800", "Mo 08:59:59", 0), ("Wk0900-1800", "We 17:59:30", 30),
        ("Wk0900-1800", "We 18:00", 0), ("Wk0900-1800", "Sa 12:00", 0), ("Wk0900-1800,Sa", "Sa 12:00", 12 * 3600),
        ("Wk0900-1800 | Sa1000-1400", "Sa 13:00", 3600), ("wk0900-1800,SA1000-1400", "Sa 09:00", 0),
        ("MoWeFr0800-0900", "We 08:30", 1800), ("MoWeFr0800-0900", "Tu 08:30", 0), ("Tu-Th", "We 00:00", 48 * 3600),
        ("Sa-Mo", "Su 12:00", 36 * 3600), ("Any0000-2400", "We 12:00", None), ("Al", "We 12:00", None),
        # Around midnight of the same days; on Friday nothing follows, so Friday's window ends with the day.
        ("Wk2200-0600", "We 23:00", 7 * 3600), ("Wk2200-0600", "Fr 23:00", 3600), ("Wk2200-0600", "Mo 05:00", 3600),
        ("Wk2200-0600", "Sa 05:00", 0), ("Any2200-0600", "Su 23:00", 7 * 3600), ("Never", "We 12:00", 0), ("", "We 12:00", 0),
        ("Wk0900", "We 12:00", 0),
    ],
)  # fmt: skip
def test_seconds_left(text, at, left):
    assert seconds_left(text, moment(at)) == left


@pytest.mark.parametrize(
    "text", ["", "x", "Wk0900", "Wk9-18", "Wk0960-1000", "Wk0900-2401", "0900-1800", "Wk,,Sa", "Mo-", "Mo" * 600]
)
def test_what_is_no_time_is_told_and_closed(text):
    with pytest.raises(ValueError, match=r"."):
        parse(text)
    assert seconds_left(text, MONDAY) == 0


def test_the_night_summer_time_begins_is_an_hour_shorter():
    rome = zoneinfo.ZoneInfo("Europe/Rome")
    assert seconds_left("Su0000-0600", dt.datetime(2026, 3, 29, 0, 0, tzinfo=rome)) == 5 * 3600
    assert seconds_left("Su0000-0600", dt.datetime(2026, 10, 25, 0, 0, tzinfo=rome)) == 7 * 3600


@quick
@given(st.text(alphabet="MoTuWekSaAny0123456789-,| ", max_size=40), st.integers(0, 7 * 86400 - 1))
def test_inside_a_window_there_is_time_left_and_outside_none(text, second):
    now = MONDAY + dt.timedelta(seconds=second)
    left = seconds_left(text, now)
    try:
        windows = parse(text)
    except ValueError:
        windows = ()
    assert all(0 <= start < end <= 7 * DAY for start, end in windows)
    assert (left != 0) == any(start <= second // 60 < end for start, end in windows)
