"""Portals and guests for tests."""

import urllib.parse
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import httpx
from django.db import connection

from gate.core import clock
from gate.portals.models import Portal, Session

T = TypeVar("T")
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
    return [dict(row) for row in Session.unscoped.filter(**where).order_by("pk").values()]


def log(*columns: str) -> list[tuple[Any, ...]]:
    """The transaction log, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(columns)} FROM txlog_event ORDER BY id")
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def elsewhere(committed: Any, work: Callable[[], T]) -> T:
    """What `work` gives on the committed database: in a thread of its own, since Django's connections are per thread."""

    def run() -> T:
        connection.settings_dict = {**connection.settings_dict, "NAME": urllib.parse.urlsplit(committed.url).path[1:]}
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(run).result(timeout=30)


def portal_login(committed: Any, body: dict[str, Any], *, person: str = "owner") -> httpx.Response:
    """`POST /portal_login/` on the committed database, as a web process."""

    def ask() -> httpx.Response:
        from people import web_client

        with web_client() as client:
            headers = committed.world.people[person].headers
            return client.post("/api/v1/portal_login/", json=GUEST | body, headers=headers)

    return elsewhere(committed, ask)
