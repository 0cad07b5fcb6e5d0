"""What a decision is made from, and what it is: plain facts in, a grant or a refusal out.

What is made anew for each sign-in is a msgspec struct: frozen like the dataclasses beside it, and made in a tenth of the time.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import msgspec


class Proof(StrEnum):
    """What the credential in the request turned out to be."""

    RIGHT = "right"
    WRONG = "wrong"
    GUESSED = "guessed"
    """Not checked: too many wrong ones came for this user before."""
    ABSENT = "absent"
    """The request carried no credential GATE understands."""
    UNVERIFIABLE = "unverifiable"
    """It cannot be checked: CHAP for a user whose password is kept only as a hash."""
    PORTAL = "portal"
    """No password: the device stands in a session that a portal opened for this user. `Facts.portal` is that session."""
    MAC = "mac"
    """No password: an operator authorised the device's MAC address. `Facts.station` is what was said of it."""
    DEVICE = "device"
    """No password: the device registered with the app, and its user's organization lets it in by its MAC address."""


class Reason(StrEnum):
    """Why somebody was refused; the word is stored in the log of sign-ins."""

    UNKNOWN_USER = "unknown-user"
    WRONG_PASSWORD = "wrong-password"  # noqa: S105  a word for the log
    TOO_MANY_GUESSES = "too-many-guesses"
    NO_CREDENTIAL = "no-credential"
    PASSWORD_NOT_RECOVERABLE = "password-not-recoverable"  # noqa: S105  a word for the log
    ORGANIZATION_INACTIVE = "organization-inactive"
    DISABLED = "disabled"
    EXPIRED = "expired"
    NO_CREDIT = "no-credit"
    CHECK_FAILED = "check-failed"
    DEVICE_BLOCKED = "device-blocked"
    EAP_FAILED = "eap-failed"
    """The conversation ended before it proved anything: no method in common, a certificate that does not hold, TLS."""
    TOO_MANY_SESSIONS = "too-many-sessions"
    OUTSIDE_LOGIN_TIME = "outside-login-time"
    PORTAL_SESSION_OVER = "portal-session-over"
    PORTAL_ELSEWHERE = "portal-elsewhere"
    """The NAS belongs to a branch of the tenant that neither is above nor below where the session was opened."""
    MAC_DISABLED = "mac-disabled"
    MAC_EXPIRED = "mac-expired"
    MAC_ELSEWHERE = "mac-elsewhere"
    """The NAS belongs neither to the organization that the MAC address is authorised for nor to one below it."""
    PROXIED = "proxied"
    """A home server of the user's realm decided, be it so or so; which, is said beside it."""
    HOME_SERVERS_SILENT = "home-servers-silent"
    """No home server of the realm answered."""
    PROXY_LOOP = "proxy-loop"
    """The request had been sent to the realm's home servers before."""


class Item(msgspec.Struct, frozen=True):
    """A check or reply item of a profile. In check items the operator compares, in reply items it merges."""

    attribute: str
    op: str
    value: str


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Limits:
    """What a profile limits, in units of no make. Equal only to itself, as `ProfileFacts`. None and "": not limited, not said."""

    rate_up: int | None = None
    """What the client may send, bit/s."""
    rate_down: int | None = None
    """What the client may receive, bit/s."""
    quota_up: int | None = None
    """What the client may send in one session, bytes."""
    quota_down: int | None = None
    """What the client may receive in one session, bytes."""
    quota_total: int | None = None
    """Both together, bytes."""
    session_timeout: int | None = None
    """Seconds."""
    idle_timeout: int | None = None
    """Seconds."""
    vlan: int | None = None
    role: str = ""
    redirect_url: str = ""
    max_sessions: int | None = None
    """Sessions a user may have open at once."""


UNLIMITED: Final = Limits()


@dataclass(frozen=True, slots=True, eq=False)
class ProfileFacts:
    """A profile as kept in memory: equal only to itself, so that what is computed from it can be cached by it."""

    id: int
    short_name: str
    checks: tuple[Item, ...]
    replies: tuple[Item, ...]
    limits: Limits = UNLIMITED


class UserFacts(msgspec.Struct, frozen=True):
    """What the database says of the user at this moment."""

    id: int
    """0: there is none, the MAC address that an operator authorised is nobody's."""
    organization_id: int
    organization_active: bool
    is_active: bool
    expiration: dt.datetime | None
    credit: int | None
    """Seconds left; None: not limited by time."""
    klass: str | None
    profiles: tuple[ProfileFacts, ...]
    max_sessions: int | None = None
    """Sessions the user may have open at once, whatever the profiles say; None: as they say."""


class PortalFacts(msgspec.Struct, frozen=True):
    """The portal's session that the device stands in, as the database has it at this moment."""

    id: int
    expires: dt.datetime
    idle_timeout: int | None
    """Seconds."""
    username: str
    """What the guest is called in accounting, whatever the NAS called them."""
    is_over: bool
    """Accounting said that it ended."""
    organization_active: bool
    """That of the place where it was opened."""
    is_blocked: bool
    """Somebody blocked the device."""
    is_here: bool
    """Whether the NAS belongs to that organization, to one above it or to one below it."""


class StationFacts(msgspec.Struct, frozen=True):
    """A device that is known by its MAC address, as the database has it at this moment."""

    id: int
    """Of the authorisation or, where `Facts.proof` is `DEVICE`, of the device."""
    username: str
    """Whose it is; empty: nobody's. What the device is called in accounting, whatever the NAS called it."""
    is_active: bool
    expires: dt.datetime | None
    is_here: bool
    """Whether the NAS belongs to the organization it is authorised for, or to one below it."""
    organization_active: bool
    is_blocked: bool
    """Somebody blocked the device."""


class Facts(msgspec.Struct, frozen=True):
    """Everything `decide` looks at."""

    user: UserFacts | None
    proof: Proof
    request: Mapping[str, Sequence[str]]
    """Attributes of the request by dictionary name, printed as the dictionary prints them."""
    portal: PortalFacts | None = None
    sessions: int = 0
    """Sessions the user has open elsewhere; read only for users who are limited, by themselves or by a profile."""
    zone: dt.tzinfo = dt.UTC
    """Time zone of the NAS's organization, for Login-Time."""
    station: StationFacts | None = None


class Grant(msgspec.Struct, frozen=True):
    """Let in, with these reply items (already merged) and for at most so long."""

    user_id: int
    replies: tuple[Item, ...]
    session_timeout: int | None
    """Seconds: the least of profile, time credit, expiry and what is left of the portal's session."""
    portal: PortalFacts | None = None
    """The portal's session, where that is what let in."""
    limits: Limits = UNLIMITED
    """What the profiles limit, to be said as the NAS has it. The timeouts are in `session_timeout` and `replies` already."""
    limited_by: str = ""
    """Where `session_timeout` comes from: `credit`, `expiration`, `portal`, `mac`, `profile` or `login-time`; empty: no limit."""
    profiles: str = ""
    """Ids of the user's profiles in their order, behind commas, for the log."""
    is_usual: bool = False
    """The right password, neither credit, expiration, check items nor sessions to count: nothing was asked but the usual."""
    station: StationFacts | None = None
    """The device known by its MAC address, where that is what let in."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Kept out. `detail` is for operators, never for the guest."""

    reason: Reason
    detail: str = ""
