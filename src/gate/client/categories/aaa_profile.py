"""`/aaa_profile/`: named lists of RADIUS check and reply items."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Required, TypedDict, Unpack

from gate.client.calls import Asked, C, Category, Id, listing, nothing, one, operation, page
from gate.client.replies import Page, Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class Item(Reply):
    """One line of a profile."""

    attribute: str
    op: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile(Reply):
    """An AAA profile."""

    id: int
    name: str
    short_name: str
    description: str
    organization_id: str
    reply_attribute: list[Item]
    check_attribute: list[Item]
    rate_up: int | None = None
    """What the client may send, bit/s; None: not limited."""
    rate_down: int | None = None
    """What the client may receive, bit/s."""
    quota_up: int | None = None
    """What the client may send in one session, bytes."""
    quota_down: int | None = None
    """What the client may receive in one session, bytes."""
    quota_total: int | None = None
    """Both together, bytes."""
    session_timeout: int | None = None
    """Longest session, seconds."""
    idle_timeout: int | None = None
    """Seconds without traffic that end a session."""
    vlan: int | None = None
    role: str = ""
    """Role or filter, as the NAS calls it; empty: none."""
    redirect_url: str = ""
    """Page shown after the sign-in; empty: none."""
    max_sessions: int | None = None
    """Sessions a user may have open at once."""


class ItemIn(TypedDict):
    """One line of a profile, to be written."""

    attribute: str
    op: str
    value: str


class ProfileDetails(TypedDict, total=False):
    """What a profile has beside its names."""

    description: str
    reply_attribute: Sequence[ItemIn]
    check_attribute: Sequence[ItemIn]
    rate_up: int | None
    """What the client may send, bit/s; None: not limited."""
    rate_down: int | None
    quota_up: int | None
    """What the client may send in one session, bytes."""
    quota_down: int | None
    quota_total: int | None
    session_timeout: int | None
    """Seconds."""
    idle_timeout: int | None
    vlan: int | None
    role: str
    redirect_url: str
    max_sessions: int | None


class ProfileFields(ProfileDetails, total=False):
    """What may be changed."""

    name: str
    short_name: str


class WholeProfile(ProfileDetails, total=False):
    """The whole profile."""

    name: Required[str]
    short_name: Required[str]


class NewProfile(WholeProfile, total=False):
    """A profile to be made."""

    organization: Id
    """The organization it belongs to; else the token's own."""


class ProfileFilter(TypedDict, total=False):
    """Which profiles; all that are given must hold."""

    organization: Id
    """Id or short name."""
    short_name: str
    limit: int
    """Rows a page, at most 100."""
    offset: int


@listing("/aaa_profile/")
def list_profiles(**where: Unpack[ProfileFilter]) -> Asked[Page[Profile]]:
    """Profiles of the token's organizations, by id."""
    return Asked(reads=page(Profile), query=where)


@operation("POST", "/aaa_profile/")
def create_profile(**fields: Unpack[NewProfile]) -> Asked[Profile]:
    """A new profile. Raises BadRequest naming the item RADIUS cannot encode, Conflict where the short name is taken."""
    return Asked(reads=one(Profile), body=fields)


@operation("GET", "/aaa_profile/{profile_id}/")
def get_profile(profile_id: Id) -> Asked[Profile]:
    """One profile. Raises NotFound."""
    return Asked(reads=one(Profile), path=(profile_id,))


@operation("PUT", "/aaa_profile/{profile_id}/")
def replace_profile(profile_id: Id, **fields: Unpack[WholeProfile]) -> Asked[Profile]:
    """Change what is named and empty the rest. Raises NotFound, BadRequest, Conflict."""
    return Asked(reads=one(Profile), path=(profile_id,), body=fields)


@operation("PATCH", "/aaa_profile/{profile_id}/")
def update_profile(profile_id: Id, **fields: Unpack[ProfileFields]) -> Asked[Profile]:
    """Change what is named. Raises NotFound, BadRequest, Conflict."""
    return Asked(reads=one(Profile), path=(profile_id,), body=fields)


@operation("DELETE", "/aaa_profile/{profile_id}/")
def delete_profile(profile_id: Id) -> Asked[None]:
    """Delete a profile. Raises NotFound, Conflict where it is in use."""
    return Asked(reads=nothing, path=(profile_id,))


class AaaProfileCategory(Category[C]):
    """`gate.aaa_profile`."""

    list = list_profiles
    create = create_profile
    get = get_profile
    replace = replace_profile
    update = update_profile
    delete = delete_profile
