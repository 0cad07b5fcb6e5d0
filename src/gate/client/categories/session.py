"""`/session/`: sessions that run, and requests to their NAS to end or change them."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypedDict, Unpack

from gate.client.calls import Asked, C, Category, Id, When, listing, one, operation, page
from gate.client.categories.aaa_accounting import Session
from gate.client.replies import Page, Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedAttribute(Reply):
    """An attribute as it is sent."""

    attribute: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRequest(Reply):
    """A request to the NAS of a session, and how it went."""

    id: int
    radacctid: int
    kind: str
    """`disconnect` or `coa`."""
    reason: str
    """`asked`, or what GATE ended it for."""
    state: str
    """`queued`, or the end: `acknowledged`, `gone`, `refused`, `unanswered`, `impossible`, `over`."""
    message: str
    error_cause: int | None
    """Error-Cause of the NAS's answer (RFC 5176, section 3.6)."""
    rounds: int
    """How often it was sent, retransmissions not counted."""
    asked: str | None
    """Address and port it was sent to last."""
    reply_attribute: list[ChangedAttribute]
    client_id: str
    organization_id: str
    user_id: str | None
    username: str
    created: dt.datetime
    answered: dt.datetime | None
    """When the state became final."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRequests(Reply):
    """Requests about one session, newest first."""

    results: list[SessionRequest]


class ChangeItem(TypedDict):
    """An attribute to be sent."""

    attribute: str
    value: str


class SessionChange(TypedDict, total=False):
    """What is to change; one of the two at least."""

    session_timeout: int | None
    """Seconds."""
    reply_attribute: Sequence[ChangeItem]


class LiveSessionFilter(TypedDict, total=False):
    """Which sessions; all that are given must hold."""

    start_date: When
    """Started then or later."""
    end_date: When
    """Started then or earlier."""
    user: Id
    access_point: Id
    location: Id
    client: Id
    """The RADIUS client (NAS)."""
    organization: Id
    """Id or short name."""
    limit: int
    """Rows a page, at most 100."""
    cursor: str


@listing("/session/")
def list_live(**where: Unpack[LiveSessionFilter]) -> Asked[Page[Session]]:
    """Sessions of the token's organizations that run, newest first."""
    return Asked(reads=page(Session), query=where)


@operation("GET", "/session/{radacctid}/")
def get_live(radacctid: Id) -> Asked[Session]:
    """One session, also after it has ended. Raises NotFound."""
    return Asked(reads=one(Session), path=(radacctid,))


@operation("GET", "/session/{radacctid}/requests/")
def list_requests(radacctid: Id) -> Asked[SessionRequests]:
    """What the session's NAS was asked, and answered. Raises NotFound."""
    return Asked(reads=one(SessionRequests), path=(radacctid,))


@operation("POST", "/session/{radacctid}/disconnect/")
def disconnect(radacctid: Id) -> Asked[SessionRequest]:
    """Ask the NAS to end the session. Raises NotFound, Conflict where it has ended."""
    return Asked(reads=one(SessionRequest), path=(radacctid,))


@operation("POST", "/session/{radacctid}/coa/")
def change(radacctid: Id, **what: Unpack[SessionChange]) -> Asked[SessionRequest]:
    """Ask the NAS to change the session. Raises NotFound, BadRequest, Conflict where it has ended."""
    return Asked(reads=one(SessionRequest), path=(radacctid,), body=what)


class SessionCategory(Category[C]):
    """`gate.session`."""

    list = list_live
    get = get_live
    requests = list_requests
    disconnect = disconnect
    change = change
