"""Accounting rows for tests of what reads them, written as the owner of the schema."""

import datetime as dt
import secrets
from typing import Any

from django.db import connection

from gate.core import clock
from gate.database import partitions


def add(world: Any, *, place: str = "acme", table: str = "live", **changed: Any) -> int:
    """One session at `place` (a key of the world's places) of its guest; returns its radacctid.

    `table` is `live` or `history`; `changed` are columns that differ.
    """
    now = clock.now().replace(microsecond=0)
    organization = world.organizations[place]
    tenant = world.organizations["rival" if place.startswith("rival") else "acme"]
    row: dict[str, Any] = {
        "acctuniqueid": secrets.token_bytes(16), "acctsessionid": f"sess_{secrets.token_hex(4)}", "tenant_id": tenant,
        "organization_id": organization, "nas_id": world.nas[place], "user_id": world.users[place],
        "location_id": world.locations[place], "access_point_id": world.access_points[place], "acctstarttime": now,
        "acctupdatetime": now, "acctstoptime": None, "acctinterval": 300, "acctsessiontime": 60, "acctinputoctets": 10,
        "acctoutputoctets": 20, "start_seen": True, "username": f"guest.{place}", "groupname": f"{place}-profile",
        "realm": "example.net", "klass": "premium", "nasipaddress": "192.0.2.7", "nasidentifier": "ap-1", "nasportid": "wlan0",
        "nasporttype": "Wireless-802.11", "servicetype": "Framed-User", "framedprotocol": "PPP",
        "framedipaddress": "198.51.100.4", "calledstationid": "02-00-00-00-00-01:Guests",
        "callingstationid": "AA:BB:CC:DD:EE:FF", "ssid": "Guests", "acctauthentic": "RADIUS", "acctterminatecause": None,
        "connectinfo_start": "CONNECT 54Mbps 802.11n", "connectinfo_stop": None, "user_transaction_id": 321,
    }  # fmt: skip
    row |= changed
    with connection.cursor() as cursor:
        if table == "history":
            start: dt.datetime = row["acctstarttime"]
            partitions.ensure(cursor, first=start.date(), last=start.date())
            cursor.execute("SELECT nextval('accounting_radacctid')")
            row["radacctid"] = cursor.fetchone()[0]
            row["acctstoptime"] = row["acctstoptime"] or start + dt.timedelta(hours=1)
        columns = ", ".join(row)
        values = ", ".join(["%s"] * len(row))
        cursor.execute(f"INSERT INTO accounting_{table} ({columns}) VALUES ({values}) RETURNING radacctid", list(row.values()))
        return int(cursor.fetchone()[0])
