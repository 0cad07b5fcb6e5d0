"""A request about a live session: why it was made, what a NAS is told, and how it went."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

Kind = Literal["disconnect", "coa"]


class Reason(StrEnum):
    """Why a session is to end or change."""

    ASKED = "asked"
    """Somebody asked for this session by API or console."""
    USER_DELETED = "user-deleted"
    USER_DISABLED = "user-disabled"
    USER_EXPIRED = "user-expired"
    NO_CREDIT = "no-credit"
    ORGANIZATION_INACTIVE = "organization-inactive"
    PORTAL_SESSION_OVER = "portal-session-over"
    MAC_WITHDRAWN = "mac-withdrawn"
    """What let the device in by its MAC address does so no more: taken back, switched off, over."""
    DEVICE_BLOCKED = "device-blocked"
    PROFILE_CHANGED = "profile-changed"
    """The limits of the session changed: a profile of its user, or which profiles the user has."""
    CREDIT_CHANGED = "credit-changed"
    """What is left of the user's time changed: credit, or the date the account ends."""


class State(StrEnum):
    """How far a request is. All but the first are final."""

    QUEUED = "queued"
    """Waits to be sent, or to be sent again."""
    ACKNOWLEDGED = "acknowledged"
    GONE = "gone"
    """The NAS does not know the session (Error-Cause 503): for a disconnect that is as good as done."""
    REFUSED = "refused"
    """The NAS said no; `error_cause` may say why."""
    UNANSWERED = "unanswered"
    IMPOSSIBLE = "impossible"
    """Nothing was sent; `message` says why."""
    OVER = "over"
    """The session had ended before anything was sent."""


@dataclass(frozen=True, slots=True)
class Item:
    """An attribute by its dictionary name, and its value as the dictionary prints it."""

    attribute: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request as it is read."""

    id: int
    radacctid: int
    organization_id: int
    nas_id: int
    user_id: int | None
    username: str
    kind: Kind
    reason: Reason
    source: str
    """Who caused it, by the transaction log's letter."""
    items: Sequence[Item]
    """What a CoA changes."""
    state: State
    message: str
    """One sentence for operators."""
    error_cause: int | None
    """Error-Cause (RFC 5176 section 3.6) of the answer."""
    rounds: int
    """How often it was sent, retransmissions not counted."""
    asked: str
    """Address and port it was sent to last; empty where it was not."""
    created: dt.datetime
    answered: dt.datetime | None
    """When the state became final."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveSession:
    """What of a session a NAS may be told."""

    username: str
    acctsessionid: str
    acctmultisessionid: str | None
    callingstationid: str | None
    calledstationid: str | None
    framedipaddress: str | None
    nasipaddress: str
    nasidentifier: str | None
    nasportid: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Nas:
    """How a NAS is asked."""

    address: str | None
    """None for one that comes by RadSec alone."""
    vendor: str
    live_control: str
    coa_port: int | None
    coa_address: str | None
    coa_attributes: str
    coa_mac_format: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A request a worker has taken, ready to be sent."""

    id: int
    kind: Kind
    rounds: int
    """This one included."""
    items: Sequence[Item]
    """All attributes to send: those that identify, and for CoA those that change."""
    address: str
    port: int
    secret: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a job."""

    id: int
    state: State
    """QUEUED: nobody answered, and another round may."""
    message: str = ""
    error_cause: int | None = None
    asked: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewal:
    """What a NAS is to be told of a session whose limits changed; a `disconnect` where it cannot be told."""

    radacctid: int
    kind: Kind
    items: Sequence[Item]
    reason: Reason
    source: str
    actor: str
