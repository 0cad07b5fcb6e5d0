"""`/user_token/`: people with time credit."""

import datetime as dt
from dataclasses import dataclass
from typing import TypedDict, Unpack

from gate.client.calls import Asked, C, Category, Id, listing, nothing, one, operation, page
from gate.client.categories.user import UserFields, WholeUser
from gate.client.replies import Page, Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class UserToken(Reply):
    """A user with time credit."""

    id: int
    username: str
    external_id: str | None
    klass: str | None
    email: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    is_active: bool
    organization: int
    description: str
    date_joined: dt.datetime
    first_login: dt.datetime | None = None
    last_login: dt.datetime | None
    expiration: dt.datetime | None
    avatar_url: str | None = None
    source_id: int | None = None
    """The API token that made the user."""
    profile: list[str]
    user_time: int | None = None
    """Seconds left; None where time does not limit the user, or was not asked for (`balance=True`)."""


class UserTokenFields(UserFields, total=False):
    """What may be changed."""

    user_time: int | None
    """Seconds left: the ledger gets an entry with the difference."""


class WholeUserToken(WholeUser, total=False):
    """The whole user."""

    user_time: int | None
    """Seconds left; 0 unless given."""


class UserTokenFilter(TypedDict, total=False):
    """Which users; all that are given must hold."""

    username: str
    """The whole username."""
    organization: Id
    """Id or short name."""
    balance: bool
    """Show `user_time` as well."""
    limit: int
    """Rows a page, at most 100."""
    offset: int


@listing("/user_token/")
def list_user_tokens(**where: Unpack[UserTokenFilter]) -> Asked[Page[UserToken]]:
    """Users of the token's organizations, by id."""
    return Asked(reads=page(UserToken), query=where)


@operation("POST", "/user_token/")
def create_user_token(**fields: Unpack[WholeUserToken]) -> Asked[UserToken]:
    """A new user with time credit, none unless said. Raises BadRequest, also where the username is taken."""
    return Asked(reads=one(UserToken), body=fields)


@operation("GET", "/user_token/{user_id}/")
def get_user_token(user_id: Id, *, balance: bool | None = None) -> Asked[UserToken]:
    """One user; with `balance` the time left too. Raises NotFound."""
    return Asked(reads=one(UserToken), path=(user_id,), query={"balance": balance})


@operation("PUT", "/user_token/{user_id}/")
def replace_user_token(user_id: Id, **fields: Unpack[WholeUserToken]) -> Asked[UserToken]:
    """Change what is named and reset the rest; a missing password stays. Raises NotFound, BadRequest."""
    return Asked(reads=one(UserToken), path=(user_id,), body=fields)


@operation("PATCH", "/user_token/{user_id}/")
def update_user_token(user_id: Id, **fields: Unpack[UserTokenFields]) -> Asked[UserToken]:
    """Change what is named. Raises NotFound, BadRequest."""
    return Asked(reads=one(UserToken), path=(user_id,), body=fields)


@operation("DELETE", "/user_token/{user_id}/")
def delete_user_token(user_id: Id) -> Asked[None]:
    """Delete a user; accounting keeps the sessions. Raises NotFound."""
    return Asked(reads=nothing, path=(user_id,))


class UserTokenCategory(Category[C]):
    """`gate.user_token`."""

    list = list_user_tokens
    create = create_user_token
    get = get_user_token
    replace = replace_user_token
    update = update_user_token
    delete = delete_user_token
