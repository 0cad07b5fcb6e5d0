"""Signing people in: which call it takes, and what of the reply is kept."""

from dataclasses import dataclass
from typing import cast

from gate.client.calls import Call
from gate.client.categories import device_app_user_authenticate as app
from gate.client.categories import portal_login as portal
from gate.client.conversation import Credentials

Answer = app.Authenticated | portal.PortalSignIn


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who signed in."""

    user_id: int
    username: str
    role: str
    permissions: tuple[str, ...]


def sign_in(*, username: str, password: str, device_id: str | None, remember: bool, credentials: Credentials) -> Call[Answer]:
    """With an API token the phone app's way in, which that token must allow; without one the portal's, which needs none."""
    if credentials.api_token is None:
        guest: portal.PortalPerson = {"username": username, "password": password, "remember_me": remember}
        if device_id is not None:
            guest["device_id"] = device_id
        return cast("Call[Answer]", portal.sign_in(**guest))
    person: app.PersonalCredentials = {"username": username, "password": password, "remember_me": remember}
    if device_id is not None:
        person["device_id"] = device_id
    return cast("Call[Answer]", app.authenticate(**person))


def keep(answer: Answer, credentials: Credentials) -> Person:
    """Let the client go on as the person who signed in."""
    credentials.token, credentials.refresh_token = answer.access_token, answer.refresh_token
    if isinstance(answer, portal.PortalSignIn):
        user = answer.user
        return Person(user_id=user.id, username=user.username, role=user.role, permissions=tuple(user.permissions))
    profile = answer.user_profile
    return Person(user_id=answer.user_id, username=answer.username, role=profile.role, permissions=tuple(profile.permissions))
