"""`/mac/`: devices that an operator lets in by their MAC address. An extension."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import Field

from gate.api import lists, replies, times
from gate.api.auth import Bearer, scope_of
from gate.api.errors import documented
from gate.api.fields import Id, NotNull, Schema, find_organization, not_null, path_id
from gate.core import ids
from gate.core.errors import Invalid
from gate.devices import mac_commands, mac_queries, mac_rules
from gate.devices.mac_types import AuthorizedMac, MacFields, MacFilter
from gate.places.rules import parse_mac

router = Router(auth=Bearer("mac"), tags=["mac"])


class MacQuery(lists.Page):
    """Filters; all that are given must hold."""

    organization: str | None = Field(None, description="Id, prefixed id or short name.")
    mac: str | None = Field(None, max_length=40, description="A MAC address in any notation.")
    user: Id | None = Field(None, description="Whose device it is.")
    is_active: bool | None = None


class MacIn(Schema):
    """Addresses to let in, and what holds of all of them."""

    mac: list[str] = Field(
        min_length=1, max_length=mac_rules.MAX_AT_ONCE, examples=[["AA:BB:CC:DD:EE:01", "aabb.ccdd.ee02"]],
        description="In any notation.",
    )  # fmt: skip
    organization: Id | None = Field(None, description="Where they are let in, and below; else the token's own organization.")
    user: Id | None = Field(None, description="Whose devices they are: that user's account, credit and profiles count.")
    profile: NotNull[list[str]] = Field(
        None, max_length=mac_rules.MAX_PROFILES, description="AAA profiles, in order, in place of the user's."
    )
    note: NotNull[str] = Field(None, max_length=mac_rules.MAX_NOTE, examples=["Printers of the second floor"])
    is_active: NotNull[bool] = Field(None, examples=[True])
    expires: times.Until | None = None


class MacOut(Schema):
    """A device let in by its MAC address."""

    id: int = Field(examples=[12])
    mac: str = Field(examples=["AA:BB:CC:DD:EE:01"])
    is_randomized: bool = Field(description="The device made the address up, and may use another one soon.")
    organization_id: str = Field(examples=["org_789"])
    user_id: str | None = Field(examples=["user_456"])
    username: str | None = Field(examples=["jane.smith"])
    profile: list[str] = Field(examples=[["printers"]])
    note: str = Field(examples=["Printers of the second floor"])
    is_active: bool
    expires: str | None = Field(examples=["2030-12-31T23:59:59Z"])
    created: str = Field(examples=["2024-01-15T09:30:00Z"])
    last_change: str = Field(examples=["2024-01-15T09:30:00Z"])


class MacsOut(Schema):
    """What was made."""

    results: list[MacOut]


@router.get("/", response=documented(lists.Listed[MacOut], 400), summary="List authorised MAC addresses")
def list_macs(request: HttpRequest, wanted: Query[MacQuery]) -> HttpResponse:
    """Addresses of the token's organizations, by id."""
    scope = scope_of(request)
    mac = None if wanted.mac is None else parse_mac(wanted.mac)
    if wanted.mac is not None and mac is None:
        raise Invalid.field("mac", "takes a MAC address, for example AA:BB:CC:DD:EE:FF")
    where = MacFilter(
        organization_id=find_organization(scope, wanted.organization) if wanted.organization else None,
        mac=mac,
        user_id=wanted.user,
        is_active=wanted.is_active,
    )
    count = mac_queries.count(scope, where)
    found = mac_queries.list_page(scope, where, limit=wanted.size, offset=wanted.offset)
    return replies.json(lists.envelope(request, wanted, count=count, results=[_show(one) for one in found]))


@router.post("/", response=documented(MacsOut, 400, 409, status=201), summary="Authorise MAC addresses")
def create_macs(request: HttpRequest, payload: MacIn) -> HttpResponse:
    """All of them or none. 409 where one is authorised for that organization already."""
    named = payload.model_dump(exclude_unset=True)
    not_null(named, "profile", "note", "is_active")
    fields: MacFields = {}
    for name in ("profile", "note", "is_active", "expires"):
        if name in named:
            fields[name] = named[name]
    if named.get("user") is not None:
        fields["user_id"] = named["user"]
    made = mac_commands.authorize(
        scope_of(request), addresses=[(mac, "") for mac in payload.mac], fields=fields, organization_id=payload.organization
    )
    return replies.json({"results": [_show(one) for one in made]}, status=201)


@router.get("/{mac_id}/", response=documented(MacOut, 404), summary="Get an authorised MAC address")
def get_mac(request: HttpRequest, mac_id: str) -> HttpResponse:
    """One address."""
    return replies.json(_show(mac_queries.get(scope_of(request), path_id(mac_id))))


@router.delete("/{mac_id}/", response=documented(None, 404, status=204), summary="Take an authorised MAC address back")
def delete_mac(request: HttpRequest, mac_id: str) -> HttpResponse:
    """The device is let in no more from its next sign-in on; its session goes on until then."""
    mac_commands.delete(scope_of(request), path_id(mac_id))
    return replies.nothing()


def _show(one: AuthorizedMac) -> dict[str, Any]:
    return {
        "id": one.id,
        "mac": one.mac,
        "is_randomized": mac_rules.is_randomized(one.mac),
        "organization_id": ids.prefixed(ids.ORGANIZATION, one.organization_id),
        "user_id": ids.prefixed(ids.USER, one.user_id),
        "username": one.username,
        "profile": list(one.profiles),
        "note": one.note,
        "is_active": one.is_active,
        "expires": times.show(one.expires),
        "created": times.whole(one.created),
        "last_change": times.whole(one.last_change),
    }
