"""Reading users. Two statements a list: the users, then the short names of their profiles.

A part of a username is looked for by `gate_users_named` (migration 0004): row-level security would make it read every user.
"""

import dataclasses
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from gate.core.errors import NotFound
from gate.core.tenancy import Scope, activate
from gate.database import tallies
from gate.users import models, rules
from gate.users.types import User, UserFilter

# All but `profile`, which lives in another table; nothing secret is among them.
_COLUMNS = tuple(field.name for field in dataclasses.fields(User) if field.name != "profile")
_NAMED = "SELECT * FROM gate_users_named(%s, %s::bigint[], %s, %s)"
_NAMED_COUNT = "SELECT gate_users_named_count(%s, %s::bigint[])"
_GONE = "There is no such user."


def get(scope: Scope, user_id: int) -> User:
    """One user of the scope. Raises NotFound."""
    return _one(scope, models.User.objects.within(scope).filter(pk=user_id))


def get_by_username(scope: Scope, username: str) -> User:
    """The user of the scope with that username, in any case. Raises NotFound."""
    return _one(scope, models.User.objects.within(scope).filter(username_key=rules.username_key(username)))


def find_id(scope: Scope, *, username: str) -> int:
    """Id of the user of the scope with that username, in any case. Raises NotFound."""
    rows = models.User.objects.within(scope).filter(username_key=rules.username_key(username))
    found = rows.values_list("pk", flat=True).first()
    if found is None:
        raise NotFound(_GONE)
    return found


def find_by_external_id(scope: Scope, *, external_id: str, most: int = 2) -> list[int]:
    """Ids of the users of the scope with that external id, at most `most`: it need not be one person's."""
    rows = models.User.objects.within(scope).filter(external_id=external_id).order_by("pk")
    return list(rows.values_list("pk", flat=True)[:most])


def is_name_known(scope: Scope, *, name: str) -> bool:
    """Whether anybody of the tenant, also out of the caller's reach, has that username or e-mail address, in any case."""
    activate(scope.tenant_id)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM users_user WHERE tenant_id = %s AND username_key = %s)"
            " OR EXISTS (SELECT FROM gate_mailed(%s, %s))",
            [scope.tenant_id, rules.username_key(name), scope.tenant_id, name],
        )
        return bool(cursor.fetchone()[0])


def count(scope: Scope, wanted: UserFilter) -> int:
    """How many users of the scope match."""
    if _by_part(wanted):
        with connection.cursor() as cursor:
            cursor.execute(_NAMED_COUNT, _named(scope, wanted))
            return int(cursor.fetchone()[0])
    if _by_organization(wanted):
        return tallies.count(scope, "users_user", organization_id=wanted.organization_id)
    return _matching(scope, wanted).count()


def list_page(scope: Scope, wanted: UserFilter, *, limit: int, offset: int) -> list[User]:
    """The matching users of the scope by id, from `offset` on, at most `limit`."""
    # Either way the rows to skip are skipped without being read.
    page: Any
    if _by_part(wanted):
        with connection.cursor() as cursor:
            cursor.execute(_NAMED, [*_named(scope, wanted), limit, offset])
            page = [number for (number,) in cursor.fetchall()]
    else:
        page = _skipping(scope, wanted, limit=limit, offset=offset)
    return _users(scope, list(models.User.objects.within(scope).filter(pk__in=page).order_by("pk").values(*_COLUMNS)))


def profile_names(scope: Scope, user_ids: Iterable[int]) -> dict[int, tuple[str, ...]]:
    """Short names of each user's profiles in order. The profiles may belong to an organization above the caller's."""
    rows = (
        models.UserProfile.objects.filter(tenant_id=scope.tenant_id, user_id__in=list(user_ids))
        .order_by("user_id", "position")
        .values_list("user_id", "profile__short_name")
    )
    names: dict[int, list[str]] = {}
    for user_id, short_name in rows:
        names.setdefault(user_id, []).append(short_name)
    return {user_id: tuple(found) for user_id, found in names.items()}


def _one(scope: Scope, rows: QuerySet[models.User]) -> User:
    found = _users(scope, list(rows.values(*_COLUMNS)[:1]))
    if not found:
        raise NotFound(_GONE)
    return found[0]


def _users(scope: Scope, rows: Sequence[dict[str, Any]]) -> list[User]:
    if not rows:
        return []
    names = profile_names(scope, [row["id"] for row in rows])
    return [User(**row, profile=names.get(row["id"], ())) for row in rows]


def _by_part(wanted: UserFilter) -> bool:
    """Whether a list is asked for by a part of the username, and by nothing else but an organization."""
    return wanted.username_part is not None and wanted == UserFilter(
        username_part=wanted.username_part, organization_id=wanted.organization_id
    )


def _by_organization(wanted: UserFilter) -> bool:
    """Whether nothing is asked but for an organization, so that the tally knows how many there are."""
    return wanted == UserFilter(organization_id=wanted.organization_id)


def _skipping(scope: Scope, wanted: UserFilter, *, limit: int, offset: int) -> Any:
    """Ids of a page; the tally knows about where it begins."""
    rows = _matching(scope, wanted).order_by("pk").values("pk")
    if _by_organization(wanted):
        first, offset = tallies.skip(scope, "users_user", rows=offset, organization_id=wanted.organization_id)
        rows = rows.filter(pk__gte=first)
    return rows[offset : offset + limit]


def _named(scope: Scope, wanted: UserFilter) -> list[Any]:
    """What the functions take first: the part, and the organizations where the tenant alone does not bound the question."""
    organizations = None if scope.whole_tenant else list(scope.organization_ids)
    if wanted.organization_id is not None:
        organizations = [wanted.organization_id] if scope.covers(wanted.organization_id) else []
    activate(scope.tenant_id)
    return [rules.username_key(wanted.username_part or ""), organizations]


def _matching(scope: Scope, wanted: UserFilter) -> QuerySet[models.User]:
    rows = models.User.objects.within(scope)
    if wanted.id is not None:
        rows = rows.filter(pk=wanted.id)
    if wanted.username is not None:
        rows = rows.filter(username_key=rules.username_key(wanted.username))
    if wanted.username_part is not None:
        rows = rows.filter(username_key__contains=rules.username_key(wanted.username_part))
    if wanted.organization_id is not None:
        rows = rows.filter(organization_id=wanted.organization_id)
    if wanted.external_id is not None:
        rows = rows.filter(external_id=wanted.external_id)
    if wanted.is_active is not None:
        rows = rows.filter(is_active=wanted.is_active)
    if wanted.role is not None:
        rows = rows.filter(role=wanted.role)
    return rows
