"""A client of the REST API for Python programs. It imports nothing else of GATE but the version.

    from gate.client import Gate

    with Gate("https://gate.example.net", token="gate_…") as gate:
        for user in gate.user.list(organization="acme"):
            print(user.username)

`Gate` blocks, `AsyncGate` is awaited; both have the same methods. See docs/client.md.
"""

from gate.client.aio import AsyncGate
from gate.client.calls import AsyncRows, Id, Rows, When
from gate.client.errors import (
    BadRequest,
    ClientError,
    Conflict,
    ConnectionFailed,
    Forbidden,
    GateApiError,
    NotFound,
    ReplyNotUnderstood,
    ServerFault,
    TooManyRequests,
    Unauthorized,
    Unavailable,
    Unprocessable,
)
from gate.client.people import Person
from gate.client.policy import Retry
from gate.client.replies import Page, Reply
from gate.client.sync import Gate

__all__ = [
    "AsyncGate",
    "AsyncRows",
    "BadRequest",
    "ClientError",
    "Conflict",
    "ConnectionFailed",
    "Forbidden",
    "Gate",
    "GateApiError",
    "Id",
    "NotFound",
    "Page",
    "Person",
    "Reply",
    "ReplyNotUnderstood",
    "Retry",
    "Rows",
    "ServerFault",
    "TooManyRequests",
    "Unauthorized",
    "Unavailable",
    "Unprocessable",
    "When",
]
