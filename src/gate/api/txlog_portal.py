"""`/txlog_portal/`: what happened to users, sessions and payments, newest first. Hot: no schema between SQL and JSON.

Texts that repeat (user agents, referers) are numbers of the tenant's own; see docs/txlog.md.
"""

from typing import Annotated, Any

import msgspec
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import BeforeValidator, Field, WithJsonSchema

from gate.api import replies, times
from gate.api.auth import Bearer, scope_of
from gate.api.errors import documented
from gate.api.fields import Id, Schema, find_organization
from gate.api.lists import CursorListed, CursorQuery, cursor_envelope
from gate.core.paging import parse_cursor
from gate.places.rules import parse_mac
from gate.txlog import queries, rules
from gate.txlog.types import EventFilter, LoggedEvent

router = Router(auth=Bearer("txlog_portal"), tags=["txlog_portal"])


def _mac(value: Any) -> int | None:
    if value is None:
        return None
    text = parse_mac(str(value))
    if text is None:
        raise ValueError("takes a MAC address, for example AA:BB:CC:DD:EE:FF")
    return rules.mac_number(text)


_Mac = Annotated[
    int | None, BeforeValidator(_mac), WithJsonSchema({"type": "string", "examples": ["AA:BB:CC:DD:EE:FF", "aabb.ccdd.eeff"]})
]


class TxlogQuery(CursorQuery):
    """Filters; all that are given must hold."""

    type: str | None = Field(
        None, description="Codes of what happened, separated by commas: any of them.", examples=["ui", "ur,uu,un"]
    )
    status: str | None = Field(
        None,
        description="Verdicts, separated by commas: any of them; `u4*` is all that begin so.",
        examples=["h200", "u4*", "u401,u423"],
    )
    start_date: times.Since | None = Field(None, description="Events then or later.")
    end_date: times.Until | None = Field(None, description="Events then or earlier.")
    user: Id | None = None
    page: Id | None = Field(None, description="The page of the portal.")
    access_point: Id | None = None
    location: Id | None = None
    organization: str | None = Field(None, description="Id, prefixed id or short name.")
    mac: _Mac = Field(None, description="The device, in any common notation.")


class TxlogOut(Schema):
    """An event."""

    id: int = Field(examples=[12345])
    datetime: str = Field(examples=["2024-01-15T14:30:25.123456Z"])
    type: str = Field(examples=["ui"], description="What happened.")
    organization: int = Field(examples=[1])
    source: str = Field(examples=["u"], description="Who caused it.")
    status: str = Field(examples=["h200"], description="The verdict.")
    message: str = Field(examples=["User login successful"])
    service: int | None = Field(examples=[101], description="The portal.")
    service_name: str | None = Field(examples=["Corporate WiFi Portal"])
    authservice: int | None = Field(examples=[201], description="What proved the identity.")
    authservice_name: str | None = Field(examples=["LDAP Authentication"])
    user: int | None = Field(examples=[5432], description="Kept when the user is deleted.")
    username: str | None = Field(examples=["john.doe"], description="At the time of the event, as e-mail and external id.")
    email: str | None = Field(examples=["john.doe@company.com"])
    external_id: str | None = Field(examples=["emp_12345"])
    new_user: bool = Field(examples=[False])
    session_id: str | None = Field(examples=["sess_abc123xyz789"])
    external_session: str | None = Field(examples=["ldap_session_456"])
    payment_transaction_log: int | None = Field(examples=[None])
    site: str | None = Field(examples=["corporate-portal.company.com"])
    page: int | None = Field(examples=[10])
    page_url: str | None = Field(examples=["https://corporate-portal.company.com/login"])
    action: str = Field(examples=["li"], description="What the page asked for.")
    location: int | None = Field(examples=[15])
    location_name: str | None = Field(examples=["Headquarters Building A"])
    access_point: int | None = Field(examples=[42])
    access_point_name: str | None = Field(examples=["AP-Floor3-West"])
    ssid: str | None = Field(examples=["Corporate_WiFi"])
    user_agent: int | None = Field(examples=[301], description="The same number for the same text, within a tenant.")
    remote_ip_addr: int | None = Field(
        examples=[987654321],
        description="An IPv4 address as 32 bits; from 4294967296 on the number of an IPv6 address, within a tenant.",
    )
    captured_ip_addr: int | None = Field(examples=[987654321], description="As remote_ip_addr, seen in the site's network.")
    mac_addr: int | None = Field(examples=[123456789], description="48 bits.")
    http_referer: int | None = Field(examples=[501], description="As user_agent.")


# What is sent, in the order documented: a struct is made and written in a tenth of the time a dictionary takes.
_Shown = msgspec.defstruct("_Shown", list(TxlogOut.model_fields), frozen=True, gc=False)


@router.get("/", response=documented(CursorListed[TxlogOut], 400), summary="List the transaction log")
def list_events(request: HttpRequest, wanted: Query[TxlogQuery]) -> HttpResponse:
    """Events of the token's organizations, newest first. `next` goes to older ones, `previous` to newer ones."""
    scope = scope_of(request)
    context = f"txlog_portal:{scope.tenant_id}"
    page = queries.page(
        scope,
        EventFilter(
            types=rules.parse_types(wanted.type) if wanted.type else (),
            statuses=rules.parse_statuses(wanted.status) if wanted.status else (),
            user_id=wanted.user,
            page=wanted.page,
            access_point_id=wanted.access_point,
            location_id=wanted.location,
            organization_id=find_organization(scope, wanted.organization) if wanted.organization else None,
            mac_addr=wanted.mac,
            start=wanted.start_date,
            end=wanted.end_date,
        ),
        cursor=parse_cursor(wanted.cursor, context=context) if wanted.cursor else None,
        limit=wanted.size,
    )
    results = [show(event) for event in page.results]
    return replies.json(
        cursor_envelope(request, limit=wanted.size, next_=page.next, previous=page.previous, context=context, results=results)
    )


def show(event: LoggedEvent) -> msgspec.Struct:
    """The event as the reference shows it: in the order of its fields, which are TxlogOut's."""
    return _Shown(
        event.id, times.micros(event.at), event.type, event.organization_id, event.source, event.status, event.message,
        event.service, event.service_name, event.authservice, event.authservice_name, event.user_id, event.username,
        event.email, event.external_id, event.new_user, event.session_id, event.external_session, event.payment_transaction_log,
        event.site, event.page, event.page_url, event.action, event.location_id, event.location_name, event.access_point_id,
        event.access_point_name, event.ssid, event.user_agent, event.remote_ip_addr, event.captured_ip_addr, event.mac_addr,
        event.http_referer,
    )  # fmt: skip
