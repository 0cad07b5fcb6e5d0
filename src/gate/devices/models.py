"""Devices: what an app said of the phone, tablet or computer it runs on, and MAC addresses an operator lets in."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from gate.core.tenancy import Scoped


class DeviceType(models.TextChoices):
    """The reference's four codes, and one for things without a screen."""

    DESKTOP = "de", "Desktop"
    LAPTOP = "la", "Laptop"
    TABLET = "tb", "Tablet"
    PHONE = "ph", "Mobile phone"
    IOT = "io", "IoT"


class Device(Scoped):
    """A device with GATE's app on it. Its organization never changes: what it reported is counted there.

    IMEI and MAC address name one device of a tenant. The others may be met twice: a SIM moves, an app is installed anew.
    """

    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    number = models.CharField(max_length=32, null=True, blank=True, help_text="MSISDN")  # noqa: DJ001  null: not told
    generic_id = models.CharField(max_length=200, null=True, blank=True)  # noqa: DJ001  null: not told
    imei = models.CharField(max_length=15, null=True, blank=True)  # noqa: DJ001  unique
    imsi = models.CharField(max_length=15, null=True, blank=True)  # noqa: DJ001  null: not told
    iccid = models.CharField(max_length=20, null=True, blank=True)  # noqa: DJ001  null: not told
    mac_addr = models.CharField(max_length=17, null=True, blank=True, help_text="AA:BB:CC:DD:EE:FF")  # noqa: DJ001  unique
    home_mobile_network_name = models.CharField(max_length=100, blank=True, default="")
    home_mobile_network_mccmnc = models.CharField(max_length=6, blank=True, default="")
    app_version = models.CharField(max_length=50, blank=True, default="")
    os_family = models.CharField(max_length=50, blank=True, default="")
    os_version = models.CharField(max_length=50, blank=True, default="")
    os_api_version = models.CharField(max_length=50, blank=True, default="")
    device_family = models.CharField(max_length=100, blank=True, default="")
    device_brand = models.CharField(max_length=100, blank=True, default="")
    device_model = models.CharField(max_length=100, blank=True, default="")
    device_type = models.CharField(max_length=2, choices=DeviceType.choices, blank=True, default="")
    push_key_sealed = models.BinaryField(null=True, editable=False)
    user_external_id = models.CharField(max_length=200, blank=True, default="", help_text="As the app said it, without a user.")
    user_class = models.CharField(max_length=100, blank=True, default="", help_text="As the app said it, without a user.")
    is_blocked = models.BooleanField(default=False, help_text="What it sends is refused.")
    created = models.DateTimeField()
    last_change = models.DateTimeField()
    last_seen = models.DateTimeField(null=True, blank=True)

    class Meta(Scoped.Meta):
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "imei"], name="device_imei_once"),
            models.UniqueConstraint(fields=["tenant", "mac_addr"], name="device_mac_once"),
        ]
        indexes = [
            models.Index(fields=["tenant", "id"], name="device_tenant"),
            models.Index(fields=["organization", "id"], name="device_organization"),
            models.Index(fields=["user"], name="device_user", condition=Q(user__isnull=False)),
            models.Index(fields=["tenant", "number"], name="device_number", condition=Q(number__isnull=False)),
            models.Index(fields=["tenant", "generic_id"], name="device_generic_id", condition=Q(generic_id__isnull=False)),
            models.Index(fields=["tenant", "imsi"], name="device_imsi", condition=Q(imsi__isnull=False)),
            models.Index(fields=["tenant", "iccid"], name="device_iccid", condition=Q(iccid__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.device_model or self.device_family or f"dev_{self.pk}"


class AuthorizedMac(Scoped):
    """A device let in by its MAC address alone, at NAS of the organization and of those below it. An operator said so."""

    id = models.BigAutoField(primary_key=True)
    mac = models.CharField(max_length=17, help_text="AA:BB:CC:DD:EE:FF")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="+", db_index=False,
        help_text="Whose it is: the user's account, credit and profiles count then.",
    )  # fmt: skip
    note = models.CharField(max_length=200, blank=True, default="")
    is_active = models.BooleanField(default=True)
    expires = models.DateTimeField(null=True, blank=True)
    created = models.DateTimeField()
    last_change = models.DateTimeField()

    class Meta(Scoped.Meta):
        verbose_name = "MAC address"
        verbose_name_plural = "MAC addresses"
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["organization", "mac"], name="authorized_mac_once")]
        indexes = [
            models.Index(fields=["tenant", "mac"], name="authorized_mac"),
            models.Index(fields=["tenant", "id"], include=["organization"], name="authorized_mac_tenant"),
            models.Index(fields=["organization", "id"], name="authorized_mac_organization"),
            models.Index(fields=["user"], name="authorized_mac_user", condition=Q(user__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.mac


class AuthorizedMacProfile(models.Model):
    """An AAA profile of a MAC address; `position` orders them. They stand in place of its user's."""

    id = models.BigAutoField(primary_key=True)
    tenant = models.ForeignKey("organizations.Organization", on_delete=models.PROTECT, related_name="+", db_index=False)
    mac = models.ForeignKey(AuthorizedMac, on_delete=models.CASCADE, related_name="profiles", db_index=False)
    profile = models.ForeignKey("profiles.Profile", on_delete=models.PROTECT, related_name="+")
    position = models.SmallIntegerField()

    class Meta:
        ordering = ["mac", "position"]
        constraints = [models.UniqueConstraint(fields=["mac", "position"], name="authorized_mac_profile_position_once")]
