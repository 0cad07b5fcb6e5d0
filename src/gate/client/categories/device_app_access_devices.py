"""`/device_app_access_devices/`."""

from typing import Unpack

from gate.client.calls import Asked, C, Category, listing, page
from gate.client.categories.places import Place, PlaceFilter
from gate.client.replies import Page


@listing("/device_app_access_devices/")
def list_places(**where: Unpack[PlaceFilter]) -> Asked[Page[Place]]:
    """Access devices of the token's organizations, by id."""
    return Asked(reads=page(Place), query=where)


class DeviceAppAccessDevicesCategory(Category[C]):
    """`gate.device_app_access_devices`."""

    list = list_places
