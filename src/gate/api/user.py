"""`/user/`: people. `/user/{id}/` and `/user/username/{username}/` are two doors to one user."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import Field

from gate.api import lists, replies, times
from gate.api.auth import Bearer, scope_of
from gate.api.errors import documented
from gate.api.fields import Id, NotNull, Schema, find_organization, not_null, path_id
from gate.core.tenancy import Scope
from gate.credit import queries as credit
from gate.users import commands, queries, rules
from gate.users.types import User, UserFields, UserFilter

router = Router(auth=Bearer("user"), tags=["user"])


class UserQuery(lists.Page):
    """Filters; all that are given must hold."""

    id: Id | None = None
    username: str | None = Field(None, max_length=rules.MAX_USERNAME, description="A part of the username.")
    organization: str | None = Field(None, description="Id, prefixed id or short name.")
    balance: bool = Field(False, description="Show `user_time` as well.")


class BalanceQuery(Schema):
    """What to show of one user."""

    balance: bool = Field(False, description="Show `user_time` as well.")


class UserPatch(Schema):
    """What may be changed."""

    username: NotNull[str] = Field(
        None, max_length=rules.MAX_USERNAME, examples=["jane.smith"], description="Letters, digits and @ . + - : _, at most 150."
    )
    password: str | None = Field(
        None,
        max_length=rules.MAX_PASSWORD,
        examples=["SecurePassword123!"],
        description="Stored as an Argon2id hash; never shown.",
    )
    email: str | None = Field(None, max_length=254, examples=["jane.smith@company.com"])
    first_name: str | None = Field(None, max_length=150, examples=["Jane"])
    last_name: str | None = Field(None, max_length=150, examples=["Smith"])
    external_id: str | None = Field(None, max_length=200, examples=["EMP005678"])
    klass: str | None = Field(None, max_length=100, examples=["standard_employee"])
    is_active: NotNull[bool] = Field(None, examples=[True])
    organization: NotNull[Id] = Field(None, examples=[1])
    description: str | None = Field(None, max_length=rules.MAX_DESCRIPTION, examples=["Software Developer"])
    expiration: times.Until | None = None
    avatar_url: str | None = Field(None, max_length=500)
    profile: NotNull[list[str]] = Field(
        None, max_length=rules.MAX_PROFILES, examples=[["developer_access", "vpn_user"]], description="AAA profiles, in order."
    )


class UserPut(UserPatch):
    """The whole user. What is not named is reset; organization and password stay."""

    username: str = Field(max_length=rules.MAX_USERNAME, examples=["jane.smith"])


class UserOut(Schema):
    """A user."""

    id: int = Field(examples=[42])
    username: str = Field(examples=["jane.smith"])
    external_id: str | None = Field(examples=["EMP005678"])
    klass: str | None = Field(examples=["standard_employee"])
    email: str = Field(examples=["jane.smith@company.com"])
    first_name: str = Field(examples=["Jane"])
    last_name: str = Field(examples=["Smith"])
    is_active: bool
    organization: int = Field(examples=[1])
    description: str = Field(examples=["Software Developer"])
    date_joined: str = Field(examples=["2024-03-21T10:30:00Z"])
    first_login: str | None
    last_login: str | None
    expiration: str | None = Field(examples=["2025-12-31T23:59:59Z"])
    avatar_url: str | None
    source_id: int | None = Field(description="The API token that made the user.")
    profile: list[str] = Field(examples=[["developer_access", "vpn_user"]])


class UserWithTimeOut(UserOut):
    """A user and the time credit."""

    user_time: int | None = Field(None, description="Seconds left; null: not limited by time. On GET where asked for.")


@router.get("/", response=documented(lists.Listed[UserWithTimeOut], 400), summary="List users")
def list_users(request: HttpRequest, wanted: Query[UserQuery]) -> HttpResponse:
    """Users of the token's organizations, by id. The count of a search for a frequent part of a name may be some seconds old."""
    scope = scope_of(request)
    where = UserFilter(
        id=wanted.id,
        username_part=wanted.username,
        organization_id=find_organization(scope, wanted.organization) if wanted.organization else None,
    )
    key = (scope.tenant_id, scope.organization_id, where)
    count = lists.counts.count(key, lambda: queries.count(scope, where))
    found = queries.list_page(scope, where, limit=wanted.size, offset=wanted.offset)
    return replies.json(lists.envelope(request, wanted, count=count, results=show_all(scope, found, balance=wanted.balance)))


@router.post("/", response=documented(UserOut, 400, 409, status=201), summary="Create a user")
def create_user(request: HttpRequest, payload: UserPut) -> HttpResponse:
    """A new user, in the token's organization unless one below it is named."""
    return replies.json(show(commands.create(scope_of(request), fields=user_fields(payload))), status=201)


@router.get("/username/{username}/", response=documented(UserWithTimeOut, 400, 404), summary="Get a user by username")
def get_user_by_username(request: HttpRequest, username: str, wanted: Query[BalanceQuery]) -> HttpResponse:
    """One user."""
    scope = scope_of(request)
    return replies.json(show_all(scope, [queries.get_by_username(scope, username)], balance=wanted.balance)[0])


@router.put("/username/{username}/", response=documented(UserWithTimeOut, 400, 404, 409), summary="Replace a user by username")
def replace_user_by_username(request: HttpRequest, username: str, payload: UserPut) -> HttpResponse:
    """Change what is named and reset the rest; a missing password stays."""
    return _change(request, _named(username), commands.replace, payload)


@router.patch("/username/{username}/", response=documented(UserWithTimeOut, 400, 404, 409), summary="Change a user by username")
def update_user_by_username(request: HttpRequest, username: str, payload: UserPatch) -> HttpResponse:
    """Change what is named."""
    return _change(request, _named(username), commands.update, payload)


@router.delete("/username/{username}/", response=documented(None, 404, status=204), summary="Delete a user by username")
def delete_user_by_username(request: HttpRequest, username: str) -> HttpResponse:
    """Delete a user. Accounting keeps the sessions with the username and no user."""
    scope = scope_of(request)
    commands.delete(scope, queries.find_id(scope, username=username))
    return replies.nothing()


@router.get("/{user_id}/", response=documented(UserWithTimeOut, 400, 404), summary="Get a user")
def get_user(request: HttpRequest, user_id: str, wanted: Query[BalanceQuery]) -> HttpResponse:
    """One user."""
    scope = scope_of(request)
    return replies.json(show_all(scope, [queries.get(scope, path_id(user_id))], balance=wanted.balance)[0])


@router.put("/{user_id}/", response=documented(UserWithTimeOut, 400, 404, 409), summary="Replace a user")
def replace_user(request: HttpRequest, user_id: str, payload: UserPut) -> HttpResponse:
    """Change what is named and reset the rest; a missing password stays."""
    return _change(request, _numbered(user_id), commands.replace, payload)


@router.patch("/{user_id}/", response=documented(UserWithTimeOut, 400, 404, 409), summary="Change a user")
def update_user(request: HttpRequest, user_id: str, payload: UserPatch) -> HttpResponse:
    """Change what is named."""
    return _change(request, _numbered(user_id), commands.update, payload)


@router.delete("/{user_id}/", response=documented(None, 404, status=204), summary="Delete a user")
def delete_user(request: HttpRequest, user_id: str) -> HttpResponse:
    """Delete a user. Accounting keeps the sessions with the username and no user."""
    commands.delete(scope_of(request), path_id(user_id))
    return replies.nothing()


Find = Callable[[Scope], int]


def _numbered(text: str) -> Find:
    return lambda _: path_id(text)


def _named(username: str) -> Find:
    return lambda scope: queries.find_id(scope, username=username)


def _change(request: HttpRequest, find: Find, command: Callable[..., User], payload: UserPatch) -> HttpResponse:
    scope = scope_of(request)
    changed = command(scope, find(scope), fields=user_fields(payload))
    return replies.json(show_all(scope, [changed], balance=True)[0])


def show_all(scope: Scope, found: list[User], *, balance: bool) -> list[dict[str, Any]]:
    """The users as the reference shows them, with their time credit where `balance` asks for it."""
    if not balance:
        return [show(user) for user in found]
    left = credit.balances(scope, [user.id for user in found])
    return [{**show(user), "user_time": left.get(user.id)} for user in found]


def show(user: User) -> dict[str, Any]:
    """The user as the reference shows it."""
    return {
        "id": user.id,
        "username": user.username,
        "external_id": user.external_id,
        "klass": user.klass,
        "email": user.email,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "is_active": user.is_active,
        "organization": user.organization_id,
        "description": user.description,
        "date_joined": times.show(user.date_joined),
        "first_login": times.show(user.first_login),
        "last_login": times.show(user.last_login),
        "expiration": times.show(user.expiration),
        "avatar_url": user.avatar_url,
        "source_id": user.source_id,
        "profile": list(user.profile),
    }


def user_fields(payload: UserPatch) -> UserFields:
    """What a body names of a user. Raises Invalid for null where there is none."""
    named = payload.model_dump(exclude_unset=True, exclude={"user_time"})
    not_null(named, "username", "is_active", "organization", "profile")
    fields: UserFields = {}
    for name, value in named.items():
        if name == "organization":
            fields["organization_id"] = value
        elif value is None and name in {"email", "first_name", "last_name", "description"}:
            fields[name] = ""  # type: ignore[literal-required]  # stored as text, and text has its own way to be empty
        elif name != "password" or value is not None:
            fields[name] = value  # type: ignore[literal-required]  # the names are those of the schema above
    return fields
