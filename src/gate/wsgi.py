"""The WSGI application. API calls take a short way: of Django's middleware they need request ids alone.

Session, CSRF and locale middleware serve browsers and cost a fifth of an API request. The API's documentation page is for
browsers and goes the long way.
"""

from typing import Any

import django
from django.core.handlers.exception import convert_exception_to_response
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpResponse

API = "/api/v1/"
_DOCS = f"{API}docs/"

django.setup(set_prefix=False)


class ApiHandler(WSGIHandler):
    """Django's handler with request ids and the API's own edge around the views."""

    def load_middleware(self, is_async: bool = False) -> None:
        """Build the short chain."""
        from gate.api.middleware import Edge
        from gate.console.middleware import RequestId

        if is_async:
            raise RuntimeError("the API is served by WSGI")
        self._view_middleware: list[Any] = []
        self._template_response_middleware: list[Any] = []
        self._exception_middleware: list[Any] = []
        views: Any = convert_exception_to_response(self._get_response)  # type: ignore[attr-defined]  # missing in the stubs
        edge: Any = convert_exception_to_response(Edge(views))
        self._middleware_chain = convert_exception_to_response(RequestId(edge))


_api = ApiHandler()
_all = WSGIHandler()


def application(environ: dict[str, Any], start_response: Any) -> Any:
    """Serve one request."""
    path = environ.get("PATH_INFO", "")
    short = path.startswith(API) and path != _DOCS
    response = (_api if short else _all)(environ, start_response)
    if not isinstance(response, HttpResponse):
        return response
    # Granian sends a list at once; anything else it takes piece by piece, which costs more than most replies do.
    body = [response.content]
    response.close()
    return body
