"""Reading organizations. Everything is narrowed to the caller's scope but what says it is for the system."""

import dataclasses
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from gate.core.errors import NotFound
from gate.core.tenancy import Scope, activate
from gate.organizations import models
from gate.organizations.types import Organization, OrganizationFilter

_FIELDS = tuple(field.name for field in dataclasses.fields(Organization))
_GONE = "There is no such organization."


def organization_of(row: models.Organization) -> Organization:
    """The row as it leaves the room."""
    values: dict[str, Any] = {name: getattr(row, name) for name in _FIELDS}
    values["features"] = tuple(str(feature) for feature in row.features)
    return Organization(**values)


def get(scope: Scope, organization_id: int) -> Organization:
    """One organization of the scope, also a deleted one. Raises NotFound."""
    row = models.Organization.objects.within(scope).filter(pk=organization_id).first()
    if row is None:
        raise NotFound(_GONE)
    return organization_of(row)


def resolve(scope: Scope, *, organization_id: int | None = None, short_name: str | None = None) -> int | None:
    """Id of the organization of the scope with that id or else that short name (in any case); None where there is none."""
    if organization_id is not None and scope.covers(organization_id):
        return organization_id
    if short_name is None:
        return None
    rows = models.Organization.objects.within(scope).filter(short_name__iexact=short_name, deleted=False)
    return rows.values_list("pk", flat=True).first()


def subtree_ids(scope: Scope, organization_id: int) -> tuple[int, ...]:
    """That organization and every one below it, where the scope covers it; else nothing."""
    if not scope.covers(organization_id):
        return ()
    activate(scope.tenant_id)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT below.id FROM organizations_organization below JOIN organizations_organization top ON top.id = %s"
            " WHERE below.tenant_id = %s AND top.tenant_id = %s AND below.path <@ top.path ORDER BY below.id",
            [organization_id, scope.tenant_id, scope.tenant_id],
        )
        return tuple(row[0] for row in cursor.fetchall())


def ancestor_ids(scope: Scope, organization_id: int) -> tuple[int, ...]:
    """That organization and every one above it up to the root, wherever the caller stands in the tenant.

    What is assigned downwards (profiles) is found by it; the rows above are not to be shown to the caller.
    """
    activate(scope.tenant_id)
    rows = models.Organization.unscoped.filter(pk=organization_id, tenant_id=scope.tenant_id)
    path = rows.values_list("path", flat=True).first()
    return tuple(int(label) for label in path.split(".")) if path else ()


def scope_of(organization_id: int, *, permissions: frozenset[str], actor: str) -> Scope:
    """The scope of somebody who belongs to `organization_id`: for callers who know the id already and whose it is.

    A web process has to have told PostgreSQL the tenant. Raises NotFound.
    """
    row = models.Organization.unscoped.filter(pk=organization_id).values_list("tenant_id", "path").first()
    if row is None or row[0] is None:
        raise NotFound(_GONE)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM organizations_organization WHERE tenant_id = %s AND path <@ %s::ltree ORDER BY id", [row[0], row[1]]
        )
        below = tuple(found[0] for found in cursor.fetchall())
    return Scope(tenant_id=row[0], organization_id=organization_id, organization_ids=below, permissions=permissions, actor=actor)


def find_root(short_name: str) -> int | None:
    """Id of the tenant with that short name (in any case): for the system."""
    rows = models.Organization.unscoped.filter(parent=None, short_name__iexact=short_name, deleted=False)
    return rows.values_list("pk", flat=True).first()


def list_roots() -> tuple[int, ...]:
    """Ids of all tenants, also deleted ones: for the system."""
    return tuple(models.Organization.unscoped.filter(parent=None).order_by("pk").values_list("pk", flat=True))


def count(scope: Scope, wanted: OrganizationFilter) -> int:
    """How many organizations of the scope match."""
    return _matching(scope, wanted).count()


def list_page(scope: Scope, wanted: OrganizationFilter, *, limit: int, offset: int) -> list[Organization]:
    """The matching organizations of the scope by id, from `offset` on, at most `limit`."""
    return [organization_of(row) for row in _matching(scope, wanted)[offset : offset + limit]]


def get_many(scope: Scope, organization_ids: set[int]) -> dict[int, Organization]:
    """Those of the ids the scope covers."""
    rows = models.Organization.objects.within(scope).filter(pk__in=organization_ids)
    return {row.pk: organization_of(row) for row in rows}


def _matching(scope: Scope, wanted: OrganizationFilter) -> QuerySet[models.Organization]:
    rows = models.Organization.objects.within(scope).order_by("pk")
    if wanted.id is not None:
        rows = rows.filter(pk=wanted.id)
    if wanted.name is not None:
        rows = rows.filter(name__icontains=wanted.name)
    if wanted.parent_id is not None:
        rows = rows.filter(parent_id=wanted.parent_id)
    if wanted.is_active is not None:
        rows = rows.filter(is_active=wanted.is_active)
    return rows
