"""What the five lists of places share: `device_app_access_devices`, `…_access_points`, `…_locations`, `hostspot_*`."""

import datetime as dt
from dataclasses import dataclass
from typing import TypedDict

from gate.client.calls import When
from gate.client.replies import Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class Place(Reply):
    """A location, an access point or an access device."""

    id: int
    name: str
    short_name: str
    is_active: bool
    description: str
    organization_id: str
    thumbnail: str | None
    address: str
    reference: str
    city: str
    postal_code: str
    state: str
    region: str
    country_code: str
    latitude: str | None
    """Degrees (WGS 84), as text: `37.7749`."""
    longitude: str | None
    created: dt.datetime
    last_change: dt.datetime


class PlaceFilter(TypedDict, total=False):
    """Which places; all that are given must hold."""

    last_change__gte: When
    """Changed then or later: what a copy kept elsewhere has to fetch."""
    is_active: bool
    have_coordinates: bool
    limit: int
    """Rows a page, at most 100."""
    offset: int
