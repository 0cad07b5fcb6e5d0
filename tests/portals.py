"""Portals and guests for tests."""

from typing import Any

from django.db import connection

from gate.core import clock
from gate.portals.models import Portal, Session

GUEST = {"uid": "guest.acme", "ap_mac": "02:00:00:00:00:01", "mac": "aa:bb:cc:dd:ee:01", "ip": "192.168.1.100"}


def add_portal(world: Any, organization: str = "acme", **changed: Any) -> int:
    """A portal of an organization of the world."""
    tenant = world.organizations["rival" if organization.startswith("rival") else "acme"]
    now = clock.now()
    held = {
        "tenant_id": tenant, "organization_id": world.organizations[organization], "name": f"{organization} portal",
        "short_name": f"{organization}-portal", "created": now, "last_change": now,
    } | changed  # fmt: skip
    return Portal.unscoped.create(**held).pk


def sessions(**where: Any) -> list[dict[str, Any]]:
    """The portal sessions there are, oldest first."""
    return list(Session.unscoped.filter(**where).order_by("pk").values())


def log(*columns: str) -> list[tuple[Any, ...]]:
    """The transaction log, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(columns)} FROM txlog_event ORDER BY id")
        return cursor.fetchall()
