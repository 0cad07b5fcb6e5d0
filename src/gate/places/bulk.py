"""All places, a page at a time, for exports; locations by what people call them, for imports."""

from collections.abc import Collection, Mapping
from dataclasses import fields
from typing import TypeVar

from django.db.models import QuerySet
from django.db.models.functions import Lower

from gate.core.tenancy import Scope
from gate.places import models
from gate.places.types import AccessPoint, Location

M = TypeVar("M", bound=models.Place)
T = TypeVar("T", Location, AccessPoint)


def locations_after(scope: Scope, location_id: int, *, limit: int) -> list[Location]:
    """The next locations of the scope by id, beyond `location_id`, at most `limit`."""
    return _after(models.Location.objects.within(scope), Location, location_id, limit)


def access_points_after(scope: Scope, access_point_id: int, *, limit: int) -> list[AccessPoint]:
    """The next access points of the scope by id, beyond `access_point_id`, at most `limit`."""
    return _after(models.AccessPoint.objects.within(scope), AccessPoint, access_point_id, limit)


def location_ids(scope: Scope, short_names: Collection[str]) -> Mapping[str, int]:
    """Ids by short name in lower case, of those of `short_names` (any case) the scope has."""
    rows = models.Location.objects.within(scope).annotate(key=Lower("short_name"))
    return dict(rows.filter(key__in=[name.lower() for name in short_names]).values_list("key", "pk"))


def access_points_by_mac(scope: Scope, macs: Collection[str]) -> Mapping[str, AccessPoint]:
    """The scope's access points that have one of these MAC addresses (`AA:BB:CC:DD:EE:FF`), by it."""
    columns = [item.name for item in fields(AccessPoint)]
    rows = models.AccessPoint.objects.within(scope).filter(mac_addr__in=macs).values(*columns)
    return {row["mac_addr"]: AccessPoint(**row) for row in rows}


def location_short_names(scope: Scope, ids: Collection[int]) -> Mapping[int, str]:
    """Short names by id, of those of `ids` the scope reaches."""
    return dict(models.Location.objects.within(scope).filter(pk__in=ids).values_list("pk", "short_name"))


def _after(rows: QuerySet[M], kind: type[T], row_id: int, limit: int) -> list[T]:
    columns = [item.name for item in fields(kind)]
    return [kind(**row) for row in rows.filter(pk__gt=row_id).order_by("pk").values(*columns)[:limit]]
