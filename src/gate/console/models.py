"""Failed sign-ins, counted. The rows belong to no tenant: they are written before it is known who somebody is."""

from django.db import models


class SignInAttempts(models.Model):
    """Failures in a row of one username or one network address. `throttle.py` alone reads and writes it."""

    key = models.CharField(max_length=64, primary_key=True, help_text="Digest of what is counted; no name is kept.")
    failures = models.PositiveIntegerField()
    last = models.DateTimeField()
    blocked_until = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["last"], name="sign_in_attempts_last")]
