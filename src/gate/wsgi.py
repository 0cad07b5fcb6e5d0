"""The WSGI application. API calls take a short way: of Django's middleware they need request ids alone.

Session, CSRF and locale middleware serve browsers and cost a fifth of an API request; signals at both ends of a request and a
walk through every pattern of the API cost another. The API's documentation page is for browsers and goes the long way.
"""

from typing import Any

import django
from django.conf import settings as django_settings
from django.core.handlers.exception import convert_exception_to_response
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import ResolverMatch, get_resolver, set_urlconf

from gate import dictionaries, settings
from gate.core import proxies

API = "/api/v1/"
_DOCS = f"{API}docs/"
_URLS = "gate.api.urls"
_LARGEST: int = django_settings.DATA_UPLOAD_MAX_MEMORY_SIZE

django.setup(set_prefix=False)
dictionaries.load(settings.current())


class ApiHandler(WSGIHandler):
    """Django's handler with request ids and the API's own edge around the views."""

    def __init__(self) -> None:
        super().__init__()
        self._found: dict[str, ResolverMatch] = {}

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        """Answer one request, without the signals: of what listens to them, the API needs dead connections dropped."""
        if not connection.in_atomic_block:  # else who calls holds a transaction open, and the connection is theirs
            connection.close_if_unusable_or_obsolete()
        request = self.request_class(environ)
        response: Any = self._middleware_chain(request)
        start_response(f"{response.status_code} {response.reason_phrase}", list(response.items()))
        request.close()
        # Granian sends a list at once; anything else it takes piece by piece, which costs more than most replies do.
        return [response.content] if isinstance(response, HttpResponse) else response

    def resolve_request(self, request: HttpRequest) -> ResolverMatch:
        """The view at this address. Addresses without parameters are few, and found once."""
        path = request.path_info
        match = self._found.get(path)
        if match is None:
            set_urlconf(_URLS)  # where the page for an address that is none would be looked for
            match = get_resolver(_URLS).resolve(path)
            if not match.kwargs and not match.args:
                self._found[path] = match
        request.resolver_match = match
        return match

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
_trusted = settings.current().trusted_proxies


def _too_large(environ: dict[str, Any]) -> bool:
    """Whether the body is said to be larger than any page takes. Forms with files would go to the disk unread by anybody.

    Without a length Django reads no body at all; the API sees to its own bodies (api/rates.py).
    """
    said = environ.get("CONTENT_LENGTH") or "0"
    return not (said.isascii() and said.isdigit() and int(said[:20]) <= _LARGEST)


def application(environ: dict[str, Any], start_response: Any) -> Any:
    """Serve one request."""
    if _trusted:
        proxies.restore(environ, _trusted)
    path = environ.get("PATH_INFO", "")
    short = path.startswith(API) and path != _DOCS
    if not short and _too_large(environ):
        start_response("413 Content Too Large", [("Content-Type", "text/plain"), ("Content-Length", "0")])
        return []
    if short:
        return _api(environ, start_response)
    response = _all(environ, start_response)
    if not isinstance(response, HttpResponse):
        return response
    body = [response.content]
    response.close()
    return body
