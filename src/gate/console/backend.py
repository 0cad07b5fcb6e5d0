"""Who may enter the console: staff, found by a username that is theirs alone in the whole install.

The username is asked of `gate_staff` (database/migrations/0002_walls.py), the one question answered before a tenant is known;
everything after it runs under that tenant's row-level security.
"""

import datetime as dt
from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.db import connection
from django.http import HttpRequest

from gate.core import clock
from gate.core.tenancy import ScopeMissing, activate, current
from gate.users.hashing import check_password
from gate.users.models import User
from gate.users.rules import username_key


class StaffBackend(BaseBackend):
    """Signs staff in by username and password."""

    def authenticate(
        self,
        request: HttpRequest | None,  # noqa: ARG002  Django's signature
        username: str | None = None,
        password: str | None = None,
        **_: Any,
    ) -> User | None:
        """The person, or None. Unknown, wrong, inactive and expired look the same and take the same time."""
        if not username or password is None:
            return None
        row = _find(username)
        right = check_password(password, row.password if row is not None else "")
        return row if row is not None and right and may_enter(row, now=clock.now()) else None

    def get_user(self, user_id: Any) -> User | None:
        """The person signed in, under the scope OperatorScope entered; None where they may no longer enter."""
        try:
            tenant_id = current().tenant_id
        except ScopeMissing:
            return None
        return find_staff(tenant_id=tenant_id, user_id=int(user_id))


def find_staff(*, tenant_id: int, user_id: int) -> User | None:
    """The member of staff with that id who may enter now, or None."""
    activate(tenant_id)
    row = User.unscoped.select_related("organization").filter(pk=user_id, tenant_id=tenant_id).first()
    return row if row is not None and may_enter(row, now=clock.now()) else None


def may_enter(user: User, *, now: dt.datetime) -> bool:
    """Whether this account opens the console: staff, active, not expired, of an active organization."""
    live = user.is_active and (user.expiration is None or user.expiration > now)
    return user.is_staff and live and user.organization.is_active and not user.organization.deleted


def _find(username: str) -> User | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, tenant_id FROM gate_staff(%s)", [username_key(username.strip())])
        found = cursor.fetchone()
    if found is None:
        return None
    user_id, tenant_id = found
    activate(tenant_id)
    return User.unscoped.select_related("organization").filter(pk=user_id, tenant_id=tenant_id).first()
