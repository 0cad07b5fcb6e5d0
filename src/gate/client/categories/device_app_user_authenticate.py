"""`/device_app_user_authenticate/`: a person signs in on the phone app. `Gate.sign_in` calls it and keeps the tokens."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Required, TypedDict, Unpack

from gate.client.calls import Asked, C, Category, Id, one, operation
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
    refresh_token: str | None = field(default=None, repr=False)
    token_expires: dt.datetime | None = None
    user_profile: AppUser


class PersonalCredentials(TypedDict, total=False):
    """Who signs in, and on which device."""

    username: Required[str]
    password: Required[str]
    device_id: Id
    generic_id: str
    imei: str
    mac_addr: str


@operation("POST", "/device_app_user_authenticate/")
def authenticate(**person: Unpack[PersonalCredentials]) -> Asked[Authenticated]:
    """Check a person's password and get tokens. Raises Unprocessable where it is wrong, Forbidden where the user is locked."""
    return Asked(reads=one(Authenticated), body=person)


class DeviceAppUserAuthenticateCategory(Category[C]):
    """`gate.device_app_user_authenticate`."""

    create = authenticate
