"""What leaves the room: an organization as a frozen value, and what a caller may set on one."""

import datetime as dt
from dataclasses import dataclass
from typing import TypedDict

TENANT_LABEL = "urn:gate:tenant:"
"""With the tenant's id behind it, a URI in a client's certificate: for users of that tenant alone."""


@dataclass(frozen=True, slots=True)
class Organization:
    """A node of the tree; a root (no parent) is a tenant."""

    id: int
    tenant_id: int
    parent_id: int | None
    path: str
    """Ids from the root down to this one: `1.7.42`."""
    name: str
    short_name: str
    display_name: str
    description: str
    is_active: bool
    deleted: bool
    country_code: str
    platform: int
    website: str
    industry: str
    size: str
    timezone: str
    date_format: str
    currency: str
    language: str
    plan: str
    plan_status: str
    plan_expires: dt.datetime | None
    features: tuple[str, ...]
    max_users: int | None
    max_api_calls: int | None
    """Calls per calendar month (UTC); None for no limit."""
    logo_url: str
    primary_color: str
    secondary_color: str
    recoverable_passwords: bool
    self_registration: bool
    """Whether the app may register people."""
    device_mac_sign_in: bool
    """Whether a device with the app signs in as its user by its MAC address."""
    created: dt.datetime
    updated: dt.datetime


class OrganizationFields(TypedDict, total=False):
    """What may be set on an organization. Which ones are required is said by the command."""

    name: str
    short_name: str
    display_name: str
    description: str
    is_active: bool
    country_code: str
    platform: int
    website: str
    industry: str
    size: str
    timezone: str
    date_format: str
    currency: str
    language: str
    plan: str
    plan_status: str
    plan_expires: dt.datetime | None
    features: list[str]
    max_users: int | None
    max_api_calls: int | None
    logo_url: str
    primary_color: str
    secondary_color: str
    recoverable_passwords: bool
    self_registration: bool
    device_mac_sign_in: bool


@dataclass(frozen=True, slots=True)
class OrganizationFilter:
    """Which organizations a list holds; what is None does not narrow."""

    id: int | None = None
    name: str | None = None
    """A part of the name, in any case."""
    parent_id: int | None = None
    is_active: bool | None = None
