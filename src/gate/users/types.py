"""What leaves the room and what may be set on a user."""

import datetime as dt
from dataclasses import dataclass, field
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
    max_sessions: int | None = None
    """Sessions the user may have open at once, whatever the profiles say; None: as they say."""


class UserFields(TypedDict, total=False):
    """What may be set on a user."""

    username: str
    password: str
    """In clear; stored as Argon2id. Empty: the user cannot sign in with a password."""
    password_or_hash: str
    """For `update`, in place of `password`: in clear, or a hash made elsewhere (hashing.accept)."""
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
    max_sessions: int | None
    """No default of `DEFAULTS`: what replaces a user keeps it, unless it names it."""


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


@dataclass(frozen=True, slots=True)
class UserExtra:
    """What else is known of a person."""

    id: int
    parent_id: int
    organization_id: int
    title: str | None
    gender: str | None
    """m, f or o."""
    birthday: dt.date | None
    age: int | None
    """As given, else by the birthday, today in UTC."""
    age_range: str | None
    """As given, else by the age."""
    telephone: str | None
    address: str | None
    city: str | None
    state: str | None
    postal_code: str | None
    country: str | None
    country_id: str | None
    """ISO 3166-1, two letters."""
    company: str | None
    tax_id: str | None = field(repr=False)
    passport_number: str | None = field(repr=False)
    hometown: str | None
    location: str | None
    locale: str | None
    event: str | None
    accept_terms: bool
    custom_field_1: str | None
    custom_field_2: str | None
    custom_field_3: str | None
    custom_field_4: str | None
    custom_field_5: str | None
    custom_field_6: str | None
    custom_field_7: str | None
    custom_field_8: str | None


class UserExtraFields(TypedDict, total=False):
    """What may be set of it. Null empties a field."""

    parent_id: int
    title: str | None
    gender: str | None
    birthday: dt.date | None
    age: int | None
    age_range: str | None
    telephone: str | None
    address: str | None
    city: str | None
    state: str | None
    postal_code: str | None
    country: str | None
    country_id: str | None
    company: str | None
    tax_id: str | None
    """In clear; stored encrypted."""
    passport_number: str | None
    """In clear; stored encrypted."""
    hometown: str | None
    location: str | None
    locale: str | None
    event: str | None
    accept_terms: bool
    custom_field_1: str | None
    custom_field_2: str | None
    custom_field_3: str | None
    custom_field_4: str | None
    custom_field_5: str | None
    custom_field_6: str | None
    custom_field_7: str | None
    custom_field_8: str | None


@dataclass(frozen=True, slots=True)
class UserExtraFilter:
    """Which records a list holds; what is None does not narrow."""

    parent_id: int | None = None
    organization_id: int | None = None
    """Of the parent."""
