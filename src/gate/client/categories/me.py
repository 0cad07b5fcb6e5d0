"""`/me/…`: the caller's own side of things."""

import datetime as dt
from dataclasses import dataclass

from gate.client.calls import Asked, C, Category, one, operation
from gate.client.replies import Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(Reply):
    """How the organization writes times and money."""

    timezone: str
    date_format: str
    currency: str
    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription(Reply):
    """The plan."""

    plan: str
    status: str
    expires_at: dt.datetime | None
    features: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class UserRole(Reply):
    """What the caller may do."""

    role: str
    permissions: list[str]
    joined_at: dt.datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits(Reply):
    """Counts of this moment, and how far they may go; None for no limit."""

    max_users: int | None
    current_users: int
    max_api_calls: int | None
    """Per calendar month (UTC)."""
    current_api_calls: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Branding(Reply):
    """Looks."""

    logo_url: str
    primary_color: str
    secondary_color: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MyOrganization(Reply):
    """The caller's organization."""

    id: int
    name: str
    slug: str
    display_name: str
    description: str
    website: str
    industry: str
    size: str
    created_at: dt.datetime
    updated_at: dt.datetime
    settings: Settings
    subscription: Subscription
    user_role: UserRole
    limits: Limits
    branding: Branding


@operation("GET", "/me/organization/")
def get_organization() -> Asked[MyOrganization]:
    """The organization of the token, with the counts of this moment."""
    return Asked(reads=one(MyOrganization))


class MeCategory(Category[C]):
    """`gate.me`."""

    organization = get_organization
