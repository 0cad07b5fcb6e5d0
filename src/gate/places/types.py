"""What crosses this room's border. Coordinates are degrees (WGS 84), times are aware UTC."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Generic, Literal, TypeVar

import msgspec

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class LocationDraft:
    """Everything a caller may say about a location. What is not said is empty."""

    organization_id: int
    name: str
    short_name: str
    is_active: bool = True
    description: str = ""
    thumbnail: str = ""
    """Address of a picture (http or https), or empty."""
    address: str = ""
    reference: str = ""
    city: str = ""
    postal_code: str = ""
    state: str = ""
    region: str = ""
    country_code: str = ""
    """ISO 3166-1 alpha-2, or empty."""
    latitude: Decimal | None = None
    longitude: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessDeviceDraft(LocationDraft):
    """The same for an access device, which may stand in a location."""

    location_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessPointDraft(AccessDeviceDraft):
    """The same for an access point, which RADIUS knows by its MAC address."""

    mac_addr: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Location(LocationDraft):
    """A stored location."""

    id: int
    created: dt.datetime
    last_change: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessDevice(AccessDeviceDraft):
    """A stored access device."""

    id: int
    created: dt.datetime
    last_change: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessPoint(AccessPointDraft):
    """A stored access point."""

    id: int
    created: dt.datetime
    last_change: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceFilter:
    """Which places a list shows; None leaves a question open, the answers combine with AND."""

    last_change_gte: dt.datetime | None = None
    is_active: bool | None = None
    have_coordinates: bool | None = None
    location_id: int | None = None
    """Only what stands in this location; not for locations themselves."""


Kind = Literal["location", "access_point", "access_device"]
"""Which of the three tables a list is of."""


class Listing(msgspec.Struct, frozen=True, gc=False):
    """A place in a list: what all three kinds share.

    A frozen dataclass in all but its making, which takes a thirtieth of the time: lists make a hundred at once.
    """

    id: int
    name: str
    short_name: str
    is_active: bool
    description: str
    organization_id: int
    thumbnail: str
    address: str
    reference: str
    city: str
    postal_code: str
    state: str
    region: str
    country_code: str
    latitude: Decimal | None
    longitude: Decimal | None
    created: dt.datetime
    last_change: dt.datetime


@dataclass(frozen=True, slots=True)
class Listed(Generic[T]):
    """One page of a list by limit and offset, and how many rows there are in all."""

    count: int
    results: Sequence[T]
