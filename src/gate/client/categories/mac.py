"""`/mac/`: devices that an operator lets in by their MAC address."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Required, TypedDict, Unpack

from gate.client.calls import Asked, C, Category, Id, When, listing, nothing, one, operation, page
from gate.client.replies import Page, Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizedMac(Reply):
    """A device let in by its MAC address."""

    id: int
    mac: str
    """`AA:BB:CC:DD:EE:FF`."""
    is_randomized: bool
    """The device made the address up, and may use another one soon."""
    organization_id: str
    user_id: str | None
    username: str | None
    profile: list[str]
    note: str
    is_active: bool
    expires: dt.datetime | None
    created: dt.datetime
    last_change: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizedMacs(Reply):
    """What was made."""

    results: list[AuthorizedMac]


class NewMacs(TypedDict, total=False):
    """Addresses to let in, and what holds of all of them."""

    mac: Required[Sequence[str]]
    """In any notation."""
    organization: Id | None
    """Where they are let in, and below; else the token's own organization."""
    user: Id | None
    """Whose devices they are."""
    profile: Sequence[str]
    """Short names of AAA profiles, in place of the user's."""
    note: str
    is_active: bool
    expires: When | None


class MacFilter(TypedDict, total=False):
    """Which addresses; all that are given must hold."""

    organization: Id
    """Id or short name."""
    mac: str
    user: Id
    is_active: bool
    limit: int
    """Rows a page, at most 100."""
    offset: int


@listing("/mac/")
def list_macs(**where: Unpack[MacFilter]) -> Asked[Page[AuthorizedMac]]:
    """Addresses of the token's organizations, by id."""
    return Asked(reads=page(AuthorizedMac), query=where)


@operation("POST", "/mac/")
def create_macs(**fields: Unpack[NewMacs]) -> Asked[AuthorizedMacs]:
    """Let devices in, all of them or none. Raises BadRequest, Conflict where one is authorised there already."""
    return Asked(reads=one(AuthorizedMacs), body=fields)


@operation("GET", "/mac/{mac_id}/")
def get_mac(mac_id: Id) -> Asked[AuthorizedMac]:
    """One address. Raises NotFound."""
    return Asked(reads=one(AuthorizedMac), path=(mac_id,))


@operation("DELETE", "/mac/{mac_id}/")
def delete_mac(mac_id: Id) -> Asked[None]:
    """Let a device in no more, from its next sign-in on. Raises NotFound."""
    return Asked(reads=nothing, path=(mac_id,))


class MacCategory(Category[C]):
    """`gate.mac`."""

    list = list_macs
    create = create_macs
    get = get_mac
    delete = delete_mac
