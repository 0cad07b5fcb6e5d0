"""`/hostspot_locations/`: the hotspot finder's door to locations. Shared with its sisters: api/places.py."""

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from gate.api import places
from gate.api.auth import Bearer
from gate.api.errors import documented
from gate.api.lists import Listed

router = Router(auth=Bearer("hostspot_locations"), tags=["hostspot_locations"])


@router.get("/", response=documented(Listed[places.PlaceOut], 422), summary="List hotspot locations")
def list_hostspot_locations(request: HttpRequest, wanted: Query[places.PlaceQuery]) -> HttpResponse:
    """The locations of the token's organizations, by id."""
    return places.answer(request, wanted, "location")
