"""Changing users. Every password change goes through `_set_password`, so that no copy of the old one survives anywhere.

Accounting rows keep `user_id` when a user is deleted: readers resolve it against this table, so that the session keeps the
username and has no user, at no cost even where the user had a million sessions. Ids are never given out twice.

Every change of a subscriber leaves its events (events.py) in the transaction log, in the same transaction; and whoever may not
be online any longer has the end of the live sessions asked for there (the room control).
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.db import IntegrityError, connection, transaction

from gate.control import commands as control
from gate.control.types import Reason
from gate.core import clock, seal
from gate.core.errors import Conflict, Invalid, Missing, NotFound
from gate.core.tenancy import Scope, activate
from gate.organizations import queries as organizations
from gate.profiles import queries as profiles
from gate.txlog import commands as txlog
from gate.users import events, foreign_hashes, hashing, models, queries, rules
from gate.users.types import User, UserFields

DEFAULTS: UserFields = {
    "external_id": None, "klass": None, "email": "", "first_name": "", "last_name": "", "is_active": True, "description": "",
    "expiration": None, "avatar_url": None, "profile": [],
}  # fmt: skip
"""What `create` and `replace` take for fields not named. Username, password and organization have no default."""

_SEAL = "user-password"
# By the partial index `user_recoverable`, an organization at a time.
_FORGET = """
UPDATE users_user SET password_sealed = NULL WHERE id IN (
    SELECT u.id FROM organizations_organization o
    JOIN users_user u ON u.organization_id = o.id AND u.password_sealed IS NOT NULL
    WHERE NOT o.recoverable_passwords LIMIT %s)
"""


def create(scope: Scope, *, fields: UserFields, role: str = models.Role.DEVICE_USER, logged: bool = True) -> User:
    """A new user, in the caller's organization unless one below is named; `username` is needed.

    `logged` false: the caller writes the registration into the transaction log, and knows more of it (page, place).
    Raises Missing, Invalid, Conflict (duplicate) for a taken username, Forbidden for staff with more rights than the caller.
    """
    if not fields.get("username"):
        raise Missing("username is required", fields={"username": ["is required"]})
    rules.check(fields)
    rules.check_may_manage(scope, role)
    activate(scope.tenant_id)
    now = clock.now()
    organization_id = _organization(scope, fields.get("organization_id", scope.organization_id))
    row = models.User(
        tenant_id=scope.tenant_id, organization_id=organization_id, role=role, date_joined=now, last_change=now,
        source_id=_token_number(scope.actor),
    )  # fmt: skip
    _set_plain(row, {**DEFAULTS, **fields})
    if fields.get("password"):
        row.password = hashing.hash_password(fields["password"])
    with _translated(), transaction.atomic():
        row.save(force_insert=True)
        if fields.get("password"):
            row.password_sealed = _sealed(scope, row, fields["password"])
            if row.password_sealed is not None:
                row.save(update_fields=["password_sealed"])
        _assign(scope, row, fields.get("profile", []))
        if logged:
            txlog.write(scope, events.of_making(scope, events.seen(row)))
    return queries.get(scope, row.pk)


def update(scope: Scope, user_id: int, *, fields: UserFields) -> User:
    """Change what `fields` names. Raises NotFound, Invalid, Conflict (duplicate), Forbidden; then nothing is changed."""
    rules.check(fields)
    with _translated(), transaction.atomic():
        row = lock(scope, user_id)
        before = events.seen(row)
        also: set[str] = set()
        moved = "organization_id" in fields and fields["organization_id"] != row.organization_id
        if moved:
            row.organization_id = _organization(scope, fields["organization_id"])
            models.UserExtra.unscoped.filter(parent_id=row.pk).update(organization_id=row.organization_id)
        _set_plain(row, fields)
        if "password" in fields:
            _set_password(scope, row, fields["password"])
            also.add("password")
        elif "password_or_hash" in fields:
            _set_password_or_hash(scope, row, fields["password_or_hash"])
            also.add("password")
        elif moved and row.password_sealed is not None and not _recoverable(scope, row):
            row.password_sealed = None  # the new organization does not want passwords kept
        row.last_change = clock.now()
        row.save()
        if "profile" in fields:
            if _assign(scope, row, fields["profile"]):
                also.add("profile")
        elif moved:
            # Profiles reach downwards only; those of the old branch do not follow the user out of it.
            _assign(scope, row, queries.profile_names(scope, [row.pk]).get(row.pk, ()))
        after = events.seen(row)
        if (reason := events.why_out(before, after, now=row.last_change)) is not None:
            control.end_sessions_of(scope, row.pk, reason=reason)
        elif "profile" in also:
            control.renew_user(scope, row.pk, reason=Reason.PROFILE_CHANGED)
        elif before["expiration"] != after["expiration"]:
            control.renew_user(scope, row.pk, reason=Reason.CREDIT_CHANGED)
        txlog.write(scope, events.of_change(scope, before, after, also=also, now=row.last_change))
    return queries.get(scope, user_id)


def replace(scope: Scope, user_id: int, *, fields: UserFields) -> User:
    """Change what `fields` names and reset the rest; organization and password stay unless named. Raises as `update`, Missing."""
    if not fields.get("username"):
        with transaction.atomic():
            lock(scope, user_id)
        raise Missing("username is required", fields={"username": ["is required"]})
    return update(scope, user_id, fields={**DEFAULTS, **fields})


def set_password(scope: Scope, user_id: int, *, password: str) -> None:
    """Give a user another password. Raises NotFound, Invalid, Forbidden."""
    update(scope, user_id, fields={"password": password})


def delete(scope: Scope, user_id: int) -> None:
    """Delete a user; accounting rows stay, with the username. Raises NotFound, Forbidden."""
    with transaction.atomic():
        row = lock(scope, user_id)
        gone = events.seen(row)
        control.end_sessions_of(scope, row.pk, reason=Reason.USER_DELETED)
        row.delete()
        txlog.write(scope, events.of_deletion(gone))


def forget_recoverable(*, limit: int = 5_000) -> int:
    """Delete kept passwords where the organization keeps none any more; at most `limit` a transaction, until all are gone.

    For the worker: crosses tenants. Returns how many were deleted. CHAP has been refused since the switch already.
    """
    forgotten = 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_FORGET, [limit])
            if cursor.rowcount == 0:
                return forgotten
            forgotten += cursor.rowcount


def hold(scope: Scope, user_id: int) -> None:
    """Keep a user from being deleted until the transaction ends, for what other rooms write about one. Raises NotFound."""
    rows = models.User.objects.within(scope).select_for_update(no_key=True).filter(pk=user_id)
    if rows.values_list("pk", flat=True).first() is None:
        raise NotFound("There is no such user.")


def lock(scope: Scope, user_id: int) -> models.User:
    """The row of a user the caller may change, locked, for the room's own commands. Raises NotFound, Forbidden."""
    row = models.User.objects.within(scope).select_for_update().filter(pk=user_id).first()
    if row is None:
        raise NotFound("There is no such user.")
    rules.check_may_manage(scope, row.role)
    return row


def _organization(scope: Scope, organization_id: int) -> int:
    if not scope.covers(organization_id):
        raise Invalid.field("organization", "there is no such organization")
    return organization_id


def _set_plain(row: models.User, fields: UserFields) -> None:
    for name, value in fields.items():
        if name not in {"password", "password_or_hash", "profile", "organization_id"}:
            setattr(row, name, value)
    if "username" in fields:
        row.username_key = rules.username_key(fields["username"])


def _set_password(scope: Scope, row: models.User, password: str) -> None:
    row.password = hashing.hash_password(password) if password else ""
    row.password_version += 1
    row.verifier = None
    row.password_sealed = _sealed(scope, row, password) if password else None


def _set_password_or_hash(scope: Scope, row: models.User, text: str) -> None:
    _set_password(scope, row, "" if foreign_hashes.looks_like_one(text) else text)
    row.password = row.password or hashing.accept(text)


def _sealed(scope: Scope, row: models.User, password: str) -> bytes | None:
    if not _recoverable(scope, row):
        return None
    return seal.seal(password.encode(), purpose=_SEAL, row=f"user:{row.pk}")


def _recoverable(scope: Scope, row: models.User) -> bool:
    """Only subscribers' passwords are ever kept, and only where their organization switched it on."""
    return row.role == models.Role.DEVICE_USER and organizations.get(scope, row.organization_id).recoverable_passwords


def _assign(scope: Scope, row: models.User, names: Sequence[str]) -> bool:
    """Give the user these profiles, in this order; whether that changed anything."""
    wanted = list(dict.fromkeys(name.lower() for name in names))
    above = organizations.ancestor_ids(scope, row.organization_id) if wanted else ()
    found = profiles.resolve(scope, wanted, organization_ids=above) if wanted else {}
    if unknown := [name for name in names if name.lower() not in found]:
        raise Invalid.field("profile", f"there is no profile {unknown[0]!r} for users of this organization")
    ids = [found[name] for name in wanted]
    assigned = models.UserProfile.objects.filter(user_id=row.pk, tenant_id=scope.tenant_id)
    if list(assigned.order_by("position").values_list("profile_id", flat=True)) == ids:
        return False
    assigned.delete()
    models.UserProfile.objects.bulk_create(
        models.UserProfile(tenant_id=scope.tenant_id, user=row, profile_id=profile_id, position=position)
        for position, profile_id in enumerate(ids)
    )
    return True


def _token_number(actor: str) -> int | None:
    kind, _, number = actor.partition(":")
    return int(number) if kind == "token" and number.isdecimal() else None


@contextmanager
def _translated() -> Iterator[None]:
    """Two callers at once pass every check; the constraints then say which one was late."""
    try:
        yield
    except IntegrityError as error:
        told = str(error)
        if "user_username_once" in told or "user_staff_once" in told:
            reason = "another user has this username"
            raise Conflict(f"username: {reason}", fields={"username": [reason]}, code="duplicate") from None
        if "users_userprofile_profile_id" in told:
            raise Invalid.field("profile", "the profile was deleted meanwhile") from None
        raise
