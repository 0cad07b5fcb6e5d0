"""Changing devices. What is unique is decided by the table; a refused write is told by its constraint."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from gate.core import clock, seal
from gate.core.constraints import spoken
from gate.core.errors import NotFound
from gate.core.tenancy import Scope, activate
from gate.devices import models, queries, rules
from gate.devices.types import Device, DeviceFields
from gate.txlog import commands as txlog
from gate.txlog.types import Event

SENTENCES = {
    "device_imei_once": ("imei", "another device has this IMEI"),
    "device_mac_once": ("mac_addr", "another device has this MAC address"),
}
_SEAL = "push-key"


def register(scope: Scope, *, fields: DeviceFields, user_id: int | None = None, organization_id: int | None = None) -> Device:
    """A new device, in the caller's organization unless one below is named; `user_id` is whose it is, if anybody's.

    Raises Missing without an identifier, Invalid, Conflict for a taken IMEI or MAC address, NotFound for the organization.
    """
    fields = rules.checked(fields)
    rules.check_identified(fields)
    organization_id = scope.organization_id if organization_id is None else organization_id
    if not scope.covers(organization_id):
        raise NotFound("There is no such organization.")
    activate(scope.tenant_id)
    now = clock.now()
    row = models.Device(
        tenant_id=scope.tenant_id, organization_id=organization_id, user_id=user_id, created=now, last_change=now, last_seen=now
    )
    _set(row, fields)
    with spoken(SENTENCES):
        row.save(force_insert=True)
        if fields.get("push_key"):
            _set_push_key(row, fields["push_key"])
            row.save(update_fields=["push_key_sealed"])
    return queries.device_of(row)


def update(scope: Scope, device_id: int, *, fields: DeviceFields, user_id: int | None = None) -> Device:
    """Change what `fields` names; `user_id` gives a device without a user to somebody. Raises NotFound, Invalid, Conflict."""
    fields = rules.checked(fields)
    with spoken(SENTENCES), transaction.atomic():
        row = _locked(scope, device_id)
        _set(row, fields)
        if "push_key" in fields:
            _set_push_key(row, fields["push_key"])
        if user_id is not None:
            row.user_id = user_id
        row.last_change = clock.now()
        row.save(force_update=True)
    return queries.device_of(row)


@transaction.atomic
def set_blocked(scope: Scope, device_id: int, *, blocked: bool) -> Device:
    """Refuse what a device sends from now on, or take it again; nothing is done twice. Raises NotFound."""
    row = _locked(scope, device_id)
    if row.is_blocked != blocked:
        row.is_blocked, row.last_change = blocked, clock.now()
        row.save(update_fields=["is_blocked", "last_change"])
        message = f"Device dev_{row.pk} was {'blocked' if blocked else 'unblocked'}."
        event = Event(
            type="ul", status="u403" if blocked else "h200", organization_id=row.organization_id, message=message,
            user_id=row.user_id, mac_addr=row.mac_addr,
        )  # fmt: skip
        txlog.write(scope, [event])
    return queries.device_of(row)


def _locked(scope: Scope, device_id: int) -> models.Device:
    row = queries.reachable(scope).select_for_update().filter(pk=device_id).first()
    if row is None:
        raise NotFound("There is no such device.")
    return row


def _set(row: models.Device, fields: Mapping[str, Any]) -> None:
    for name, value in fields.items():
        if name != "push_key":
            setattr(row, name, value)


def _set_push_key(row: models.Device, push_key: str) -> None:
    row.push_key_sealed = seal.seal(push_key.encode(), purpose=_SEAL, row=f"device:{row.pk}") if push_key else None
