"""`/device_app_user_authenticate/`: a person signs in on the phone app. `Gate.sign_in` calls it and keeps the tokens."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Required, TypedDict, Unpack

from gate.client.calls import Asked, C, Category, one, operation
from gate.client.replies import Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class AppUser(Reply):
    """Who signed in."""

    first_name: str
    last_name: str
    email: str
    role: str
    permissions: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Authenticated(Reply):
    """A successful sign-in."""

    username: str
    authenticated: bool
    user_id: int
    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    """Good once, at `gate.token.refresh`."""
    token_type: str
    expires_in: int
    """Seconds the access token lasts."""
    token_expires: dt.datetime
    user_profile: AppUser
    device_registered: bool
    """Whether the device named is a registered one of this person."""
    session_id: str


class PersonalCredentials(TypedDict, total=False):
    """Who signs in, and on which device."""

    username: Required[str]
    """Or an e-mail address."""
    password: Required[str]
    device_id: str
    """The app's name for it, its IMEI or MAC address."""
    app_version: str
    platform: str
    remember_me: bool
    """The refresh token then lasts 30 days in place of 12 hours."""


@operation("POST", "/device_app_user_authenticate/")
def authenticate(**person: Unpack[PersonalCredentials]) -> Asked[Authenticated]:
    """Check a person's password and get tokens. Raises Unprocessable where it is wrong, Forbidden where the user is locked."""
    return Asked(reads=one(Authenticated), body=person)


class DeviceAppUserAuthenticateCategory(Category[C]):
    """`gate.device_app_user_authenticate`."""

    create = authenticate
