"""Changing profiles. The RADIUS server hears of it by the table's change notice and reads the profiles anew."""

import dataclasses
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from gate.core import clock
from gate.core.errors import Conflict, Invalid, Missing, NotFound
from gate.core.tenancy import Scope, activate
from gate.profiles import models, queries, rules
from gate.profiles.types import AttributeDictionary, Item, Profile, ProfileFields

_DEFAULTS: ProfileFields = {
    "description": "", "reply_attribute": (), "check_attribute": (), "rate_up": None, "rate_down": None, "quota_up": None,
    "quota_down": None, "quota_total": None, "session_timeout": None, "idle_timeout": None, "vlan": None, "role": "",
    "redirect_url": "", "max_sessions": None,
}  # fmt: skip
_REQUIRED = ("name", "short_name")


def create(scope: Scope, *, fields: ProfileFields, dictionary: AttributeDictionary) -> Profile:
    """A new profile, in the caller's organization unless one below is named. Raises Missing, Invalid, Conflict (duplicate)."""
    _require(fields)
    rules.check(fields, dictionary=dictionary)
    organization_id = fields.get("organization_id", scope.organization_id)
    if not scope.covers(organization_id):
        raise Invalid.field("organization", "there is no such organization")
    now = clock.now()
    row = models.Profile(tenant_id=scope.tenant_id, organization_id=organization_id, created=now, last_change=now)
    _set(row, {**_DEFAULTS, **fields})
    activate(scope.tenant_id)
    with _translated(), transaction.atomic():
        row.save(force_insert=True)
    return queries.profile_of(row)


def update(scope: Scope, profile_id: int, *, fields: ProfileFields, dictionary: AttributeDictionary) -> Profile:
    """Change what `fields` names. Raises NotFound, Invalid, Conflict (duplicate); then nothing is changed."""
    row = _row(scope, profile_id)
    rules.check(fields, dictionary=dictionary)
    _set(row, fields)
    row.last_change = clock.now()
    names = [name for name in fields if name != "organization_id"]
    with _translated(), transaction.atomic():
        row.save(update_fields=[*names, "last_change"])
    return queries.profile_of(row)


def replace(scope: Scope, profile_id: int, *, fields: ProfileFields, dictionary: AttributeDictionary) -> Profile:
    """Change what `fields` names and reset the rest. Raises NotFound, Missing, Invalid, Conflict (duplicate)."""
    _row(scope, profile_id)
    _require(fields)
    return update(scope, profile_id, fields={**_DEFAULTS, **fields}, dictionary=dictionary)


def delete(scope: Scope, profile_id: int) -> None:
    """Delete a profile. Raises NotFound, Conflict (in_use) where users have it."""
    row = _row(scope, profile_id)
    try:
        with transaction.atomic():
            row.delete()
    except (ProtectedError, IntegrityError):
        raise Conflict("The profile is assigned to users.", code="in_use") from None


def _require(fields: ProfileFields) -> None:
    missing = {name: ["is required"] for name in _REQUIRED if name not in fields}
    if missing:
        raise Missing(f"{' and '.join(missing)} required", fields=missing)


def _row(scope: Scope, profile_id: int) -> models.Profile:
    row = models.Profile.objects.within(scope).filter(pk=profile_id).first()
    if row is None:
        raise NotFound("There is no such profile.")
    return row


def _set(row: models.Profile, fields: ProfileFields) -> None:
    for name, value in fields.items():
        if name in {"reply_attribute", "check_attribute"}:
            setattr(row, name, _stored(value))  # type: ignore[arg-type]  # the two names whose values are items
        elif name != "organization_id":
            setattr(row, name, value)


def _stored(items: Iterable[Item]) -> list[dict[str, Any]]:
    return [dataclasses.asdict(item) for item in items]


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except IntegrityError as error:
        if "profile_short_name_once" not in str(error):
            raise
        reason = "another profile has this short name"
        raise Conflict(f"short_name: {reason}", fields={"short_name": [reason]}, code="duplicate") from None
