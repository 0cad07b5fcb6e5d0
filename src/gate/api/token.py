"""`/token/`: an extension, for people's tokens. The reference tells apps to refresh them and to sign out, and not where."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import Field

from gate.api import people, replies, times
from gate.api.errors import documented
from gate.api.fields import Schema
from gate.core import clock
from gate.core.errors import Missing
from gate.tokens import persons
from gate.tokens.types import Pair
from gate.users import sign_in

router = Router(auth=None, tags=["token"])

_LENGTH = 100


class RefreshIn(Schema):
    """The token that was given last."""

    refresh_token: str = Field(max_length=_LENGTH, examples=["gater_0mE9..."])


class RefreshedOut(Schema):
    """The next tokens. The refresh token sent is used up."""

    access_token: str = Field(examples=["eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9..."])
    refresh_token: str = Field(examples=["gater_0mE9..."])
    token_type: str = Field(examples=["Bearer"])
    expires_in: int = Field(description="Seconds the access token lasts.", examples=[3600])
    token_expires_at: str = Field(examples=["2024-01-15T18:30:00Z"])
    refresh_expires_at: str = Field(description="Unless it is used before.", examples=["2024-01-16T05:30:00Z"])
    session_id: str = Field(examples=["sess_123456"])


class RevokeIn(Schema):
    """Who signs out; the access token may be sent as bearer in its place, or both."""

    refresh_token: str = Field("", max_length=_LENGTH, examples=["gater_0mE9..."])


class RevokedOut(Schema):
    """Whatever was sent is good no more."""

    success: bool = Field(examples=[True])


@router.post("/refresh/", response=documented(RefreshedOut, 400), summary="Refresh a person's tokens")
def refresh_token(request: HttpRequest, payload: RefreshIn) -> HttpResponse:  # noqa: ARG001  ninja passes it
    """New tokens for a refresh token, which works once. One that comes again after ten seconds ends the whole sign-in."""
    if not payload.refresh_token:
        raise Missing("refresh_token: is required", fields={"refresh_token": ["is required"]})
    try:
        tokens = persons.refresh(payload.refresh_token, now=clock.now())
    except persons.RefreshReused as reused:
        sign_in.log_reuse(reused.scope)
        raise
    sign_in.log_refresh(tokens.scope)
    return replies.json(show(tokens))


@router.post("/revoke/", response=documented(RevokedOut, 400), summary="Sign a person out")
def revoke_token(request: HttpRequest, payload: RevokeIn) -> HttpResponse:
    """Ends the sign-in that the refresh token, or the access token sent as bearer, comes from: all its tokens.

    Answers alike whether there was anything to end. An API token (`gate_…`) is never revoked here.
    """
    scheme, _, bearer = request.headers.get("Authorization", "").strip().partition(" ")
    access_token = bearer.strip() if scheme.lower() == "bearer" else ""
    if not payload.refresh_token and not access_token:
        raise Missing("refresh_token: is required, or an access token as bearer", fields={"refresh_token": ["is required"]})
    for scope in persons.revoke(refresh_token=payload.refresh_token, access_token=access_token, now=clock.now()):
        sign_in.log_sign_out(scope)
    return replies.json({"success": True})


def show(tokens: Pair) -> dict[str, Any]:
    """The tokens, with when they end."""
    return {
        **people.show_tokens(tokens),
        "token_expires_at": times.show(tokens.access_expires),
        "refresh_expires_at": times.show(tokens.refresh_expires),
        "session_id": people.session_id(tokens),
    }
