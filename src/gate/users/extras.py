"""Further data of a person: at most one record a user, reached where the user is.

`tax_id` and `passport_number` are encrypted (core/seal.py), each under its own purpose and bound to its record. `age` follows
from the birthday on the day it is asked for, unless it was given. What is captured leaves `uc` and `ut` in the transaction log
(events.py): the names of the fields, never their values.
"""

import dataclasses
import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from gate.core import clock, seal
from gate.core.errors import Invalid, Missing, NotFound
from gate.core.tenancy import Scope
from gate.database import tallies
from gate.txlog import commands as txlog
from gate.users import commands, events, extra_rules, models
from gate.users.types import UserExtra, UserExtraFields, UserExtraFilter

SEALED = {"tax_id": "tax-id", "passport_number": "passport-number"}
"""Fields that exist encrypted only, and the purposes of their keys."""
DEFAULTS: UserExtraFields = {
    "title": None, "gender": None, "birthday": None, "age": None, "age_range": None, "telephone": None, "address": None,
    "city": None, "state": None, "postal_code": None, "country": None, "country_id": None, "company": None, "tax_id": None,
    "passport_number": None, "hometown": None, "location": None, "locale": None, "event": None, "accept_terms": False,
    "custom_field_1": None, "custom_field_2": None, "custom_field_3": None, "custom_field_4": None, "custom_field_5": None,
    "custom_field_6": None, "custom_field_7": None, "custom_field_8": None,
}  # fmt: skip
"""What `create` and `replace` take for fields not named."""

_GONE = "There is no such record."
_NO_PARENT = "There is no such user."
_COLUMNS = tuple(f"{field.name}_sealed" if field.name in SEALED else field.name for field in dataclasses.fields(UserExtra))


def get(scope: Scope, extra_id: int) -> UserExtra:
    """One record of the scope. Raises NotFound."""
    row = _rows(scope).filter(pk=extra_id).values(*_COLUMNS).first()
    if row is None:
        raise NotFound(_GONE)
    return _extra(row, today=clock.now().date())


def count(scope: Scope, wanted: UserExtraFilter) -> int:
    """How many records of the scope match."""
    if wanted.parent_id is None:
        return tallies.count(scope, "users_userextra", organization_id=wanted.organization_id)
    return _matching(scope, wanted).count()


def list_page(scope: Scope, wanted: UserExtraFilter, *, limit: int, offset: int) -> list[UserExtra]:
    """The matching records of the scope by id, from `offset` on, at most `limit`."""
    # The rows to skip are skipped in the index alone; the tally knows about where the page begins.
    rows = _matching(scope, wanted).order_by("pk").values("pk")
    if wanted.parent_id is None:
        first, offset = tallies.skip(scope, "users_userextra", rows=offset, organization_id=wanted.organization_id)
        rows = rows.filter(pk__gte=first)
    page = rows[offset : offset + limit]
    today = clock.now().date()
    return [_extra(row, today=today) for row in _rows(scope).filter(pk__in=page).order_by("pk").values(*_COLUMNS)]


def create(scope: Scope, *, fields: UserExtraFields) -> UserExtra:
    """A new record; `parent_id` is needed.

    Raises Missing, Invalid (also for a parent that has one), NotFound where there is no such parent, Forbidden for staff with
    more rights than the caller.
    """
    if "parent_id" not in fields:
        raise Missing("parent is required", fields={"parent": ["is required"]})
    now = clock.now()
    fields = extra_rules.normal(fields, today=now.date())
    with _translated(), transaction.atomic():
        user = commands.lock(scope, fields["parent_id"])
        row = models.UserExtra(tenant_id=user.tenant_id, created=now)
        named = sorted(name for name, value in fields.items() if name != "parent_id" and value not in (None, ""))
        _write(scope, row, user, {**DEFAULTS, **fields}, names=named, now=now)
    return get(scope, row.pk)


def update(scope: Scope, extra_id: int, *, fields: UserExtraFields) -> UserExtra:
    """Change what `fields` names. A changed birthday takes age and range given before with it.

    Raises NotFound, Invalid, Forbidden; then nothing is changed.
    """
    now = clock.now()
    fields = extra_rules.normal(fields, today=now.date())
    with _translated(), transaction.atomic():
        row, user = _locked(scope, extra_id)
        if fields.get("parent_id", user.pk) != user.pk:
            user = _parent(scope, fields["parent_id"])
        changed = _changes(row, fields)
        if "birthday" in changed:
            changed = {"age": None, "age_range": None, **changed}
        _write(scope, row, user, changed, names=sorted(changed), now=now)
    return get(scope, extra_id)


def replace(scope: Scope, extra_id: int, *, fields: UserExtraFields) -> UserExtra:
    """Change what `fields` names and reset the rest; the parent is needed. Raises as `update`, Missing."""
    if "parent_id" not in fields:
        get(scope, extra_id)
        raise Missing("parent is required", fields={"parent": ["is required"]})
    return update(scope, extra_id, fields={**DEFAULTS, **fields})


def delete(scope: Scope, extra_id: int) -> None:
    """Delete a record; the user stays. Raises NotFound, Forbidden."""
    with transaction.atomic():
        row, user = _locked(scope, extra_id)
        terms = False if row.accept_terms else None
        row.delete()
        txlog.write(scope, events.of_capture(events.seen(user), made=False, names=(), terms=terms, deleted=True))


def _rows(scope: Scope) -> QuerySet[models.UserExtra]:
    rows = models.UserExtra.objects.within(scope)
    return rows.filter(parent_id=scope.user_id) if scope.own_only else rows


def _matching(scope: Scope, wanted: UserExtraFilter) -> QuerySet[models.UserExtra]:
    rows = _rows(scope)
    if wanted.parent_id is not None:
        rows = rows.filter(parent_id=wanted.parent_id)
    if wanted.organization_id is not None:
        rows = rows.filter(organization_id=wanted.organization_id)
    return rows


def _locked(scope: Scope, extra_id: int) -> tuple[models.UserExtra, models.User]:
    """The record and its user, both locked; the user first, as `commands.update` does when it moves one. Raises NotFound."""
    parent_id = _rows(scope).filter(pk=extra_id).values_list("parent_id", flat=True).first()
    if parent_id is None:
        raise NotFound(_GONE)
    user = commands.lock(scope, parent_id)
    row = _rows(scope).select_for_update().filter(pk=extra_id, parent_id=parent_id).first()
    if row is None:
        raise NotFound(_GONE)
    return row, user


def _parent(scope: Scope, user_id: int) -> models.User:
    try:
        return commands.lock(scope, user_id)
    except NotFound:
        raise Invalid.field("parent", "there is no such user") from None


def _changes(row: models.UserExtra, fields: UserExtraFields) -> dict[str, Any]:
    """What of `fields` is another value than the record has."""
    before = dataclasses.asdict(_extra({name: getattr(row, name) for name in _COLUMNS}, today=None))
    return {name: value for name, value in fields.items() if before[name] != value}


def _write(scope: Scope, row: models.UserExtra, user: models.User, values: Any, *, names: list[str], now: dt.datetime) -> None:
    made, accepted = row.pk is None, row.accept_terms
    row.parent_id, row.organization_id, row.last_change = user.pk, user.organization_id, now
    for name, value in values.items():
        if name not in SEALED and name != "parent_id":
            setattr(row, name, value)
    if made:
        row.save(force_insert=True)  # its id binds what is sealed
    for name in SEALED.keys() & values.keys():
        setattr(row, f"{name}_sealed", _sealed(row.pk, name, values[name]))
    if not made or any(values.get(name) is not None for name in SEALED):
        row.save(force_update=True)
    terms = row.accept_terms if row.accept_terms != accepted else None
    txlog.write(scope, events.of_capture(events.seen(user), made=made, names=names, terms=terms))


def _sealed(extra_id: int, name: str, value: str | None) -> bytes | None:
    return None if value is None else seal.seal(value.encode(), purpose=SEALED[name], row=f"user-extra:{extra_id}")


def _extra(row: dict[str, Any], *, today: dt.date | None) -> UserExtra:
    """`today` None: age and range as they were given."""
    values = dict(row)
    for name, purpose in SEALED.items():
        sealed = values.pop(f"{name}_sealed")
        values[name] = None if sealed is None else seal.unseal(sealed, purpose=purpose, row=f"user-extra:{row['id']}").decode()
    if today is not None:
        if values["age"] is None and values["birthday"] is not None:
            values["age"] = max(0, extra_rules.age_on(values["birthday"], today))
        if values["age_range"] is None and values["age"] is not None:
            values["age_range"] = extra_rules.age_range(values["age"])
    return UserExtra(**values)


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except IntegrityError as error:
        if "user_extra_once" in str(error):
            raise Invalid.field("parent", "this user has a record already") from None
        raise
