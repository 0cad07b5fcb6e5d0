"""`/aaa_profile/`: named lists of RADIUS check and reply items."""

import dataclasses
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import ConfigDict, Field

from gate.api import lists, replies
from gate.api.auth import Bearer, scope_of
from gate.api.errors import documented
from gate.api.fields import Id, NotNull, Schema, find_organization, not_null, path_id
from gate.attributes import RadiusDictionary
from gate.core import ids
from gate.profiles import commands, queries, rules
from gate.profiles.types import Item, Profile, ProfileFields

router = Router(auth=Bearer("aaa_profile"), tags=["aaa_profile"])
_dictionary = RadiusDictionary()
_LIMITS = (*rules.NUMBERS, "role", "redirect_url")


class ItemOut(Schema):
    """One line of a profile; see docs/radius.md for what the operators mean."""

    attribute: str = Field(max_length=200, examples=["Session-Timeout"])
    op: str = Field(examples=[":="])
    value: str = Field(examples=["3600"])


class _ItemIn(Schema):
    model_config = ConfigDict(coerce_numbers_to_str=True)
    attribute: str = Field(max_length=200, examples=["Session-Timeout"])
    value: str = Field("", max_length=rules.MAX_VALUE, examples=["3600"], json_schema_extra={"type": ["string", "number"]})


class ReplyItem(_ItemIn):
    """What is sent with an Access-Accept."""

    op: str = Field(examples=[":="], json_schema_extra={"enum": [*sorted(rules.REPLY_OPERATORS)]})


class CheckItem(_ItemIn):
    """What a request has to be like."""

    op: str = Field(examples=["=="], json_schema_extra={"enum": [*sorted(rules.CHECK_OPERATORS)]})


class ProfileQuery(lists.Page):
    """Filters; all that are given must hold."""

    organization: str | None = Field(None, description="Id, prefixed id or short name.")
    short_name: str | None = None


def _number(name: str, told: str) -> Any:
    least, most = rules.NUMBERS[name]
    return Field(None, ge=least, le=most, description=told, strict=True)


class ProfilePatch(Schema):
    """What may be changed."""

    name: NotNull[str] = Field(None, max_length=200, examples=["VPN Access Profile"])
    short_name: NotNull[str] = Field(None, max_length=100, examples=["vpn-access"])
    description: NotNull[str] = Field(None, max_length=100_000, examples=["Profile for remote VPN users with bandwidth limits"])
    reply_attribute: NotNull[list[ReplyItem]] = Field(
        None, max_length=rules.MAX_ITEMS, examples=[[{"attribute": "Acct-Interim-Interval", "op": ":=", "value": "600"}]]
    )
    check_attribute: NotNull[list[CheckItem]] = Field(
        None, max_length=rules.MAX_ITEMS, examples=[[{"attribute": "NAS-Port-Type", "op": "==", "value": "Virtual"}]]
    )
    rate_up: int | None = _number("rate_up", "Extension: what the client may send, bit/s; null: not limited.")
    rate_down: int | None = _number("rate_down", "Extension: what the client may receive, bit/s.")
    quota_up: int | None = _number("quota_up", "Extension: what the client may send in one session, bytes.")
    quota_down: int | None = _number("quota_down", "Extension: what the client may receive in one session, bytes.")
    quota_total: int | None = _number("quota_total", "Extension: both directions of one session together, bytes.")
    session_timeout: int | None = _number("session_timeout", "Extension: longest session, seconds.")
    idle_timeout: int | None = _number("idle_timeout", "Extension: seconds without traffic that end a session.")
    vlan: int | None = _number("vlan", "Extension: number of the VLAN.")
    role: NotNull[str] = Field(None, max_length=rules.MAX_ROLE, description="Extension: role or filter, as the NAS calls it.")
    redirect_url: NotNull[str] = Field(None, max_length=rules.MAX_URL, description="Extension: page shown after the sign-in.")
    max_sessions: int | None = _number("max_sessions", "Extension: sessions a user may have open at once.")


class ProfilePut(ProfilePatch):
    """The whole profile; what is not named is emptied."""

    name: str = Field(max_length=200, examples=["VPN Access Profile"])
    short_name: str = Field(max_length=100, examples=["vpn-access"])


class ProfileIn(ProfilePut):
    """A new profile."""

    organization: Id | None = Field(None, description="Extension: the organization it belongs to; else the token's own.")


class AaaProfileOut(Schema):
    """A profile."""

    id: int = Field(examples=[15])
    name: str = Field(examples=["VPN Access Profile"])
    short_name: str = Field(examples=["vpn-access"])
    description: str = Field(examples=["Profile for remote VPN users with bandwidth limits"])
    organization_id: str = Field(examples=["org_12345"])
    reply_attribute: list[ItemOut]
    check_attribute: list[ItemOut]
    rate_up: int | None = Field(None, description="What the client may send, bit/s; null: not limited.", examples=[2_000_000])
    rate_down: int | None = Field(None, description="What the client may receive, bit/s.", examples=[10_000_000])
    quota_up: int | None = Field(None, description="What the client may send in one session, bytes.")
    quota_down: int | None = Field(None, description="What the client may receive in one session, bytes.")
    quota_total: int | None = Field(None, description="Both directions of one session together, bytes.")
    session_timeout: int | None = Field(None, description="Longest session, seconds.", examples=[3600])
    idle_timeout: int | None = Field(None, description="Seconds without traffic that end a session.", examples=[600])
    vlan: int | None = Field(None, examples=[20])
    role: str = Field("", description="Role or filter, as the NAS calls it; empty: none.")
    redirect_url: str = Field("", description="Page shown after the sign-in; empty: none.")
    max_sessions: int | None = Field(None, description="Sessions a user may have open at once.")


@router.get("/", response=documented(lists.Listed[AaaProfileOut], 400), summary="List AAA profiles")
def list_profiles(request: HttpRequest, wanted: Query[ProfileQuery]) -> HttpResponse:
    """Profiles of the token's organizations, by id."""
    scope = scope_of(request)
    organization_id = find_organization(scope, wanted.organization) if wanted.organization else None
    count = queries.count(scope, organization_id=organization_id, short_name=wanted.short_name)
    found = queries.list_page(
        scope,
        limit=wanted.size,
        offset=wanted.offset,
        organization_id=organization_id,
        short_name=wanted.short_name,
    )
    return replies.json(lists.envelope(request, wanted, count=count, results=[show(profile) for profile in found]))


@router.post("/", response=documented(AaaProfileOut, 400, 409, status=201), summary="Create an AAA profile")
def create_profile(request: HttpRequest, payload: ProfileIn) -> HttpResponse:
    """A new profile. An item the RADIUS dictionary cannot encode is refused, naming it."""
    made = commands.create(scope_of(request), fields=_fields(payload), dictionary=_dictionary)
    return replies.json(show(made), status=201)


@router.get("/{profile_id}/", response=documented(AaaProfileOut, 404), summary="Get an AAA profile")
def get_profile(request: HttpRequest, profile_id: str) -> HttpResponse:
    """One profile."""
    return replies.json(show(queries.get(scope_of(request), path_id(profile_id))))


@router.put("/{profile_id}/", response=documented(AaaProfileOut, 400, 404, 409), summary="Replace an AAA profile")
def replace_profile(request: HttpRequest, profile_id: str, payload: ProfilePut) -> HttpResponse:
    """Change what is named and empty the rest."""
    changed = commands.replace(scope_of(request), path_id(profile_id), fields=_fields(payload), dictionary=_dictionary)
    return replies.json(show(changed))


@router.patch("/{profile_id}/", response=documented(AaaProfileOut, 400, 404, 409), summary="Change an AAA profile")
def update_profile(request: HttpRequest, profile_id: str, payload: ProfilePatch) -> HttpResponse:
    """Change what is named."""
    changed = commands.update(scope_of(request), path_id(profile_id), fields=_fields(payload), dictionary=_dictionary)
    return replies.json(show(changed))


@router.delete("/{profile_id}/", response=documented(None, 404, 409, status=204), summary="Delete an AAA profile")
def delete_profile(request: HttpRequest, profile_id: str) -> HttpResponse:
    """Delete a profile that no user has."""
    commands.delete(scope_of(request), path_id(profile_id))
    return replies.nothing()


def show(profile: Profile) -> dict[str, Any]:
    """The profile as the reference shows it."""
    return {
        "id": profile.id,
        "name": profile.name,
        "short_name": profile.short_name,
        "description": profile.description,
        "organization_id": ids.prefixed(ids.ORGANIZATION, profile.organization_id),
        "reply_attribute": [dataclasses.asdict(item) for item in profile.reply_attribute],
        "check_attribute": [dataclasses.asdict(item) for item in profile.check_attribute],
        **{name: getattr(profile, name) for name in _LIMITS},
    }


def _fields(payload: ProfilePatch) -> ProfileFields:
    named = payload.model_dump(exclude_unset=True)
    not_null(named, "name", "short_name", "description", "reply_attribute", "check_attribute", "role", "redirect_url")
    fields: ProfileFields = {}
    for name in ("name", "short_name", "description", *_LIMITS):
        if name in named:
            fields[name] = named[name]  # type: ignore[literal-required]  # fields of both
    for name in ("reply_attribute", "check_attribute"):
        if name in named:
            # From the payload: what `named` holds of an item leaves out a value that was not given.
            fields[name] = tuple(Item(one.attribute, one.op, one.value) for one in getattr(payload, name))  # type: ignore[literal-required]  # one of the two above
    if named.get("organization") is not None:
        fields["organization_id"] = named["organization"]
    return fields
