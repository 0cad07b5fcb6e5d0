"""Who is on the other end of the present request, for logs: nothing here is a proof of anything.

The outermost middleware of the web processes begins a call; everything below may ask `current()`. Outside a web request
(RADIUS, worker, commands) nobody is calling, and every field is empty. The address is that of the connection, or what a
trusted proxy reported of it (gate/wsgi.py); user agent and referer are whatever the caller wrote, cut to a length and
without control characters.
"""

import contextlib
import re
from collections.abc import Iterator, Mapping
from contextvars import ContextVar, Token
from dataclasses import dataclass
from typing import Any

MAX_USER_AGENT = 500
MAX_REFERER = 1_000
_MAX_ADDRESS = 45
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Caller:
    """What the present request says of itself; empty text where it says nothing."""

    address: str = ""
    """IPv4 or IPv6, as text."""
    user_agent: str = ""
    referer: str = ""
    request_id: str = ""


NOBODY = Caller()
_call: ContextVar[Caller | tuple[Mapping[str, Any], str]] = ContextVar("gate_caller", default=NOBODY)


def begin(environ: Mapping[str, Any], *, request_id: str) -> Token[Caller | tuple[Mapping[str, Any], str]]:
    """Say that the request with this WSGI environment is being served; `end` takes what this returns.

    Read only when somebody asks: most requests are never written down.
    """
    return _call.set((environ, request_id))


def end(begun: Token[Caller | tuple[Mapping[str, Any], str]]) -> None:
    """The request is done."""
    _call.reset(begun)


@contextlib.contextmanager
def entered(caller: Caller) -> Iterator[Caller]:
    """Within the block `caller` is calling: for what is done on behalf of a request that was made elsewhere."""
    begun = _call.set(caller)
    try:
        yield caller
    finally:
        _call.reset(begun)


def current() -> Caller:
    """Who is calling now, or NOBODY."""
    call = _call.get()
    return call if isinstance(call, Caller) else read(call[0], request_id=call[1])


def read(environ: Mapping[str, Any], *, request_id: str = "") -> Caller:
    """The caller of a request with this WSGI environment."""
    return Caller(
        address=_line(environ.get("REMOTE_ADDR"), _MAX_ADDRESS),
        user_agent=_line(environ.get("HTTP_USER_AGENT"), MAX_USER_AGENT),
        referer=_line(environ.get("HTTP_REFERER"), MAX_REFERER),
        request_id=request_id,
    )


def _line(value: Any, longest: int) -> str:
    # Cut first: what is thrown away is not looked at.
    return _CONTROL.sub("", value[:longest]).strip() if isinstance(value, str) else ""
