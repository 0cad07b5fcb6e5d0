"""Accounting updates for tests: one, several of one session, and what must be stored of them."""

import dataclasses
import hashlib
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection
from hypothesis import strategies as st

from gate.accounting import sql
from gate.accounting.placing import place
from gate.accounting.updates import Update, fold

STARTED = 1_772_366_400.0
"""2026-03-01 12:00 UTC. Tests of what `now` decides move it."""

KNOWN = {
    "acctmultisessionid": "multi", "klass": "gold", "nasidentifier": "ap-7", "nasportid": "wlan0",
    "nasporttype": "Wireless-802.11", "servicetype": "Framed-User", "framedprotocol": "PPP", "framedipaddress": "198.51.100.4",
    "calledstationid": 'AA-BB:"Gäste"\\', "callingstationid": "02-00", "ssid": "NULL", "acctauthentic": "RADIUS",
    "connectinfo_start": "54 Mbit/s", "connectinfo_stop": "11 Mbit/s", "acctterminatecause": "User-Request",
}  # fmt: skip


def update(**changed: Any) -> Update:
    """An Interim of a session nobody else has, saying as little as a packet can."""
    values: dict[str, Any] = dict.fromkeys(Update._fields)
    values |= {
        "acctuniqueid": hashlib.blake2b(changed.get("acctsessionid", "s1").encode(), digest_size=16).digest(),
        "tenant_id": 1, "nas_id": 1, "organization_id": 1, "username_key": "", "acctsessionid": "s1", "start_seen": False,
        "started": STARTED, "updated": STARTED, "acctsessiontime": 0, "acctinputoctets": 0, "acctoutputoctets": 0, "username": "",
        "nasipaddress": "192.0.2.1",
    }  # fmt: skip
    values |= changed
    return Update(**values)


@dataclasses.dataclass(frozen=True)
class Places:
    """Where a session may be said to be: by its NAS alone, or by an access point."""

    nas: dict[str, Any]
    access_point: dict[str, Any]


@st.composite
def session(draw: Any, *, who: dict[str, Any], places: Places) -> list[Update]:
    """Packets of one session in any order: each knows a part of what there is to know, and no two contradict."""
    username = who.get("username", "")
    packets = []
    for _ in range(draw(st.integers(1, 5))):
        kind = draw(st.sampled_from(["start", "interim", "interim", "stop"]))
        seconds = 0 if kind == "start" else draw(st.integers(0, 5_000))
        late = draw(st.sampled_from([0.0, 0.0, 0.25, 7.5]))
        place = draw(st.sampled_from([places.nas, places.access_point]))
        told = {name: value for name, value in KNOWN.items() if draw(st.booleans())}
        packets.append(
            update(
                **who | place | told,
                start_seen=kind == "start",
                started=STARTED + late,
                updated=STARTED + seconds + late,
                stopped=STARTED + seconds + late if kind == "stop" else None,
                acctsessiontime=seconds,
                acctinputoctets=draw(st.integers(0, 2**63 - 1)),
                acctoutputoctets=draw(st.integers(0, 2**40)),
                realm=username.partition("@")[2] or None,
            )
        )
    return packets


def store(updates: Iterable[Update]) -> None:
    """As a writer of the RADIUS server stores one batch: its role, its settings, its statements."""
    for folded in fold(updates):
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL ROLE gate_system")
            for setting, value in sql.PIN.items():
                cursor.execute("SELECT set_config(%s, %s, true)", [setting, value])
            _place(cursor, folded)
            cursor.execute("RESET ROLE")
            for setting in sql.PIN:
                cursor.execute(f"RESET {setting}")


def _place(cursor: Any, folded: list[Update]) -> None:
    parameters = sql.parameters(folded)
    steps = place(len(folded), guests=False)
    answer: int | None = None
    while True:
        try:
            statement, with_what = next(steps) if answer is None else steps.send(answer)
        except StopIteration:
            return
        cursor.execute(statement, parameters if with_what == "packets" else [])
        (answer,) = cursor.fetchone()


def rows(table: str = "live") -> list[dict[str, Any]]:
    """Every stored session, without what differs by the order packets come in.

    That is: the number a sequence gives, the gap between the last two updates, and when the last packet arrived.
    """
    changing = {"radacctid", "acctinterval", "heard"}
    return [{name: value for name, value in row.items() if name not in changing} for row in all_of(table)]


def all_of(table: str = "live") -> list[dict[str, Any]]:
    """Every stored session, all columns."""
    return select(f"SELECT * FROM accounting_{table} ORDER BY acctuniqueid")


def select(statement: str, parameters: Sequence[Any] = ()) -> list[dict[str, Any]]:
    """Rows as dictionaries."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
