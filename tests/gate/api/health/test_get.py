"""GET /health/, an extension."""

from typing import Any

import pytest

from gate.database import readiness

URL = "/api/v1/health/"


def test_ready_without_a_token(web: Any) -> None:
    reply = web.get(URL)
    assert (reply.status_code, reply.json()) == (200, {"status": "ready"})
    assert reply.headers["X-Request-ID"]


@pytest.mark.parametrize("state", [readiness.AWAY, readiness.EMPTY])
def test_not_ready(web: Any, monkeypatch: Any, state: str) -> None:
    monkeypatch.setattr(readiness, "state", lambda: state)
    reply = web.get(URL)
    assert (reply.status_code, reply.json()["code"]) == (503, "unavailable")
