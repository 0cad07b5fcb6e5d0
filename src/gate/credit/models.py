"""The ledger. The balance of a user is the sum of the entries; docs/decisions/0027-credit-ledger.md has the reasoning.

A user is limited by time while there is a balance row whose `began` is set. The row stays when the limit is lifted, so that a
debit that is on its way finds it and the sum stays right. Entries outlive their user, whose id is never given out twice.
"""

import datetime as dt

from django.db import models
from django.db.models import Q

from gate.core import clock

ALWAYS = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
"""The beginning of a balance to which all of every session counts."""


class Balance(models.Model):
    """Seconds a user has left. Kept equal to the sum of the user's entries by every command that writes one."""

    user = models.OneToOneField("users.User", on_delete=models.CASCADE, primary_key=True, related_name="+")
    tenant = models.ForeignKey("organizations.Organization", on_delete=models.PROTECT, related_name="+", db_index=False)
    seconds = models.BigIntegerField(default=0)
    began = models.DateTimeField(
        null=True, default=clock.now, db_default=ALWAYS,
        help_text="What sessions use from here on is debited. Null: the user is not limited by time any more.",
    )  # fmt: skip


class Entry(models.Model):
    """Seconds granted (positive) or used (negative), and why.

    One entry stands for what one accounting session used of one balance, and grows with it.
    """

    id = models.BigAutoField(primary_key=True)
    tenant = models.ForeignKey("organizations.Organization", on_delete=models.PROTECT, related_name="+", db_index=False)
    user_id = models.BigIntegerField(help_text="The user, also once deleted.")
    seconds = models.BigIntegerField()
    previous = models.BigIntegerField(default=0, editable=False, help_text="Seconds before the entry last grew.")
    reason = models.CharField(
        max_length=12,
        choices=[("operator", "Operator"), ("api", "API call"), ("session", "Accounting session"), ("voucher", "Voucher")],
    )
    radacctid = models.BigIntegerField(null=True, help_text="The accounting session, where that is the reason.")
    began = models.DateTimeField(
        default=ALWAYS, db_default=ALWAYS, editable=False, help_text="The beginning of the balance a session's entry counts from."
    )
    voucher_id = models.BigIntegerField(null=True, help_text="The voucher, where that is the reason.")
    actor = models.CharField(max_length=200, blank=True, default="", help_text="Who caused it: token:12, user:7.")
    note = models.CharField(max_length=500, blank=True, default="")
    created = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "entries"
        constraints = [
            models.UniqueConstraint(
                fields=["radacctid", "began"], condition=Q(radacctid__isnull=False), name="credit_entry_session_once"
            ),
        ]
        indexes = [models.Index(fields=["user_id", "-id"], name="credit_entry_user")]
