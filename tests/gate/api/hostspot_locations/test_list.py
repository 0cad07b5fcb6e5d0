"""GET /hostspot_locations/: what every list of places is held to, in tests/places.py."""

from places import PlaceList


class TestList(PlaceList):
    category = "hostspot_locations"
    kind = "location"
    refused = 422
