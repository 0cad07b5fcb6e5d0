"""What leaves the room and what may be set on a user."""

import datetime as dt
from dataclasses import dataclass
from typing import TypedDict


@dataclass(frozen=True, slots=True)
class User:
    """A person, without anything secret."""

    id: int
    tenant_id: int
    organization_id: int
    username: str
    external_id: str | None
    klass: str | None
    email: str
    first_name: str
    last_name: str
    role: str
    is_active: bool
    description: str
    date_joined: dt.datetime
    first_login: dt.datetime | None
    last_login: dt.datetime | None
    expiration: dt.datetime | None
    """From this moment on the user is let in no more."""
    avatar_url: str | None
    source_id: int | None
    """The API token that made the user, where one did."""
    last_change: dt.datetime
    profile: tuple[str, ...]
    """Short names of the AAA profiles, in order."""


class UserFields(TypedDict, total=False):
    """What may be set on a user."""

    username: str
    password: str
    """In clear; stored as Argon2id. Empty: the user cannot sign in with a password."""
    external_id: str | None
    klass: str | None
    email: str
    first_name: str
    last_name: str
    is_active: bool
    organization_id: int
    description: str
    expiration: dt.datetime | None
    avatar_url: str | None
    profile: list[str]


@dataclass(frozen=True, slots=True)
class UserFilter:
    """Which users a list holds; what is None does not narrow."""

    id: int | None = None
    username: str | None = None
    """The whole username, in any case."""
    username_part: str | None = None
    """A part of it, in any case."""
    organization_id: int | None = None
    external_id: str | None = None
    is_active: bool | None = None
    role: str | None = None
