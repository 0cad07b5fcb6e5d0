"""api/rates.py: what a caller is told of limits, who is refused, and what is never read."""

import dataclasses
import io
import json
import re
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

import people
from gate import settings
from gate.api.body import MAX_BYTES
from gate.tokens import bearer, limits
from gate.wsgi import application

BASE = "/api/v1"
URL = f"{BASE}/organization/"
GUESS = {"Authorization": f"Bearer gate_{'x' * 43}"}


@pytest.fixture(autouse=True)
def _low(monkeypatch: Any) -> None:
    """Limits that are soon reached."""
    low = dataclasses.replace(settings.current(), api_rate=5, api_rate_address=3)
    monkeypatch.setattr(settings, "current", lambda: low)


def told(reply: Any) -> tuple[str, int, int, int]:
    """Policy, limit, what is left and the seconds to wait, out of both headers."""
    policy = re.fullmatch(r'"(token|address)";q=(\d+);w=60', reply.headers["RateLimit-Policy"])
    standing = re.fullmatch(r'"(token|address)";r=(\d+);t=(\d+)', reply.headers["RateLimit"])
    assert policy
    assert standing
    assert policy[1] == standing[1]
    assert 1 <= int(standing[3]) <= 60
    return policy[1], int(policy[2]), int(standing[2]), int(standing[3])


def test_a_token_has_its_calls_a_minute(world: Any, web: Any) -> None:
    replies = [web.get(URL, headers=world.owner.headers) for _ in range(7)]
    assert [reply.status_code for reply in replies] == [200] * 5 + [429] * 2
    assert [told(reply)[:3] for reply in replies] == [("token", 5, left) for left in (4, 3, 2, 1, 0, 0, 0)]
    refused = replies[-1]
    assert int(refused.headers["Retry-After"]) == told(refused)[3]
    assert refused.json() == {"detail": "This token has used up the 5 of this minute.", "code": "rate_limited"}
    assert refused.headers["X-Request-ID"]
    # Other tokens are not touched, of the same organization neither.
    assert web.get(URL, headers=world.mate.headers).status_code == 200


def test_every_kind_of_reply_counts_and_says_so(world: Any, web: Any, grant: Any) -> None:
    headers = grant(world.owner, "user:read")
    for path, status, left in [
        ("/user/", 200, 4),
        ("/organization/", 403, 3),
        ("/user/999999/", 404, 2),
        ("/user/?limit=x", 400, 1),
    ]:
        reply = web.get(f"{BASE}{path}", headers=headers)
        assert (reply.status_code, told(reply)[:3]) == (status, ("token", 5, left)), path
    for method, path, status in [("GET", "/nothing/", 404), ("GET", "/user", 308), ("DELETE", "/organization/", 405)]:
        reply = web.request(method, f"{BASE}{path}", headers=headers)
        assert reply.status_code == status
        assert told(reply)[0] == "address"


@pytest.mark.parametrize("headers", [{}, GUESS, {"Authorization": "Bearer nonsense"}, {"Authorization": "Basic eDp5"}])
def test_who_has_no_token_has_fewer(world: Any, web: Any, headers: dict[str, str]) -> None:
    replies = [web.get(URL, headers=headers) for _ in range(5)]
    assert [reply.status_code for reply in replies] == [401] * 3 + [429] * 2
    assert [told(reply)[:3] for reply in replies] == [("address", 3, left) for left in (2, 1, 0, 0, 0)]
    assert int(replies[-1].headers["Retry-After"]) >= 1
    # From the same address a token works as before: it counts for itself.
    assert web.get(URL, headers=world.owner.headers).status_code in {200, 429}


def test_guesses_are_stopped_before_the_database_is_asked(world: Any, web: Any) -> None:
    assert web.get(URL, headers=world.owner.headers).status_code == 200
    for number in range(4):
        web.get(URL, headers={"Authorization": f"Bearer gate_{number}{'x' * 42}"})
    with CaptureQueriesContext(connection) as captured:
        for number in range(20):
            reply = web.get(URL, headers={"Authorization": f"Bearer gate_{number:02}{'y' * 41}"})
            assert reply.status_code == 429
    assert [query for query in captured if "gate_token" in query["sql"] or "tokens_apirate" in query["sql"]] == []
    # Who has called here with a good token before goes on, also when what the process knew of it is old.
    for key, (known, _) in list(bearer._cache._known.items()):
        bearer._cache._known[key] = (known, 0.0)
    assert web.get(URL, headers=world.owner.headers).status_code == 200


def test_open_endpoints_count_for_the_address_whatever_the_header_says(world: Any, web: Any) -> None:
    for headers in ({}, GUESS, world.owner.headers):
        reply = web.post(f"{BASE}/token/refresh/", json={"refresh_token": "gater_x"}, headers=headers)
        assert reply.status_code == 401
    assert web.post(f"{BASE}/token/refresh/", json={}, headers=world.owner.headers).status_code == 429


def test_a_header_nobody_looks_at_opens_no_way_round(world: Any, web: Any) -> None:
    body = {"username": "nobody", "password": "x"}
    replies = [web.post(f"{BASE}/portal_login/", json=body, headers=headers) for headers in ({}, GUESS, GUESS, GUESS, GUESS)]
    assert [reply.status_code for reply in replies] == [422] * 3 + [429] * 2
    assert told(replies[-1])[:3] == ("address", 3, 0)


def test_without_a_database_the_reply_says_so(world: Any, web: Any, monkeypatch: Any) -> None:
    def away(*_: Any, **__: Any) -> Any:
        raise OperationalError("the connection is closed")

    monkeypatch.setattr(limits, "count_address", away)
    monkeypatch.setattr(limits, "count_token", away)
    for headers in ({}, world.owner.headers):
        reply = web.get(URL, headers=headers)
        assert (reply.status_code, reply.json()["code"], reply.headers["Retry-After"]) == (503, "unavailable", "5")


def test_health_is_told_at_any_rate(world: Any, web: Any) -> None:
    for _ in range(10):
        reply = web.get(f"{BASE}/health/")
        assert reply.status_code == 200
        assert "RateLimit" not in reply.headers


def test_two_processes_keep_one_limit(world: Any, web: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(limits, "HURRY", 0.0)
    processes, statuses = (limits.Counter(), limits.Counter()), []
    for number in range(14):
        monkeypatch.setattr(limits, "_counter", processes[number % 2])
        statuses.append(web.get(URL, headers=world.owner.headers).status_code)
    assert statuses.count(200) in {5, 6}
    assert statuses[-6:] == [429] * 6


class Endless(io.RawIOBase):
    """A body without an end, which notes how much of it was read."""

    def __init__(self) -> None:
        super().__init__()
        self.taken = 0

    def read(self, size: int = -1) -> bytes:
        assert size >= 0, "read to the end of what has none"
        self.taken += size
        return b" " * size


def serve(path: str, body: Any, **further: Any) -> tuple[int, dict[str, Any]]:
    """POST straight to the application, as the web server would."""
    environ = {
        "REQUEST_METHOD": "POST", "PATH_INFO": path, "QUERY_STRING": "", "SERVER_NAME": "gate", "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1", "REMOTE_ADDR": "192.0.2.1", "wsgi.input": body, "wsgi.url_scheme": "http",
        "CONTENT_TYPE": "application/json", "wsgi.input_terminated": True, **further,
    }  # fmt: skip
    seen: list[int] = []
    with people.as_web_process():
        text = b"".join(application(environ, lambda status, *_: seen.append(int(status[:3]))))
    return seen[0], json.loads(text or b"{}")


def test_a_body_said_to_be_large_is_not_read(world: Any) -> None:
    token = {"HTTP_AUTHORIZATION": f"Bearer {world.owner.token}"}
    for length in (str(MAX_BYTES + 1), str(2**30), "9" * 30):
        body = Endless()
        status, reply = serve(f"{BASE}/user/", body, CONTENT_LENGTH=length, **token)
        assert (status, reply["code"], body.taken) == (400, "body_too_large", 0)


def test_a_body_of_unknown_length_is_read_as_far_as_it_may_go(world: Any) -> None:
    token = {"HTTP_AUTHORIZATION": f"Bearer {world.owner.token}", "HTTP_TRANSFER_ENCODING": "chunked"}
    body = Endless()
    status, reply = serve(f"{BASE}/user/", body, **token)
    assert (status, reply["code"], body.taken) == (400, "body_too_large", MAX_BYTES + 1)
    status, reply = serve(f"{BASE}/user/", io.BytesIO(b'{"username": "in.chunks"}'), **token)
    assert (status, reply["username"]) == (201, "in.chunks")


def test_a_server_that_does_not_end_the_stream_is_not_read_from(world: Any) -> None:
    body, token = Endless(), {"HTTP_AUTHORIZATION": f"Bearer {world.owner.token}"}
    status, _ = serve(f"{BASE}/user/", body, **token, **{"wsgi.input_terminated": False})
    assert (status, body.taken) == (400, 0)


@pytest.mark.parametrize("length", [str(2**30), "-1", "9" * 30, "x"])
def test_a_page_takes_no_large_body_either(world: Any, length: str) -> None:
    body = Endless()
    content = "multipart/form-data; boundary=x"
    assert serve("/console/login/", body, CONTENT_LENGTH=length, CONTENT_TYPE=content) == (413, {})
    assert body.taken == 0


@pytest.mark.parametrize("path", ["/user/", "/nothing/", "/token/refresh/"])
def test_who_is_refused_is_not_read(world: Any, path: str) -> None:
    for _ in range(3):
        serve(f"{BASE}{path}", io.BytesIO(b"{}"), CONTENT_LENGTH="2")
    body = Endless()
    assert serve(f"{BASE}{path}", body)[0] == 429
    assert body.taken == 0
