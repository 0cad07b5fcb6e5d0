"""Reading portals, and where a guest stands."""

from dataclasses import fields
from typing import Any

from django.db import connection

from gate.core.errors import NotFound
from gate.core.tenancy import Scope, activate
from gate.portals import models, sql
from gate.portals.types import Portal, PortalSettings, Site

_COLUMNS = tuple(item.name for item in fields(Portal))


def get(scope: Scope, portal_id: int) -> Portal:
    """One portal. Raises NotFound."""
    found = models.Portal.objects.within(scope).filter(pk=portal_id).values(*_COLUMNS).first()
    if found is None:
        raise NotFound("There is no such portal.")
    return Portal(**found)


def site(scope: Scope, *, ap_mac: str) -> Site:
    """Where a guest of this access point stands. One that is unknown, or out of the caller's reach, is nowhere in particular.

    Then the caller's own organization counts. Raises NotFound where that is gone.
    """
    activate(scope.tenant_id)
    parameters: dict[str, Any] = {
        "tenant": scope.tenant_id, "organization": scope.organization_id, "organizations": list(scope.organization_ids),
        "ap_mac": ap_mac,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(sql.SITE, parameters)
        row = cursor.fetchone()
    if row is None:
        raise NotFound("There is no such organization.")
    organization_id, active, location_id, access_point_id, *portal = row
    return Site(
        organization_id=organization_id,
        organization_active=active,
        location_id=location_id,
        access_point_id=access_point_id,
        portal=None if portal[0] is None else PortalSettings(*portal),
    )
