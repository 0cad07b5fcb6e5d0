"""`/me/…`: the caller's own side of things."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import Field

from gate.api import replies, times
from gate.api.auth import Bearer, scope_of
from gate.api.errors import documented
from gate.api.fields import Schema
from gate.core import clock
from gate.core.errors import NotFound
from gate.core.tenancy import Scope
from gate.organizations import queries as organizations
from gate.organizations.types import Organization
from gate.tokens import meter
from gate.tokens import queries as tokens
from gate.tokens.types import Calls
from gate.users import queries as users
from gate.users import rules
from gate.users.types import UserFilter

router = Router(auth=Bearer("me"), tags=["me"])


class SettingsOut(Schema):
    """How the organization writes times and money."""

    timezone: str = Field(examples=["America/New_York"])
    date_format: str = Field(examples=["MM/DD/YYYY"])
    currency: str = Field(examples=["USD"])
    language: str = Field(examples=["en-US"])


class SubscriptionOut(Schema):
    """The plan."""

    plan: str = Field(examples=["enterprise"])
    status: str = Field(examples=["active"])
    expires_at: str | None = Field(examples=["2024-12-31T23:59:59Z"])
    features: list[str] = Field(examples=[["api_access"]])


class RoleOut(Schema):
    """What the caller may do."""

    role: str = Field(examples=["admin"])
    permissions: list[str] = Field(examples=[["user:read", "user:write"]])
    joined_at: str | None = Field(examples=["2023-04-01T09:15:00Z"])


class LimitsOut(Schema):
    """Counts of this moment, and how far they may go; null for no limit."""

    max_users: int | None = Field(examples=[500])
    current_users: int = Field(examples=[127])
    max_api_calls: int | None = Field(examples=[10000], description="Per calendar month (UTC).")
    current_api_calls: int = Field(examples=[2341])


class BrandingOut(Schema):
    """Looks."""

    logo_url: str
    primary_color: str = Field(examples=["#0066CC"])
    secondary_color: str = Field(examples=["#F0F8FF"])


class MyOrganizationOut(Schema):
    """The caller's organization."""

    id: int = Field(examples=[12345])
    name: str = Field(examples=["Acme Corporation"])
    slug: str = Field(examples=["acme-corp"])
    display_name: str = Field(examples=["Acme Corporation"])
    description: str
    website: str
    industry: str = Field(examples=["Manufacturing"])
    size: str = Field(examples=["enterprise"])
    created_at: str = Field(examples=["2023-03-15T08:30:00Z"])
    updated_at: str = Field(examples=["2024-01-20T14:22:00Z"])
    settings: SettingsOut
    subscription: SubscriptionOut
    user_role: RoleOut
    limits: LimitsOut
    branding: BrandingOut


@router.get("/organization/", response=documented(MyOrganizationOut), summary="Get the caller's organization")
def get_my_organization(request: HttpRequest) -> HttpResponse:
    """The organization of the token, with real counts in `limits`."""
    scope = scope_of(request)
    organization = organizations.get(scope, scope.organization_id)
    calls = meter.current(scope, now=clock.now())
    return replies.json(show(organization, user_role=_role(scope), current_users=users.count(scope, UserFilter()), calls=calls))


def show(organization: Organization, *, user_role: dict[str, Any], current_users: int, calls: Calls) -> dict[str, Any]:
    """The organization as the reference shows it here."""
    return {
        "id": organization.id,
        "name": organization.name,
        "slug": organization.short_name,
        "display_name": organization.display_name or organization.name,
        "description": organization.description,
        "website": organization.website,
        "industry": organization.industry,
        "size": organization.size,
        "created_at": times.show(organization.created),
        "updated_at": times.show(organization.updated),
        "settings": {
            "timezone": organization.timezone,
            "date_format": organization.date_format,
            "currency": organization.currency,
            "language": organization.language,
        },
        "subscription": {
            "plan": organization.plan,
            "status": organization.plan_status,
            "expires_at": times.show(organization.plan_expires),
            "features": list(organization.features),
        },
        "user_role": user_role,
        "limits": {
            "max_users": organization.max_users,
            "current_users": current_users,
            "max_api_calls": calls.allowed,
            "current_api_calls": calls.made,
        },
        "branding": {
            "logo_url": organization.logo_url,
            "primary_color": organization.primary_color,
            "secondary_color": organization.secondary_color,
        },
    }


def _role(scope: Scope) -> dict[str, Any]:
    """Role, permissions, since when. A token has the role whose permissions it has, or else `token`."""
    kind, _, number = scope.actor.partition(":")
    joined = None
    role = "token"
    try:
        if kind == "token":
            joined = tokens.get(scope, int(number)).created
        elif kind == "user":
            user = users.get(scope, int(number))
            joined, role = user.date_joined, user.role
    except (NotFound, ValueError):
        joined = None
    allowed = rules.expand(scope.permissions)
    if role == "token":
        role = next((name for name, granted in rules.ROLE_PERMISSIONS.items() if rules.expand(granted) == allowed), role)
    return {"role": role, "permissions": sorted(allowed), "joined_at": times.show(joined)}
