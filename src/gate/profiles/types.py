"""What leaves the room, what may be set, and what the room asks of a RADIUS dictionary (rooms know no bytes)."""

import datetime as dt
from dataclasses import dataclass
from typing import Literal, Protocol, TypedDict

Kind = Literal["reply", "check"]


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a profile."""

    attribute: str
    op: str
    value: str


@dataclass(frozen=True, slots=True)
class Profile:
    """A named list of check items (who may) and reply items (with what)."""

    id: int
    tenant_id: int
    organization_id: int
    name: str
    short_name: str
    description: str
    reply_attribute: tuple[Item, ...]
    check_attribute: tuple[Item, ...]
    created: dt.datetime
    last_change: dt.datetime
    rate_up: int | None = None
    """What the client may send, bit/s; None: not limited. The limits of a profile are rendered for each make of NAS."""
    rate_down: int | None = None
    """What the client may receive, bit/s."""
    quota_up: int | None = None
    """What the client may send in one session, bytes."""
    quota_down: int | None = None
    """What the client may receive in one session, bytes."""
    quota_total: int | None = None
    """Both together, bytes."""
    session_timeout: int | None = None
    """Longest session, seconds."""
    idle_timeout: int | None = None
    """Seconds without traffic that end a session."""
    vlan: int | None = None
    """1 to 4094."""
    role: str = ""
    """Role, group, policy or filter, as the NAS calls it; empty: none."""
    redirect_url: str = ""
    """Page shown after the sign-in; empty: none."""
    max_sessions: int | None = None
    """Sessions a user may have open at once."""


class ProfileFields(TypedDict, total=False):
    """What may be set on a profile. `organization_id` counts when it is made and never changes after."""

    name: str
    short_name: str
    description: str
    reply_attribute: tuple[Item, ...]
    check_attribute: tuple[Item, ...]
    organization_id: int
    rate_up: int | None
    rate_down: int | None
    quota_up: int | None
    quota_down: int | None
    quota_total: int | None
    session_timeout: int | None
    idle_timeout: int | None
    vlan: int | None
    role: str
    redirect_url: str
    max_sessions: int | None


class AttributeDictionary(Protocol):
    """What rules ask about RADIUS attributes. Names count without regard to case, `Tunnel-Type:1` names a tag."""

    def knows(self, name: str) -> bool:
        """Whether there is an attribute of this name."""

    def why_not_sent(self, name: str, value: str | None) -> str | None:
        """Why this cannot be a reply item; None where it can. The name is a known one; a value of None is not looked at."""

    def why_not_compared(self, name: str, value: str) -> str | None:
        """Why no request could hold this value; None where one could. The name is a known one."""

    def is_ordered(self, name: str) -> bool:
        """Whether values of this attribute have a before and an after: numbers, dates, addresses."""
