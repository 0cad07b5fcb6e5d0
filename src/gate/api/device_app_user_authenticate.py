"""`/device_app_user_authenticate/`: an app asks who its user is, and gets tokens for them.

The reply has the keys of every text of the reference at once: the same fact goes by several names.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import Field

from gate.api import people, replies, times
from gate.api.auth import Bearer, scope_of
from gate.api.fields import Schema
from gate.users.sign_in import MAX_NAME

router = Router(auth=Bearer("device_app_user_authenticate"), tags=["device_app_user_authenticate"])


class CredentialsIn(Schema):
    """Who it is said to be."""

    username: str = Field(max_length=MAX_NAME, examples=["john.doe@company.com"], description="Or an e-mail address.")
    password: str = Field(max_length=people.MAX_PASSWORD, examples=["SecurePassword123!"])
    device_id: str = Field("", max_length=people.MAX_DEVICE, description="The app's name for it.", examples=["device_12345"])
    app_version: str = Field("", max_length=50, examples=["2.1.0"])
    platform: str = Field("", max_length=50, examples=["iOS"])
    remember_me: bool = Field(False, description="The refresh token then lasts 30 days in place of 12 hours.")


class ProfileOut(Schema):
    """The person."""

    first_name: str = Field(examples=["John"])
    last_name: str = Field(examples=["Doe"])
    email: str = Field(examples=["john.doe@company.com"])
    role: str = Field(examples=["device_user"])
    permissions: list[str] = Field(examples=[["device_access", "data_view"]])


class AuthenticatedOut(Schema):
    """A person, with tokens."""

    username: str = Field(examples=["john.doe@company.com"])
    authenticated: bool = Field(examples=[True])
    status: str = Field(examples=["success"])
    message: str = Field(examples=["Authentication successful"])
    user_id: int = Field(examples=[12345])
    access_token: str = Field(examples=["eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9..."])
    token: str = Field(description="The access token.", examples=["eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9..."])
    refresh_token: str = Field(description="Good once, at `/token/refresh/`.", examples=["gater_0mE9..."])
    token_type: str = Field(examples=["Bearer"])
    expires_in: int = Field(description="Seconds the access token lasts.", examples=[3600])
    token_expires: str = Field(examples=["2024-01-15T18:30:00Z"])
    token_expires_at: str = Field(examples=["2024-01-15T18:30:00Z"])
    expires_at: str = Field(examples=["2024-01-15T18:30:00Z"])
    user_profile: ProfileOut
    user_permissions: list[str] = Field(examples=[["device_access", "data_view"]])
    permissions: list[str] = Field(examples=[["device_access", "data_view"]])
    device_registered: bool = Field(description="Whether the device named is a registered one of this person.", examples=[True])
    session_id: str = Field(examples=["sess_123456"])


@router.post("/", response=people.documented_sign_in(AuthenticatedOut), summary="Prove who a user is")
def authenticate_device_app_user(request: HttpRequest, payload: CredentialsIn) -> HttpResponse:
    """Tokens for a user of the token's organizations. A name nobody has and a wrong password look alike.

    After five failures in a row the name is locked, for a quarter of an hour and then longer: 403 with `lockout_time`.
    """
    welcome = people.authenticate(
        scope_of(request), username=payload.username, password=payload.password, device=payload.device_id,
        remember=payload.remember_me,
    )  # fmt: skip
    return replies.json(show(welcome), status=201)


def show(welcome: people.Welcome) -> dict[str, Any]:
    """The reply, as all texts of the reference show it."""
    user = welcome.user
    ends, permissions = times.show(welcome.tokens.access_expires), people.words(user.role)
    return {
        "username": user.username,
        "authenticated": True,
        "status": "success",
        "message": "Authentication successful",
        "user_id": user.id,
        **people.show_tokens(welcome.tokens),
        "token": welcome.tokens.access_token,
        "token_expires": ends,
        "token_expires_at": ends,
        "expires_at": ends,
        "user_profile": {
            "first_name": user.first_name,
            "last_name": user.last_name,
            "email": user.email,
            "role": user.role,
            "permissions": permissions,
        },
        "user_permissions": permissions,
        "permissions": permissions,
        "device_registered": welcome.device_registered,
        "session_id": people.session_id(welcome.tokens),
    }
