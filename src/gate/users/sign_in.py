"""Signing people in by name and password.

Two doors lead here. Behind a token the people are those the token reaches. At the open door (a portal's sign-in page) nobody
has said whose people are meant: they are found by the portal named, or by a name that one person alone has in the install.

The order is the same at both: the address's failures, the name's failures, then the person, then the password, then whether the
account may be used. A name that nobody has costs one Argon2 check as well, and is counted, locked and answered like any other.
A lock is answered before the person is looked for. Only who knows the password hears that an account is suspended.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet, Value
from django.db.models.functions import Coalesce

from gate.core import ids
from gate.core.tenancy import Scope, activate
from gate.organizations import queries as organizations
from gate.txlog import commands as txlog
from gate.txlog.types import Event
from gate.users import hashing, lockout, models, queries, rules
from gate.users.errors import Locked, Suspended, Throttled, WrongCredentials
from gate.users.types import User

MAX_NAME = 254
"""Characters of a username or an e-mail address; nobody has a longer one."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Somebody proved who they are."""

    user: User
    scope: Scope
    """Their own organization and below, without permissions."""
    password_version: int
    """Of the password they proved."""


@dataclass(frozen=True, slots=True)
class _Door:
    """Where the attempt is made."""

    tenant_id: int | None
    """Whose people they are, and by whom names are counted; None at the open door without a portal."""
    scope: Scope | None
    """The caller's, where there is a token."""
    event: str
    """Type of a success in the transaction log; a refusal is an attempt (`ua`) at either door."""
    source: str
    """Who caused it, for the log."""
    nobody: bool = False
    """A portal was named that has no people."""

    @property
    def callers(self) -> int | None:
        """Whose callers an address is counted among; None at the open door."""
        return None if self.scope is None else self.scope.tenant_id


def behind_token(scope: Scope, *, username: str, password: str, address: str, now: dt.datetime) -> SignedIn:
    """Somebody the scope reaches, by username or by e-mail address, where that is one person's.

    Raises WrongCredentials, Locked, Suspended, Throttled.
    """
    door = _Door(tenant_id=scope.tenant_id, scope=scope, event="ua", source="d")
    return _sign_in(door, username=username.strip(), password=password, address=address, now=now)


def at_open_door(*, username: str, password: str, portal: str | None, address: str, now: dt.datetime) -> SignedIn:
    """Somebody of the portal's tenant; without a portal the member of staff of that name, or else the one person who has it.

    `portal` is the id or short name of an organization; one that is unknown, or not one tenant's alone, has no people. The
    connection is told the tenant. Raises WrongCredentials, Locked, Suspended, Throttled.
    """
    tenant_id = _portal_tenant(portal) if portal else None
    nobody = bool(portal) and tenant_id is None
    door = _Door(tenant_id=tenant_id, scope=None, event="ui", source="a", nobody=nobody)
    return _sign_in(door, username=username.strip(), password=password, address=address, now=now)


def log_refresh(scope: Scope) -> None:
    """A person came back with a refresh token."""
    _log_person(scope, event="ue", status="u200", action="re", message="refresh token used")


def log_reuse(scope: Scope) -> None:
    """A refresh token came a second time."""
    _log_person(scope, event="ue", status="u403", action="re", message="refresh token used twice: the sign-in was ended")


def log_sign_out(scope: Scope) -> None:
    """A person signed out."""
    _log_person(scope, event="uo", status="u200", action="lo", message="signed out")


def _sign_in(door: _Door, *, username: str, password: str, address: str, now: dt.datetime) -> SignedIn:
    by_address = lockout.attempt(lockout.address_counter(tenant_id=door.callers, address=address), now=now)
    if not by_address.allowed:
        raise Throttled(username=username, retry_after=_seconds(by_address.locked_until, now))
    by_name = lockout.attempt(lockout.name_counter(tenant_id=door.tenant_id, username=username), now=now)
    if not by_name.allowed:
        _log_refusal(door, None, username=username, status="u423")
        raise Locked(username=username, locked_until=by_name.locked_until or now)
    row = None if door.nobody or len(username) > MAX_NAME else _find(door, username)
    right = hashing.check_password(password, row.password if row is not None else "")
    if row is None or not right:
        _log_refusal(door, row, username=username, status="u404" if row is None else "u401", lock=by_name.locked_until)
        raise WrongCredentials(username=username, attempts_remaining=by_name.remaining, locked_until=by_name.locked_until)
    lockout.succeeded(by_name, wholly=True)
    lockout.succeeded(by_address, wholly=False)
    if not _may_enter(row, now=now):
        expired = row.expiration is not None and row.expiration <= now
        _log_refusal(door, row, username=username, status="u410" if expired else "u403")
        raise Suspended(username=username)
    return _enter(door, row, password=password, now=now)


def _enter(door: _Door, row: models.User, *, password: str, now: dt.datetime) -> SignedIn:
    with transaction.atomic():
        mine = models.User.unscoped.filter(pk=row.pk, tenant_id=row.tenant_id)
        mine.update(last_login=now, first_login=Coalesce("first_login", Value(now)))
        if hashing.outdated(row.password):
            # Only while it still is the password that was checked.
            mine.filter(password=row.password).update(password=hashing.hash_password(password))
        event = Event(
            type=door.event, status="u200", organization_id=row.organization_id, source=door.source, action="li",
            **_who(row, row.username),
        )  # fmt: skip
        txlog.write(_log_scope(row.tenant_id, row.organization_id), [event])
    scope = organizations.scope_of(row.organization_id, permissions=frozenset(), actor=f"user:{row.pk}")
    return SignedIn(user=queries.get(scope, row.pk), scope=scope, password_version=row.password_version)


def _find(door: _Door, username: str) -> models.User | None:
    """The one person meant, or None; the connection is told the tenant."""
    if door.scope is not None:
        rows = models.User.objects.within(door.scope)
        if door.scope.own_only:
            rows = rows.filter(pk=door.scope.user_id or 0)
        return _named(rows, tenant_id=door.scope.tenant_id, username=username)
    if door.tenant_id is not None:
        activate(door.tenant_id)
        return _named(models.User.unscoped.filter(tenant_id=door.tenant_id), tenant_id=door.tenant_id, username=username)
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, tenant_id FROM gate_person_named(%s, %s)", [rules.username_key(username), username])
        found = cursor.fetchall()
    if len(found) != 1:
        return None
    user_id, tenant_id = found[0]
    activate(tenant_id)
    return models.User.unscoped.select_related("organization").filter(pk=user_id, tenant_id=tenant_id).first()


def _named(rows: QuerySet[models.User], *, tenant_id: int, username: str) -> models.User | None:
    rows = rows.select_related("organization")
    named = rows.filter(username_key=rules.username_key(username)).first()
    if named is not None or "@" not in username:
        return named
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM gate_mailed(%s, %s)", [tenant_id, username])
        mailed = [found[0] for found in cursor.fetchall()]
    people = list(rows.filter(pk__in=mailed)[:2]) if mailed else []
    return people[0] if len(people) == 1 else None


def _may_enter(row: models.User, *, now: dt.datetime) -> bool:
    live = row.is_active and (row.expiration is None or row.expiration > now)
    return live and row.organization.is_active and not row.organization.deleted


def _portal_tenant(portal: str) -> int | None:
    portal = portal.strip()
    # `site-12` is a short name and no id.
    number = ids.parse(portal) if portal.isdecimal() or portal.startswith(f"{ids.ORGANIZATION}_") else None
    with connection.cursor() as cursor:
        cursor.execute("SELECT tenant_id FROM gate_portal_tenant(%s, %s)", [number, portal])
        found = cursor.fetchall()
    return found[0][0] if len(found) == 1 else None


def _seconds(until: dt.datetime | None, now: dt.datetime) -> int:
    return max(1, -int((now - until).total_seconds() // 1)) if until is not None else 1


def _log_refusal(
    door: _Door, row: models.User | None, *, username: str, status: str, lock: dt.datetime | None = None
) -> None:  # fmt: skip
    tenant_id = row.tenant_id if row is not None else door.tenant_id
    if tenant_id is None:
        # Nobody's log: at the open door nobody has this name. The write below takes as long as a log's would, so that the
        # reply does not come sooner for a name that nobody has.
        lockout.touch(lockout.name_counter(tenant_id=None, username=username))
        return
    organization_id = row.organization_id if row is not None else door.scope.organization_id if door.scope else tenant_id
    common: dict[str, Any] = {"organization_id": organization_id, "source": door.source, "action": "li", **_who(row, username)}
    events = [Event(type="ua", status=status, message="sign-in refused", **common)]
    if lock is not None:
        events.append(Event(type="ul", status="u423", message="locked after too many failed sign-ins", **common))
    txlog.write(_log_scope(tenant_id, organization_id), events)


def _who(row: models.User | None, username: str) -> dict[str, Any]:
    if row is None:
        return {"username": username[:MAX_NAME]}
    return {"user_id": row.pk, "username": row.username, "email": row.email or None, "external_id": row.external_id}


def _log_scope(tenant_id: int, organization_id: int) -> Scope:
    return Scope(tenant_id=tenant_id, organization_id=organization_id, organization_ids=(organization_id,))


def _log_person(scope: Scope, *, event: str, status: str, action: str, message: str) -> None:
    row = models.User.objects.within(scope).filter(pk=scope.user_id or 0).first()
    if row is None:
        return
    common = {"organization_id": row.organization_id, "source": "d" if scope.own_only else "a", **_who(row, "")}
    txlog.write(scope, [Event(type=event, status=status, action=action, message=message, **common)])
