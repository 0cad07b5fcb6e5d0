"""`/hostspot_access_points/`: the hotspot finder's door to access points. Shared with its sisters: api/places.py."""

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from gate.api import places
from gate.api.auth import Bearer
from gate.api.errors import documented
from gate.api.lists import Listed

router = Router(auth=Bearer("hostspot_access_points"), tags=["hostspot_access_points"])


@router.get("/", response=documented(Listed[places.PlaceOut], 422), summary="List hotspot access points")
def list_hostspot_access_points(request: HttpRequest, wanted: Query[places.PlaceQuery]) -> HttpResponse:
    """The access points of the token's organizations, by id."""
    return places.answer(request, wanted, "access_point")
