"""Which events of the transaction log a change of a user is. Pure; `commands` write them in the change's own transaction.

`ur` a user was made (`new_user`), `um` was activated by the API, `un` by anybody else, `ud` was deactivated, expired
by a change of the date, or deleted, `up` has another password, `uu` has other data: the message names the fields, never their
values. `uc` further data was captured, `ut` the terms were accepted or withdrawn. Of staff nothing is logged here: the log is
about guests.
"""

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Any

from gate.control.types import Reason
from gate.core.tenancy import Scope
from gate.txlog import rules as words
from gate.txlog.types import Event

DEVICE_USER = "device_user"
_COLUMNS = (
    "id", "username", "external_id", "klass", "email", "first_name", "last_name", "is_active", "description", "expiration",
    "avatar_url", "organization_id", "role", "max_sessions",
)  # fmt: skip
_QUIET = frozenset({"is_active", "password"})


def seen(row: object) -> dict[str, Any]:
    """What the log compares and keeps of a user, out of the user's row."""
    return {name: getattr(row, name) for name in _COLUMNS}


def of_making(scope: Scope, user: Mapping[str, Any]) -> list[Event]:
    """A user was made; `user` holds the columns."""
    events = [_event(user, "ur", "h201", "made", new_user=True)]
    if user["is_active"] and _by_program(scope):
        events.append(_event(user, "um", "h200", "activated", new_user=True))
    return _of_guests(user, events)


def of_change(
    scope: Scope, before: Mapping[str, Any], after: Mapping[str, Any], *, also: Collection[str], now: dt.datetime
) -> list[Event]:
    """A user was changed; `also` names what changed beside the columns: `profile`, `password`."""
    events = []
    if "password" in also:
        events.append(_event(after, "up", "h200", "password changed"))
    if after["is_active"] != before["is_active"]:
        if after["is_active"]:
            events.append(_event(after, "um" if _by_program(scope) else "un", "h200", "activated"))
        else:
            events.append(_event(after, "ud", "h200", "deactivated"))
    if _expired(after, now) and not _expired(before, now):
        events.append(_event(after, "ud", "u410", "expired"))
    names = [name for name, value in after.items() if name not in _QUIET and before[name] != value]
    names += sorted(set(also) - _QUIET)
    if names:
        changed = ", ".join("organization" if name == "organization_id" else name for name in names)
        events.append(_event(after, "uu", "h200", f"changed: {changed}"))
    return _of_guests(after, events)


def why_out(before: Mapping[str, Any], after: Mapping[str, Any], *, now: dt.datetime) -> Reason | None:
    """Why a change keeps a user from being online, who could be before; None where it does not."""
    if before["is_active"] and not after["is_active"]:
        return Reason.USER_DISABLED
    return Reason.USER_EXPIRED if _expired(after, now) and not _expired(before, now) else None


def of_deletion(user: Mapping[str, Any]) -> list[Event]:
    """A user was deleted."""
    return _of_guests(user, [_event(user, "ud", "h204", "deleted")])


def of_capture(
    user: Mapping[str, Any], *, made: bool, names: Collection[str], terms: bool | None, deleted: bool = False
) -> list[Event]:
    """Further data was captured, changed or deleted; `terms` where accepting the terms changed."""
    events = []
    if deleted:
        events.append(_event(user, "uc", "h204", "deleted"))
    elif names:
        events.append(_event(user, "uc", "h201" if made else "h200", f"captured: {', '.join(sorted(names))}"))
    if terms is not None:
        said = "accepted" if terms else "withdrawn"
        events.append(_event(user, "ut", "h200" if terms else "u406", f"terms {said}"))
    return _of_guests(user, events)


def _by_program(scope: Scope) -> bool:
    return words.source_of(scope) == "a"


def _expired(user: Mapping[str, Any], now: dt.datetime) -> bool:
    expiration: dt.datetime | None = user["expiration"]
    return expiration is not None and expiration <= now


def _of_guests(user: Mapping[str, Any], events: list[Event]) -> list[Event]:
    return events if user["role"] == DEVICE_USER else []


def _event(user: Mapping[str, Any], type_: str, status: str, message: str, *, new_user: bool = False) -> Event:
    return Event(
        type=type_, status=status, organization_id=user["organization_id"], message=message, user_id=user["id"],
        username=user["username"], email=user["email"] or None, external_id=user["external_id"], new_user=new_user,
    )  # fmt: skip
