"""What the five lists of places share: the phone app's (`device_app_*`) and the hotspot finder's (`hostspot_*`).

Both doors show the same rows; only the permission asked for and the status of a refused value differ. Hot: no ORM rows, no
schema between SQL and JSON.
"""

from decimal import Decimal

import msgspec
from django.http import HttpRequest, HttpResponse
from pydantic import Field

from gate.api import lists, replies, times
from gate.api.auth import scope_of
from gate.api.fields import Schema
from gate.core import ids
from gate.places import queries
from gate.places.types import Kind, Listing, PlaceFilter


class PlaceQuery(lists.Page):
    """Filters; all that are given must hold."""

    last_change__gte: times.Since | None = Field(
        None, description="Changed then or later: what a copy kept elsewhere has to fetch to be up to date."
    )
    is_active: bool | None = None
    have_coordinates: bool | None = Field(None, description="true: with latitude and longitude; false: without.")


class PlaceOut(Schema):
    """A place."""

    id: int = Field(examples=[1001])
    name: str = Field(examples=["Main Lobby WiFi Access Point"])
    short_name: str = Field(examples=["main-lobby-ap"])
    is_active: bool
    description: str = Field(examples=["Primary wireless access point serving the main lobby"])
    organization_id: str = Field(examples=["org_12345"])
    thumbnail: str | None = Field(examples=["https://gate.example.net/media/thumbnails/ap_1001.jpg"])
    address: str = Field(examples=["123 Corporate Boulevard"])
    reference: str = Field(examples=["Building A - Level 1 - Sector 3"])
    city: str = Field(examples=["San Francisco"])
    postal_code: str = Field(examples=["94105"])
    state: str = Field(examples=["California"])
    region: str = Field(examples=["West Coast"])
    country_code: str = Field(examples=["US"], description="ISO 3166-1 alpha-2, or empty.")
    latitude: str | None = Field(examples=["37.7749"], description="Degrees, WGS 84.")
    longitude: str | None = Field(examples=["-122.4194"], description="Degrees, WGS 84.")
    created: str = Field(examples=["2024-01-15T09:30:00Z"])
    last_change: str = Field(examples=["2024-02-10T14:22:30Z"])


# What is sent, in the order documented: a struct is made and written in a tenth of the time a dictionary takes.
_Shown = msgspec.defstruct("_Shown", list(PlaceOut.model_fields), frozen=True, gc=False)


def answer(request: HttpRequest, wanted: PlaceQuery, kind: Kind) -> HttpResponse:
    """A page of the places of one kind that the token's organizations have, by id. A count that takes long may be 10 s old."""
    scope = scope_of(request)
    where = PlaceFilter(
        last_change_gte=wanted.last_change__gte,
        is_active=wanted.is_active,
        have_coordinates=wanted.have_coordinates,
    )
    key = (kind, scope.tenant_id, scope.organization_id, where)
    count = lists.counts.count(key, lambda: queries.count(scope, kind, where=where))
    found = queries.page(scope, kind, where=where, limit=wanted.size, offset=wanted.offset)
    return replies.json(lists.envelope(request, wanted, count=count, results=[show(place) for place in found]))


def show(place: Listing) -> msgspec.Struct:
    """The place as the reference shows it."""
    return _Shown(
        id=place.id,
        name=place.name,
        short_name=place.short_name,
        is_active=place.is_active,
        description=place.description,
        organization_id=ids.prefixed(ids.ORGANIZATION, place.organization_id),
        thumbnail=place.thumbnail or None,
        address=place.address,
        reference=place.reference,
        city=place.city,
        postal_code=place.postal_code,
        state=place.state,
        region=place.region,
        country_code=place.country_code,
        latitude=_degrees(place.latitude),
        longitude=_degrees(place.longitude),
        created=times.whole(place.created),
        last_change=times.whole(place.last_change),
    )


def _degrees(value: Decimal | None) -> str | None:
    """`37.7749` for 37.774900: stored are six digits, said are those that mean something."""
    return None if value is None else f"{value.normalize():f}"
