"""The token table. The token itself is shown once and never stored: only its SHA-256 (256 random bits need no salt)."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from gate.core.tenancy import Scoped


class ApiToken(Scoped):
    """A bearer for programs. It sees its organization and everything below."""

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=200)
    prefix = models.CharField(max_length=12, editable=False, help_text="First characters, to recognise it by.")
    digest = models.BinaryField(editable=False)
    permissions = ArrayField(models.CharField(max_length=64), default=list)
    networks = ArrayField(
        models.CharField(max_length=43), default=list, blank=True, help_text="Networks it may be used from; empty: any."
    )
    created = models.DateTimeField()
    created_by = models.CharField(max_length=200, blank=True, default="")
    expires = models.DateTimeField(null=True, blank=True)
    revoked = models.DateTimeField(null=True, blank=True)
    last_used = models.DateTimeField(null=True, blank=True)

    class Meta(Scoped.Meta):
        ordering = ["-id"]
        verbose_name = "API token"
        constraints = [models.UniqueConstraint(fields=["digest"], name="api_token_digest_once")]
        indexes = [models.Index(fields=["organization", "id"], name="api_token_organization")]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"


class ApiCalls(models.Model):
    """API calls of one organization in one calendar month (UTC); written by meter.py."""

    id = models.BigAutoField(primary_key=True)
    tenant = models.ForeignKey("organizations.Organization", on_delete=models.CASCADE, related_name="+", db_index=False)
    organization = models.ForeignKey("organizations.Organization", on_delete=models.CASCADE, related_name="+", db_index=False)
    month = models.DateField(help_text="Its first day.")
    calls = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "month"], name="api_calls_once_a_month")]


class Family(Scoped):
    """One sign-in of a person, and every token that came of it: they end together. `persons.py` alone writes it.

    The user is named by number, with a foreign key in the database alone (ON DELETE CASCADE): the room of users lies above.
    """

    id = models.BigAutoField(primary_key=True)
    user_id = models.BigIntegerField()
    device_id = models.BigIntegerField(null=True, help_text="The registered device signed in on, where it is known.")
    device = models.CharField(max_length=200, blank=True, default="", help_text="What the caller called its device.")
    remember = models.BooleanField(default=False)
    password_version = models.IntegerField(help_text="The user's at the sign-in: another password ends the family.")
    created = models.DateTimeField()
    last_used = models.DateTimeField()
    expires = models.DateTimeField(help_text="When its newest refresh token does.")
    revoked = models.DateTimeField(null=True)
    reason = models.CharField(max_length=20, blank=True, default="", help_text="Why it was revoked.")

    class Meta(Scoped.Meta):
        indexes = [
            models.Index(fields=["user_id"], name="token_family_user"),
            models.Index(fields=["expires"], name="token_family_expires"),
        ]


class RefreshToken(models.Model):
    """A refresh token of a family: its digest alone. One that was `used` stays until it expires, so that reuse is noticed."""

    id = models.BigAutoField(primary_key=True)
    tenant = models.ForeignKey("organizations.Organization", on_delete=models.CASCADE, related_name="+", db_index=False)
    family = models.ForeignKey(Family, on_delete=models.CASCADE, related_name="+", db_constraint=False)
    digest = models.BinaryField(editable=False)
    created = models.DateTimeField()
    expires = models.DateTimeField()
    used = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["digest"], name="refresh_token_digest_once")]
