"""Reading a tenant's own CAs. Only who sees the whole tenant does."""

import dataclasses

from django.db.models import QuerySet

from gate.core.errors import NotFound
from gate.core.tenancy import Scope
from gate.organizations import models
from gate.organizations.authority_types import Authority

GONE = "There is no such CA."
_COLUMNS = tuple(item.name for item in dataclasses.fields(Authority) if item.name != "has_crl")


def get(scope: Scope, authority_id: int) -> Authority:
    """One CA. Raises NotFound."""
    found = reachable(scope).filter(pk=authority_id).first()
    if found is None:
        raise NotFound(GONE)
    return authority_of(found)


def list_all(scope: Scope) -> list[Authority]:
    """The tenant's CAs, by id."""
    return [authority_of(row) for row in reachable(scope).order_by("pk")]


def reachable(scope: Scope) -> QuerySet[models.Authority]:
    """The rows of the tenant; none for a caller who sees a part of it."""
    rows = models.Authority.objects.within(scope)
    return rows if scope.whole_tenant else rows.none()


def authority_of(row: models.Authority) -> Authority:
    """The row as it leaves the room."""
    return Authority(has_crl=bool(row.crl), **{name: getattr(row, name) for name in _COLUMNS})
