"""`/device_app_access_devices/`: doors, readers, kiosks. Shared with its sisters: api/places.py."""

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from gate.api import places
from gate.api.auth import Bearer
from gate.api.errors import documented
from gate.api.lists import Listed

router = Router(auth=Bearer("device_app_access_devices"), tags=["device_app_access_devices"])


@router.get("/", response=documented(Listed[places.PlaceOut], 400), summary="List access devices")
def list_device_app_access_devices(request: HttpRequest, wanted: Query[places.PlaceQuery]) -> HttpResponse:
    """The access devices of the token's organizations, by id."""
    return places.answer(request, wanted, "access_device")
