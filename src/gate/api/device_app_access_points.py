"""`/device_app_access_points/`: Wi-Fi access points. Shared with its sisters: api/places.py."""

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from gate.api import places
from gate.api.auth import Bearer
from gate.api.errors import documented
from gate.api.lists import Listed

router = Router(auth=Bearer("device_app_access_points"), tags=["device_app_access_points"])


@router.get("/", response=documented(Listed[places.PlaceOut], 422), summary="List access points")
def list_device_app_access_points(request: HttpRequest, wanted: Query[places.PlaceQuery]) -> HttpResponse:
    """The access points of the token's organizations, by id."""
    return places.answer(request, wanted, "access_point")
