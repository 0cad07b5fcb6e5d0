"""Batches as PostgreSQL array literals: an array a column, or where there are many columns an array of rows.

Measured on the 35 columns of an accounting batch: 5.4 µs of client CPU a packet, where psycopg's binary list dumpers cost 9.5
and its text ones 30; the server parses the text as fast as the binary.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any


def literal(kind: str, column: Iterable[Any]) -> str:
    """The literal of an array of `kind` (a PostgreSQL type name); None is NULL. Texts must hold no NUL character."""
    return "{" + ",".join(_ELEMENTS.get(kind, _numbers)(column)) + "}"


def literals(kinds: Sequence[str], rows: Iterable[Sequence[Any]]) -> list[str]:
    """One literal a column, for `unnest`; `rows` must not be empty."""
    return [literal(kind, column) for kind, column in zip(kinds, zip(*rows, strict=True), strict=True)]


def rows(kinds: Sequence[str], given: Iterable[Sequence[Any]]) -> str:
    """The literal of an array of rows whose columns have these `kinds`, for `unnest` of a composite type's array."""
    columns = [_CELLS.get(kind, _number_cells)(column) for kind, column in zip(kinds, zip(*given, strict=True), strict=True)]
    return '{"(' + ')","('.join([",".join(cells) for cells in zip(*columns, strict=True)]) + ')"}'


# In a row nothing stands for NULL, a quote is doubled and a backslash too, as it is once more in the array around it.
def _text_cells(column: Iterable[Any]) -> list[str]:
    return [
        ""
        if value is None
        else f'\\"{value}\\"'
        if '"' not in value and "\\" not in value
        else '\\"' + value.replace("\\", "\\\\\\\\").replace('"', '\\"\\"') + '\\"'
        for value in column
    ]


def _octet_cells(column: Iterable[Any]) -> list[str]:
    return ["" if value is None else "\\\\\\\\x" + value.hex() for value in column]


def _flag_cells(column: Iterable[Any]) -> list[str]:
    return ["" if value is None else "t" if value else "f" for value in column]


def _plain_cells(column: Iterable[Any]) -> list[str]:
    """Of what has neither quotes, backslashes nor commas in it."""
    return [value or "" for value in column]


def _number_cells(column: Iterable[Any]) -> list[str]:
    return ["" if value is None else repr(value) for value in column]


def _texts(column: Iterable[Any]) -> list[str]:
    return [
        "NULL"
        if value is None
        else f'"{value}"'
        if '"' not in value and "\\" not in value
        else '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
        for value in column
    ]


def _octets(column: Iterable[Any]) -> list[str]:
    return ["NULL" if value is None else f'"\\\\x{value.hex()}"' for value in column]


def _flags(column: Iterable[Any]) -> list[str]:
    return ["NULL" if value is None else "t" if value else "f" for value in column]


def _numbers(column: Iterable[Any]) -> list[str]:
    return ["NULL" if value is None else repr(value) for value in column]


_ELEMENTS: dict[str, Callable[[Iterable[Any]], list[str]]] = {"text": _texts, "bytea": _octets, "boolean": _flags}
_CELLS: dict[str, Callable[[Iterable[Any]], list[str]]] = {
    "text": _text_cells, "inet": _plain_cells, "bytea": _octet_cells, "boolean": _flag_cells,
}  # fmt: skip
