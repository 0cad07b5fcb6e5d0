"""`/access_trace/`: why sign-ins by RADIUS were let in or refused, and what would be decided now. An extension."""

from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import BeforeValidator, Field, WithJsonSchema

from gate.access import dry_run, queries
from gate.access.dry_run import Answer, Question
from gate.access.explain import Step
from gate.access.queries import Trace, TraceFilter
from gate.access.rules import holds_secret
from gate.access.types import Grant, Item, Reason, Refusal
from gate.api import replies, times
from gate.api.aaa_profile import ItemOut
from gate.api.auth import Bearer, scope_of
from gate.api.errors import documented
from gate.api.fields import Id, Schema
from gate.api.lists import CursorListed, CursorQuery, cursor_envelope
from gate.attributes import canonical
from gate.core import clock, ids
from gate.core.paging import parse_cursor
from gate.places.rules import parse_mac
from gate.realms.types import Lead

router = Router(auth=Bearer("access_trace"), tags=["access_trace"])


def _mac(value: Any) -> str | None:
    if value is None:
        return None
    text = parse_mac(str(value))
    if text is None:
        raise ValueError("takes a MAC address, for example AA:BB:CC:DD:EE:FF")
    return text


_Mac = Annotated[
    str | None, BeforeValidator(_mac), WithJsonSchema({"type": "string", "examples": ["AA:BB:CC:DD:EE:FF", "aabb.ccdd.eeff"]})
]


class TraceQuery(CursorQuery):
    """Filters; all that are given must hold."""

    user: Id | None = None
    username: str | None = Field(None, max_length=253, description="Whole, in any case; also one that nobody has.")
    mac: _Mac = Field(None, description="The device, in any common notation.")
    nas: Id | None = Field(None, description="Id of a NAS.")
    accepted: bool | None = Field(None, description="Those that were let in, or those that were refused.")
    start_date: times.Since | None = Field(None, description="Sign-ins then or later.")
    end_date: times.Until | None = Field(None, description="Sign-ins then or earlier.")


class StepOut(Schema):
    """One question of a decision."""

    about: str = Field(examples=["guests: NAS-Port-Type"])
    expected: str = Field(examples=["== Wireless-802.11"], description="What lets in; `(hidden)` where it is secret.")
    actual: str = Field(examples=["Ethernet"], description="What was there.")
    holds: bool = Field(examples=[False])


class TraceOut(Schema):
    """A sign-in and why it was decided as it was."""

    id: int = Field(examples=[12345])
    datetime: str = Field(examples=["2026-03-01T14:30:25.123456Z"])
    organization_id: str = Field(examples=["org_1"])
    nas: int = Field(examples=[3])
    nas_name: str | None = Field(examples=["cafe-router"])
    user: int | None = Field(examples=[5432])
    username: str = Field(examples=["john.doe"], description="As it was sent.")
    access_point: int | None = Field(examples=[42])
    callingstationid: str | None = Field(examples=["AA-BB-CC-DD-EE-FF"])
    calledstationid: str | None = Field(examples=["00-11-22-33-44-55:Guests"])
    method: str = Field(examples=["PAP"])
    accepted: bool = Field(examples=[False])
    reason: str = Field(
        examples=["check-failed"],
        description="Empty where GATE let in; `proxied` where a home server of the user's realm decided.",
    )
    detail: str = Field(examples=["guests: NAS-Port-Type == Wireless-802.11"])
    session_timeout: int | None = Field(examples=[None], description="Seconds; null: not limited.")
    limited_by: str = Field(examples=[""], description="`credit`, `expiration`, `portal`, `profile` or `login-time`.")
    profiles: list[str] = Field(examples=[["guests"]], description="Short names, in order.")
    steps: list[StepOut] = Field(description="The questions in their order, down to the first that refused.")


class AttributeIn(Schema):
    """An attribute of the request."""

    attribute: str = Field(max_length=200, examples=["NAS-Port-Type"])
    value: str = Field(max_length=253, examples=["Wireless-802.11"])


class QuestionIn(Schema):
    """A sign-in that might be. The password is taken to be right."""

    username: str = Field(min_length=1, max_length=253, examples=["john.doe"])
    nas: str | None = Field(None, max_length=200, description="Id, short name or address of a NAS.")
    mac: str | None = Field(None, max_length=40, description="The device, in any common notation.")
    attributes: list[AttributeIn] = Field([], max_length=64, description="What else the NAS would send.")


class HomeServerOut(Schema):
    """A home server, and what the RADIUS server last found of it."""

    name: str = Field(examples=["campus-1"])
    state: str = Field(
        examples=["alive"],
        description="`unknown` (nothing was sent there yet), `alive`, `zombie` (asked last) or `dead` (not asked).",
    )
    last_answer: str | None = Field(examples=["2026-03-01T14:30:25.123456Z"])


class RealmOut(Schema):
    """A realm whose home servers decide."""

    name: str = Field(examples=["example.edu"])
    organization_id: str = Field(examples=["org_1"], description="The NAS's organization, or one above it.")
    pool: str = Field(examples=["campus"])
    mode: str = Field(examples=["failover"], description="`failover`, or `balance`: each device begins with one of its own.")
    when_dead: str = Field(examples=["silent"], description="What becomes of it where no server answers: `silent` or `reject`.")
    home_servers: list[HomeServerOut] = Field(description="In the order in which they would be asked.")


class AnswerOut(Schema):
    """What would be decided now, and why."""

    accepted: bool | None = Field(examples=[True], description="null: home servers decide, those of `realm`.")
    reason: str = Field(examples=[""], description="`proxied` where home servers decide.")
    detail: str = Field(examples=[""])
    user: int | None = Field(examples=[5432])
    nas: int | None = Field(examples=[3])
    session_timeout: int | None = Field(examples=[3600], description="Seconds; null: not limited.")
    limited_by: str = Field(examples=["profile"])
    profiles: list[str] = Field(examples=[["guests"]])
    reply_attribute: list[ItemOut] = Field(description="What would be sent beside Session-Timeout and the limits.")
    steps: list[StepOut]
    realm: RealmOut | None = Field(
        examples=[None], description="Where the user's realm belongs to home servers at that NAS: GATE's own rules are not asked."
    )


@router.get("/", response=documented(CursorListed[TraceOut], 400), summary="List sign-ins by RADIUS")
def list_traces(request: HttpRequest, wanted: Query[TraceQuery]) -> HttpResponse:
    """Sign-ins of the token's organizations, newest first, each with its trace."""
    scope = scope_of(request)
    context = f"access_trace:{scope.tenant_id}"
    page = queries.page(
        scope,
        TraceFilter(
            user_id=wanted.user, username=wanted.username, mac=wanted.mac, nas_id=wanted.nas, accepted=wanted.accepted,
            start=wanted.start_date, end=wanted.end_date,
        ),
        cursor=parse_cursor(wanted.cursor, context=context) if wanted.cursor else None,
        limit=wanted.size,
    )  # fmt: skip
    results = [show(trace) for trace in page.results]
    return replies.json(
        cursor_envelope(request, limit=wanted.size, next_=page.next, previous=page.previous, context=context, results=results)
    )


@router.post("/explain/", response=documented(AnswerOut, 400, 404), summary="Explain a sign-in without making one")
def explain_sign_in(request: HttpRequest, payload: QuestionIn) -> HttpResponse:
    """The same look-ups and rules as a sign-in by RADIUS; nothing is written. A user out of reach counts as unknown."""
    attributes: dict[str, list[str]] = {}
    for one in payload.attributes:
        attributes.setdefault(one.attribute, []).append(one.value)
    question = Question(username=payload.username, nas=payload.nas, mac=payload.mac, attributes=attributes)
    return replies.json(show_answer(dry_run.ask(scope_of(request), question, canonical=canonical, now=clock.now())))


def show(trace: Trace) -> dict[str, Any]:
    """The sign-in as replies have it."""
    return {
        "id": trace.id, "datetime": times.micros(trace.at),
        "organization_id": ids.prefixed(ids.ORGANIZATION, trace.organization_id), "nas": trace.nas_id, "nas_name": trace.nas,
        "user": trace.user_id, "username": trace.username,
        "access_point": trace.access_point_id, "callingstationid": trace.callingstationid,
        "calledstationid": trace.calledstationid,
        "method": trace.method, "accepted": trace.accepted, "reason": trace.reason, "detail": trace.detail,
        "session_timeout": trace.session_timeout, "limited_by": trace.limited_by, "profiles": list(trace.profiles),
        "steps": [_step(step) for step in trace.steps],
    }  # fmt: skip


def show_answer(answer: Answer) -> dict[str, Any]:
    """The answer as replies have it."""
    decision, user = answer.decision, answer.facts.user
    granted = decision if isinstance(decision, Grant) else None
    refused = decision if isinstance(decision, Refusal) else None
    reason: str = "" if refused is None else refused.reason
    return {
        "accepted": None if answer.lead is not None else granted is not None,
        "reason": Reason.PROXIED if answer.lead is not None else reason,
        "detail": "" if refused is None else refused.detail,
        "user": None if user is None else user.id,
        "nas": answer.place.id,
        "session_timeout": None if granted is None else granted.session_timeout,
        "limited_by": "" if granted is None else granted.limited_by,
        "profiles": list(answer.profiles),
        "reply_attribute": [] if granted is None else [_item(item) for item in granted.replies],
        "steps": [_step(step) for step in answer.steps],
        "realm": None if answer.lead is None else _realm(answer.lead),
    }


def _realm(lead: Lead) -> dict[str, Any]:
    return {
        "name": lead.realm, "organization_id": ids.prefixed(ids.ORGANIZATION, lead.organization_id), "pool": lead.pool,
        "mode": lead.mode, "when_dead": lead.when_dead,
        "home_servers": [
            {
                "name": server.name, "state": server.state,
                "last_answer": None if server.last_answer is None else times.micros(server.last_answer),
            }
            for server in lead.servers
        ],
    }  # fmt: skip


def _item(item: Item) -> dict[str, str]:
    value = "(hidden)" if holds_secret(item) else item.value
    return {"attribute": item.attribute, "op": item.op, "value": value}


def _step(step: Step) -> dict[str, Any]:
    return {"about": step.about, "expected": step.expected, "actual": step.actual, "holds": step.holds}
