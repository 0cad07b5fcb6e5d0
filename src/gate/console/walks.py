"""Going through long lists newest first: the cursor in the address, the links on, and days as moments."""

import datetime as dt
from urllib.parse import urlencode

from django.http import HttpRequest

from gate.core.errors import Invalid
from gate.core.paging import Cursor, parse_cursor


def cursor_of(request: HttpRequest, *, context: str) -> Cursor | None:
    """The place asked for; a cursor that is none starts at the newest. `context` names the list and the tenant."""
    text = request.GET.get("cursor")
    if not text:
        return None
    try:
        return parse_cursor(text, context=context)
    except Invalid:
        return None


def link(request: HttpRequest, cursor: Cursor | None, *, context: str) -> str | None:
    """The address of that place with the filters kept; None for none."""
    if cursor is None:
        return None
    kept = {name: value for name, value in request.GET.items() if name != "cursor" and value}
    return f"?{urlencode({**kept, 'cursor': cursor.encode(context=context)})}"


def first_moment(day: dt.date | None) -> dt.datetime | None:
    """Midnight (UTC) at which the day begins; None for none."""
    return None if day is None else dt.datetime.combine(day, dt.time(), tzinfo=dt.UTC)


def last_moment(day: dt.date | None) -> dt.datetime | None:
    """The last microsecond (UTC) of the day; None for none."""
    return None if day is None else dt.datetime.combine(day, dt.time.max, tzinfo=dt.UTC)
