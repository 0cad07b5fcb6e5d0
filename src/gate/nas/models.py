"""The NAS table. The shared secret is sealed (core/seal.py), bound to the row; it is never shown again."""

from django.db import models

from gate.core.fields import CastField
from gate.core.tenancy import Scoped


class CidrField(CastField):
    """PostgreSQL's network address, as text."""

    column_type = "cidr"

    def from_db_value(self, value: object, expression: object, connection: object) -> str | None:  # noqa: ARG002
        """Psycopg gives an ip_network."""
        return None if value is None else str(value)


class Nas(Scoped):
    """A RADIUS client, known by the address (or range) its packets come from."""

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=200)
    short_name = models.CharField(max_length=100)
    description = models.TextField(blank=True, default="")
    address = CidrField(help_text="Source address or range of its packets, e.g. 192.0.2.7 or 192.0.2.0/24.")
    nas_identifier = models.CharField(
        max_length=253, blank=True, default="", help_text="NAS-Identifier it sends; for information."
    )
    vendor = models.CharField(max_length=32, blank=True, default="", help_text="Make of the device, e.g. mikrotik.")
    secret_sealed = models.BinaryField(editable=False)
    message_authenticator = models.CharField(
        max_length=8,
        default="auto",
        choices=[("auto", "Checked when present"), ("require", "Required")],
    )
    coa_port = models.PositiveIntegerField(null=True, blank=True, help_text="Port for Disconnect and CoA; empty: GATE's default.")
    live_control = models.CharField(
        max_length=10,
        default="disconnect",
        choices=[("off", "Takes neither"), ("disconnect", "Disconnect"), ("both", "Disconnect and CoA")],
        help_text="Whether GATE may end or change sessions that run (RFC 5176).",
    )
    coa_address = models.GenericIPAddressField(
        null=True, blank=True, help_text="Where it takes them; empty: where the session's NAS is."
    )
    coa_attributes = models.CharField(
        max_length=300, blank=True, default="", help_text="Attributes that tell it the session; empty: what its make asks for."
    )
    coa_mac_format = models.CharField(
        max_length=20, blank=True, default="", help_text="How MAC addresses are written to it; empty: what its make asks for."
    )
    location = models.ForeignKey("places.Location", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    is_active = models.BooleanField(default=True)
    created = models.DateTimeField()
    last_change = models.DateTimeField()

    class Meta(Scoped.Meta):
        ordering = ["id"]
        verbose_name = "NAS"
        verbose_name_plural = "NAS"
        constraints = [models.UniqueConstraint(fields=["address"], name="nas_address_once")]
        indexes = [models.Index(fields=["organization", "id"], name="nas_organization")]

    def __str__(self) -> str:
        return self.short_name
