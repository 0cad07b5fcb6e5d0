"""The one table from errors to HTTP. Every error body is `{"detail", "code", "errors"?}`; see the table of statuses below.

Failed sign-ins have further keys, those of the reference (`FURTHER_KEYS`).
"""

import logging
import re
from collections.abc import Callable, Mapping
from typing import Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from gate.api import replies, times
from gate.api.fields import Failure, Problem
from gate.core import ids
from gate.core.errors import (
    Conflict,
    Forbidden,
    GateError,
    Invalid,
    Missing,
    NotFound,
    TooMany,
    Unauthenticated,
    Unavailable,
)
from gate.users.errors import SignInRefused

log = logging.getLogger("gate.web")

# The most special class of an error that stands here decides.
STATUSES: dict[type[GateError], int] = {
    Unauthenticated: 401,
    Forbidden: 403,
    NotFound: 404,
    Missing: 400,
    Conflict: 409,
    Invalid: 400,
    TooMany: 429,
    Unavailable: 503,
}
# Categories whose reference answers refused values with 422, in the body and in the query.
_BODY_422 = re.compile(r"device_app_|portal_login\Z")
_QUERY_422 = frozenset({"device_app_access_points", "hostspot_access_points", "hostspot_locations"})
# Codes of bodies that are no JSON at all: 400 everywhere.
_MALFORMED = frozenset({"malformed", "body_too_large"})
# Seconds: how long a database that starts again is away.
_RETRY_AFTER = 5
# What pydantic calls a body that is a text, a number, a list.
_NO_OBJECT = frozenset({"model_type", "dict_type", "model_attributes_type"})
_PATH = re.compile(r"/api/v1/([a-z_]+)/")


def _sign_in_keys(error: SignInRefused) -> dict[str, Any]:
    """Those of both texts of the reference on failed sign-ins. They say nothing that differs with whether the name exists."""
    return {
        "username": error.username,
        "success": False,
        "authenticated": False,
        "status": "error",
        "error": error.detail,
        "message": error.detail,
        "error_code": error.code.upper(),
        "attempts_remaining": error.attempts_remaining,
        "lockout_time": times.show(error.locked_until),
    }


# What the body says beside detail and code, for errors of whose kind the reference documents more.
FURTHER_KEYS: dict[type[GateError], Callable[[Any], dict[str, Any]]] = {SignInRefused: _sign_in_keys}

_TEXTS = {
    400: ("bad_request", "The request cannot be understood."),
    404: ("not_found", "There is nothing at this address."),
    405: ("method_not_allowed", "This address does not take this method."),
    500: ("internal", "GATE failed; the log has the reason under this request id."),
    503: ("unavailable", "The database does not answer. Try again soon."),
}


def documented(success: Any, *failures: int, status: int = 200) -> dict[int, Any]:
    """What an endpoint answers, for OpenAPI: the schema of success, and the failures beside those any call may have."""
    usual = sorted({401, 403, 429, 500, 503, *failures})
    return {status: success, **{failure: Problem if failure < 500 else Failure for failure in usual}}


def register(api: NinjaAPI) -> None:
    """Let `api` answer every error from this table."""
    for kind in (GateError, ValidationError, HttpError, Http404, Exception):
        api.add_exception_handler(kind, _handle)


def _handle(request: HttpRequest, error: Any) -> HttpResponse:
    return respond(request, error)


def respond(request: HttpRequest, error: BaseException) -> HttpResponse:
    """The reply for any error."""
    match error:
        case GateError():
            return _gate_error(request, error)
        case ValidationError():
            return _validation_error(request, error)
        case HttpError(__cause__=GateError() | SuspiciousOperation() as cause):  # ninja wraps what the parser raised
            return respond(request, cause)
        case HttpError():
            return answer(request, error.status_code, detail=error.message)
        case Http404():
            return answer(request, 404)
        case RequestDataTooBig():
            return answer(request, 400, detail="The body is too large.", code="body_too_large")
        case SuspiciousOperation():
            return answer(request, 400)
        case OperationalError() | InterfaceError():
            _write_down(request, error)
            return answer(request, 503)
        case _:
            _write_down(request, error)
            return answer(request, 500)


def answer(
    request: HttpRequest,
    status: int,
    *,
    detail: str | None = None,
    code: str | None = None,
    errors: Mapping[str, list[str]] | None = None,
    further: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """An error reply; text and code come from the status unless given."""
    usual_code, usual_detail = _TEXTS.get(status, _TEXTS[400])
    body: dict[str, Any] = {"detail": detail or usual_detail, "code": code or usual_code, **(further or {})}
    if errors:
        body["errors"] = errors
    if status >= 500:
        body["request_id"] = _request_id(request)
    response = replies.json(body, status=status)
    if status == 503:
        response["Retry-After"] = str(_RETRY_AFTER)
    return response


def status_of(request: HttpRequest, error: GateError) -> int:
    """The status for `error` on this endpoint."""
    status = next((STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES), 500)
    found = _PATH.match(request.path)
    category = found[1] if found else ""
    if isinstance(error, Conflict) and category == "user_token" and error.code == "duplicate":
        return 400
    if status == 400 and not isinstance(error, Missing) and error.code not in _MALFORMED:
        refused = category in _QUERY_422 if request.method == "GET" else _BODY_422.match(category) is not None
        return 422 if refused else 400
    return status


def _gate_error(request: HttpRequest, error: GateError) -> HttpResponse:
    errors = error.fields if isinstance(error, Invalid) else None
    further = next((keys(error) for kind, keys in FURTHER_KEYS.items() if isinstance(error, kind)), None)
    status = status_of(request, error)
    response = answer(request, status, detail=error.detail, code=error.code, errors=errors, further=further)
    if isinstance(error, Unauthenticated):
        response["WWW-Authenticate"] = "Bearer"
    if isinstance(error, TooMany):
        response["Retry-After"] = str(error.retry_after)
    return response


def _validation_error(request: HttpRequest, error: ValidationError) -> HttpResponse:
    if any(len(found["loc"]) == 2 and found["loc"][0] == "body" and found["type"] in _NO_OBJECT for found in error.errors):
        return _gate_error(request, Invalid("The body is no JSON object.", code="malformed"))
    fields: dict[str, list[str]] = {}
    missing = False
    for found in error.errors:
        # The place is ("query" or "body", name of the function's argument, field, …).
        place = [str(part) for part in found["loc"]]
        name = ".".join(place[2:]) or place[-1]
        reason = str(found["msg"]).removeprefix("Value error, ")
        fields.setdefault("body" if len(place) <= 2 and place[0] == "body" else name, []).append(_lower_first(reason))
        missing = missing or found["type"] == "missing"
    detail = "; ".join(f"{name}: {reasons[0]}" for name, reasons in fields.items())
    kind = Missing if missing else Invalid
    return _gate_error(request, kind(detail, fields=fields))


def _lower_first(reason: str) -> str:
    return reason[:1].lower() + reason[1:]


def _write_down(request: HttpRequest, error: BaseException) -> None:
    log.error("%s %s failed request_id=%s", request.method, request.path, _request_id(request), exc_info=error)


def _request_id(request: HttpRequest) -> str:
    return getattr(request, "request_id", "") or ids.request_id()
