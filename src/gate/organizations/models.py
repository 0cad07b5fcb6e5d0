"""The organization table. `path` (ltree: ids from the root down, `1.7.42`) answers "this and all below" by one index."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from gate.core.fields import CastField
from gate.core.tenancy import Scoped, ScopedManager


class LtreeField(CastField):
    """PostgreSQL's label tree."""

    column_type = "ltree"


class OrganizationManager(ScopedManager["Organization"]):
    """An organization is reached by its own id."""

    organization_field = "id"


class Organization(models.Model):
    """A node of the tree. A root (no parent) is a tenant, and its own `tenant`."""

    id = models.BigAutoField(primary_key=True)
    tenant = models.ForeignKey("self", on_delete=models.PROTECT, related_name="+", null=True, db_index=False, editable=False)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, related_name="children", null=True, blank=True)
    path = LtreeField(editable=False, default="")
    name = models.CharField(max_length=200)
    short_name = models.CharField(max_length=100)
    display_name = models.CharField(max_length=200, blank=True, default="")
    description = models.TextField(blank=True, default="")
    is_active = models.BooleanField(default=True)
    deleted = models.BooleanField(default=False)
    country_code = models.CharField(max_length=2, blank=True, default="")
    platform = models.IntegerField(default=1, help_text="Bit set of the platforms in use.")
    website = models.CharField(max_length=300, blank=True, default="")
    industry = models.CharField(max_length=100, blank=True, default="")
    size = models.CharField(max_length=50, blank=True, default="")
    timezone = models.CharField(max_length=64, default="UTC")
    date_format = models.CharField(max_length=32, default="YYYY-MM-DD")
    currency = models.CharField(max_length=3, default="USD")
    language = models.CharField(max_length=16, default="en")
    plan = models.CharField(max_length=50, default="self-hosted")
    plan_status = models.CharField(max_length=20, default="active")
    plan_expires = models.DateTimeField(null=True, blank=True)
    features = models.JSONField(default=list, blank=True)
    max_users = models.PositiveIntegerField(null=True, blank=True)
    max_api_calls = models.PositiveIntegerField(null=True, blank=True, help_text="Calls per calendar month.")
    logo_url = models.CharField(max_length=300, blank=True, default="")
    primary_color = models.CharField(max_length=16, blank=True, default="")
    secondary_color = models.CharField(max_length=16, blank=True, default="")
    recoverable_passwords = models.BooleanField(
        default=False,
        help_text="Keep subscribers' passwords encrypted as well as hashed, so that CHAP and MS-CHAP can check them. "
        "Whoever holds the database and the secret key can then read them.",
    )
    self_registration = models.BooleanField(
        default=False, help_text="People may register themselves with the app: an unknown username becomes a new subscriber."
    )
    device_mac_sign_in = models.BooleanField(
        default=False, db_default=False,
        help_text="A device with the app signs in as its user by its MAC address, which others can copy.",
    )  # fmt: skip
    created = models.DateTimeField()
    updated = models.DateTimeField()

    objects: ClassVar[OrganizationManager] = OrganizationManager()
    unscoped: ClassVar[models.Manager["Organization"]] = models.Manager()

    class Meta:
        base_manager_name = "unscoped"
        default_manager_name = "objects"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                "tenant", Lower("short_name"), condition=Q(deleted=False), name="organization_short_name_once"
            ),
            models.CheckConstraint(condition=~Q(parent=models.F("id")), name="organization_is_not_its_own_parent"),
        ]
        indexes = [models.Index(fields=["parent"], name="organization_parent")]

    def __str__(self) -> str:
        return self.name


class Authority(Scoped):
    """A CA of a tenant's own, for clients' certificates (EAP-TLS) in that tenant alone. Public material only."""

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=200)
    certificate = models.TextField(help_text="PEM")
    subject = models.CharField(max_length=500)
    fingerprint = models.CharField(max_length=64, help_text="SHA-256")
    expires = models.DateTimeField()
    crl = models.TextField(null=True, blank=True, help_text="PEM")  # noqa: DJ001  null: there is none
    crl_updated = models.DateTimeField(null=True, blank=True, help_text="When the CA made it.")
    crl_expires = models.DateTimeField(null=True, blank=True)
    created = models.DateTimeField()

    class Meta(Scoped.Meta):
        verbose_name = "client CA"
        verbose_name_plural = "client CAs"
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["tenant", "fingerprint"], name="authority_once")]

    def __str__(self) -> str:
        return self.name
