"""`/user_token/`: the users of `/user/` as people with time credit. Who is made here is limited by time from the beginning."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import Field

from gate.api import lists, replies
from gate.api.auth import Bearer, scope_of
from gate.api.errors import documented
from gate.api.fields import find_organization, path_id
from gate.api.user import BalanceQuery, UserOut, UserPatch, UserPut, UserWithTimeOut, show_all, user_fields
from gate.credit import commands
from gate.credit.rules import MAX_SECONDS
from gate.credit.types import Seconds
from gate.users import commands as users
from gate.users import queries, rules
from gate.users.types import UserFilter

router = Router(auth=Bearer("user_token"), tags=["user_token"])

_TIME: Any = Field(
    None, ge=0, le=MAX_SECONDS, examples=[7200],
    description="Seconds left; the ledger gets the difference. Null: not limited by time. Not named: as it is, 0 for a new user.",
)  # fmt: skip


class UserTokenQuery(lists.Page):
    """Filters; all that are given must hold."""

    username: str | None = Field(None, max_length=rules.MAX_USERNAME, description="The whole username, in any case.")
    organization: str | None = Field(None, description="Id, prefixed id or short name.")
    balance: bool = Field(False, description="Show `user_time` as well.")


class UserTokenPatch(UserPatch):
    """What may be changed."""

    user_time: int | None = _TIME


class UserTokenPut(UserPut):
    """The whole user. What is not named is reset; organization, password and time credit stay."""

    user_time: int | None = _TIME


@router.get("/", response=documented(lists.Listed[UserWithTimeOut], 400), summary="List users with their time credit")
def list_user_tokens(request: HttpRequest, wanted: Query[UserTokenQuery]) -> HttpResponse:
    """Users of the token's organizations, by id."""
    scope = scope_of(request)
    where = UserFilter(
        username=wanted.username,
        organization_id=find_organization(scope, wanted.organization) if wanted.organization else None,
    )
    key = (scope.tenant_id, scope.organization_id, where)
    count = lists.counts.count(key, lambda: queries.count(scope, where))
    found = queries.list_page(scope, where, limit=wanted.size, offset=wanted.offset)
    return replies.json(lists.envelope(request, wanted, count=count, results=show_all(scope, found, balance=wanted.balance)))


@router.post("/", response=documented(UserOut, 400, status=201), summary="Create a user with time credit")
def create_user_token(request: HttpRequest, payload: UserTokenPut) -> HttpResponse:
    """A new user, in the token's organization unless one below it is named. A taken username is refused with 400."""
    scope = scope_of(request)
    seconds = payload.user_time if "user_time" in payload.model_fields_set else 0
    made = commands.create_user(scope, fields=user_fields(payload), seconds=seconds)
    return replies.json(show_all(scope, [made], balance=False)[0], status=201)


@router.get("/{user_id}/", response=documented(UserWithTimeOut, 400, 404), summary="Get a user")
def get_user_token(request: HttpRequest, user_id: str, wanted: Query[BalanceQuery]) -> HttpResponse:
    """One user."""
    scope = scope_of(request)
    return replies.json(show_all(scope, [queries.get(scope, path_id(user_id))], balance=wanted.balance)[0])


@router.put("/{user_id}/", response=documented(UserWithTimeOut, 400, 404), summary="Replace a user")
def replace_user_token(request: HttpRequest, user_id: str, payload: UserTokenPut) -> HttpResponse:
    """Change what is named and reset the rest; a missing password and a missing time credit stay."""
    return _change(request, user_id, payload, replace=True)


@router.patch("/{user_id}/", response=documented(UserWithTimeOut, 400, 404), summary="Change a user")
def update_user_token(request: HttpRequest, user_id: str, payload: UserTokenPatch) -> HttpResponse:
    """Change what is named."""
    return _change(request, user_id, payload, replace=False)


@router.delete("/{user_id}/", response=documented(None, 404, status=204), summary="Delete a user")
def delete_user_token(request: HttpRequest, user_id: str) -> HttpResponse:
    """Delete a user. Accounting keeps the sessions with the username and no user; the ledger keeps its entries."""
    users.delete(scope_of(request), path_id(user_id))
    return replies.nothing()


def _change(request: HttpRequest, user_id: str, payload: UserTokenPatch | UserTokenPut, *, replace: bool) -> HttpResponse:
    scope = scope_of(request)
    seconds: Seconds = payload.user_time if "user_time" in payload.model_fields_set else "keep"
    changed = commands.update_user(scope, path_id(user_id), fields=user_fields(payload), seconds=seconds, replace=replace)
    return replies.json(show_all(scope, [changed], balance=True)[0])
