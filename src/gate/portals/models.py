"""Two tables: how an organization's portal is set, and which devices its guests were let in on.

A session stands for one device (MAC address) of one guest. At most one is open for a MAC in a tenant, held by a partial unique
index, which is also the one RADIUS finds it by. What the session points at besides its user is plain numbers: places and
portals come and go, and a log of millions of sessions must not make that slow.
"""

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from gate.core.tenancy import Scoped


class Portal(Scoped):
    """How guests of an organization, and of those below it that have no portal of their own, are let in."""

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=200)
    short_name = models.CharField(max_length=100)
    is_active = models.BooleanField(default=True, help_text="Switched off, it lets no guest in.")
    register_unknown = models.BooleanField(
        default=False, help_text="Make a user of a guest nobody knows yet; otherwise such a guest is refused."
    )
    profile = models.ForeignKey(
        "profiles.Profile", on_delete=models.PROTECT, null=True, blank=True, related_name="+",
        help_text="AAA profile given to guests who are registered.",
    )  # fmt: skip
    session_timeout = models.PositiveIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1)],
        help_text="Seconds a guest stays let in unless less is asked for; empty: a day.",
    )  # fmt: skip
    idle_timeout = models.PositiveIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1)],
        help_text="Seconds without traffic after which a guest is out, unless the site says otherwise; empty: none.",
    )  # fmt: skip
    created = models.DateTimeField()
    last_change = models.DateTimeField()

    class Meta(Scoped.Meta):
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint("tenant", Lower("short_name"), name="portal_short_name_once"),
            models.UniqueConstraint(fields=["organization"], name="portal_organization_once"),
        ]

    def __str__(self) -> str:
        return self.name


class Session(Scoped):
    """A guest's device let in for a while. The id is `page_id` in the API."""

    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey("users.User", on_delete=models.CASCADE, related_name="+", db_index=False)
    portal_id = models.BigIntegerField(null=True)
    location_id = models.BigIntegerField(null=True)
    access_point_id = models.BigIntegerField(null=True)
    uid = models.CharField(max_length=254, help_text="What the site calls the guest.")
    mac = models.CharField(max_length=17, help_text="AA:BB:CC:DD:EE:FF")
    ap_mac = models.CharField(max_length=17)
    ip = models.GenericIPAddressField()
    original_url = models.CharField(max_length=2048, null=True)  # noqa: DJ001  the reference shows null
    controller_address = models.CharField(max_length=253, null=True)  # noqa: DJ001  the reference shows null
    session_timeout = models.PositiveIntegerField(help_text="Seconds from `opened` to `expires`.")
    idle_timeout = models.PositiveIntegerField(null=True)
    opened = models.DateTimeField()
    expires = models.DateTimeField()
    let_in = models.DateTimeField(null=True, help_text="When RADIUS first let the device in by this session.")
    ended = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=16, default="")

    class Meta(Scoped.Meta):
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "mac"], condition=Q(ended__isnull=True), name="portal_session_open_once"),
            models.CheckConstraint(condition=Q(ended__isnull=True) | ~Q(end_reason=""), name="portal_session_end_has_a_reason"),
        ]
        indexes = [
            models.Index(fields=["expires"], condition=Q(ended__isnull=True), name="portal_session_due"),
            models.Index(fields=["user", "id"], name="portal_session_user"),
            models.Index(fields=["organization", "id"], name="portal_session_organization"),
        ]

    def __str__(self) -> str:
        return f"{self.uid} on {self.mac}"
