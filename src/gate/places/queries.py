"""Reads of places. Lists are ordered by id; nothing outside the scope is ever seen, nor told apart from nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any, TypeVar

from django.db.models import QuerySet

from gate.core.errors import NotFound
from gate.core.tenancy import Scope
from gate.places import models
from gate.places.types import AccessDevice, AccessPoint, Listed, Location, PlaceFilter

M = TypeVar("M", bound=models.Place)
T = TypeVar("T", Location, AccessPoint, AccessDevice)
EVERYTHING = PlaceFilter()


def get_location(scope: Scope, *, location_id: int) -> Location:
    """One location. Raises NotFound."""
    return _one(models.Location.objects.within(scope), Location, location_id)


def get_access_point(scope: Scope, *, access_point_id: int) -> AccessPoint:
    """One access point. Raises NotFound."""
    return _one(models.AccessPoint.objects.within(scope), AccessPoint, access_point_id)


def get_access_device(scope: Scope, *, access_device_id: int) -> AccessDevice:
    """One access device. Raises NotFound."""
    return _one(models.AccessDevice.objects.within(scope), AccessDevice, access_device_id)


def list_locations(scope: Scope, *, where: PlaceFilter = EVERYTHING, limit: int, offset: int = 0) -> Listed[Location]:
    """Locations in the order of their ids. `where.location_id` has no meaning here and is not asked."""
    return _page(_narrow(models.Location.objects.within(scope), where), Location, limit, offset)


def list_access_points(scope: Scope, *, where: PlaceFilter = EVERYTHING, limit: int, offset: int = 0) -> Listed[AccessPoint]:
    """Access points in the order of their ids."""
    rows = _in_location(_narrow(models.AccessPoint.objects.within(scope), where), where)
    return _page(rows, AccessPoint, limit, offset)


def list_access_devices(scope: Scope, *, where: PlaceFilter = EVERYTHING, limit: int, offset: int = 0) -> Listed[AccessDevice]:
    """Access devices in the order of their ids."""
    rows = _in_location(_narrow(models.AccessDevice.objects.within(scope), where), where)
    return _page(rows, AccessDevice, limit, offset)


def location_names(scope: Scope, *, location_ids: Sequence[int]) -> Mapping[int, str]:
    """Names by id, of those of `location_ids` the scope reaches."""
    return dict(models.Location.objects.within(scope).filter(pk__in=location_ids).values_list("pk", "name"))


def access_point_names(scope: Scope, *, access_point_ids: Sequence[int]) -> Mapping[int, str]:
    """Names by id, of those of `access_point_ids` the scope reaches."""
    return dict(models.AccessPoint.objects.within(scope).filter(pk__in=access_point_ids).values_list("pk", "name"))


def _narrow(rows: QuerySet[M], where: PlaceFilter) -> QuerySet[M]:
    if where.last_change_gte is not None:
        rows = rows.filter(last_change__gte=where.last_change_gte)
    if where.is_active is not None:
        rows = rows.filter(is_active=where.is_active)
    if where.have_coordinates is True:
        rows = rows.filter(latitude__isnull=False, longitude__isnull=False)
    elif where.have_coordinates is False:
        rows = rows.exclude(latitude__isnull=False, longitude__isnull=False)
    return rows


def _in_location(rows: QuerySet[M], where: PlaceFilter) -> QuerySet[M]:
    return rows if where.location_id is None else rows.filter(location_id=where.location_id)


def _page(rows: QuerySet[M], kind: type[T], limit: int, offset: int) -> Listed[T]:
    names = [item.name for item in fields(kind)]
    found = rows.order_by("pk").values_list(*names)[offset : offset + limit]
    return Listed(count=rows.count(), results=[_made(kind, dict(zip(names, row, strict=True))) for row in found])


def _one(rows: QuerySet[M], kind: type[T], row_id: int) -> T:
    found = rows.filter(pk=row_id).values(*[item.name for item in fields(kind)]).first()
    if found is None:
        raise NotFound("No such place.")
    return _made(kind, found)


def _made(kind: type[T], values: Mapping[str, Any]) -> T:
    return kind(**values)
