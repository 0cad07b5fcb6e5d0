"""A call as a value: what to send and how to read what comes. No sockets here, so both clients share all of it.

Each function of `categories/` describes one endpoint, with its parameters typed. `@operation` makes an `Operation` of it. In
a `Category` that is a method with the same parameters: of a `Gate` it returns the reply, of an `AsyncGate` an awaitable of it.
"""

import dataclasses
import datetime as dt
import functools
import urllib.parse
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Generic, ParamSpec, Self, TypeVar, overload

from gate.client.errors import ReplyNotUnderstood
from gate.client.replies import Page, R, read, read_page

P = ParamSpec("P")
T = TypeVar("T")
C = TypeVar("C", bound="BlockingCaller | AwaitingCaller")

Id = int | str
"""An id in either form of the reference: `12` and `"org_12"`."""
When = dt.datetime | dt.date | str
"""A moment or a day. A `datetime` without an offset means UTC."""

REPEATABLE = frozenset({"GET", "PUT", "DELETE"})
"""Methods that do the same when sent twice (RFC 9110, section 9.2.2), so that they may be sent again without knowing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked(Generic[T]):
    """What an endpoint's function says of a call; method and path are the operation's."""

    reads: Callable[[Any], T]
    """From the reply's JSON (None where it has no body) to what the method returns."""
    path: tuple[Id, ...] = ()
    """Values for the places of the path, in order."""
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Any = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call(Generic[T]):
    """A request to be made, and how to read the reply."""

    method: str
    path: str
    """Below /api/v1, quoted."""
    query: Mapping[str, str]
    body: Any = field(repr=False)
    reads: Callable[[Any], T]
    bearer: bool
    """Whether a token is sent along, where there is one."""
    repeatable: bool
    """Whether it does the same when sent twice."""


class BlockingCaller(ABC):
    """What makes calls and returns when they are done: `Gate`."""

    @abstractmethod
    def ask(self, call: Call[T]) -> T:
        """Make the call. Raises ClientError."""


class AwaitingCaller(ABC):
    """What makes calls and is awaited: `AsyncGate`."""

    @abstractmethod
    async def ask(self, call: Call[T]) -> T:
        """Make the call. Raises ClientError."""


class Category(Generic[C]):
    """The endpoints of one category, for one client."""

    def __init__(self, caller: C) -> None:
        self._caller = caller

    @property
    def caller(self) -> C:
        """The client."""
        return self._caller


class Rows(Generic[T]):
    """A list, fetched page by page as it is walked through: `for user in gate.user.list(): …`."""

    def __init__(self, caller: BlockingCaller, call: Call[Page[T]]) -> None:
        self._caller, self._call = caller, call

    def __iter__(self) -> Iterator[T]:
        """Row by row, to the last page."""
        for page in self.pages():
            yield from page.results

    def pages(self) -> Iterator[Page[T]]:
        """Page by page."""
        call: Call[Page[T]] | None = self._call
        while call is not None:
            page = self._caller.ask(call)
            yield page
            call = following(call, page)

    def page(self) -> Page[T]:
        """The first page alone, with the count of all rows where the list has one."""
        return self._caller.ask(self._call)


class AsyncRows(Generic[T]):
    """The same for `async for user in gate.user.list(): …`."""

    def __init__(self, caller: AwaitingCaller, call: Call[Page[T]]) -> None:
        self._caller, self._call = caller, call

    async def __aiter__(self) -> AsyncIterator[T]:
        """Row by row, to the last page."""
        async for page in self.pages():
            for row in page.results:
                yield row

    async def pages(self) -> AsyncIterator[Page[T]]:
        """Page by page."""
        call: Call[Page[T]] | None = self._call
        while call is not None:
            page = await self._caller.ask(call)
            yield page
            call = following(call, page)

    async def page(self) -> Page[T]:
        """The first page alone, with the count of all rows where the list has one."""
        return await self._caller.ask(self._call)


def following(call: Call[Page[T]], page: Page[T]) -> Call[Page[T]] | None:
    """The call for the next page; None after the last.

    Of `next` only the parameters are taken: a token goes to no other host than the client was made for. Raises
    ReplyNotUnderstood for a list that would go on for ever.
    """
    if page.next is None:
        return None
    query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(page.next).query))
    if query == call.query:
        raise ReplyNotUnderstood("a page that is followed by itself")
    return dataclasses.replace(call, query=query)


class Operation(Generic[P, T]):
    """One endpoint: called with its parameters it gives a Call; as an attribute of a category it is a method."""

    def __init__(self, build: Callable[P, Asked[T]], *, method: str, template: str, bearer: bool, again: bool) -> None:
        functools.update_wrapper(self, build)
        self.build = build
        self.method, self.template = method, template
        self._bearer, self._again = bearer, again or method in REPEATABLE

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Call[T]:
        """The call for these parameters."""
        asked = self.build(*args, **kwargs)
        path = self.template
        for value in asked.path:
            before, _, after = path.partition("{")
            path = before + _as_segment(value) + after.partition("}")[2]
        return Call(
            method=self.method,
            path=path,
            query={name: _as_query(value) for name, value in asked.query.items() if value is not None},
            body=None if asked.body is None else as_json(asked.body),
            reads=asked.reads,
            bearer=self._bearer,
            repeatable=self._again,
        )

    @overload
    def __get__(self, at: None, owner: type) -> Self: ...
    @overload
    def __get__(self, at: Category[BlockingCaller], owner: type) -> Callable[P, T]: ...
    @overload
    def __get__(self, at: Category[AwaitingCaller], owner: type) -> Callable[P, Coroutine[Any, Any, T]]: ...
    def __get__(self, at: Category[Any] | None, owner: type) -> Any:
        """The method of a category."""
        if at is None:
            return self

        @functools.wraps(self.build)
        def method(*args: P.args, **kwargs: P.kwargs) -> Any:
            return at.caller.ask(self(*args, **kwargs))

        return method


class Listing(Generic[P, T]):
    """The endpoint of a list: as an attribute of a category a method that gives Rows or AsyncRows."""

    def __init__(self, operation: Operation[P, Page[T]]) -> None:
        self.__doc__ = operation.__doc__
        self.operation = operation

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Call[Page[T]]:
        """The call for the first page."""
        return self.operation(*args, **kwargs)

    @overload
    def __get__(self, at: None, owner: type) -> Self: ...
    @overload
    def __get__(self, at: Category[BlockingCaller], owner: type) -> Callable[P, Rows[T]]: ...
    @overload
    def __get__(self, at: Category[AwaitingCaller], owner: type) -> Callable[P, AsyncRows[T]]: ...
    def __get__(self, at: Category[Any] | None, owner: type) -> Any:
        """The method of a category."""
        if at is None:
            return self
        kind = Rows if isinstance(at.caller, BlockingCaller) else AsyncRows

        @functools.wraps(self.operation.build)
        def method(*args: P.args, **kwargs: P.kwargs) -> Any:
            return kind(at.caller, self.operation(*args, **kwargs))

        return method


def operation(
    method: str, template: str, *, bearer: bool = True, again: bool = False
) -> Callable[[Callable[P, Asked[T]]], Operation[P, T]]:
    """Make an endpoint of a function; `template` is the path as the OpenAPI document has it, below /api/v1.

    `again`: though it is a POST, sent twice it does the same.
    """
    return lambda build: Operation(build, method=method, template=template, bearer=bearer, again=again)


def listing(template: str) -> Callable[[Callable[P, Asked[Page[T]]]], Listing[P, T]]:
    """The same for the endpoint of a list."""
    return lambda build: Listing(Operation(build, method="GET", template=template, bearer=True, again=True))


def one(kind: type[R]) -> Callable[[Any], R]:
    """Reads one object."""
    return lambda value: read(kind, value)


def page(row: type[R]) -> Callable[[Any], Page[R]]:
    """Reads a page of a list."""
    return lambda value: read_page(row, value)


def several(kind: type[R]) -> Callable[[Any], list[R]]:
    """Reads a plain array, or one object where GATE answers a batch of one so."""
    return lambda value: [read(kind, item) for item in (value if isinstance(value, list) else [value])]


def nothing(_: Any) -> None:
    """Reads the reply to a deletion."""


def as_json(value: Any) -> Any:
    """`value` with times, dates and decimals as GATE takes them."""
    if isinstance(value, Mapping):
        return {name: as_json(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [as_json(item) for item in value]
    if isinstance(value, (dt.datetime, dt.date)):
        return _as_text(value)
    return str(value) if isinstance(value, Decimal) else value


def _as_segment(value: Id) -> str:
    """A part of a path, quoted. Raises ValueError for what would name another path: nothing, `.` and `..`."""
    text = str(value)
    if text in {"", ".", ".."}:
        raise ValueError(f"{text!r} cannot stand in a path")
    return urllib.parse.quote(text, safe="")


def _as_query(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return ",".join(_as_query(item) for item in value)
    return _as_text(value) if isinstance(value, (dt.datetime, dt.date)) else str(value)


def _as_text(value: dt.datetime | dt.date) -> str:
    if isinstance(value, dt.datetime):
        aware = value if value.tzinfo else value.replace(tzinfo=dt.UTC)
        return aware.astimezone(dt.UTC).replace(tzinfo=None).isoformat() + "Z"
    return value.isoformat()
