"""`/session/`: sessions that run, and requests to their NAS to end or change them (RFC 5176). An extension."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import ConfigDict, Field

from gate.accounting import queries as accounting
from gate.api import aaa_accounting, replies, times
from gate.api.aaa_accounting import AccountingOut, SessionQuery
from gate.api.auth import Bearer, scope_of
from gate.api.errors import documented
from gate.api.fields import Schema, path_id
from gate.api.lists import CursorListed
from gate.attributes import RadiusDictionary
from gate.control import commands, queries, rules
from gate.control.types import Item, Kind, Reason, Request, State
from gate.core import ids
from gate.core.errors import Invalid, Missing
from gate.profiles import rules as profiles
from gate.profiles import types as profile_types

router = Router(auth=Bearer("session"), tags=["session"])
_dictionary = RadiusDictionary()

MAX_CHANGES = 32


class ChangeItem(Schema):
    """An attribute of a CoA-Request."""

    model_config = ConfigDict(coerce_numbers_to_str=True)
    attribute: str = Field(max_length=200, examples=["Filter-Id"])
    value: str = Field(max_length=253, examples=["guests-slow"], json_schema_extra={"type": ["string", "number"]})


class SessionChange(Schema):
    """What is to change; one of the two at least."""

    session_timeout: int | None = Field(
        None, ge=1, le=2**32 - 1, strict=True, examples=[1800],
        description="Seconds the session may last; from when they count is the NAS's affair.",
    )  # fmt: skip
    reply_attribute: list[ChangeItem] = Field(
        default_factory=list, max_length=MAX_CHANGES, examples=[[{"attribute": "Filter-Id", "value": "guests-slow"}]],
        description="Attributes of the RADIUS dictionary, as the NAS's make takes them.",
    )  # fmt: skip


class ChangeOut(Schema):
    """An attribute as it is sent."""

    attribute: str = Field(examples=["Session-Timeout"])
    value: str = Field(examples=["1800"])


class SessionRequestOut(Schema):
    """A request to the NAS of a session, and how it went."""

    id: int = Field(examples=[81])
    radacctid: int = Field(examples=[12345])
    kind: Kind = Field(examples=["disconnect"])
    reason: Reason = Field(examples=["asked"], description="`asked`: somebody asked for this session by API or console.")
    state: State = Field(
        examples=["queued"],
        description="`queued` until it is final. `gone`: the NAS does not know the session, which ends a disconnect as well as "
        "`acknowledged` does. `impossible`: nothing could be sent. `over`: the session had ended by itself.",
    )
    message: str = Field(examples=["Disconnect-ACK after 0.012 s"], description="For operators.")
    error_cause: int | None = Field(examples=[None], description="Error-Cause of the NAS's answer (RFC 5176, section 3.6).")
    rounds: int = Field(examples=[1], description="How often it was sent, retransmissions not counted.")
    asked: str | None = Field(examples=["192.0.2.7:3799"], description="Where it was sent last.")
    reply_attribute: list[ChangeOut] = Field(description="What a change asks for.")
    client_id: str = Field(examples=["client_123"], description="The RADIUS client (NAS).")
    organization_id: str = Field(examples=["org_789"])
    user_id: str | None = Field(examples=["user_456"], description="As it was: kept when the user is deleted.")
    username: str = Field(examples=["john.doe@company.com"])
    created: str = Field(examples=["2024-01-15T09:30:00Z"])
    answered: str | None = Field(examples=["2024-01-15T09:30:00Z"], description="When the state became final.")


class SessionRequests(Schema):
    """Requests about one session, newest first."""

    results: list[SessionRequestOut]


@router.get("/", response=documented(CursorListed[AccountingOut], 400), summary="List live sessions")
def list_live(request: HttpRequest, wanted: Query[SessionQuery]) -> HttpResponse:
    """Sessions of the token's organizations that run, newest first. The filters are those of `/aaa_accounting/`."""
    return aaa_accounting.page_of(request, wanted, status="active", name="session")


@router.get("/{radacctid}/", response=documented(AccountingOut, 404), summary="Get a session")
def get_live(request: HttpRequest, radacctid: str) -> HttpResponse:
    """One session, also after it has ended: then `acctstoptime` is set."""
    return replies.json(aaa_accounting.show(accounting.get(scope_of(request), path_id(radacctid))))


@router.get("/{radacctid}/requests/", response=documented(SessionRequests, 404), summary="List a session's requests")
def list_requests(request: HttpRequest, radacctid: str) -> HttpResponse:
    """What the NAS was asked about the session, and answered: the newest 50."""
    scope = scope_of(request)
    session = accounting.get(scope, path_id(radacctid))
    return replies.json({"results": [_shown(one) for one in queries.of_session(scope, session.radacctid)]})


@router.post(
    "/{radacctid}/disconnect/",
    response=documented(SessionRequestOut, 400, 404, 409, status=202),
    summary="End a session",
)
def disconnect(request: HttpRequest, radacctid: str) -> HttpResponse:
    """Asks the session's NAS to end it (Disconnect-Request). The answer comes within seconds: see `requests/`.

    A request that waits already is given back. 409 where the session has ended.
    """
    scope = scope_of(request)
    session = accounting.get(scope, path_id(radacctid))
    return replies.json(_shown(commands.disconnect(scope, session.radacctid)), status=202)


@router.post("/{radacctid}/coa/", response=documented(SessionRequestOut, 400, 404, 409, status=202), summary="Change a session")
def change(request: HttpRequest, radacctid: str, payload: SessionChange) -> HttpResponse:
    """Asks the session's NAS to change it (CoA-Request). The answer comes within seconds: see `requests/`.

    409 where the session has ended. A NAS set to take Disconnect alone is not asked: the request is `impossible`.
    """
    scope = scope_of(request)
    session = accounting.get(scope, path_id(radacctid))
    return replies.json(_shown(commands.change(scope, session.radacctid, items=_items(payload))), status=202)


def _items(payload: SessionChange) -> list[Item]:
    items = [Item(attribute=one.attribute, value=one.value) for one in payload.reply_attribute]
    _check(items)
    found = rules.changes(items, session_timeout=payload.session_timeout)
    if not found:
        names = ("session_timeout", "reply_attribute")
        raise Missing("session_timeout or reply_attribute is required", fields={name: ["one is required"] for name in names})
    return found


def _check(items: list[Item]) -> None:
    """Raises Invalid for what no CoA-Request may hold."""
    stated = [profile_types.Item(attribute=item.attribute, op=":=", value=item.value) for item in items]
    problems = profiles.validate_items(stated, kind="reply", dictionary=_dictionary)
    for place, item in enumerate(items):
        if not rules.may_change(item.attribute):
            problems.append(f"item {place} ({item.attribute}): says which session is meant, and is told by GATE")
        elif profiles.references(item.value):
            problems.append(f"item {place} ({item.attribute}): there is no request whose attributes could stand in the value")
    if problems:
        raise Invalid(f"reply_attribute {problems[0]}", fields={"reply_attribute": problems})


def _shown(one: Request) -> dict[str, Any]:
    return {
        "id": one.id,
        "radacctid": one.radacctid,
        "kind": one.kind,
        "reason": one.reason,
        "state": one.state,
        "message": one.message,
        "error_cause": one.error_cause,
        "rounds": one.rounds,
        "asked": one.asked or None,
        "reply_attribute": [{"attribute": item.attribute, "value": item.value} for item in one.items],
        "client_id": ids.prefixed(ids.CLIENT, one.nas_id),
        "organization_id": ids.prefixed(ids.ORGANIZATION, one.organization_id),
        "user_id": ids.prefixed(ids.USER, one.user_id),
        "username": one.username,
        "created": times.whole(one.created),
        "answered": times.whole(one.answered),
    }
