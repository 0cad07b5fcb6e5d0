"""JSON of replies as frozen dataclasses: attributes an editor knows, times as `datetime`, nothing lost.

`raw` keeps the object as it came, with keys this version of the client does not know. A known key that is missing, or has
another type than documented, raises ReplyNotUnderstood naming it: better than a wrong value further on.
"""

import dataclasses
import datetime as dt
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar, Union

from gate.client.errors import ReplyNotUnderstood

T = TypeVar("T")
R = TypeVar("R", bound="Reply")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An object GATE sent."""

    raw: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)
    """The object as it came."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Reply, Generic[T]):
    """A part of a list."""

    results: list[T]
    next: str | None = None
    """Address of the page that follows; None on the last one."""
    previous: str | None = None
    count: int | None = None
    """Rows in all; None for lists by cursor, which are not counted."""


def read(kind: type[R], value: Any) -> R:
    """`value` as a `kind`. Raises ReplyNotUnderstood."""
    return _object(kind, value, kind.__name__)


def read_page(row: type[R], value: Any) -> Page[R]:
    """`value` as a list of `row`. Raises ReplyNotUnderstood."""
    if not isinstance(value, dict) or not isinstance(value.get("results"), list):
        raise ReplyNotUnderstood("the reply is no list of GATE")
    results = [_object(row, one, f"results[{place}]") for place, one in enumerate(value["results"])]
    return Page(results=results, next=value.get("next"), previous=value.get("previous"), count=value.get("count"), raw=value)


def _object(kind: type[R], value: Any, where: str) -> R:
    if not isinstance(value, dict):
        raise ReplyNotUnderstood(f"{where}: {type(value).__name__} in place of an object")
    found: dict[str, Any] = {"raw": value}
    for name, needed, convert in _fields(kind):
        if name in value:
            found[name] = convert(value[name], f"{where}.{name}")
        elif needed:
            raise ReplyNotUnderstood(f"{where} has no {name!r}")
    return kind(**found)


Convert = Callable[[Any, str], Any]


_known: dict[type[Reply], list[tuple[str, bool, Convert]]] = {}


def _fields(kind: type[Reply]) -> list[tuple[str, bool, Convert]]:
    """Name, whether it has to be there, how to read it; reckoned once for each kind."""
    if kind not in _known:
        hints = typing.get_type_hints(kind)
        _known[kind] = [
            (
                item.name,
                item.default is dataclasses.MISSING and item.default_factory is dataclasses.MISSING,
                _converter(hints[item.name]),
            )
            for item in dataclasses.fields(kind)
            if item.name != "raw"
        ]
    return _known[kind]


def _converter(hint: Any) -> Convert:
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin in {Union, types.UnionType}:
        return _optional(_converter(next(one for one in inner if one is not type(None))))
    if origin is list:
        return _many(_converter(inner[0]))
    if isinstance(hint, type) and issubclass(hint, Reply):
        return lambda value, where: _object(hint, value, where)
    if hint in _TIMES:
        return _time(_TIMES[hint])
    accepted = {float: (int, float), dict: (dict,)}.get(origin or hint, (hint,))
    return (lambda value, where: value) if hint is Any else _plain(accepted)  # noqa: ARG005  converters are called alike


_TIMES: dict[Any, Callable[[str], Any]] = {dt.datetime: dt.datetime.fromisoformat, dt.date: dt.date.fromisoformat}


def _optional(convert: Convert) -> Convert:
    return lambda value, where: None if value is None else convert(value, where)


def _many(convert: Convert) -> Convert:
    def all_of(value: Any, where: str) -> Any:
        if not isinstance(value, list):
            raise ReplyNotUnderstood(f"{where}: {type(value).__name__} in place of a list")
        return [convert(one, f"{where}[{place}]") for place, one in enumerate(value)]

    return all_of


def _time(parse: Callable[[str], Any]) -> Convert:
    def moment(value: Any, where: str) -> Any:
        try:
            return parse(value)
        except (TypeError, ValueError):
            raise ReplyNotUnderstood(f"{where}: {value!r} is no time") from None

    return moment


def _plain(accepted: tuple[type, ...]) -> Convert:
    def same(value: Any, where: str) -> Any:
        # JSON's true is no number, though Python's is.
        if not isinstance(value, accepted) or (isinstance(value, bool) and bool not in accepted):
            raise ReplyNotUnderstood(f"{where}: {type(value).__name__} in place of {accepted[-1].__name__}")
        return value

    return same
