"""How a call goes on: send, wait, refresh the token, send again, read. A generator that says what to do and is told what came.

Both clients drive it, one with `time.sleep` and one with `await`; everything that can be wrong is here, and needs no network
to be tested.
"""

import json
import random
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from gate.client import errors
from gate.client.calls import Call
from gate.client.policy import Retry, retry_after

T = TypeVar("T")


@dataclass(slots=True)
class Credentials:
    """The tokens of a client. An access token is replaced when it ends; an API token stays what it is."""

    token: str | None = field(default=None, repr=False)
    """What is sent as bearer."""
    refresh_token: str | None = field(default=None, repr=False)
    api_token: str | None = field(default=None, repr=False)
    """What the client was made with, for after signing out."""


@dataclass(frozen=True, slots=True)
class Send:
    """To do: send this, and tell the Received or the Failed."""

    call: Call[Any]
    token: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Wait:
    """To do: let `seconds` pass."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Refresh:
    """To do: get a new access token in place of `stale`, one at a time: a refresh token works once. Tell whether there is one."""

    stale: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Received:
    """A reply."""

    status: int
    headers: Mapping[str, str]
    """Names in small letters."""
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Failed:
    """No reply."""

    reason: str
    unsent: bool
    """Whether no connection was made."""


Step = Send | Wait | Refresh
Told = Received | Failed | bool | None


def converse(
    call: Call[T], *, credentials: Credentials, retry: Retry, chance: Callable[[], float] = random.random
) -> Generator[Step, Told, T]:
    """The steps of one call; returns what the method returns, raises ClientError."""
    attempt, refreshed = 1, False
    while True:
        token = credentials.token if call.bearer else None
        told = yield Send(call, token)
        if isinstance(told, Failed):
            wait = retry.wait_after_failure(call, attempt=attempt, unsent=told.unsent, chance=chance())
            if wait is None:
                raise errors.ConnectionFailed(f"{call.method} {call.path}: {told.reason}")
        else:
            assert isinstance(told, Received)  # noqa: S101  what drives this answers a Send with nothing else
            if told.status < 300:
                return call.reads(_decoded(told))
            if told.status == 401 and token and credentials.refresh_token and not refreshed:
                refreshed = True
                if (yield Refresh(token)):
                    continue
            wait = retry.wait_after_reply(call, attempt=attempt, status=told.status, headers=told.headers, chance=chance())
            if wait is None:
                raise refusal(told)
        yield Wait(wait)
        attempt += 1


def refusal(reply: Received) -> errors.ClientError:
    """The error a reply means."""
    if reply.status < 400:
        return errors.ReplyNotUnderstood(f"a redirect ({reply.status}) to {reply.headers.get('location', 'nowhere')}")
    try:
        body = json.loads(reply.content)
    except ValueError:
        body = None
    said: dict[str, Any] = body if isinstance(body, dict) else {}
    fields = said.get("errors")
    return errors.of_status(reply.status)(
        str(said.get("detail") or said.get("message") or "no reason given"),
        status=reply.status,
        code=str(said.get("code") or said.get("error_code") or "unknown"),
        errors=fields if isinstance(fields, dict) else None,
        request_id=reply.headers.get("x-request-id") or said.get("request_id"),
        retry_after=retry_after(reply.headers),
        body=said,
    )


def _decoded(reply: Received) -> Any:
    if not reply.content:
        return None
    try:
        return json.loads(reply.content)
    except ValueError:
        raise errors.ReplyNotUnderstood("the reply is no JSON") from None
