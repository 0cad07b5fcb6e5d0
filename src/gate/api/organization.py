"""`/organization/`: the caller's organization and everything below it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import Field

from gate.api import lists, replies, times
from gate.api.auth import Bearer, scope_of
from gate.api.errors import documented
from gate.api.fields import Id, Schema, find_organization
from gate.core.tenancy import Scope
from gate.organizations import queries
from gate.organizations.types import Organization, OrganizationFilter

router = Router(auth=Bearer("organization"), tags=["organization"])


class OrganizationQuery(lists.Page):
    """Filters; all that are given must hold."""

    id: Id | None = None
    name: str | None = Field(None, description="A part of the name.")
    parent: str | None = Field(None, description="Id, prefixed id or short name of the parent.")
    is_active: bool | None = None


class ParentOut(Schema):
    """An organization without its parent."""

    id: int = Field(examples=[1])
    name: str = Field(examples=["Acme Corporation Headquarters"])
    short_name: str = Field(examples=["acme-hq"])
    is_active: bool
    deleted: bool
    country_code: str = Field(examples=["US"])
    platform: int = Field(examples=[1], description="A bit set.")
    description: str = Field(examples=["Main headquarters for Acme Corporation"])
    parent: int | None
    created: str = Field(examples=["2024-01-15T10:30:00Z"])


class OrganizationOut(ParentOut):
    """An organization."""

    parent_obj: ParentOut | None = Field(description="The parent, where the token reaches it.")


@router.get("/", response=documented(lists.Listed[OrganizationOut], 400), summary="List organizations")
def list_organizations(request: HttpRequest, wanted: Query[OrganizationQuery]) -> HttpResponse:
    """The token's organization and all below it, by id."""
    scope = scope_of(request)
    where = OrganizationFilter(
        id=wanted.id,
        name=wanted.name,
        parent_id=find_organization(scope, wanted.parent) if wanted.parent else None,
        is_active=wanted.is_active,
    )
    count = queries.count(scope, where)
    found = queries.list_page(scope, where, limit=wanted.size, offset=wanted.offset)
    parents = queries.get_many(scope, {one.parent_id for one in found if one.parent_id is not None})
    results = [show(scope, one, parent=parents.get(one.parent_id or 0)) for one in found]
    return replies.json(lists.envelope(request, wanted, count=count, results=results))


def show(scope: Scope, organization: Organization, *, parent: Organization | None) -> dict[str, Any]:
    """The organization as the reference shows it."""
    return {
        **_show_flat(scope, organization),
        "parent_obj": _show_flat(scope, parent) if parent else None,
    }


def _show_flat(scope: Scope, organization: Organization) -> dict[str, Any]:
    above = organization.parent_id
    return {
        "id": organization.id,
        "name": organization.name,
        "short_name": organization.short_name,
        "is_active": organization.is_active,
        "deleted": organization.deleted,
        "country_code": organization.country_code,
        "platform": organization.platform,
        "description": organization.description,
        # What lies above the caller is not told, not even by id.
        "parent": above if above is not None and scope.covers(above) else None,
        "created": times.show(organization.created),
    }
