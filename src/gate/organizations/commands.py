"""Changing the tree. Each command keeps `path` (ids from the root down) and `tenant` true to `parent`."""

from typing import Any

from django.db import IntegrityError, connection, transaction

from gate.core import clock
from gate.core.errors import Conflict, Invalid, Missing, NotFound
from gate.core.tenancy import Scope, activate
from gate.organizations import models, queries, rules
from gate.organizations.types import Organization, OrganizationFields

_SHORT_NAME_ONCE = "organization_short_name_once"


def create_root(fields: OrganizationFields) -> Organization:
    """A new tenant; needs `name` and `short_name`. For the system alone. Raises Missing, Invalid, Conflict."""
    if queries.find_root(fields.get("short_name", "")) is not None:
        raise _taken()
    return _create(fields, tenant_id=None, parent=None)


def create_child(scope: Scope, *, parent_id: int, fields: OrganizationFields) -> Organization:
    """A new organization below one of the scope; needs `name` and `short_name`. Raises Missing, Invalid, Conflict, NotFound.

    Scopes and tokens resolved earlier learn of it when they are resolved next (tokens: within 15 seconds).
    """
    parent = models.Organization.objects.within(scope).filter(pk=parent_id, deleted=False).first()
    if parent is None:
        raise Invalid.field("parent", "there is no such organization")
    return _create(fields, tenant_id=scope.tenant_id, parent=parent)


def update(scope: Scope, organization_id: int, *, fields: OrganizationFields) -> Organization:
    """Change what `fields` names. Raises Invalid, Conflict, NotFound; then nothing is changed."""
    rules.check(fields)
    row = _locked(scope, organization_id)
    for name, value in fields.items():
        setattr(row, name, value)
    row.updated = clock.now()
    _save(row, [*fields, "updated"])
    return queries.organization_of(row)


def move(scope: Scope, organization_id: int, *, parent_id: int) -> Organization:
    """Hang an organization and all below it under another parent of the same tenant. Raises Invalid, NotFound.

    The caller must reach both. A root does not move: it is a tenant.
    """
    with transaction.atomic():
        # One mover at a time in a tenant: two moves at once could otherwise make a ring.
        models.Organization.unscoped.select_for_update().get(pk=scope.tenant_id)
        row = _locked(scope, organization_id)
        parent = models.Organization.objects.within(scope).filter(pk=parent_id, deleted=False).first()
        if row.parent_id is None:
            raise Invalid.field("parent", "a root organization does not move")
        if parent is None:
            raise Invalid.field("parent", "there is no such organization")
        if rules.is_below(parent.path, row.path):
            raise Invalid.field("parent", "lies below the organization itself")
        if rules.depth(parent.path) >= rules.MAX_DEPTH:
            raise Invalid.field("parent", f"the tree has at most {rules.MAX_DEPTH} levels")
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE organizations_organization SET path = CASE WHEN path = %(old)s::ltree THEN %(new)s::ltree"
                " ELSE %(new)s::ltree || subpath(path, nlevel(%(old)s::ltree)) END"
                " WHERE tenant_id = %(tenant)s AND path <@ %(old)s::ltree",
                {"old": row.path, "new": f"{parent.path}.{row.pk}", "tenant": scope.tenant_id},
            )
        row.parent_id, row.path, row.updated = parent.pk, f"{parent.path}.{row.pk}", clock.now()
        _save(row, ["parent", "path", "updated"])
    return queries.organization_of(row)


def delete(scope: Scope, organization_id: int) -> None:
    """Mark an organization deleted and inactive; rows and accounting stay. Raises Conflict (in_use), Invalid, NotFound."""
    with transaction.atomic():
        row = _locked(scope, organization_id)
        if row.parent_id is None:
            raise Invalid("A root organization is a tenant and is not deleted this way.")
        if models.Organization.unscoped.filter(parent_id=row.pk, tenant_id=scope.tenant_id, deleted=False).exists():
            raise Conflict("The organization has organizations below it.", code="in_use")
        row.deleted, row.is_active, row.updated = True, False, clock.now()
        _save(row, ["deleted", "is_active", "updated"])


def _create(fields: OrganizationFields, *, tenant_id: int | None, parent: models.Organization | None) -> Organization:
    missing = {name: ["is required"] for name in ("name", "short_name") if not fields.get(name)}
    if missing:
        raise Missing(f"{' and '.join(missing)} required", fields=missing)
    rules.check(fields)
    if parent is not None and rules.depth(parent.path) >= rules.MAX_DEPTH:
        raise Invalid.field("parent", f"the tree has at most {rules.MAX_DEPTH} levels")
    now = clock.now()
    values: dict[str, Any] = {**fields, "created": now, "updated": now}
    with transaction.atomic():
        with connection.cursor() as cursor:
            # The id comes first, because path and, for a root, tenant hold it.
            cursor.execute("SELECT nextval(pg_get_serial_sequence('organizations_organization', 'id'))")
            number: int = cursor.fetchone()[0]
        row = models.Organization(
            pk=number,
            tenant_id=tenant_id or number,
            parent=parent,
            path=f"{parent.path}.{number}" if parent else str(number),
            **values,
        )
        activate(row.tenant_id or number)
        _save(row, None)
    return queries.organization_of(row)


def _locked(scope: Scope, organization_id: int) -> models.Organization:
    row = models.Organization.objects.within(scope).filter(pk=organization_id).first()
    if row is None:
        raise NotFound("There is no such organization.")
    return row


def _save(row: models.Organization, fields: list[str] | None) -> None:
    try:
        with transaction.atomic():
            if fields is None:
                row.save(force_insert=True)
            else:
                row.save(update_fields=fields)
    except IntegrityError as error:
        if _SHORT_NAME_ONCE in str(error):
            raise _taken() from None
        raise


def _taken() -> Conflict:
    reason = "another organization has this short name"
    return Conflict(f"short_name: {reason}", fields={"short_name": [reason]}, code="duplicate")
