"""Limits of the API's rate and size: who may call how often, told in RateLimit headers, and bodies that are not read at all.

A call with a valid token counts for its bearer, every other one for the address it comes from (tokens/limits.py). The headers
follow draft-ietf-httpapi-ratelimit-headers: `RateLimit-Policy` says the limit and its window in seconds, `RateLimit` what is
left of it and when it begins anew. Whether GATE is well may be asked at any rate.
"""

import functools
import io
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from gate import settings
from gate.api.body import MAX_BYTES
from gate.core import clock
from gate.core.errors import Invalid
from gate.core.tenancy import Scope
from gate.tokens import limits
from gate.tokens.limits import Standing

_HEALTH = "/api/v1/health/"
# People's tokens are refreshed and revoked without an API token, whatever stands in the header.
_OPEN = "/api/v1/token/"


def begin(request: HttpRequest) -> None:
    """Before anything else is looked at: a call that shows no token counts for its address. Raises TooMany."""
    shows_token = request.META.get("HTTP_AUTHORIZATION", "").lstrip()[:7].lower() == "bearer "
    if (not shows_token or request.path.startswith(_OPEN)) and request.path != _HEALTH:
        count_stranger(request)


def count_bearer(request: HttpRequest, scope: Scope) -> None:
    """Count a call with a valid token. Raises TooMany."""
    _stand(request, limits.count_token(scope, quota=settings.current().api_rate, now=clock.unix())).check()


def count_stranger(request: HttpRequest) -> None:
    """Count a call without a valid token, once. Raises TooMany."""
    if standing_of(request) is None:
        address = request.META.get("REMOTE_ADDR", "")
        _stand(request, limits.count_address(address, quota=settings.current().api_rate_address, now=clock.unix())).check()


def standing_of(request: HttpRequest) -> Standing | None:
    """Where the caller stands, once the call was counted."""
    return getattr(request, "gate_standing", None)


def mark(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """Put the headers on a reply."""
    standing = standing_of(request)
    if standing is None:
        if request.path == _HEALTH:
            return response
        # A token was shown where nobody asks for one: at an address that is none, or with a slash too few. No count, which
        # may need the database: the reply is made already.
        address = request.META.get("REMOTE_ADDR", "")
        standing = limits.look_address(address, quota=settings.current().api_rate_address, now=clock.unix())
    response.headers["RateLimit-Policy"] = _policy(standing.policy, standing.quota)
    response.headers["RateLimit"] = f'"{standing.policy}";r={standing.remaining};t={standing.reset}'
    return response


def bound_body(request: HttpRequest) -> None:
    """Raises Invalid where the body is said to be too large, before any of it is read.

    A body of unknown length (chunked, RFC 9112, section 7.1) is read as far as it is allowed to go: Django reads none of it.
    That needs a server that says it ends the stream itself; from any other, reading on would wait for the next request.
    """
    environ: dict[str, Any] = request.META
    said = environ.get("CONTENT_LENGTH") or ""
    if said.isascii() and said.isdigit():
        if int(said[:20]) > MAX_BYTES:
            raise _too_large()
        return
    if request.method in {"GET", "HEAD", "OPTIONS"} or not environ.get("wsgi.input_terminated"):
        return
    read = environ["wsgi.input"].read(MAX_BYTES + 1)
    if len(read) > MAX_BYTES:
        raise _too_large()
    environ["CONTENT_LENGTH"] = str(len(read))
    # Where Django's request reads from; it was made for a length of nothing.
    request._stream = io.BytesIO(read)  # noqa: SLF001


def _too_large() -> Invalid:
    return Invalid(f"The body is larger than {MAX_BYTES} bytes.", code="body_too_large")


def _stand(request: HttpRequest, standing: Standing) -> Standing:
    request.gate_standing = standing  # type: ignore[attr-defined]  # our own mark on Django's request
    return standing


@functools.lru_cache(maxsize=16)
def _policy(policy: str, quota: int) -> str:
    return f'"{policy}";q={quota};w={limits.WINDOW}'
