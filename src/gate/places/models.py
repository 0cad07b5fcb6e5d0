"""Three tables of one shape: where something stands, what it is called, when it last changed."""

from django.db import models
from django.db.models.functions import Lower

from gate.core.tenancy import Scoped


class Place(Scoped):
    """What locations, access points and access devices share."""

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=200)
    short_name = models.CharField(max_length=100)
    is_active = models.BooleanField(default=True)
    description = models.TextField(blank=True, default="")
    thumbnail = models.CharField(max_length=500, blank=True, default="")
    address = models.CharField(max_length=300, blank=True, default="")
    reference = models.CharField(max_length=200, blank=True, default="")
    city = models.CharField(max_length=100, blank=True, default="")
    postal_code = models.CharField(max_length=20, blank=True, default="")
    state = models.CharField(max_length=100, blank=True, default="")
    region = models.CharField(max_length=100, blank=True, default="")
    country_code = models.CharField(max_length=2, blank=True, default="")
    latitude = models.DecimalField(max_digits=9, decimal_places=6, null=True, blank=True)
    longitude = models.DecimalField(max_digits=9, decimal_places=6, null=True, blank=True)
    created = models.DateTimeField()
    last_change = models.DateTimeField()

    class Meta(Scoped.Meta):
        abstract = True
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint("tenant", Lower("short_name"), name="%(class)s_short_name_once"),
            models.CheckConstraint(
                condition=models.Q(latitude__isnull=True) | models.Q(latitude__range=(-90, 90)), name="%(class)s_latitude"
            ),
            models.CheckConstraint(
                condition=models.Q(longitude__isnull=True) | models.Q(longitude__range=(-180, 180)), name="%(class)s_longitude"
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "id"], name="%(class)s_org"),
            # A tenant's whole list by id, with all that lists filter by, so that a deep page or a count reads no row.
            models.Index(
                fields=["tenant", "id"],
                include=["organization", "is_active", "last_change", "latitude", "longitude"],
                name="%(class)s_list",
            ),
            # What changed since the last synchronization.
            models.Index(fields=["tenant", "last_change"], name="%(class)s_changed"),
        ]

    def __str__(self) -> str:
        return self.name


class Location(Place):
    """A site: a hotel, a campus building, a café."""


class AccessPoint(Place):
    """A Wi-Fi access point (or switch), known to RADIUS by its MAC address in Called-Station-Id."""

    location = models.ForeignKey(Location, on_delete=models.SET_NULL, null=True, blank=True, related_name="access_points")
    mac_addr = models.CharField(max_length=17, null=True, blank=True, help_text="AA:BB:CC:DD:EE:FF")  # noqa: DJ001  unique

    class Meta(Place.Meta):
        constraints = [
            *Place.Meta.constraints,
            models.UniqueConstraint(fields=["tenant", "mac_addr"], name="accesspoint_mac_once"),
        ]


class AccessDevice(Place):
    """A device that opens something: a door reader, a turnstile, a kiosk."""

    location = models.ForeignKey(Location, on_delete=models.SET_NULL, null=True, blank=True, related_name="access_devices")
