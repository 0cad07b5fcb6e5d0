"""What every reply carries, and for whom a console request speaks."""

import logging
from collections.abc import Callable

from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest, HttpResponseBase

from gate.console.backend import find_staff
from gate.core import calling, clock, ids, tenancy
from gate.core.board import BOARD
from gate.core.tenancy import Scope
from gate.organizations import queries as organizations
from gate.users.models import User
from gate.users.rules import ROLE_PERMISSIONS

Next = Callable[[HttpRequest], HttpResponseBase]

CONSOLE = "/console/"
TENANT_KEY = "gate_tenant"
# Everything comes from this host. The console's components are evaluated at run time (Alpine), and style attributes are theirs.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
log = logging.getLogger("gate.web")


class RequestId:
    """Gives each request an id: `request.request_id`, `X-Request-ID` on the reply, and a line in the log."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass the request on and mark the reply."""
        request_id = ids.request_id()
        request.request_id = request_id  # type: ignore[attr-defined]  # our own mark on Django's request
        began = clock.monotonic()
        call = calling.begin(request.META, request_id=request_id)
        try:
            response = self.get_response(request)
        finally:
            calling.end(call)
        response["X-Request-ID"] = request_id
        # Without the query: an address may carry what a log must not.
        seconds = clock.monotonic() - began
        spent = round(seconds * 1000)
        status = response.status_code
        BOARD.count(request.path, status=status, seconds=seconds)
        level = logging.ERROR if status >= 500 else logging.INFO if status >= 400 else logging.DEBUG
        told = {"request_id": request_id}
        log.log(level, "%s %s %d %d ms request_id=%s", request.method, request.path, status, spent, request_id, extra=told)
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> None:
        """Write down what nobody caught, under the id the caller is told."""
        known = getattr(request, "request_id", "-")
        told = {"request_id": known}
        log.error("%s %s failed request_id=%s", request.method, request.path, known, exc_info=error, extra=told)


class OperatorScope:
    """Enters the scope of the person signed in to the console, for the whole request, rendering of templates included.

    A streamed reply is produced after the scope is left; the console sends none.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass the request on for whom it speaks; other ways in find their callers themselves."""
        if not request.path.startswith(CONSOLE):
            return self.get_response(request)
        scope = _scope_of(request)
        if scope is None:
            response = self.get_response(request)
        else:
            with tenancy.enter(scope):
                response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        return response


def _scope_of(request: HttpRequest) -> Scope | None:
    tenant_id, user_id = request.session.get(TENANT_KEY), request.session.get(SESSION_KEY)
    if tenant_id is None or user_id is None:
        return None
    user = find_staff(tenant_id=int(tenant_id), user_id=int(user_id))
    return None if user is None else scope_of(user)


def scope_of(user: User) -> Scope:
    """What a member of staff may reach: the own organization and all below, with the rights of the role."""
    permissions = ROLE_PERMISSIONS.get(user.role, frozenset())
    return organizations.scope_of(user.organization_id, permissions=permissions, actor=f"user:{user.pk}")
