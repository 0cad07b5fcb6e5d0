"""The user table. Passwords are Argon2id; the other two columns about them exist for RADIUS alone.

`verifier` is an HMAC of the password under a key that is never in the database; it lets ten thousand phones come back at once
without ten thousand Argon2 runs. `password_sealed` is the password itself, encrypted, and is kept only where the organization
switched `recoverable_passwords` on, because CHAP cannot be checked otherwise. Staff have neither. See docs/decisions/.
"""

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from gate.core.tenancy import Scoped


class Role(models.TextChoices):
    """What a person may do; `users/rules.py` says what each word allows."""

    OWNER = "owner", "Owner"
    ADMIN = "admin", "Administrator"
    OPERATOR = "operator", "Operator"
    VIEWER = "viewer", "Viewer"
    DEVICE_USER = "device_user", "Subscriber"


class User(Scoped, AbstractBaseUser):
    """A person. Usernames are unique within a tenant, staff usernames within the install, both without regard to case."""

    id = models.BigAutoField(primary_key=True)
    username = models.CharField(max_length=150)
    username_key = models.CharField(max_length=150, editable=False, help_text="The username, case-folded.")
    external_id = models.CharField(max_length=200, null=True, blank=True)  # noqa: DJ001  the reference shows null
    klass = models.CharField(max_length=100, null=True, blank=True)  # noqa: DJ001  the reference shows null
    email = models.CharField(max_length=254, blank=True, default="")
    first_name = models.CharField(max_length=150, blank=True, default="")
    last_name = models.CharField(max_length=150, blank=True, default="")
    role = models.CharField(max_length=16, choices=Role.choices, default=Role.DEVICE_USER)
    is_active = models.BooleanField(default=True)
    description = models.TextField(blank=True, default="")
    date_joined = models.DateTimeField()
    first_login = models.DateTimeField(null=True, blank=True, editable=False)
    last_login = models.DateTimeField(null=True, blank=True, editable=False)
    expiration = models.DateTimeField(null=True, blank=True)
    max_sessions = models.IntegerField(
        null=True, blank=True, help_text="Sessions open at once, whatever the profiles say; empty: as they say."
    )
    avatar_url = models.CharField(max_length=500, null=True, blank=True)  # noqa: DJ001  the reference shows null
    source_id = models.BigIntegerField(
        null=True, blank=True, editable=False, help_text="Where the user came from: import, API token."
    )
    password = models.CharField(max_length=200, blank=True, default="")
    password_version = models.IntegerField(default=0, editable=False)
    password_sealed = models.BinaryField(null=True, editable=False)
    verifier = models.BinaryField(null=True, editable=False)
    last_change = models.DateTimeField()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta(Scoped.Meta):
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "username_key"], name="user_username_once"),
            models.UniqueConstraint(fields=["username_key"], condition=~Q(role="device_user"), name="user_staff_once"),
        ]
        indexes = [
            # With what the walls and searches ask for, so that what a list skips or counts is read in the index alone.
            models.Index(fields=["tenant", "id"], include=["organization", "username_key"], name="user_tenant"),
            models.Index(fields=["organization", "id"], include=["tenant", "username_key"], name="user_organization"),
            models.Index(fields=["organization"], name="user_recoverable", condition=Q(password_sealed__isnull=False)),
            models.Index(fields=["tenant", "external_id"], name="user_external_id", condition=Q(external_id__isnull=False)),
            models.Index("tenant", Lower("email"), name="user_email", condition=~Q(email="")),
            # Whether there is anybody at all: sign-ins count nothing while there is nobody (radiusd/store.py).
            models.Index(fields=["tenant"], name="user_max_sessions", condition=Q(max_sessions__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.username

    @property
    def is_staff(self) -> bool:
        """Whether this person may enter the console."""
        return self.role != Role.DEVICE_USER


class UserProfile(models.Model):
    """An AAA profile assigned to a user; `position` orders them."""

    id = models.BigAutoField(primary_key=True)
    tenant = models.ForeignKey("organizations.Organization", on_delete=models.PROTECT, related_name="+", db_index=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="user_profiles", db_index=False)
    profile = models.ForeignKey("profiles.Profile", on_delete=models.PROTECT, related_name="+")
    position = models.SmallIntegerField()

    class Meta:
        ordering = ["user", "position"]
        constraints = [models.UniqueConstraint(fields=["user", "position"], name="user_profile_position_once")]


class UserExtra(Scoped):
    """What else is known of a person: at most one record a user, in the user's organization.

    `tax_id` and `passport_number` exist encrypted only (core/seal.py, bound to this row).
    """

    id = models.BigAutoField(primary_key=True)
    parent = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+", db_index=False)
    title = models.CharField(max_length=50, null=True, blank=True)  # noqa: DJ001  the reference shows null, also below
    gender = models.CharField(max_length=1, null=True, blank=True)  # noqa: DJ001
    birthday = models.DateField(null=True, blank=True)
    age = models.SmallIntegerField(null=True, blank=True, help_text="Where it was given; else it follows from the birthday.")
    age_range = models.CharField(max_length=20, null=True, blank=True)  # noqa: DJ001
    telephone = models.CharField(max_length=50, null=True, blank=True)  # noqa: DJ001
    address = models.CharField(max_length=500, null=True, blank=True)  # noqa: DJ001
    city = models.CharField(max_length=150, null=True, blank=True)  # noqa: DJ001
    state = models.CharField(max_length=150, null=True, blank=True)  # noqa: DJ001
    postal_code = models.CharField(max_length=20, null=True, blank=True)  # noqa: DJ001
    country = models.CharField(max_length=150, null=True, blank=True)  # noqa: DJ001
    country_id = models.CharField(max_length=2, null=True, blank=True)  # noqa: DJ001
    company = models.CharField(max_length=200, null=True, blank=True)  # noqa: DJ001
    tax_id_sealed = models.BinaryField(null=True, editable=False)
    passport_number_sealed = models.BinaryField(null=True, editable=False)
    hometown = models.CharField(max_length=150, null=True, blank=True)  # noqa: DJ001
    location = models.CharField(max_length=200, null=True, blank=True)  # noqa: DJ001
    locale = models.CharField(max_length=35, null=True, blank=True)  # noqa: DJ001
    event = models.CharField(max_length=200, null=True, blank=True)  # noqa: DJ001
    accept_terms = models.BooleanField(default=False)
    custom_field_1 = models.CharField(max_length=500, null=True, blank=True)  # noqa: DJ001
    custom_field_2 = models.CharField(max_length=500, null=True, blank=True)  # noqa: DJ001
    custom_field_3 = models.CharField(max_length=500, null=True, blank=True)  # noqa: DJ001
    custom_field_4 = models.CharField(max_length=500, null=True, blank=True)  # noqa: DJ001
    custom_field_5 = models.CharField(max_length=500, null=True, blank=True)  # noqa: DJ001
    custom_field_6 = models.CharField(max_length=500, null=True, blank=True)  # noqa: DJ001
    custom_field_7 = models.CharField(max_length=500, null=True, blank=True)  # noqa: DJ001
    custom_field_8 = models.CharField(max_length=500, null=True, blank=True)  # noqa: DJ001
    created = models.DateTimeField()
    last_change = models.DateTimeField()

    class Meta(Scoped.Meta):
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["parent"], name="user_extra_once")]
        indexes = [
            models.Index(fields=["tenant", "id"], include=["organization"], name="user_extra_tenant"),
            models.Index(fields=["organization", "id"], include=["tenant"], name="user_extra_organization"),
        ]


class SignInFailures(models.Model):
    """Failed sign-ins in a row of one name or one network address. `lockout.py` alone reads and writes it.

    A row without a tenant was written at the open door, before it is known who somebody is.
    """

    key = models.CharField(max_length=64, primary_key=True, help_text="Digest of what is counted; no name is kept.")
    tenant = models.ForeignKey(
        "organizations.Organization", on_delete=models.CASCADE, related_name="+", db_index=False, null=True, blank=True
    )
    failures = models.PositiveIntegerField(help_text="Since the last lock.")
    locks = models.PositiveIntegerField(default=0, help_text="Locks in a row; each is longer than the one before.")
    last = models.DateTimeField()
    blocked_until = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["last"], name="sign_in_failures_last")]
