"""Reading the MAC addresses operators let in. A subscriber (`scope.own_only`) is shown the own ones alone."""

from collections.abc import Collection

from django.db.models import QuerySet

from gate.core.errors import NotFound
from gate.core.tenancy import Scope
from gate.devices import models
from gate.devices.mac_types import AuthorizedMac, MacFilter

GONE = "There is no such MAC address."


def get(scope: Scope, mac_id: int) -> AuthorizedMac:
    """One address of the scope. Raises NotFound."""
    found = _shown(reachable(scope).filter(pk=mac_id))
    if not found:
        raise NotFound(GONE)
    return found[0]


def get_many(scope: Scope, mac_ids: Collection[int]) -> list[AuthorizedMac]:
    """Those of the ids the scope covers, by id."""
    return _shown(reachable(scope).filter(pk__in=mac_ids).order_by("pk"))


def count(scope: Scope, wanted: MacFilter) -> int:
    """How many addresses of the scope match."""
    return _matching(scope, wanted).count()


def list_page(scope: Scope, wanted: MacFilter, *, limit: int, offset: int) -> list[AuthorizedMac]:
    """The matching addresses of the scope by id, from `offset` on, at most `limit`."""
    return _shown(_matching(scope, wanted)[offset : offset + limit])


def reachable(scope: Scope) -> QuerySet[models.AuthorizedMac]:
    """The rows of the scope."""
    rows = models.AuthorizedMac.objects.within(scope)
    return rows.filter(user_id=scope.user_id or 0) if scope.own_only else rows


def _matching(scope: Scope, wanted: MacFilter) -> QuerySet[models.AuthorizedMac]:
    rows = reachable(scope).order_by("pk")
    if wanted.organization_id is not None:
        rows = rows.filter(organization_id=wanted.organization_id)
    if wanted.mac is not None:
        rows = rows.filter(mac=wanted.mac)
    if wanted.user_id is not None:
        rows = rows.filter(user_id=wanted.user_id)
    if wanted.is_active is not None:
        rows = rows.filter(is_active=wanted.is_active)
    return rows


def _shown(rows: QuerySet[models.AuthorizedMac]) -> list[AuthorizedMac]:
    found = list(rows.select_related("user").prefetch_related("profiles__profile"))
    return [
        AuthorizedMac(
            id=row.pk, tenant_id=row.tenant_id, organization_id=row.organization_id, mac=row.mac, user_id=row.user_id,
            username=None if row.user is None else row.user.username, note=row.note,
            profiles=tuple(held.profile.short_name for held in row.profiles.all()), is_active=row.is_active, expires=row.expires,
            created=row.created, last_change=row.last_change,
        )
        for row in found
    ]  # fmt: skip
