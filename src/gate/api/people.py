"""What the sign-ins of people share: `device_app_user_authenticate`, the password form of `portal_login`, `token`."""

import dataclasses
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from pydantic import Field

from gate.api import rates, times
from gate.api.errors import documented
from gate.api.fields import Problem
from gate.core import calling, clock, ids
from gate.core.errors import Missing
from gate.core.tenancy import Scope
from gate.devices import queries as devices
from gate.devices.types import Named, Reporter
from gate.organizations import queries as organizations
from gate.places.rules import parse_mac
from gate.tokens import persons
from gate.tokens.types import Pair
from gate.users import sign_in
from gate.users.errors import DeviceBlocked
from gate.users.rules import ROLE_PERMISSIONS, expand
from gate.users.sign_in import SignedIn
from gate.users.types import User

MAX_PASSWORD = 1_024
MAX_DEVICE = 200

# The words in which the reference tells people what they may do, and the permission each stands for.
_WORDS = {
    "device_access": "device_app_access_points:read",
    "data_view": "device_app_connection_summary:read",
    "device_management": "nas:write",
    "user_management": "user:write",
    "reporting": "aaa_accounting:read",
}


class RefusedOut(Problem):
    """A sign-in that failed. A 403 for want of permission and a 429 for calls used up have the first two keys alone."""

    username: str = Field("", examples=["john.doe@company.com"])
    success: bool = Field(False, examples=[False])
    authenticated: bool = Field(False, examples=[False])
    status: str = Field("error", examples=["error"])
    error: str = Field("", examples=["Invalid credentials"])
    message: str = Field("", examples=["Invalid credentials"])
    error_code: str = Field("", examples=["AUTH_FAILED"])
    attempts_remaining: int | None = Field(None, examples=[2], description="Before the name is locked.")
    lockout_time: str | None = Field(None, examples=["2024-01-15T09:45:00Z"], description="Until when the name is locked.")


def documented_sign_in(success: Any, *failures: int) -> dict[int, Any]:
    """What a sign-in answers, for OpenAPI."""
    usual = documented(success, 400, 422, *failures, status=201)
    return usual | dict.fromkeys((403, 422, 429), RefusedOut)


@dataclass(frozen=True, slots=True)
class Welcome:
    """Somebody who signed in, with the tokens they were given."""

    user: User
    scope: Scope
    """Their own organization and below."""
    tokens: Pair
    device_registered: bool
    """Whether the device they named is a registered one of theirs."""


def authenticate(scope: Scope, *, username: str, password: str, device: str = "", remember: bool = False) -> Welcome:
    """Sign in somebody the scope reaches. Raises Missing, and the errors of users/errors.py."""
    _check_given(username, password)
    proved = sign_in.behind_token(
        scope, username=username, password=password, address=calling.current().address, now=clock.now()
    )  # fmt: skip
    return _welcome(proved, device=device, remember=remember)


def sign_in_person(
    request: HttpRequest,
    *,
    username: str,
    password: str,
    portal: str | None = None,
    device: str = "",
    remember: bool = False,
) -> dict[str, Any]:
    """The reply of `portal_login`'s password form, where nobody shows a token.

    `portal` is the id or short name of the organization whose portal this is. Raises Missing, TooMany, and the errors of
    users/errors.py.
    """
    rates.count_stranger(request)  # whatever stands in a header nobody looks at
    _check_given(username, password)
    proved = sign_in.at_open_door(
        username=username, password=password, portal=portal or None, address=calling.current().address, now=clock.now()
    )  # fmt: skip
    return show_portal(_welcome(proved, device=device, remember=remember))


def show_portal(welcome: Welcome) -> dict[str, Any]:
    """Tokens, user and session as `portal_login` shows them."""
    user = welcome.user
    organization = organizations.get(welcome.scope, user.organization_id)
    return {
        "success": True,
        **show_tokens(welcome.tokens),
        "user": {
            "id": user.id,
            "username": user.username,
            "portal_access": True,
            "email": user.email,
            "first_name": user.first_name,
            "last_name": user.last_name,
            "organization_id": user.organization_id,
            "organization_name": organization.display_name or organization.name,
            "role": user.role,
            "permissions": words(user.role),
            "last_login": times.show(user.last_login),
            "profile_complete": bool(user.first_name and user.last_name and user.email),
        },
        "session": {
            "session_id": session_id(welcome.tokens),
            "expires_at": times.show(welcome.tokens.refresh_expires),
            "device_registered": welcome.device_registered,
        },
    }


def show_tokens(tokens: Pair) -> dict[str, Any]:
    """The tokens themselves: shown once, stored as digests."""
    return {
        "access_token": tokens.access_token,
        "refresh_token": tokens.refresh_token,
        "token_type": "Bearer",
        "expires_in": int(persons.ACCESS_LIFE.total_seconds()),
    }


def session_id(tokens: Pair) -> str:
    """`sess_12`: names the sign-in the tokens come from."""
    return f"{ids.SESSION}_{tokens.family_id}"


def words(role: str) -> list[str]:
    """What the role may do, in the words of the reference."""
    granted = expand(ROLE_PERMISSIONS[role])
    return [word for word, permission in _WORDS.items() if permission in granted]


def _check_given(username: str, password: str) -> None:
    absent = [name for name, value in (("username", username.strip()), ("password", password)) if not value]
    if absent:
        raise Missing(f"{' and '.join(absent)}: is required", fields={name: ["is required"] for name in absent})


def _welcome(proved: SignedIn, *, device: str, remember: bool) -> Welcome:
    user, scope = proved.user, proved.scope
    known = _device_of(scope, user, device.strip())
    if known is not None and known.is_blocked:
        raise DeviceBlocked(username=user.username)
    tokens = persons.begin(
        scope, organization_id=user.organization_id, user_id=user.id, password_version=proved.password_version, now=clock.now(),
        remember=remember, device=device.strip(), device_id=known.device_id if known is not None else None,
    )  # fmt: skip
    return Welcome(user=user, scope=scope, tokens=tokens, device_registered=known is not None)


def _device_of(scope: Scope, user: User, device: str) -> Reporter | None:
    """The registered device of this user that goes by that name: the app's own, IMEI, MAC address, or GATE's number."""
    named = [
        Named(generic_id=device),
        Named(imei=device),
        Named(mac_addr=parse_mac(device)),
        Named(device_id=ids.parse(device)),
    ]
    asked = [one for one in named if one != Named()] if device else []
    # As a subscriber sees them, staff too: another's device is nobody's here.
    own = dataclasses.replace(scope, user_id=user.id, own_only=True)
    found = devices.reporters(own, asked) if asked else {}
    return next((found[one] for one in asked if one in found), None)
