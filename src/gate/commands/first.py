"""`gate init`: the first organization and its owner, or a further tenant."""

import secrets
from dataclasses import dataclass, field

from django.db import connection, transaction
from django.utils.text import slugify

from gate.organizations import commands as organizations
from gate.organizations import queries
from gate.users import commands as users
from gate.users.models import Role

_LOCK = 7_420_001


@dataclass(frozen=True, slots=True)
class Made:
    """What was made; the password is shown once and stored only as a hash."""

    organization: str
    username: str
    password: str = field(repr=False)


def make(*, name: str | None, username: str | None) -> Made | None:
    """Make an organization and its owner. Without a name only where there is no organization yet, else None is answered.

    Raises Conflict where the name or the username is taken.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            # Two nodes starting on one database at once make one first organization.
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
            cursor.execute("SELECT EXISTS (SELECT 1 FROM organizations_organization)")
            (exists,) = cursor.fetchone() or (False,)
        if exists and name is None:
            return None
        title = name or "My organization"
        short_name = slugify(title) or "main"
        organization = organizations.create_root({"name": title, "short_name": short_name})
        scope = queries.scope_of(organization.id, permissions=frozenset({"*"}), actor="command")
        password = secrets.token_urlsafe(15)
        owner = users.create(scope, fields={"username": username or "owner", "password": password}, role=Role.OWNER)
    return Made(organization=organization.short_name, username=owner.username, password=password)
