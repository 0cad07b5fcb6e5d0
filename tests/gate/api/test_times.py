"""api/times.py"""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate.api import times

UTC = dt.UTC
DAY = dt.datetime(2000, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2000-01-01", DAY),
        ("2000-01-01 00:01:00", DAY + dt.timedelta(minutes=1)),
        ("2000-01-01T00:01:00Z", DAY + dt.timedelta(minutes=1)),
        ("2000-01-01T00:01", DAY + dt.timedelta(minutes=1)),
        ("2000-01-01 00:01:00+00:00", DAY + dt.timedelta(minutes=1)),
        ("2000-01-01 00:01:00 00:00", DAY + dt.timedelta(minutes=1)),
        ("2000-01-01T02:01:00 02:00", DAY + dt.timedelta(minutes=1)),
        ("2000-01-01T02:01:00 0200", DAY + dt.timedelta(minutes=1)),
        ("2000-01-01T00:01:00.5-01:00", DAY + dt.timedelta(hours=1, minutes=1, milliseconds=500)),
        (" 2000-01-01 ", DAY),
    ],
)
def test_shapes(text: str, moment: dt.datetime) -> None:
    assert times.parse(text) == moment


def test_a_date_alone_as_an_upper_bound_is_the_whole_day() -> None:
    assert times.parse("2000-01-01", upper=True) == DAY + dt.timedelta(days=1, microseconds=-1)
    assert times.parse("2000-01-01 00:00:00", upper=True) == DAY


@pytest.mark.parametrize(
    "text",
    [
        "", "today", "2000", "2000-01", "2000-13-01", "2000-02-30", "01/02/2000", "20000101", "2000-W01-1", "946684800",
        "2000-01-01T25:00", "2000-01-01 00:01:00 x", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00",
    ],
)  # fmt: skip
def test_no_times(text: str) -> None:
    with pytest.raises(ValueError, match="takes a date or time"):
        times.parse(text)


@given(st.datetimes(dt.datetime(1900, 1, 1), dt.datetime(2200, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001  the zone follows
def test_what_is_shown_can_be_read(moment: dt.datetime) -> None:
    shown = times.show(moment)
    assert shown.endswith("Z")
    assert times.parse(shown) == moment.replace(microsecond=0)


@given(st.text(max_size=40))
def test_any_text_is_a_time_or_a_value_error(text: str) -> None:
    try:
        times.parse(text)
    except ValueError as error:
        assert str(error).startswith("takes a date or time")  # noqa: PT017  both outcomes are right
