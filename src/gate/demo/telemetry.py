"""Writes the demo's devices and their reports by the rooms' commands.

Safe to repeat: phones.py tells the same reports again, and only those the logs do not have are written.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Final

from django.db import connection

from gate.demo import phones
from gate.demo.phones import Gadget
from gate.demo.types import Tenant
from gate.devices import commands, queries
from gate.devices.types import Device, Named
from gate.telemetry import commands as telemetry
from gate.telemetry.types import Source

BATCH: Final = 1_000

_STORED: Final = """
SELECT false, device_id, at FROM telemetry_connection_log WHERE tenant_id = %s AND at >= %s AND device_id IS NOT NULL
UNION ALL
SELECT true, device_id, at FROM telemetry_test_report WHERE tenant_id = %s AND at >= %s AND device_id IS NOT NULL
"""

# The devices were there before the demo was made. When one was last seen follows when its reports are added up.
_REGISTERED: Final = """
UPDATE devices_device SET created = %s, last_change = %s, last_seen = NULL WHERE tenant_id = %s AND id = ANY(%s)
"""

_Pair = tuple[Gadget, dt.datetime]
_Stored = set[tuple[int | None, dt.datetime]]


def write(tenant: Tenant) -> None:
    """Make or mend the devices, and store what they have reported until now. The months' partitions must be there."""
    tenant_id, now = tenant.scope.tenant_id, tenant.now
    gadgets = phones.gadgets(tenant_id=tenant_id)
    sources = {mac: _source(device) for mac, device in _devices(tenant, gadgets).items()}
    connections, tests = _stored(tenant)

    due = [(gadget, at) for gadget in gadgets for at in phones.moments(gadget, tenant_id=tenant_id, now=now)]
    for batch in _batches(_new(due, sources, connections, now=now)):
        made = [phones.connection(one, at, tenant_id=tenant_id, source=sources[one.mac]) for one, at in batch]
        telemetry.log_connections(tenant.scope, made)

    due = [(gadget, at) for gadget in gadgets for at in phones.test_moments(gadget, tenant_id=tenant_id, now=now)]
    for batch in _batches(_new(due, sources, tests, now=now)):
        measured = [phones.test_report(one, at, tenant_id=tenant_id, source=sources[one.mac]) for one, at in batch]
        telemetry.log_tests(tenant.scope, measured)


def _devices(tenant: Tenant, gadgets: Sequence[Gadget]) -> dict[str, Device]:
    """The stored devices by MAC address."""
    scope = tenant.scope
    owners = {gadget.owner.username: tenant.subscribers[gadget.owner.username].user for gadget in gadgets}
    theirs = queries.list_of_users(scope, [user.id for user in owners.values()])
    held = {device.mac_addr: device for devices in theirs.values() for device in devices}
    # Given to somebody else, or without a user since theirs was deleted.
    strays = queries.reporters(scope, [Named(mac_addr=gadget.mac) for gadget in gadgets if gadget.mac not in held])
    made: dict[str, Device] = {}
    registered = []
    for gadget in gadgets:
        user, device = owners[gadget.owner.username], held.get(gadget.mac)
        stray = strays.get(Named(mac_addr=gadget.mac))
        if device is None and stray is None:
            device = commands.register(scope, fields=gadget.fields, user_id=user.id, organization_id=user.organization_id)
            registered.append(device.id)
        elif device is None or device.user_id != user.id or _differs(device, gadget):
            number = stray.device_id if device is None else device.id  # type: ignore[union-attr]  # one of them is there
            device = commands.update(scope, number, fields=gadget.fields, user_id=user.id)
        if device.is_blocked != gadget.blocked:
            device = commands.set_blocked(scope, device.id, blocked=gadget.blocked)
        made[gadget.mac] = device
    if registered:
        began = dt.datetime.combine(phones.first_day(tenant.now), dt.time(), tzinfo=dt.UTC)
        with connection.cursor() as cursor:
            cursor.execute(_REGISTERED, [began, began, scope.tenant_id, registered])
    return made


def _differs(device: Device, gadget: Gadget) -> bool:
    return any(getattr(device, name) != value for name, value in gadget.fields.items())


def _source(device: Device) -> Source:
    return Source(
        organization_id=device.organization_id, device_id=device.id, device_type=device.device_type, user_id=device.user_id
    )


def _stored(tenant: Tenant) -> tuple[_Stored, _Stored]:
    """Devices and moments of the connections, and of the tests, the logs have."""
    first = dt.datetime.combine(phones.first_day(tenant.now), dt.time(), tzinfo=dt.UTC)
    connections: _Stored = set()
    tests: _Stored = set()
    with connection.cursor() as cursor:
        cursor.execute(_STORED, [tenant.scope.tenant_id, first] * 2)
        for is_test, device_id, at in cursor.fetchall():
            (tests if is_test else connections).add((device_id, at))
    return connections, tests


def _new(due: Sequence[_Pair], sources: dict[str, Source], stored: _Stored, *, now: dt.datetime) -> list[_Pair]:
    """What is not stored yet and could have been, oldest first."""
    fresh = [
        (gadget, at)
        for gadget, at in due
        if (sources[gadget.mac].device_id, at) not in stored and phones.welcome(gadget, at, now=now)
    ]
    return sorted(fresh, key=lambda pair: (pair[1], pair[0].number))


def _batches(pairs: Sequence[_Pair]) -> list[Sequence[_Pair]]:
    return [pairs[start : start + BATCH] for start in range(0, len(pairs), BATCH)]
