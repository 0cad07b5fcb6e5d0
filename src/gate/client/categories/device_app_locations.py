"""`/device_app_locations/`."""

from typing import Unpack

from gate.client.calls import Asked, C, Category, listing, page
from gate.client.categories.places import Place, PlaceFilter
from gate.client.replies import Page


@listing("/device_app_locations/")
def list_places(**where: Unpack[PlaceFilter]) -> Asked[Page[Place]]:
    """Locations of the token's organizations, by id."""
    return Asked(reads=page(Place), query=where)


class DeviceAppLocationsCategory(Category[C]):
    """`gate.device_app_locations`."""

    list = list_places
