"""GET /device_app_access_devices/: what every list of places is held to, in tests/places.py."""

from places import PlaceList


class TestList(PlaceList):
    category = "device_app_access_devices"
    kind = "access_device"
    refused = 400
