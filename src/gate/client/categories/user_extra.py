"""`/user_extra/`: what else is known of a person."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Literal, Required, TypedDict, Unpack

from gate.client.calls import Asked, C, Category, Id, When, listing, nothing, one, operation, page
from gate.client.replies import Page, Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class UserExtra(Reply):
    """What else is known of a person."""

    id: int
    parent: int
    """The user's id."""
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
    tax_id: str | None = field(repr=False)
    passport_number: str | None = field(repr=False)
    hometown: str | None
    location: str | None
    locale: str | None
    event: str | None
    accept_terms: bool | None
    custom_field_1: str | None
    custom_field_2: str | None
    custom_field_3: str | None
    custom_field_4: str | None
    custom_field_5: str | None
    custom_field_6: str | None
    custom_field_7: str | None
    custom_field_8: str | None


class UserExtraDetails(TypedDict, total=False):
    """What may be known of a person."""

    title: str | None
    gender: Literal["m", "f", "o"] | None
    birthday: When | None
    age: int | None
    """Told by the birthday unless given."""
    age_range: str | None
    telephone: str | None
    address: str | None
    city: str | None
    state: str | None
    postal_code: str | None
    country: str | None
    country_id: str | None
    """ISO 3166-1 alpha-2."""
    company: str | None
    tax_id: str | None
    passport_number: str | None
    hometown: str | None
    location: str | None
    locale: str | None
    event: str | None
    accept_terms: bool | None
    custom_field_1: str | None
    custom_field_2: str | None
    custom_field_3: str | None
    custom_field_4: str | None
    custom_field_5: str | None
    custom_field_6: str | None
    custom_field_7: str | None
    custom_field_8: str | None


class UserExtraFields(UserExtraDetails, total=False):
    """What may be changed."""

    parent: Id
    """The user's id."""


class WholeUserExtra(UserExtraDetails, total=False):
    """The whole record."""

    parent: Required[Id]


class UserExtraFilter(TypedDict, total=False):
    """Whose; all that are given must hold."""

    parent: Id
    """The user."""
    parent__organization_id: Id
    device_info: bool
    """Show the user's devices as well, in `raw`."""
    limit: int
    """Rows a page, at most 100."""
    offset: int


@listing("/user_extra/")
def list_user_extras(**where: Unpack[UserExtraFilter]) -> Asked[Page[UserExtra]]:
    """Records of the token's organizations, by id."""
    return Asked(reads=page(UserExtra), query=where)


@operation("POST", "/user_extra/")
def create_user_extra(**fields: Unpack[WholeUserExtra]) -> Asked[UserExtra]:
    """A user's record. Raises BadRequest, NotFound."""
    return Asked(reads=one(UserExtra), body=fields)


@operation("GET", "/user_extra/{extra_id}/")
def get_user_extra(extra_id: Id, *, device_info: bool | None = None) -> Asked[UserExtra]:
    """One record. Raises NotFound."""
    return Asked(reads=one(UserExtra), path=(extra_id,), query={"device_info": device_info})


@operation("PUT", "/user_extra/{extra_id}/")
def replace_user_extra(extra_id: Id, **fields: Unpack[WholeUserExtra]) -> Asked[UserExtra]:
    """Change what is named and empty the rest. Raises NotFound, BadRequest."""
    return Asked(reads=one(UserExtra), path=(extra_id,), body=fields)


@operation("PATCH", "/user_extra/{extra_id}/")
def update_user_extra(extra_id: Id, **fields: Unpack[UserExtraFields]) -> Asked[UserExtra]:
    """Change what is named. Raises NotFound, BadRequest."""
    return Asked(reads=one(UserExtra), path=(extra_id,), body=fields)


@operation("DELETE", "/user_extra/{extra_id}/")
def delete_user_extra(extra_id: Id) -> Asked[None]:
    """Delete a record; the user stays. Raises NotFound."""
    return Asked(reads=nothing, path=(extra_id,))


class UserExtraCategory(Category[C]):
    """`gate.user_extra`."""

    list = list_user_extras
    create = create_user_extra
    get = get_user_extra
    replace = replace_user_extra
    update = update_user_extra
    delete = delete_user_extra
