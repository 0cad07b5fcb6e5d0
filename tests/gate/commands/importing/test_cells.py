"""Cells as values, and text that a spreadsheet would reckon with."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate.commands.exporting import writing
from gate.commands.importing import cells
from gate.profiles.types import Item


@pytest.mark.parametrize(
    ("read", "cell", "value"),
    [
        (cells.text, " a ", " a "),
        (cells.text, "'=1+1", "=1+1"),
        (cells.text, "'tis", "'tis"),
        (cells.exact, "'=1+1", "'=1+1"),
        (cells.boolean, "TRUE", True),
        (cells.boolean, "0", False),
        (cells.whole, " 3600 ", 3600),
        (cells.degrees, "-122.4194", Decimal("-122.4194")),
        (cells.end, "2026-12-31", dt.datetime(2026, 12, 31, 23, 59, 59, 999_999, tzinfo=dt.UTC)),
        (cells.start, "2026-12-31", dt.datetime(2026, 12, 31, tzinfo=dt.UTC)),
        (cells.end, "2026-12-31 10:00", dt.datetime(2026, 12, 31, 10, tzinfo=dt.UTC)),
        (cells.end, "2026-12-31T10:00:00+02:00", dt.datetime(2026, 12, 31, 8, tzinfo=dt.UTC)),
        (cells.names, "guest, vip;gold night", ["guest", "vip;gold", "night"]),
        (cells.items, '[{"attribute":"Session-Timeout","op":":=","value":60}]', (Item("Session-Timeout", ":=", "60"),)),
    ],
)
def test_values(read: cells.Read, cell: str, value: Any) -> None:
    assert read(cell) == value


@pytest.mark.parametrize(
    ("read", "cell"),
    [
        (cells.boolean, "maybe"),
        (cells.whole, "1.5"),
        (cells.whole, "²"),
        (cells.whole, "9" * 19),
        (cells.degrees, "north"),
        (cells.degrees, "NaN"),
        (cells.end, "tomorrow"),
        (cells.end, "0001-01-01T00:00:00+23:00"),
        (cells.items, "[]]"),
        (cells.items, '[{"attribute": "x"}]'),
    ],
)
def test_a_refused_cell_is_not_quoted(read: cells.Read, cell: str) -> None:
    with pytest.raises(ValueError, match="takes") as refused:
        read(cell)
    assert cell not in str(refused.value)


@given(st.text(alphabet=st.characters(codec="utf-8")) | st.text(alphabet="'=+-@\t\ra"))
def test_text_comes_back_as_it_was_and_never_begins_like_a_formula(text: str) -> None:
    written = writing.cell(text)
    assert not written.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert cells.text(written) == text


@given(st.datetimes(timezones=st.just(dt.UTC)))
def test_moments_come_back_as_they_were(moment: dt.datetime) -> None:
    assert cells.end(writing.cell(moment)) == moment
