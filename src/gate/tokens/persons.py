"""Tokens of people: an access token (claims.py) for an hour, and refresh tokens that each work once.

Everything that comes of one sign-in is a family and ends together: by signing out, by another password, by the account's or
organization's end, and when a refresh token that was used already comes back, which means that two hold it.

**Rotation without forking.** A refresh token's successor is an HMAC of it under a key of the install, so it has one successor
however often and by however many it is used at once. Within `OVERLAP` the same token is answered with the same successor, as
long as nobody has used that one: a reply lost on the way costs no sign-in. A thief gains nothing by it, because thief and owner
then hold the same token, and whoever uses it second is noticed. Digests alone are stored.
"""

import datetime as dt
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from gate.core import seal
from gate.core.errors import Unauthenticated
from gate.core.tenancy import Scope, activate
from gate.tokens import claims, models, rules
from gate.tokens.bearer import digest_of
from gate.tokens.claims import Claims
from gate.tokens.kept import Kept
from gate.tokens.types import Pair

ACCESS_LIFE = dt.timedelta(hours=1)
REFRESH_LIFE = dt.timedelta(hours=12)
"""How long a person may stay away and still be signed in."""
REMEMBERED_LIFE = dt.timedelta(days=30)
"""The same, for who asked to be remembered."""
OVERLAP = dt.timedelta(seconds=10)
"""How long a refresh token just used is answered with the same successor once more."""
SUBSCRIBER = "device_user"
"""The role that reaches its own rows alone."""
_REFUSED = "The token is unknown, expired or revoked."
_PURPOSE = "refresh-token"
_CLEAN = 50


class RefreshReused(Unauthenticated):
    """A refresh token came a second time: its family is revoked. `scope` is the person's, for the log."""

    def __init__(self, detail: str, *, scope: Scope) -> None:
        super().__init__(detail)
        self.scope = scope


@dataclass(frozen=True, slots=True)
class _Person:
    """The state of a family's user, as it is now."""

    tenant_id: int
    organization_id: int
    user_id: int
    role: str
    device_id: int | None
    revoked: dt.datetime | None
    is_active: bool
    expiration: dt.datetime | None
    password_changed: bool
    password_version: int
    organization_ids: tuple[int, ...]

    def may(self, *, now: dt.datetime) -> bool:
        """Whether tokens of the family still work."""
        live = self.is_active and (self.expiration is None or self.expiration > now)
        return live and self.revoked is None and not self.password_changed

    def scope(self, *, permissions: frozenset[str] = frozenset()) -> Scope:
        """What the person reaches."""
        return Scope(
            tenant_id=self.tenant_id, organization_id=self.organization_id, organization_ids=self.organization_ids,
            permissions=permissions, actor=f"user:{self.user_id}", user_id=self.user_id, device_id=self.device_id,
            own_only=self.role == SUBSCRIBER,
        )  # fmt: skip


_cache: Kept[int, _Person] = Kept()


def forget() -> None:
    """Ask the database again about everybody."""
    _cache.clear()


def authenticate(plain: str, *, roles: Mapping[str, frozenset[str]], now: dt.datetime) -> Scope:
    """The scope of the person an access token was given to, with what `roles` says the present role may do.

    The connection is told the tenant. What ends a token (see the head of this file) is noticed within 15 seconds. Raises
    Unauthenticated.
    """
    said = claims.decode(plain)
    if said is None or said.expires <= now:
        raise Unauthenticated(_REFUSED)
    person = _cache.get(said.family_id)
    if person is None:
        person = _ask(said.family_id)
        if person is None:
            raise Unauthenticated(_REFUSED)
        _cache.put(said.family_id, person)
    theirs = (said.user_id, said.tenant_id, said.password_version)
    if theirs != (person.user_id, person.tenant_id, person.password_version) or not person.may(now=now):
        raise Unauthenticated(_REFUSED)
    activate(person.tenant_id)
    return person.scope(permissions=roles.get(person.role, frozenset()))


def begin(
    scope: Scope,
    *,
    organization_id: int,
    user_id: int,
    password_version: int,
    now: dt.datetime,
    remember: bool = False,
    device: str = "",
    device_id: int | None = None,
) -> Pair:
    """The first tokens of a person of the scope's tenant who has just proved a password of that version.

    Raises Unauthenticated where the account ended or changed its password meanwhile.
    """
    activate(scope.tenant_id)
    plain = rules.refresh_token_of(secrets.token_bytes(rules.SECRET_BYTES))
    with transaction.atomic():
        _clean(scope, now=now)
        family = models.Family(
            tenant_id=scope.tenant_id, organization_id=organization_id, user_id=user_id, device_id=device_id,
            device=device[:200], remember=remember, password_version=password_version, created=now, last_used=now,
            expires=now + _life(remember=remember),
        )  # fmt: skip
        family.save(force_insert=True)
        _store(family, plain, now=now)
        person = _ask(family.pk)
        if person is None or not person.may(now=now):
            raise Unauthenticated("The account cannot be signed in to any more.")
        return _pair(family, person, plain, now=now)


def refresh(plain: str, *, now: dt.datetime) -> Pair:
    """The next tokens for a refresh token; it is used up. The connection is told the tenant.

    Raises Unauthenticated, and RefreshReused where the token had been used before: then its family is revoked.
    """
    found = _find(plain)
    if found is None:
        raise Unauthenticated(_REFUSED)
    tenant_id, family_id = found
    activate(tenant_id)
    with transaction.atomic():
        # One refresh of a family at a time; what is said below is said after the transaction, so that a revocation stays.
        family = models.Family.unscoped.select_for_update().filter(pk=family_id, tenant_id=tenant_id).first()
        outcome = None if family is None else _rotate(family, plain, now=now)
    _cache.drop(family_id)
    if outcome is None:
        raise Unauthenticated(_REFUSED)
    if isinstance(outcome, _Person):
        raise RefreshReused("This refresh token was used before. Sign in again.", scope=outcome.scope())
    return outcome


def revoke(*, refresh_token: str | None, access_token: str | None, now: dt.datetime) -> list[Scope]:
    """End the families of these tokens, also of expired ones. Those that are unknown or ended already are passed over.

    Returns the scopes of the people signed out, for the log. Only this process notices at once, others within 15 seconds.
    """
    named: dict[int, int] = {}
    found = _find(refresh_token) if refresh_token else None
    if found is not None:
        named[found[1]] = found[0]
    said = claims.decode(access_token) if access_token else None
    if said is not None:
        named[said.family_id] = said.tenant_id
    ended = []
    for family_id, tenant_id in named.items():
        activate(tenant_id)
        person = _ask(family_id)
        rows = models.Family.unscoped.filter(pk=family_id, tenant_id=tenant_id, revoked=None)
        changed = rows.update(revoked=now, reason="signed_out")
        _cache.drop(family_id)
        if changed and person is not None:
            ended.append(person.scope())
    return ended


def _rotate(family: models.Family, plain: str, *, now: dt.datetime) -> Pair | _Person | None:
    """The next pair; the person, where the family was revoked for reuse; None where the token is at its end."""
    row = models.RefreshToken.objects.filter(digest=digest_of(plain), family_id=family.pk, tenant_id=family.tenant_id).first()
    person = _ask(family.pk)
    if row is None or family.revoked is not None:
        return None
    if person is None or not person.may(now=now):
        # So that it stays ended, should the account come back.
        _revoke(family, "account", now=now)
        return None
    if row.expires <= now:
        return None
    following = rules.refresh_token_of(seal.keyed_digest(_PURPOSE, plain.encode()))
    if row.used is not None:
        rows = models.RefreshToken.objects.filter(
            digest=digest_of(following), family_id=family.pk, tenant_id=family.tenant_id, used=None
        )
        if now - row.used > OVERLAP or not rows.exists():
            _revoke(family, "reuse", now=now)
            return person
        return _pair(family, person, following, now=now)
    row.used = now
    row.save(update_fields=["used"])
    family.last_used, family.expires = now, now + _life(remember=family.remember)
    family.save(update_fields=["last_used", "expires"])
    models.RefreshToken.objects.filter(family_id=family.pk, tenant_id=family.tenant_id, expires__lte=now).delete()
    _store(family, following, now=now)
    return _pair(family, person, following, now=now)


def _pair(family: models.Family, person: _Person, refresh_token: str, *, now: dt.datetime) -> Pair:
    expires = (now + ACCESS_LIFE).replace(microsecond=0)
    said = Claims(
        user_id=person.user_id, tenant_id=person.tenant_id, organization_id=person.organization_id, role=person.role,
        device_id=person.device_id, family_id=family.pk, password_version=person.password_version, issued=now, expires=expires,
    )  # fmt: skip
    return Pair(
        access_token=claims.encode(said), refresh_token=refresh_token, access_expires=expires, refresh_expires=family.expires,
        family_id=family.pk, scope=person.scope(),
    )  # fmt: skip


def _revoke(family: models.Family, reason: str, *, now: dt.datetime) -> None:
    family.revoked, family.reason = now, reason
    family.save(update_fields=["revoked", "reason"])


def _store(family: models.Family, plain: str, *, now: dt.datetime) -> None:
    models.RefreshToken(
        tenant_id=family.tenant_id, family_id=family.pk, digest=digest_of(plain), created=now, expires=family.expires
    ).save(force_insert=True)  # fmt: skip


def _clean(scope: Scope, *, now: dt.datetime) -> None:
    """Each sign-in takes a few families away that ended long ago, so that they need no job."""
    old = models.Family.unscoped.filter(tenant_id=scope.tenant_id, expires__lte=now - REFRESH_LIFE)
    models.Family.unscoped.filter(pk__in=list(old.values_list("pk", flat=True)[:_CLEAN]), tenant_id=scope.tenant_id).delete()


def _life(*, remember: bool) -> dt.timedelta:
    return REMEMBERED_LIFE if remember else REFRESH_LIFE


def _find(plain: str) -> tuple[int, int] | None:
    """Tenant and family of a refresh token."""
    if not rules.plausible_refresh_token(plain):
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT tenant_id, family_id FROM gate_refresh(%s)", [digest_of(plain)])
        row = cursor.fetchone()
    return None if row is None else (row[0], row[1])


def _ask(family_id: int) -> _Person | None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tenant_id, organization_id, user_id, role, device_id, revoked, is_active, expiration, password_changed,"
            " password_version, organization_ids FROM gate_person(%s)",
            [family_id],
        )
        row = cursor.fetchone()
    if row is None:
        return None
    columns: tuple[Any, ...] = (*row[:10], tuple(row[10]))
    return _Person(*columns)
