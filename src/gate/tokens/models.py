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
