"""Times as the API writes and reads them: out as `2024-01-15T09:30:00Z`, in as dates and moments in any of the usual shapes."""

import datetime as dt
import re
from typing import Annotated, Any, overload

from pydantic import BeforeValidator, WithJsonSchema

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z", re.ASCII)
# A `+` in a query string arrives as a space unless it was quoted.
_LOST_PLUS = re.compile(r"(\d) (\d{2}:?\d{2})\Z", re.ASCII)
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}", re.ASCII)
_NOTHING = dt.timedelta()
_FIRST = dt.time(tzinfo=dt.UTC)
_LAST = dt.time(23, 59, 59, 999_999, tzinfo=dt.UTC)


@overload
def show(moment: dt.datetime) -> str: ...
@overload
def show(moment: None) -> None: ...
@overload
def show(moment: dt.datetime | None) -> str | None: ...
def show(moment: dt.datetime | None) -> str | None:
    """`2024-01-15T09:30:00Z`; None for None."""
    if moment is None:
        return None
    if moment.utcoffset() != _NOTHING:
        moment = moment.astimezone(dt.UTC)
    return f"{moment.isoformat()[:19]}Z"  # a list writes hundreds of these


@overload
def whole(moment: dt.datetime) -> dt.datetime: ...
@overload
def whole(moment: None) -> None: ...
@overload
def whole(moment: dt.datetime | None) -> dt.datetime | None: ...
def whole(moment: dt.datetime | None) -> dt.datetime | None:
    """A moment of UTC (as those out of the database are) such that a reply shows it as `show` does, in a tenth of the time."""
    return moment.replace(microsecond=0) if moment is not None and moment.microsecond else moment


def micros(moment: dt.datetime) -> dt.datetime | str:
    """A moment of UTC such that a reply shows it with its microseconds: `2024-01-15T14:30:25.123456Z`."""
    # msgspec leaves out a fraction that is nothing, once in a million; whoever parses six digits would stumble there.
    return moment if moment.microsecond else f"{moment.isoformat(timespec='microseconds')[:26]}Z"


def parse(text: str, *, upper: bool = False) -> dt.datetime:
    """The moment `text` names; no offset means UTC. A date alone is its first moment, as an `upper` bound its last.

    Raises ValueError with what is wanted.
    """
    text = text.strip()
    wanted = "takes a date or time such as 2000-01-01, 2000-01-01 00:01:00 or 2000-01-01T00:01:00Z"
    if not _DATE.match(text) and not _MOMENT.match(text):
        raise ValueError(wanted)
    try:
        if _DATE.match(text):
            return dt.datetime.combine(dt.date.fromisoformat(text), _LAST if upper else _FIRST)
        moment = dt.datetime.fromisoformat(_restore_plus(text))
        return (moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)).astimezone(dt.UTC)
    except (ValueError, OverflowError):
        raise ValueError(wanted) from None


def _restore_plus(text: str) -> str:
    # The date and the time may be apart by a space as well; only a second one stands for a plus.
    head, tail = text[:11], text[11:]
    return head + _LOST_PLUS.sub(r"\1+\2", tail)


def _lower(value: Any) -> Any:
    return parse(value) if isinstance(value, str) else _refuse(value)


def _upper(value: Any) -> Any:
    return parse(value, upper=True) if isinstance(value, str) else _refuse(value)


def _refuse(value: Any) -> Any:
    if value is None or isinstance(value, dt.datetime):
        return value
    raise ValueError("takes a date or time as text")


# As a pattern, for the API's description: the 29th of February alone is taken beside what it says.
_MONTHS = "(0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8])"
_HOUR = "([01][0-9]|2[0-3]):[0-5][0-9]"
_SCHEMA = WithJsonSchema(
    {
        "type": "string",
        "maxLength": 40,
        "pattern": f"^[1-9][0-9]{{3}}-({_MONTHS})([T ]{_HOUR}(:[0-5][0-9]([.][0-9]{{1,6}})?)?(Z|[+-]{_HOUR})?)?$",
        "examples": ["2024-01-15", "2024-01-15 09:30:00", "2024-01-15T09:30:00Z"],
    }
)

Since = Annotated[dt.datetime, BeforeValidator(_lower), _SCHEMA]
"""A lower bound: a date alone is the start of that day."""
Until = Annotated[dt.datetime, BeforeValidator(_upper), _SCHEMA]
"""An upper bound or an end: a date alone is the whole of that day."""
