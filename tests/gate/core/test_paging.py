"""core/paging.py"""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate.core import clock, paging
from gate.core.errors import Invalid
from gate.core.paging import CountCache, Cursor, cut, parse_cursor

INT64 = st.integers(-(2**63), 2**63 - 1)


@given(INT64, INT64, st.booleans())
def test_a_cursor_comes_back(major: int, minor: int, backwards: bool) -> None:
    cursor = Cursor(major=major, minor=minor, backwards=backwards)
    assert parse_cursor(cursor.encode(context="list:1"), context="list:1") == cursor
    with pytest.raises(Invalid):
        parse_cursor(cursor.encode(context="list:1"), context="list:2")


@given(st.text())
def test_text_is_no_cursor(text: str) -> None:
    with pytest.raises(Invalid) as caught:
        parse_cursor(text, context="list:1")
    assert set(caught.value.fields) == {"cursor"}


@given(st.integers(0, 32), st.integers(1, 255))
def test_a_changed_cursor_is_refused(place: int, change: int) -> None:
    import base64

    raw = bytearray(base64.urlsafe_b64decode(Cursor(major=5, minor=7).encode(context="x") + "=="))
    raw[place % len(raw)] ^= change
    with pytest.raises(Invalid):
        parse_cursor(base64.urlsafe_b64encode(raw).decode().rstrip("="), context="x")


ROWS = list(range(10, 0, -1))  # newest first


def read(cursor: Cursor | None, limit: int) -> list[int]:
    """What a query gives: up to limit + 1 rows in reading order."""
    if cursor is None:
        return ROWS[: limit + 1]
    if cursor.backwards:
        return sorted(row for row in ROWS if row > cursor.major)[: limit + 1]
    return [row for row in ROWS if row < cursor.major][: limit + 1]


@pytest.mark.parametrize("limit", [1, 3, 5, 9, 10, 11])
def test_walking_there_and_back(limit: int) -> None:
    pages, cursor, last = [], None, None
    while True:
        page: Any = cut(read(cursor, limit), limit=limit, cursor=cursor, key=lambda row: (row, 0))
        pages.append(list(page.results))
        last = page
        if page.next is None:
            break
        cursor = page.next
    assert [row for page in pages for row in page] == ROWS
    back = []
    while last.previous is not None:
        last = cut(read(last.previous, limit), limit=limit, cursor=last.previous, key=lambda row: (row, 0))
        back.append(list(last.results))
    assert back == pages[-2::-1]


def test_an_empty_page_leads_nowhere() -> None:
    assert cut([], limit=5, cursor=Cursor(major=1, minor=1), key=lambda row: row) == paging.CursorPage((), None, None)


def test_long_counts_are_kept_for_a_while_and_short_ones_never(monkeypatch: Any) -> None:
    moment = 100.0
    monkeypatch.setattr(clock, "monotonic", lambda: moment)
    cache, asked = CountCache(seconds=10, worth_keeping=0.05, size=2), []

    def ask(taking: float) -> int:
        nonlocal moment
        moment += taking
        asked.append(taking)
        return len(asked)

    assert [cache.count("short", lambda: ask(0.01)) for _ in range(2)] == [1, 2]
    assert [cache.count("long", lambda: ask(0.1)) for _ in range(2)] == [3, 3]
    moment += 10.1
    assert cache.count("long", lambda: ask(0.1)) == 4
    for key in ("a", "b"):
        cache.count(key, lambda: ask(0.1))
    assert cache.count("long", lambda: ask(0.1)) == 7  # the oldest made room


def test_what_takes_very_long_is_kept_in_proportion(monkeypatch: Any) -> None:
    moment = 100.0
    monkeypatch.setattr(clock, "monotonic", lambda: moment)
    cache, asked = CountCache(seconds=10, share=50), []

    def ask() -> int:
        nonlocal moment
        moment += 2.0
        asked.append(moment)
        return len(asked)

    assert cache.count("list", ask) == 1
    moment += 99.9
    assert cache.count("list", ask) == 1
    moment += 0.2
    assert cache.count("list", ask) == 2
