"""The ledger. The balance of a user is the sum of the entries; a user without a balance row is not limited by time."""

from django.db import models
from django.db.models import Q


class Balance(models.Model):
    """Seconds a user has left. Kept equal to the sum of the user's entries by every command that writes one."""

    user = models.OneToOneField("users.User", on_delete=models.CASCADE, primary_key=True, related_name="+")
    tenant = models.ForeignKey("organizations.Organization", on_delete=models.PROTECT, related_name="+", db_index=False)
    seconds = models.BigIntegerField(default=0)


class Entry(models.Model):
    """Seconds granted (positive) or used (negative), and why. One entry stands for one accounting session and grows with it."""

    id = models.BigAutoField(primary_key=True)
    tenant = models.ForeignKey("organizations.Organization", on_delete=models.PROTECT, related_name="+", db_index=False)
    user = models.ForeignKey("users.User", on_delete=models.CASCADE, related_name="+", db_index=False)
    seconds = models.BigIntegerField()
    previous = models.BigIntegerField(default=0, editable=False, help_text="Seconds before the entry last grew.")
    reason = models.CharField(
        max_length=12,
        choices=[("operator", "Operator"), ("api", "API call"), ("session", "Accounting session"), ("voucher", "Voucher")],
    )
    radacctid = models.BigIntegerField(null=True, help_text="The accounting session, where that is the reason.")
    actor = models.CharField(max_length=200, blank=True, default="", help_text="Who caused it: token:12, user:7.")
    note = models.CharField(max_length=500, blank=True, default="")
    created = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "entries"
        constraints = [
            models.UniqueConstraint(fields=["radacctid"], condition=Q(radacctid__isnull=False), name="credit_entry_session_once"),
        ]
        indexes = [models.Index(fields=["user", "-id"], name="credit_entry_user")]
