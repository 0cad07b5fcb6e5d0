"""Rows of the transaction log for tests of what reads it, written as the owner of the schema."""

import datetime as dt
from typing import Any

from django.db import connection

from gate.core import clock
from gate.database import partitions


def add(world: Any, *, place: str = "acme", **changed: Any) -> int:
    """One event at `place` (a key of the world's places) of its guest; returns its id. `changed` are columns that differ."""
    row: dict[str, Any] = {
        "at": clock.now(), "tenant_id": world.organizations["rival" if place.startswith("rival") else "acme"],
        "organization_id": world.organizations[place], "type": "ui", "source": "u", "status": "h200", "action": "li",
        "message": "User login successful", "new_user": False, "user_id": world.users[place], "username": f"guest.{place}",
        "email": "guest@example.com", "external_id": "emp_1", "session_id": "sess_1", "external_session": "ldap_1",
        "payment_transaction_log": None, "service_id": 101, "service_name": "Guests", "authservice_id": 201,
        "authservice_name": "LDAP", "site": "portal.example.net", "page_id": 10, "page_url": "https://portal.example.net/login",
        "location_id": world.locations[place], "access_point_id": world.access_points[place], "ssid": "Guests",
        "mac_addr": 0x0A0B0C0D0E0F, "captured_ip_addr": 167772167, "remote_ip_addr": 3221225985, "user_agent_id": 301,
        "http_referer_id": 501,
    }  # fmt: skip
    row |= changed
    with connection.cursor() as cursor:
        at: dt.datetime = row["at"]
        partitions.ensure(cursor, first=at.date(), last=at.date())
        columns, values = ", ".join(row), ", ".join(["%s"] * len(row))
        cursor.execute(f"INSERT INTO txlog_event ({columns}) VALUES ({values}) RETURNING id", list(row.values()))
        number: int = cursor.fetchone()[0]
    return number


def spread(world: Any, count: int, *, place: str = "acme", **changed: Any) -> list[int]:
    """Events a minute apart; newest first."""
    now = clock.now()
    return [add(world, place=place, at=now - dt.timedelta(minutes=number), **changed) for number in range(count)]
