"""Reading devices. A subscriber (`scope.own_only`) is shown the own ones alone."""

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Q, QuerySet

from gate.core.errors import Invalid, NotFound
from gate.core.tenancy import Scope
from gate.devices import models
from gate.devices.types import Device, Named, Reporter
from gate.places.rules import parse_mac

_COLUMNS = tuple(field.name for field in dataclasses.fields(Device))
_REPORTER = tuple(field.name for field in dataclasses.fields(Reporter) if field.name != "device_id")
_GONE = "There is no such device."


def device_of(row: models.Device) -> Device:
    """The row as it leaves the room."""
    return Device(**{name: getattr(row, name) for name in _COLUMNS})


def get(scope: Scope, device_id: int) -> Device:
    """One device of the scope. Raises NotFound."""
    found = _devices(reachable(scope).filter(pk=device_id))
    if not found:
        raise NotFound(_GONE)
    return found[0]


def find(
    scope: Scope,
    *,
    device_id: int | None = None,
    number: str | None = None,
    generic_id: str | None = None,
    imei: str | None = None,
    imsi: str | None = None,
    iccid: str | None = None,
    mac_addr: str | None = None,
) -> Device | None:
    """The device of the scope that any of these names, in any notation; None where there is none.

    Raises Invalid (`ambiguous`) where they name more than one.
    """
    named: dict[str, Any] = {
        "pk": device_id, "number": number, "generic_id": generic_id, "imei": imei, "imsi": imsi, "iccid": iccid,
        "mac_addr": parse_mac(mac_addr) if mac_addr else None,
    }  # fmt: skip
    wanted = Q()
    for name, value in named.items():
        if value is not None and value != "":
            wanted |= Q(**{name: value})
    if not wanted:
        return None
    found = _devices(reachable(scope).filter(wanted).order_by("pk")[:2])
    if len(found) > 1:
        raise Invalid("The identifiers belong to more than one device.", code="ambiguous")
    return found[0] if found else None


def list_of_user(scope: Scope, user_id: int) -> Sequence[Device]:
    """The devices of one user, by id."""
    return _devices(reachable(scope).filter(user_id=user_id).order_by("pk"))


def list_of_users(scope: Scope, user_ids: Iterable[int]) -> Mapping[int, Sequence[Device]]:
    """The devices of several users, by user; users without one are left out."""
    found: dict[int, list[Device]] = {}
    for device in _devices(reachable(scope).filter(user_id__in=list(user_ids)).order_by("pk")):
        if device.user_id is not None:
            found.setdefault(device.user_id, []).append(device)
    return found


def names(scope: Scope, device_ids: Iterable[int]) -> Mapping[int, str]:
    """What to call each of the devices the scope reaches, by id."""
    return {device.id: device.name for device in _devices(reachable(scope).filter(pk__in=list(device_ids)))}


def reporters(scope: Scope, named: Iterable[Named]) -> Mapping[Named, Reporter]:
    """The device behind each of `named`, in one statement; those without one in the scope are left out.

    Where an app's id (`generic_id`) stands for several devices, the one registered last is meant.
    """
    every = set(named)
    wanted = Q()
    for column, values in (
        ("pk", {one.device_id for one in every}),
        ("imei", {one.imei for one in every}),
        ("mac_addr", {one.mac_addr for one in every}),
        ("generic_id", {one.generic_id for one in every}),
    ):
        known = [value for value in values if value is not None]
        if known:
            wanted |= Q(**{f"{column}__in": known})
    if not wanted:
        return {}
    by: dict[tuple[str, int | str], Reporter] = {}
    for row in reachable(scope).filter(wanted).order_by("pk").values("id", "imei", "mac_addr", "generic_id", *_REPORTER):
        reporter = Reporter(device_id=row["id"], **{name: row[name] for name in _REPORTER})
        by |= {("device_id", row["id"]): reporter}
        by |= {(name, row[name]): reporter for name in ("imei", "mac_addr", "generic_id") if row[name] is not None}
    found = {one: by.get(_first(one)) for one in every}
    return {one: reporter for one, reporter in found.items() if reporter is not None}


def reachable(scope: Scope) -> QuerySet[models.Device]:
    """The rows the scope may see: for this room."""
    rows = models.Device.objects.within(scope)
    return rows.filter(user_id=scope.user_id or 0) if scope.own_only else rows


def _first(named: Named) -> tuple[str, int | str]:
    for name in ("device_id", "imei", "mac_addr", "generic_id"):
        value = getattr(named, name)
        if value is not None:
            return name, value
    return "device_id", 0


def _devices(rows: QuerySet[models.Device]) -> list[Device]:
    return [Device(**row) for row in rows.values(*_COLUMNS)]
