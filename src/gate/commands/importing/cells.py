"""Cells as values. Pure; the inverse of exporting/writing.py.

A cell that a spreadsheet would take for a formula is written with an apostrophe before it, which is taken away here.
"""

import datetime as dt
import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

from gate.profiles.types import Item

_GUARDED = re.compile(r"'+[=+\-@\t\r]")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z", re.ASCII)
_FIRST = dt.time(tzinfo=dt.UTC)
_LAST = dt.time(23, 59, 59, 999_999, tzinfo=dt.UTC)
_TRUE, _FALSE = frozenset({"true", "yes", "1"}), frozenset({"false", "no", "0"})
_BIGGEST = 2**63 - 1

Read = Callable[[str], Any]
"""Takes a cell that is not empty. Raises ValueError with what the cell takes; the cell is not quoted in it."""


def text(cell: str) -> str:
    """Text, without the apostrophe that keeps a spreadsheet from reckoning."""
    return cell[1:] if _GUARDED.match(cell) else cell


def exact(cell: str) -> str:
    """What is written is meant: passwords, hashes, secrets."""
    return cell


def boolean(cell: str) -> bool:
    """Yes or no."""
    word = cell.strip().lower()
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise ValueError("takes true or false")


def whole(cell: str) -> int:
    """A whole number."""
    digits = cell.strip()
    if not (digits.removeprefix("-").isdecimal() and digits.isascii() and len(digits) < 20) or abs(int(digits)) > _BIGGEST:
        raise ValueError("takes a whole number")
    return int(digits)


def degrees(cell: str) -> Decimal:
    """A coordinate."""
    try:
        number = Decimal(cell.strip())
    except InvalidOperation:
        raise ValueError("takes degrees such as 37.7749") from None
    if not number.is_finite():
        raise ValueError("takes degrees such as 37.7749")
    return number


def start(cell: str) -> dt.datetime:
    """A moment from which on something counts; no offset means UTC, a date alone its beginning."""
    return _moment(cell, _FIRST)


def end(cell: str) -> dt.datetime:
    """A moment at which something ends; no offset means UTC, a date alone the whole of that day."""
    return _moment(cell, _LAST)


def _moment(cell: str, of_a_date: dt.time) -> dt.datetime:
    cell = cell.strip()
    try:
        if _DATE.match(cell):
            return dt.datetime.combine(dt.date.fromisoformat(cell), of_a_date)
        moment = dt.datetime.fromisoformat(cell)
        return (moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)).astimezone(dt.UTC)
    except (ValueError, OverflowError):
        raise ValueError("takes a date or time such as 2026-12-31 or 2026-12-31T23:59:59Z") from None


def names(cell: str) -> list[str]:
    """Names apart by commas or spaces, of which no name has any."""
    return re.split(r"[,\s]+", text(cell).strip(", \t\r\n"))


class _Item(msgspec.Struct, forbid_unknown_fields=True):
    attribute: str
    op: str
    value: str | int = ""


_ITEMS = msgspec.json.Decoder(list[_Item])


def items(cell: str) -> tuple[Item, ...]:
    """The items of a profile, as the API's JSON has them."""
    try:
        read = _ITEMS.decode(cell.encode())
    except msgspec.MsgspecError:
        raise ValueError('takes JSON such as [{"attribute": "Session-Timeout", "op": ":=", "value": "3600"}]') from None
    return tuple(Item(attribute=item.attribute, op=item.op, value=str(item.value)) for item in read)
