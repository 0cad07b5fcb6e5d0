"""Writes of places. RADIUS hears of each by the table's trigger, so nothing here tells it."""

from dataclasses import fields
from typing import TypeVar

from django.db import transaction

from gate.core import clock
from gate.core.constraints import spoken
from gate.core.errors import Invalid, NotFound
from gate.core.tenancy import Scope
from gate.places import models, queries, rules
from gate.places.types import AccessDevice, AccessDeviceDraft, AccessPoint, AccessPointDraft, Location, LocationDraft

M = TypeVar("M", bound=models.Place)

_TAKEN = "This short name is taken."
SENTENCES = {
    "location_short_name_once": ("short_name", _TAKEN),
    "accesspoint_short_name_once": ("short_name", _TAKEN),
    "accessdevice_short_name_once": ("short_name", _TAKEN),
    "accesspoint_mac_once": ("mac_addr", "Another access point has this MAC address."),
}


def create_location(scope: Scope, *, draft: LocationDraft) -> Location:
    """Add a location. Raises Missing, Invalid, Conflict."""
    return queries.get_location(scope, location_id=_create(scope, models.Location, draft))


def update_location(scope: Scope, *, location_id: int, draft: LocationDraft) -> Location:
    """Make a location what `draft` says. Raises NotFound, Missing, Invalid, Conflict."""
    _update(scope, models.Location, location_id, draft)
    return queries.get_location(scope, location_id=location_id)


def delete_location(scope: Scope, *, location_id: int) -> None:
    """Remove a location; what stood in it stays, without one. Raises NotFound."""
    _delete(scope, models.Location, location_id)


def create_access_point(scope: Scope, *, draft: AccessPointDraft) -> AccessPoint:
    """Add an access point. Raises Missing, Invalid, Conflict."""
    return queries.get_access_point(scope, access_point_id=_create(scope, models.AccessPoint, draft))


def update_access_point(scope: Scope, *, access_point_id: int, draft: AccessPointDraft) -> AccessPoint:
    """Make an access point what `draft` says. Raises NotFound, Missing, Invalid, Conflict."""
    _update(scope, models.AccessPoint, access_point_id, draft)
    return queries.get_access_point(scope, access_point_id=access_point_id)


def delete_access_point(scope: Scope, *, access_point_id: int) -> None:
    """Remove an access point; its accounting stays. Raises NotFound."""
    _delete(scope, models.AccessPoint, access_point_id)


def create_access_device(scope: Scope, *, draft: AccessDeviceDraft) -> AccessDevice:
    """Add an access device. Raises Missing, Invalid, Conflict."""
    return queries.get_access_device(scope, access_device_id=_create(scope, models.AccessDevice, draft))


def update_access_device(scope: Scope, *, access_device_id: int, draft: AccessDeviceDraft) -> AccessDevice:
    """Make an access device what `draft` says. Raises NotFound, Missing, Invalid, Conflict."""
    _update(scope, models.AccessDevice, access_device_id, draft)
    return queries.get_access_device(scope, access_device_id=access_device_id)


def delete_access_device(scope: Scope, *, access_device_id: int) -> None:
    """Remove an access device. Raises NotFound."""
    _delete(scope, models.AccessDevice, access_device_id)


def _create(scope: Scope, model: type[M], draft: LocationDraft) -> int:
    draft = _settled(scope, draft)
    now = clock.now()
    row = model(tenant_id=scope.tenant_id, created=now, last_change=now, **_columns(draft))
    with spoken(SENTENCES):
        row.save(force_insert=True)
    return row.pk


@transaction.atomic
def _update(scope: Scope, model: type[M], row_id: int, draft: LocationDraft) -> None:
    row = model.objects.within(scope).select_for_update().filter(pk=row_id).first()
    if row is None:
        raise NotFound("No such place.")
    draft = _settled(scope, draft)
    for name, value in _columns(draft).items():
        setattr(row, name, value)
    row.last_change = clock.now()
    with spoken(SENTENCES):
        row.save(force_update=True)


@transaction.atomic
def _delete(scope: Scope, model: type[models.Place], row_id: int) -> None:
    row = model.objects.within(scope).select_for_update().filter(pk=row_id).first()
    if row is None:
        raise NotFound("No such place.")
    row.delete()


def _settled(scope: Scope, draft: LocationDraft) -> LocationDraft:
    """The draft in stored form, its organization and location within reach. Also tells PostgreSQL the tenant."""
    draft = rules.checked(draft)
    if not scope.covers(draft.organization_id):
        raise Invalid.field("organization", "No such organization.")
    locations = models.Location.objects.within(scope)
    location_id = draft.location_id if isinstance(draft, AccessDeviceDraft) else None
    if location_id is not None and not locations.filter(pk=location_id).exists():
        raise Invalid.field("location", "No such location.")
    return draft


def _columns(draft: LocationDraft) -> dict[str, object]:
    # A stored place is a draft too; its id and dates are not for callers to write.
    return {item.name: getattr(draft, item.name) for item in fields(draft) if item.name not in {"id", "created", "last_change"}}
