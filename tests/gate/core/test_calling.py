"""core/calling.py, and that the web processes begin every request with it."""

import contextvars
import threading
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from gate.core import calling
from gate.core.calling import NOBODY, Caller
from strategies import quick


def test_outside_a_request_nobody_calls() -> None:
    assert calling.current() is NOBODY


def test_a_request_is_known_while_it_lasts() -> None:
    environ = {"REMOTE_ADDR": "192.0.2.1", "HTTP_USER_AGENT": "Browser", "HTTP_REFERER": "https://example.net/"}
    begun = calling.begin(environ, request_id="r1")
    expected = Caller(address="192.0.2.1", user_agent="Browser", referer="https://example.net/", request_id="r1")
    assert calling.current() == expected
    with calling.entered(Caller(address="192.0.2.2")):
        assert calling.current().address == "192.0.2.2"
    # Another thread serves another request.
    seen: list[Caller] = []
    for context in (contextvars.Context(), contextvars.copy_context()):
        thread = threading.Thread(target=context.run, args=(lambda: seen.append(calling.current()),))
        thread.start()
        thread.join()
    assert seen == [NOBODY, expected]
    calling.end(begun)
    assert calling.current() is NOBODY


@quick
@given(st.dictionaries(st.sampled_from(["REMOTE_ADDR", "HTTP_USER_AGENT", "HTTP_REFERER"]), st.one_of(st.none(), st.text())))
def test_nothing_that_is_written_down_is_long_or_controls_anything(environ: dict[str, Any]) -> None:
    caller = calling.read(environ)
    for text, longest in ((caller.address, 45), (caller.user_agent, 500), (caller.referer, 1_000)):
        assert len(text) <= longest
        assert text.isprintable() or not any(ord(letter) < 32 or 127 <= ord(letter) < 160 for letter in text)


def test_long_headers_are_cut() -> None:
    caller = calling.read({"HTTP_USER_AGENT": "x" * 10_000, "HTTP_REFERER": "y" * 10_000, "REMOTE_ADDR": "z" * 10_000})
    assert (len(caller.user_agent), len(caller.referer), len(caller.address)) == (500, 1_000, 45)


def test_the_outermost_middleware_begins_the_call() -> None:
    """Of both chains: Django's, and the short one of the API (wsgi.py)."""
    from gate.console.middleware import RequestId

    seen: list[Caller] = []

    def view(request: Any) -> HttpResponse:
        seen.append(calling.current())
        return HttpResponse()

    request = RequestFactory().get("/", headers={"User-Agent": "Watcher", "Referer": "https://example.net/"})
    reply = RequestId(view)(request)
    told = Caller(
        address="127.0.0.1", user_agent="Watcher", referer="https://example.net/", request_id=reply.headers["X-Request-ID"]
    )
    assert seen == [told]
    assert calling.current() is NOBODY
    assert settings.MIDDLEWARE[0] == "gate.console.middleware.RequestId"
