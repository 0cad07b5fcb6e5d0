"""People at the console."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest


@pytest.fixture(autouse=True)
def _one_connection() -> Iterator[None]:
    """The test's transaction is the request's too: Django must not drop the connection between requests."""
    from django.core.signals import request_finished, request_started
    from django.db import close_old_connections

    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture(autouse=True)
def _fresh_figures() -> None:
    """The dashboard keeps its figures for half a minute; a test starts without."""
    from django.core.cache import cache

    cache.clear()


class Desk:
    """A browser of one person."""

    def __init__(self, client: httpx.Client) -> None:
        self.client = client

    def get(self, path: str, **query: Any) -> httpx.Response:
        return self.client.get(f"/console/{path}", params=query or None)

    def post(self, path: str, **values: Any) -> httpx.Response:
        token = self.client.cookies.get("csrftoken") or ""
        return self.client.post(f"/console/{path}", data={"csrfmiddlewaretoken": token, **values})

    def sign_in(self, username: str, password: str | None = None, **more: Any) -> httpx.Response:
        import people

        self.get("login/")
        password = people.PASSWORD if password is None else password
        return self.post("login/", username=username, password=password, **more)


@pytest.fixture
def desk(world: Any) -> Iterator[Callable[..., Desk]]:
    """Makes browsers: `desk()` is nobody's, `desk(world.owner)` is signed in."""
    import people

    with ExitStack() as stack:

        def make(person: Any | None = None) -> Desk:
            made = Desk(stack.enter_context(people.web_client()))
            if person is not None:
                reply = made.sign_in(f"{person.name}@staff")
                assert reply.status_code == 302, reply.text
            return made

        yield make
