"""What crosses this room's border: how portals are set, what a site says of a guest, and the session opened for it."""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from typing import TypedDict


class EndReason(StrEnum):
    """Why a session is over; the word is stored."""

    LOGOUT = "logout"
    """The guest left, or the device said so (User-Request)."""
    SESSION_TIMEOUT = "session-timeout"
    IDLE_TIMEOUT = "idle-timeout"
    DISCONNECT = "disconnect"
    """Somebody in charge of the network ended it."""
    QUOTA = "quota"
    """The user's time credit is used up."""
    REPLACED = "replaced"
    """Another guest came in on the same device."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalDraft:
    """Everything a caller may say about a portal."""

    organization_id: int
    name: str
    short_name: str
    is_active: bool = True
    register_unknown: bool = False
    """Whether a guest nobody knows becomes a user, or is refused."""
    profile_id: int | None = None
    """AAA profile of guests who are registered."""
    session_timeout: int | None = None
    """Seconds a guest stays let in; None: rules.SESSION_TIMEOUT."""
    idle_timeout: int | None = None
    """Seconds without traffic after which a guest is out, unless the site says otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Portal(PortalDraft):
    """A stored portal."""

    id: int
    created: dt.datetime
    last_change: dt.datetime


@dataclass(frozen=True, slots=True)
class PortalSettings:
    """What of a portal a sign-in needs."""

    id: int
    name: str
    is_active: bool
    register_unknown: bool
    profile: str | None
    """Short name of the AAA profile of guests who are registered."""
    session_timeout: int | None
    idle_timeout: int | None


@dataclass(frozen=True, slots=True)
class Site:
    """Where a guest stands: told by the access point, or else the caller's own organization."""

    organization_id: int
    organization_active: bool
    location_id: int | None
    access_point_id: int | None
    portal: PortalSettings | None
    """That of the organization, or of the nearest one above it that has one."""


class VisitFields(TypedDict, total=False):
    """What a site says of a guest, as it came in."""

    uid: str | None
    mac: str | None
    ap_mac: str | None
    ip: str | None
    original_url: str | None
    controller_address: str | None
    session_timeout: int | None
    idle_timeout: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A guest at a site, checked by rules.visit. MAC addresses are `AA:BB:CC:DD:EE:FF`, times are seconds."""

    uid: str
    mac: str
    ap_mac: str
    ip: str
    original_url: str | None = None
    controller_address: str | None = None
    session_timeout: int | None = None
    idle_timeout: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Guest:
    """The user a session is opened for, as the transaction log names them."""

    user_id: int
    username: str
    email: str
    external_id: str | None
    is_new: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A session just opened. `id` is the API's `page_id`."""

    id: int
    visit: Visit
    session_timeout: int
    """Seconds from `opened` to `expires`."""
    idle_timeout: int | None
    opened: dt.datetime
    expires: dt.datetime
    renewed: bool
    """The same guest was in on the same device already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """A session that is to end, and why."""

    session_id: int
    reason: EndReason
    at: dt.datetime
    external_session: str | None = None
    """Acct-Session-Id of the accounting session that told."""
