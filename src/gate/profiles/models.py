"""The profile table. Items are JSON lists of `{"attribute", "op", "value"}`, validated by rules before they are stored."""

from django.db import models
from django.db.models.functions import Lower

from gate.core.tenancy import Scoped


class Profile(Scoped):
    """A named list of check items (who may) and reply items (with what)."""

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=200)
    short_name = models.CharField(max_length=100)
    description = models.TextField(blank=True, default="")
    reply_attribute = models.JSONField(default=list, blank=True)
    check_attribute = models.JSONField(default=list, blank=True)
    rate_up = models.BigIntegerField(null=True, blank=True, help_text="What the client may send, in bit/s.")
    rate_down = models.BigIntegerField(null=True, blank=True, help_text="What the client may receive, in bit/s.")
    quota_up = models.BigIntegerField(null=True, blank=True, help_text="What the client may send in a session, in bytes.")
    quota_down = models.BigIntegerField(null=True, blank=True, help_text="What the client may receive in a session, in bytes.")
    quota_total = models.BigIntegerField(null=True, blank=True, help_text="Both directions of a session together, in bytes.")
    session_timeout = models.BigIntegerField(null=True, blank=True, help_text="Longest session, in seconds.")
    idle_timeout = models.BigIntegerField(null=True, blank=True, help_text="Seconds without traffic that end a session.")
    vlan = models.IntegerField(null=True, blank=True, help_text="Number of the VLAN, 1 to 4094.")
    role = models.CharField(
        max_length=200, blank=True, default="", db_default="", help_text="Role, group or filter, as the NAS calls it."
    )
    redirect_url = models.CharField(
        max_length=230, blank=True, default="", db_default="", help_text="Page shown after the sign-in."
    )
    max_sessions = models.IntegerField(
        null=True, blank=True, help_text="Sessions a user may have open at once; the same device at the same NAS counts once."
    )
    created = models.DateTimeField()
    last_change = models.DateTimeField()

    class Meta(Scoped.Meta):
        ordering = ["id"]
        constraints = [models.UniqueConstraint("tenant", Lower("short_name"), name="profile_short_name_once")]
        indexes = [models.Index(fields=["organization", "id"], name="profile_organization")]

    def __str__(self) -> str:
        return self.short_name
