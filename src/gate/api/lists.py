"""The two kinds of lists: by limit and offset with a count, and by cursor. Links are absolute and keep every other parameter."""

import urllib.parse
from collections.abc import Sequence
from typing import Annotated, Any, Generic, TypeVar

from django.http import HttpRequest
from pydantic import Field

from gate import settings
from gate.api.fields import Schema
from gate.core import ids
from gate.core.paging import DEFAULT_LIMIT, MAX_LIMIT, CountCache, Cursor

T = TypeVar("T")

Limit = Annotated[int, Field(ge=1, le=ids.MAX_ID, description=f"Rows a page, at most {MAX_LIMIT}; more is cut to that.")]
Offset = Annotated[int, Field(ge=0, le=ids.MAX_ID, description="Rows to skip.")]

counts = CountCache()


class Page(Schema):
    """Query parameters of a limit/offset list."""

    limit: Limit = DEFAULT_LIMIT
    offset: Offset = 0

    @property
    def size(self) -> int:
        """Rows to show."""
        return min(self.limit, MAX_LIMIT)


class CursorQuery(Schema):
    """Query parameters of a cursor list."""

    limit: Limit = DEFAULT_LIMIT
    cursor: str | None = Field(None, description="From `next` or `previous` of another page.")

    @property
    def size(self) -> int:
        """Rows to show."""
        return min(self.limit, MAX_LIMIT)


class Listed(Schema, Generic[T]):
    """A limit/offset list."""

    count: int
    next: str | None
    previous: str | None
    results: list[T]


class CursorListed(Schema, Generic[T]):
    """A cursor list, newest first."""

    next: str | None
    previous: str | None
    results: list[T]


def envelope(request: HttpRequest, page: Page, *, count: int, results: Sequence[Any]) -> dict[str, Any]:
    """The body of a limit/offset list."""
    following, before = page.offset + page.size, max(0, page.offset - page.size)
    return {
        "count": count,
        "next": _link(request, limit=page.size, offset=following) if following < count else None,
        "previous": _link(request, limit=page.size, offset=before or None) if page.offset > 0 else None,
        "results": results,
    }


def cursor_envelope(
    request: HttpRequest,
    *,
    limit: int,
    next_: Cursor | None,
    previous: Cursor | None,
    context: str,
    results: Sequence[Any],
) -> dict[str, Any]:
    """The body of a cursor list; `context` names the list and the tenant in the cursor's signature."""
    return {
        "next": _link(request, limit=limit, cursor=next_.encode(context=context)) if next_ else None,
        "previous": _link(request, limit=limit, cursor=previous.encode(context=context)) if previous else None,
        "results": results,
    }


def _link(request: HttpRequest, **changed: str | int | None) -> str:
    kept = [(name, value) for name, values in request.GET.lists() for value in values if name not in changed]
    query = urllib.parse.urlencode(kept + [(name, value) for name, value in changed.items() if value is not None])
    return f"{_origin(request)}{urllib.parse.quote(request.path)}?{query}"


def _origin(request: HttpRequest) -> str:
    """Scheme and host the caller used; behind a TLS proxy only GATE_PUBLIC_URL knows the scheme."""
    host = request.get_host()
    public = settings.current().public_url
    return public if urllib.parse.urlsplit(public).netloc == host else f"{request.scheme}://{host}"
