"""`/hostspot_access_points/`."""

from typing import Unpack

from gate.client.calls import Asked, C, Category, listing, page
from gate.client.categories.places import Place, PlaceFilter
from gate.client.replies import Page


@listing("/hostspot_access_points/")
def list_places(**where: Unpack[PlaceFilter]) -> Asked[Page[Place]]:
    """Access points, for hotspot finders of the token's organizations, by id."""
    return Asked(reads=page(Place), query=where)


class HostspotAccessPointsCategory(Category[C]):
    """`gate.hostspot_access_points`."""

    list = list_places
