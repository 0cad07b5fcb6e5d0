"""`POST /portal_login/`: two forms at one address.

With `uid`, `mac`, `ap_mac` and `ip`, behind a token: the site's own portal vouches for a guest, and a session is opened for the
device. With `username` and `password`, by anybody: a person signs in and gets tokens. A body with a `uid` is of the first form.
"""

import json
import urllib.parse
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import ConfigDict, Field

from gate import settings
from gate.access import commands
from gate.api import people, replies
from gate.api.auth import Bearer
from gate.api.fields import Schema
from gate.core import clock
from gate.core.errors import Invalid
from gate.portals.types import Session, VisitFields
from gate.users.sign_in import MAX_NAME

router = Router(tags=["portal_login"])
_bearer = Bearer("portal_login")

_GUEST: dict[str, Any] = {
    "uid": "room_401", "ap_mac": "aa:bb:cc:dd:ee:ff", "mac": "11:22:33:44:55:66", "ip": "192.168.1.100",
    "original_url": "https://www.example.com", "controller_address": "192.168.1.1", "session_timeout": 7200, "idle_timeout": 3600,
}  # fmt: skip
_FORMS: Any = {
    "oneOf": [
        {"title": "A guest the site vouches for", "required": ["uid", "mac", "ap_mac", "ip"]},
        {"title": "A person by password", "required": ["username", "password"], "not": {"required": ["uid"]}},
    ]
}
_DESCRIBED: dict[str, Any] = {
    "security": [{"Bearer": []}, {}],
    "requestBody": {
        "content": {
            "application/json": {
                "examples": {
                    "guest": {"summary": "A guest the site vouches for; needs a token", "value": _GUEST},
                    "wrapped": {"summary": "The same inside data", "value": {"data": json.dumps(_GUEST)}},
                    "person": {
                        "summary": "A person by password; needs none",
                        "value": {
                            "username": "user@example.com", "password": "securepassword123", "portal_id": "main-portal",
                            "remember_me": True, "device_id": "unique_device_identifier",
                        },
                    },
                }
            }
        }
    },
}  # fmt: skip
_SECONDS: Any = Field(None, ge=1, le=2**31 - 1, examples=[7200])


class PortalLoginIn(Schema):
    """A guest or a person; what the other form asks for is ignored."""

    model_config = ConfigDict(json_schema_extra=_FORMS)

    uid: str | None = Field(None, description="Username, e-mail address or external id of the guest.", examples=["room_401"])
    ap_mac: str | None = Field(None, description="MAC address of the access point.", examples=["aa:bb:cc:dd:ee:ff"])
    mac: str | None = Field(None, description="MAC address of the guest's device.", examples=["11:22:33:44:55:66"])
    ip: str | None = Field(None, description="IP address of the guest's device.", examples=["192.168.1.100"])
    original_url: str | None = Field(
        None, description="Where the guest was going; one that is not safe to go back to becomes null.",
        examples=["https://www.example.com"],
    )  # fmt: skip
    controller_address: str | None = Field(None, description="Address or name of the controller.", examples=["192.168.1.1"])
    session_timeout: int | None = _SECONDS
    idle_timeout: int | None = _SECONDS
    username: str | None = Field(
        None, max_length=MAX_NAME, description="Username or e-mail address.", examples=["user@example.com"]
    )
    password: str | None = Field(None, max_length=people.MAX_PASSWORD, examples=["securepassword123"])
    portal_id: str | int | None = Field(
        None, description="Id or short name of the organization whose people are meant.", examples=["main-portal"]
    )
    remember_me: bool | None = Field(None, description="The refresh token then lasts 30 days in place of 12 hours.")
    device_id: str | None = Field(None, max_length=people.MAX_DEVICE, examples=["unique_device_identifier"])


class PortalSessionOut(Schema):
    """The session opened for a guest."""

    page_id: int = Field(examples=[12345])
    original_url: str | None = Field(examples=["https://www.example.com"])
    ap_mac: str = Field(examples=["aa:bb:cc:dd:ee:ff"])
    mac: str = Field(examples=["11:22:33:44:55:66"])
    ip: str = Field(examples=["192.168.1.100"])
    uid: str = Field(examples=["room_401"])
    controller_address: str | None = Field(examples=["192.168.1.1"])
    session_timeout: int | None = Field(examples=[7200], description="Seconds: what was asked for, cut to what the guest has.")
    idle_timeout: int | None = Field(examples=[3600], description="Seconds.")


class PersonOut(Schema):
    """Who signed in."""

    id: int = Field(examples=[12345])
    username: str = Field(examples=["user@example.com"])
    portal_access: bool = Field(examples=[True])
    email: str = Field(examples=["user@example.com"])
    first_name: str = Field(examples=["John"])
    last_name: str = Field(examples=["Doe"])
    organization_id: int = Field(examples=[789])
    organization_name: str = Field(examples=["ACME Corporation"])
    role: str = Field(examples=["admin"])
    permissions: list[str] = Field(examples=[["device_management", "user_management", "reporting"]])
    last_login: str | None = Field(examples=["2024-01-15T10:30:00Z"])
    profile_complete: bool = Field(description="Whether both names and the e-mail address are known.", examples=[True])


class PersonSessionOut(Schema):
    """The sign-in: all tokens that come of it end together."""

    session_id: str = Field(examples=["sess_12"])
    expires_at: str = Field(examples=["2024-01-15T14:30:00Z"])
    device_registered: bool = Field(description="Whether the device named is a registered one of theirs.", examples=[True])


class SignedInOut(Schema):
    """Tokens for a person."""

    success: bool = Field(examples=[True])
    access_token: str = Field(examples=["eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9..."])
    refresh_token: str = Field(description="Good once, at `/token/refresh/`.", examples=["gater_0mE9..."])
    token_type: str = Field(examples=["Bearer"])
    expires_in: int = Field(description="Seconds the access token lasts.", examples=[3600])
    user: PersonOut
    session: PersonSessionOut


@router.post(
    "/",
    response=people.documented_sign_in(PortalSessionOut | SignedInOut),
    summary="Let a guest in, or sign a person in",
    openapi_extra=_DESCRIBED,
)
def portal_login(request: HttpRequest, payload: PortalLoginIn) -> HttpResponse:
    """Open a session for the device of a guest whom the site vouches for; or, with a password, give a person tokens.

    The second form needs no token. A body with a `uid` is of the first.
    """
    _refuse_repeated_names(request.body)
    if payload.uid is None and (payload.username is not None or payload.password is not None):
        signed_in = people.sign_in_person(
            request, username=payload.username or "", password=payload.password or "", portal=str(payload.portal_id or ""),
            device=payload.device_id or "", remember=bool(payload.remember_me),
        )  # fmt: skip
        return replies.json(signed_in, status=201)
    scope = _bearer(request)
    public = urllib.parse.urlsplit(settings.current().public_url).hostname
    session = commands.let_in(scope, said=_visit(payload), own_hosts=[public] if public else [], now=clock.now())
    return replies.json(_show(session), status=201)


def _visit(payload: PortalLoginIn) -> VisitFields:
    return VisitFields(
        uid=payload.uid, mac=payload.mac, ap_mac=payload.ap_mac, ip=payload.ip, original_url=payload.original_url,
        controller_address=payload.controller_address, session_timeout=payload.session_timeout, idle_timeout=payload.idle_timeout,
    )  # fmt: skip


def _show(session: Session) -> dict[str, Any]:
    visit = session.visit
    return {
        "page_id": session.id, "original_url": visit.original_url, "ap_mac": visit.ap_mac.lower(), "mac": visit.mac.lower(),
        "ip": visit.ip, "uid": visit.uid, "controller_address": visit.controller_address,
        "session_timeout": session.session_timeout, "idle_timeout": session.idle_timeout,
    }  # fmt: skip


def _refuse_repeated_names(raw: bytes) -> None:
    """A site's portal may look at the first of two `mac`s and GATE at the last: then another device would be let in.

    Raises Invalid.
    """

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            raise Invalid("The body has a name twice.", code="malformed")
        return found

    value = json.loads(raw, object_pairs_hook=once)
    if isinstance(value, dict) and isinstance(value.get("data"), str):
        json.loads(value["data"], object_pairs_hook=once)
