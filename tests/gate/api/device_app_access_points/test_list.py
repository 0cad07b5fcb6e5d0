"""GET /device_app_access_points/: what every list of places is held to, in tests/places.py."""

from places import PlaceList


class TestList(PlaceList):
    category = "device_app_access_points"
    kind = "access_point"
    refused = 422
