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
    created = models.DateTimeField()
    last_change = models.DateTimeField()

    class Meta(Scoped.Meta):
        ordering = ["id"]
        constraints = [models.UniqueConstraint("tenant", Lower("short_name"), name="profile_short_name_once")]
        indexes = [models.Index(fields=["organization", "id"], name="profile_organization")]

    def __str__(self) -> str:
        return self.short_name
