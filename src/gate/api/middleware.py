"""The one layer between the API's dispatcher and its views (wsgi.py): slashes, limits, and errors that no view gave."""

from collections.abc import Callable

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from gate.api import errors, rates
from gate.core.errors import GateError

Next = Callable[[HttpRequest], HttpResponseBase]


class Edge:
    """Refuses what is too much before it is read, redirects a path without its last slash, gives every error the one shape.

    308 keeps method and body.
    """

    def __init__(self, get_response: Next) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass the request on."""
        try:
            rates.begin(request)
            rates.bound_body(request)
        except (GateError, DatabaseError) as error:
            return rates.mark(request, errors.respond(request, error))
        return rates.mark(request, self._answer(request))

    def _answer(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path.endswith("/") and "." not in request.path.rpartition("/")[2]:
            return _with_slash(request)
        response = self._get_response(request)
        if response.status_code < 400 or response.headers.get("Content-Type", "").startswith("application/json"):
            return response
        shaped = errors.answer(request, response.status_code)
        if "Allow" in response.headers:
            shaped["Allow"] = response.headers["Allow"]
        return shaped


def _with_slash(request: HttpRequest) -> HttpResponse:
    query = request.META.get("QUERY_STRING", "")
    # Built by hand: a path that begins with // would otherwise name another host. WSGI hands the path unquoted.
    path = request.get_full_path_info().partition("?")[0].rstrip("/") + "/"
    response = HttpResponse(status=308)
    response["Location"] = f"/{path.lstrip('/')}" + (f"?{query}" if query else "")
    del response["Content-Type"]
    return response
