"""`/portal_login/`: in two forms, a site's own portal vouching for a guest, and a person signing in with a password."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Required, TypedDict, Unpack

from gate.client.calls import Asked, C, Category, Id, one, operation
from gate.client.replies import Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalSession(Reply):
    """A session opened for a guest's device."""

    page_id: int
    """The session's id."""
    original_url: str | None
    ap_mac: str
    mac: str
    ip: str
    uid: str
    controller_address: str | None
    session_timeout: int | None
    """Seconds: what was asked for, cut to what profile and time credit allow."""
    idle_timeout: int | None
    """Seconds."""


class Guest(TypedDict, total=False):
    """Whom the portal lets in, and where."""

    uid: Required[str]
    """Username, e-mail or external id of the guest."""
    ap_mac: Required[str]
    mac: Required[str]
    """The guest's device."""
    ip: Required[str]
    original_url: str
    controller_address: str
    session_timeout: int
    """Seconds."""
    idle_timeout: int
    """Seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalUser(Reply):
    """Who signed in."""

    id: int
    username: str
    email: str
    first_name: str
    last_name: str
    organization_id: int
    organization_name: str
    role: str
    permissions: list[str]
    last_login: dt.datetime | None
    profile_complete: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonSession(Reply):
    """How long a sign-in lasts."""

    session_id: str
    expires_at: dt.datetime
    device_registered: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalSignIn(Reply):
    """A successful sign-in."""

    success: bool
    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    token_type: str
    expires_in: int
    """Seconds."""
    user: PortalUser
    session: PersonSession


class PortalPerson(TypedDict, total=False):
    """Who signs in."""

    username: Required[str]
    password: Required[str]
    portal_id: Id
    """Id or short name of the organization whose people are meant."""
    remember_me: bool
    """The refresh token then lasts 30 days in place of 12 hours."""
    device_id: str


@operation("POST", "/portal_login/")
def grant(**guest: Unpack[Guest]) -> Asked[PortalSession]:
    """Open a session for a guest's device, on the word of the site's portal. Raises BadRequest, Forbidden, Unprocessable."""
    return Asked(reads=one(PortalSession), body=guest)


@operation("POST", "/portal_login/", bearer=False)
def sign_in(**person: Unpack[PortalPerson]) -> Asked[PortalSignIn]:
    """Sign a person in; needs no token. Raises Unprocessable where the password is wrong, Forbidden where the user is locked."""
    return Asked(reads=one(PortalSignIn), body=person)


class PortalLoginCategory(Category[C]):
    """`gate.portal_login`."""

    grant = grant
    sign_in = sign_in
