"""A device and the person whose it is: registered together, changed together.

Who holds a token that may register devices is an app that many people have. So a person's name alone proves nothing: it takes the
password, or the person's own access token. A subscriber's token reaches the own person and devices, and never what an operator
decides: username, external id and class.
"""

import datetime as dt
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import transaction

from gate.core.errors import Conflict, Forbidden, Invalid, Missing, NotFound
from gate.core.tenancy import Scope
from gate.devices import commands, queries, rules
from gate.devices.types import Device, DeviceFields
from gate.organizations import queries as organizations
from gate.txlog import commands as txlog
from gate.txlog.types import Event
from gate.users import commands as users
from gate.users import queries as user_queries
from gate.users import sign_in
from gate.users.types import User, UserFields

_IDENTIFIERS = (*rules.IDENTIFIERS, "username", "user_external_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """What was said of the device's user; None: not told."""

    username: str | None = None
    password: str | None = field(default=None, repr=False)
    external_id: str | None = None
    klass: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolled:
    """A device and its user, as far as there are any."""

    device: Device | None
    user: User | None


def register(scope: Scope, *, fields: DeviceFields, person: Person, address: str, now: dt.datetime) -> Enrolled:
    """A new device; it is the person's whose access token calls, or whose name and password are given.

    A name that nobody has becomes a new subscriber where the organization allows it. What is said of a person who is known
    already changes nothing about them. Raises Missing, Invalid, Conflict for a taken IMEI or MAC address, Forbidden, and what
    sign-in raises (users/errors.py).
    """
    fields = rules.checked(fields)
    rules.check_identified(fields)
    user = _person_of(scope, person, address=address, now=now)
    with transaction.atomic():
        if user is None and person.username is not None:
            user = _register_person(scope, person)
        if user is None:
            fields["user_external_id"], fields["user_class"] = person.external_id or "", person.klass or ""
        # Where the person is, so that they and whoever looks after them see it.
        organization_id = None if user is None else user.organization_id
        device = commands.register(
            scope, fields=fields, user_id=None if user is None else user.id, organization_id=organization_id
        )
    return Enrolled(device=device, user=user)


def update(scope: Scope, *, fields: DeviceFields, person: Person, device_id: int | None) -> Enrolled:
    """Find the device or the user by whatever names one of them, and change the rest.

    Raises Missing where nothing names anything; Invalid where nothing is found, where more than one is, for refused and taken
    values; Forbidden for a blocked device, for staff with more rights, for what a subscriber may not change. Then nothing is
    changed.
    """
    fields = rules.checked(fields)
    if (
        device_id is None
        and not any(fields.get(name) for name in rules.IDENTIFIERS)
        and not (person.username or person.external_id)
    ):
        listed = ", ".join(_IDENTIFIERS)
        raise Missing(
            f"At least one of {listed} is needed.", fields={name: ["one of these is required"] for name in _IDENTIFIERS}
        )
    try:
        with transaction.atomic():
            return _update(scope, fields=fields, person=person, device_id=device_id)
    except Conflict as error:
        # What is taken is a refused value here; 409 is for what is registered twice.
        raise Invalid(error.detail, fields=error.fields, code=error.code) from None


def _person_of(scope: Scope, person: Person, *, address: str, now: dt.datetime) -> User | None:
    """The known person the device will be of; None where it is nobody's, or somebody's who is yet to be registered."""
    if (person.username is None) != (person.password is None) and scope.user_id is None:
        name = "username" if person.username is None else "password"
        raise Missing(f"{name}: username and password go together", fields={name: ["goes with the other"]})
    if scope.user_id is not None and (scope.own_only or person.username is None or person.password is None):
        user = user_queries.get(scope, scope.user_id)
        if person.username is not None and person.username.strip().casefold() != user.username.casefold():
            raise Invalid.field("username", "is not whose access token this is")
        return user
    if person.username is None or person.password is None:
        return None
    is_new = not user_queries.is_name_known(scope, name=person.username.strip())
    if is_new and organizations.get(scope, scope.organization_id).self_registration:
        return None
    # An unknown name is refused there like a wrong password, and counted.
    return sign_in.behind_token(
        scope, username=person.username, password=person.password, address=address, now=now
    ).user  # fmt: skip


def _register_person(scope: Scope, person: Person) -> User:
    username = (person.username or "").strip()
    fields: UserFields = {
        "username": username, "password": person.password or "", "external_id": person.external_id, "klass": person.klass,
        "email": username if "@" in username else "",
    }  # fmt: skip
    user = users.create(scope, fields=_told(fields), logged=False)
    event = Event(
        type="ur", status="h201", source="d", action="rg", organization_id=user.organization_id, user_id=user.id,
        username=user.username, email=user.email or None, external_id=user.external_id, new_user=True,
        message="registered with the app",
    )  # fmt: skip
    txlog.write(scope, [event])
    return user


def _update(scope: Scope, *, fields: DeviceFields, person: Person, device_id: int | None) -> Enrolled:
    named: dict[str, Any] = {name: fields.get(name) for name in rules.IDENTIFIERS}
    device = queries.find(scope, device_id=device_id, **named)
    user_id = _user_named(scope, person, device)
    if device is None and user_id is not None:
        device = _only_device(scope, user_id, named)
    if device is not None:
        rules.check_not_blocked(device)
    if device is None and user_id is None:
        raise Invalid("Nothing that was given names a known device or user.", code="unknown")
    user = None if user_id is None else _change_user(scope, user_id, person)
    if user is None:
        refused = {"username": person.username, "password": person.password}
        if faults := {name: ["the device has no user"] for name, value in refused.items() if value is not None}:
            raise Invalid("The device has no user, and there is none of this name.", fields=faults)
        said = {"user_external_id": person.external_id, "user_class": person.klass}
        fields = {**fields, **{name: value for name, value in said.items() if value is not None}}  # type: ignore[typeddict-item]
    if device is not None:
        changes: Any = {name: value for name, value in fields.items() if value is not None}
        device = commands.update(scope, device.id, fields=changes, user_id=user_id)
    return Enrolled(device=device, user=user)


def _user_named(scope: Scope, person: Person, device: Device | None) -> int | None:
    """The one user meant. Raises Invalid where it is not one."""
    if scope.own_only:
        return scope.user_id
    found: set[int] = set()
    if person.username:
        found |= _find_user(scope, person.username)
    if person.external_id:
        found |= set(user_queries.find_by_external_id(scope, external_id=person.external_id))
    if device is not None and device.user_id is not None:
        found.add(device.user_id)
    if len(found) > 1:
        raise Invalid("What was given names more than one user.", code="ambiguous")
    return found.pop() if found else None


def _find_user(scope: Scope, username: str) -> set[int]:
    try:
        return {user_queries.find_id(scope, username=username.strip())}
    except NotFound:
        return set()


def _only_device(scope: Scope, user_id: int, named: dict[str, Any]) -> Device | None:
    """The device the new identifiers are for, where the user has one only. Raises Invalid where it is not to be told."""
    told = [name for name, value in named.items() if value is not None]
    if not told:
        return None
    mine = queries.list_of_user(scope, user_id)
    if len(mine) != 1:
        reason = "is no known device's, and the user has several" if mine else "is no known device's"
        raise Invalid("No known device is named.", fields={name: [reason] for name in told}, code="unknown")
    return mine[0]


def _change_user(scope: Scope, user_id: int, person: Person) -> User:
    user = user_queries.get(scope, user_id)
    said = {"username": (person.username or "").strip() or None, "external_id": person.external_id, "klass": person.klass}
    changes = _told({name: value for name, value in said.items() if value != getattr(user, name)})
    if scope.own_only and changes:
        raise Forbidden("Username, external id and class are for operators to change.", code="own_only")
    if person.password is not None:
        changes["password_or_hash"] = person.password
    if not changes:
        return user
    return users.update(replace(scope, actor=f"device:{scope.actor}"), user_id, fields=changes)


def _told(fields: Any) -> UserFields:
    made: Any = {name: value for name, value in fields.items() if value is not None}
    return made  # type: ignore[no-any-return]
