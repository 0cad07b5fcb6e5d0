"""Who is calling, and may they. Every router names its category; reading asks for `category:read`, the rest `category:write`."""

from typing import Any

from django.http import HttpRequest
from ninja.security import HttpBearer

from gate.api import rates
from gate.core import clock
from gate.core.errors import Forbidden, Unauthenticated
from gate.core.tenancy import Scope
from gate.tokens import bearer, meter, persons
from gate.tokens.rules import PREFIX
from gate.users.rules import ROLE_PERMISSIONS

_READING = frozenset({"GET", "HEAD", "OPTIONS"})


class Bearer(HttpBearer):
    """Leaves the caller's scope in `request.auth`: the owner's of an API token (`gate_…`), the person's of an access token.

    Raises Unauthenticated (401), Forbidden (403), TooMany (429: the calls of the minute or of the
    organization's month are used up, or the address has guessed at too many tokens).
    """

    def __init__(self, category: str) -> None:
        super().__init__()
        self.category = category

    def __call__(self, request: HttpRequest) -> Any:
        """The caller's scope."""
        try:
            return self.authenticate(request, _shown(request))
        except Unauthenticated:
            rates.count_stranger(request)
            raise

    def authenticate(self, request: HttpRequest, token: str) -> Scope:
        """The scope of `token`, if it allows what is asked."""
        now = clock.now()
        if token.startswith(PREFIX):
            scope = bearer.authenticate(token, source=request.META.get("REMOTE_ADDR", ""), now=now)
        else:
            scope = persons.authenticate(token, roles=ROLE_PERMISSIONS, now=now)
        rates.count_bearer(request, scope)
        action = "read" if request.method in _READING else "write"
        if not allows(scope, category=self.category, action=action):
            raise Forbidden(f"The token does not have {self.category}:{action}.")
        meter.count(scope, now=now)
        return scope


def _shown(request: HttpRequest) -> str:
    """The bearer in the header. Raises Unauthenticated."""
    shown: str = request.META.get("HTTP_AUTHORIZATION", "")  # request.headers would first be made of all there are
    scheme, _, token = shown.strip().partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthenticated("Send Authorization: Bearer and an API token.")
    return token.strip()


def allows(scope: Scope, *, category: str, action: str) -> bool:
    """Whether the scope may read or write the category."""
    return scope.allows(f"{category}:{action}") or scope.allows(f"*:{action}")


def scope_of(request: HttpRequest) -> Scope:
    """The caller's scope, once Bearer let them in."""
    scope = getattr(request, "auth", None)
    if not isinstance(scope, Scope):
        raise Unauthenticated("Send Authorization: Bearer and an API token.")
    return scope
