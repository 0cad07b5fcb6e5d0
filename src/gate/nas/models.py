"""The NAS table. The shared secret is sealed (core/seal.py), bound to the row; it is never shown again."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from gate.core.fields import NullableCastField
from gate.core.tenancy import Scoped


class CidrField(NullableCastField):
    """PostgreSQL's network address, as text."""

    column_type = "cidr"

    def from_db_value(self, value: object, expression: object, connection: object) -> str | None:  # noqa: ARG002
        """Psycopg gives an ip_network."""
        return None if value is None else str(value)


class Nas(Scoped):
    """A RADIUS client, known by the address (or range) its packets come from, by its certificate for RadSec, or by either."""

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=200)
    short_name = models.CharField(max_length=100)
    description = models.TextField(blank=True, default="")
    address = CidrField(
        null=True,
        blank=True,
        help_text="Source address or range of its packets, e.g. 192.0.2.7 or 192.0.2.0/24; empty: it comes by RadSec alone.",
    )
    nas_identifier = models.CharField(
        max_length=253,
        blank=True,
        default="",
        help_text="NAS-Identifier it sends; for information, unless several share the address.",
    )
    by_identifier = models.BooleanField(
        default=False, help_text="One of several behind this address, which NAS-Identifier tells apart."
    )
    packet_rate = models.PositiveIntegerField(
        null=True,
        blank=True,
        help_text="Packets a second taken from it, on each port; empty: GATE's default.",
    )
    swapped_octets = models.BooleanField(
        default=False,
        db_default=False,
        help_text="Its accounting tells what users received as input, and what they sent as output.",
    )
    vendor = models.CharField(max_length=32, blank=True, default="", help_text="Make of the device, e.g. mikrotik.")
    secret_sealed = models.BinaryField(editable=False)
    message_authenticator = models.CharField(
        max_length=8,
        default="auto",
        choices=[("auto", "Required once it was sent"), ("require", "Required"), ("off", "Not required")],
        help_text="Whether sign-ins without it are left unanswered. EAP always carries it.",
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
    radsec_name = models.CharField(
        max_length=255,
        blank=True,
        default="",
        db_default="",
        help_text="Name in its certificate for RadSec: a DNS name, a URI, or the common name; gate radius certs --nas sets it.",
    )
    radsec_fingerprint = models.CharField(
        max_length=64,
        blank=True,
        default="",
        db_default="",
        help_text="SHA-256 fingerprint of its certificate for RadSec; with a name as well, both have to fit.",
    )
    unchangeable = models.CharField(
        max_length=10,
        default="leave",
        db_default="leave",
        choices=[("leave", "Leave it until the next sign-in"), ("disconnect", "End it, so that it begins anew")],
        help_text="When a live session's limits change and the NAS cannot be told by CoA, or refuses it.",
    )
    location = models.ForeignKey("places.Location", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    is_active = models.BooleanField(default=True)
    created = models.DateTimeField()
    last_change = models.DateTimeField()

    class Meta(Scoped.Meta):
        ordering = ["id"]
        verbose_name = "NAS"
        verbose_name_plural = "NAS"
        # One NAS an address, or several with an identifier each: migration 0003 has the constraint, which Django cannot say.
        indexes = [models.Index(fields=["organization", "id"], name="nas_organization")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(address__isnull=False) | ~models.Q(radsec_name="") | ~models.Q(radsec_fingerprint=""),
                name="nas_known",
            )
        ]

    def __str__(self) -> str:
        return self.short_name


class Posture(models.Model):
    """Access-Requests without EAP that came from a NAS, by whether they carried Message-Authenticator.

    Written by the RADIUS server (radiusd/posture.py), a row from the first one on.
    """

    nas = models.OneToOneField(Nas, on_delete=models.CASCADE, primary_key=True, related_name="posture")
    tenant_id = models.BigIntegerField()
    signed = models.BigIntegerField(db_default=0)
    unsigned = models.BigIntegerField(db_default=0)
    refused = models.BigIntegerField(db_default=0)
    last_signed = models.DateTimeField(null=True)
    last_unsigned = models.DateTimeField(null=True)
    last_unsigned_from = models.GenericIPAddressField(null=True)
    signers = ArrayField(models.GenericIPAddressField(), db_default=[])

    def __str__(self) -> str:
        return f"Message-Authenticator of NAS {self.nas_id}"
