"""`/user/`: people. By id and by username: two doors to one user."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Required, TypedDict, Unpack

from gate.client.calls import Asked, C, Category, Id, When, listing, nothing, one, operation, page
from gate.client.replies import Page, Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class User(Reply):
    """A user."""

    id: int
    username: str
    external_id: str | None
    klass: str | None
    email: str
    first_name: str
    last_name: str
    is_active: bool
    organization: int
    description: str
    date_joined: dt.datetime
    first_login: dt.datetime | None
    last_login: dt.datetime | None
    expiration: dt.datetime | None
    avatar_url: str | None
    source_id: int | None = None
    """The API token that made the user."""
    profile: list[str]
    """Short names of AAA profiles, in order."""
    user_time: int | None = None
    """Seconds left; None where time does not limit the user, or was not asked for (`balance=True`)."""


class UserDetails(TypedDict, total=False):
    """What a user has beside the username."""

    password: str
    email: str | None
    first_name: str | None
    last_name: str | None
    external_id: str | None
    klass: str | None
    is_active: bool
    organization: Id
    description: str | None
    expiration: When | None
    avatar_url: str | None
    profile: Sequence[str]
    """Short names of AAA profiles, in order."""


class UserFields(UserDetails, total=False):
    """What may be changed."""

    username: str


class WholeUser(UserDetails, total=False):
    """The whole user."""

    username: Required[str]


class UserFilter(TypedDict, total=False):
    """Which users; all that are given must hold."""

    id: Id
    username: str
    """A part of the username."""
    organization: Id
    """Id or short name."""
    balance: bool
    """Show `user_time` as well."""
    limit: int
    """Rows a page, at most 100."""
    offset: int


@listing("/user/")
def list_users(**where: Unpack[UserFilter]) -> Asked[Page[User]]:
    """Users of the token's organizations, by id."""
    return Asked(reads=page(User), query=where)


@operation("POST", "/user/")
def create_user(**fields: Unpack[WholeUser]) -> Asked[User]:
    """A new user. Raises BadRequest, Conflict where the username is taken."""
    return Asked(reads=one(User), body=fields)


@operation("GET", "/user/{user_id}/")
def get_user(user_id: Id, *, balance: bool | None = None) -> Asked[User]:
    """One user; with `balance` the time left too. Raises NotFound."""
    return Asked(reads=one(User), path=(user_id,), query={"balance": balance})


@operation("PUT", "/user/{user_id}/")
def replace_user(user_id: Id, **fields: Unpack[WholeUser]) -> Asked[User]:
    """Change what is named and reset the rest; a missing password stays. Raises NotFound, BadRequest, Conflict."""
    return Asked(reads=one(User), path=(user_id,), body=fields)


@operation("PATCH", "/user/{user_id}/")
def update_user(user_id: Id, **fields: Unpack[UserFields]) -> Asked[User]:
    """Change what is named. Raises NotFound, BadRequest, Conflict."""
    return Asked(reads=one(User), path=(user_id,), body=fields)


@operation("DELETE", "/user/{user_id}/")
def delete_user(user_id: Id) -> Asked[None]:
    """Delete a user; accounting keeps the sessions. Raises NotFound."""
    return Asked(reads=nothing, path=(user_id,))


@operation("GET", "/user/username/{username}/")
def get_user_by_username(username: str, *, balance: bool | None = None) -> Asked[User]:
    """One user; with `balance` the time left too. Raises NotFound."""
    return Asked(reads=one(User), path=(username,), query={"balance": balance})


@operation("PUT", "/user/username/{username}/")
def replace_user_by_username(current_username: str, /, **fields: Unpack[WholeUser]) -> Asked[User]:
    """Change what is named and reset the rest; a missing password stays. Raises NotFound, BadRequest, Conflict."""
    return Asked(reads=one(User), path=(current_username,), body=fields)


@operation("PATCH", "/user/username/{username}/")
def update_user_by_username(current_username: str, /, **fields: Unpack[UserFields]) -> Asked[User]:
    """Change what is named, the username too. Raises NotFound, BadRequest, Conflict."""
    return Asked(reads=one(User), path=(current_username,), body=fields)


@operation("DELETE", "/user/username/{username}/")
def delete_user_by_username(username: str) -> Asked[None]:
    """Delete a user; accounting keeps the sessions. Raises NotFound."""
    return Asked(reads=nothing, path=(username,))


class UserCategory(Category[C]):
    """`gate.user`."""

    list = list_users
    create = create_user
    get = get_user
    replace = replace_user
    update = update_user
    delete = delete_user
    get_by_username = get_user_by_username
    replace_by_username = replace_user_by_username
    update_by_username = update_user_by_username
    delete_by_username = delete_user_by_username
