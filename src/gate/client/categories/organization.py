"""`/organization/`: the caller's organization and everything below it."""

import datetime as dt
from dataclasses import dataclass
from typing import TypedDict, Unpack

from gate.client.calls import Asked, C, Category, Id, listing, page
from gate.client.replies import Page, Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class ParentOrganization(Reply):
    """An organization without its parent."""

    id: int
    name: str
    short_name: str
    is_active: bool
    deleted: bool
    country_code: str
    platform: int
    description: str
    parent: int | None
    created: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Organization(ParentOrganization):
    """An organization."""

    parent_obj: ParentOrganization | None
    """The parent, where the token reaches it."""


class OrganizationFilter(TypedDict, total=False):
    """Which organizations; all that are given must hold."""

    id: Id
    name: str
    """A part of the name."""
    parent: Id
    """Id or short name."""
    is_active: bool
    limit: int
    """Rows a page, at most 100."""
    offset: int


@listing("/organization/")
def list_organizations(**where: Unpack[OrganizationFilter]) -> Asked[Page[Organization]]:
    """The token's organization and all below it, by id."""
    return Asked(reads=page(Organization), query=where)


class OrganizationCategory(Category[C]):
    """`gate.organization`."""

    list = list_organizations
