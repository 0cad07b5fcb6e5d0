"""`/access_trace/`: why sign-ins by RADIUS were let in or refused, and what would be decided now."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Required, TypedDict, Unpack

from gate.client.calls import Asked, C, Category, Id, When, listing, one, operation, page
from gate.client.categories.aaa_profile import Item
from gate.client.replies import Page, Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class Step(Reply):
    """One question of a decision."""

    about: str
    expected: str
    actual: str
    holds: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace(Reply):
    """A sign-in and why it was decided as it was."""

    id: int
    datetime: dt.datetime
    organization_id: str
    nas: int
    nas_name: str | None
    user: int | None
    username: str
    access_point: int | None
    callingstationid: str | None
    calledstationid: str | None
    method: str
    accepted: bool
    reason: str
    """Empty where let in."""
    detail: str
    session_timeout: int | None
    """Seconds."""
    limited_by: str
    profiles: list[str]
    steps: list[Step]


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeServer(Reply):
    """A home server, and what the RADIUS server last found of it."""

    name: str
    state: str
    last_answer: dt.datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Realm(Reply):
    """A realm whose home servers decide."""

    name: str
    organization_id: str
    pool: str
    mode: str
    when_dead: str
    home_servers: list[HomeServer]


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation(Reply):
    """What would be decided now, and why."""

    accepted: bool | None
    """None: home servers decide, those of `realm`."""
    reason: str
    detail: str
    user: int | None
    nas: int | None
    session_timeout: int | None
    """Seconds."""
    limited_by: str
    profiles: list[str]
    reply_attribute: list[Item]
    steps: list[Step]
    realm: Realm | None


class Attribute(TypedDict):
    """An attribute of a request."""

    attribute: str
    value: str


class Question(TypedDict, total=False):
    """A sign-in that might be; its password is taken to be right."""

    username: Required[str]
    nas: str | None
    """Id, short name or address."""
    mac: str | None
    attributes: Sequence[Attribute]


class TraceFilter(TypedDict, total=False):
    """Which sign-ins; all that are given must hold."""

    user: Id
    username: str
    mac: str
    nas: Id
    accepted: bool
    start_date: When
    """Then or later."""
    end_date: When
    """Then or earlier."""
    limit: int
    """Rows a page, at most 100."""
    cursor: str


@listing("/access_trace/")
def list_traces(**where: Unpack[TraceFilter]) -> Asked[Page[Trace]]:
    """Sign-ins of the token's organizations, newest first."""
    return Asked(reads=page(Trace), query=where)


@operation("POST", "/access_trace/explain/", again=True)
def explain(**fields: Unpack[Question]) -> Asked[Explanation]:
    """What would be decided now; nothing is written. Raises NotFound where there is no such NAS."""
    return Asked(reads=one(Explanation), body=fields)


class AccessTraceCategory(Category[C]):
    """`gate.access_trace`."""

    list = list_traces
    explain = explain
