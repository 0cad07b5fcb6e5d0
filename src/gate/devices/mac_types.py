"""MAC addresses an operator lets in, as they cross the room's border."""

import datetime as dt
from dataclasses import dataclass
from typing import TypedDict


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizedMac:
    """One address, good at NAS of its organization and of those below it."""

    id: int
    tenant_id: int
    organization_id: int
    mac: str
    """`AA:BB:CC:DD:EE:FF`."""
    user_id: int | None
    """Whose device it is."""
    username: str | None
    note: str
    profiles: tuple[str, ...]
    """Short names of the profiles that count in place of the user's, in their order."""
    is_active: bool
    expires: dt.datetime | None
    created: dt.datetime
    last_change: dt.datetime


class MacFields(TypedDict, total=False):
    """What may be said of an address."""

    user_id: int | None
    note: str
    profile: list[str]
    """Short names of AAA profiles, of the organization or of one above it."""
    is_active: bool
    expires: dt.datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MacFilter:
    """Which addresses; what is None does not narrow."""

    organization_id: int | None = None
    mac: str | None = None
    """`AA:BB:CC:DD:EE:FF`."""
    user_id: int | None = None
    is_active: bool | None = None
