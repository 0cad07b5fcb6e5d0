"""wsgi.py, urls.py and health.py: the short way of the API, and what lies around it."""

import io
import urllib.parse
from typing import Any

import pytest
from django.db import OperationalError, connection

import people
from gate import settings

BASE = "/api/v1"


@pytest.fixture(autouse=True)
def _one_connection() -> Any:
    """Requests must not close the connection the test's transaction lives on."""
    from django.core.signals import request_finished, request_started
    from django.db import close_old_connections

    request_started.disconnect(close_old_connections)
    request_finished.disconnect(close_old_connections)
    yield
    request_started.connect(close_old_connections)
    request_finished.connect(close_old_connections)


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
def test_a_path_without_its_slash_is_redirected_with_method_and_body_kept(world: Any, web: Any, method: str) -> None:
    reply = web.request(method, f"{BASE}/user?a=1&b=%C3%A9+x", headers=world.owner.headers)
    assert (reply.status_code, reply.headers["Location"]) == (308, f"{BASE}/user/?a=1&b=%C3%A9+x")
    assert reply.headers["X-Request-ID"]


def test_a_redirect_never_leaves_the_host(web: Any) -> None:
    reply = web.get(f"{BASE}//evil.example/%2e%2e//x%0d%0aSet-Cookie:a")
    assert reply.status_code == 308
    target = urllib.parse.urlsplit(reply.headers["Location"])
    assert (target.scheme, target.netloc) == ("", "")
    assert "Set-Cookie" not in reply.headers


def test_following_the_redirect_makes_the_user(world: Any, web: Any) -> None:
    reply = web.post(f"{BASE}/user", json={"username": "one"}, headers=world.owner.headers, follow_redirects=True)
    assert reply.status_code == 201


def test_errors_before_any_view_have_the_same_shape(world: Any, web: Any) -> None:
    for method, path, status, code in [
        ("GET", "/nothing/", 404, "not_found"),
        ("DELETE", "/user/", 405, "method_not_allowed"),
        ("POST", "/aaa_accounting/", 405, "method_not_allowed"),
    ]:
        reply = web.request(method, f"{BASE}{path}", headers=world.owner.headers)
        assert (reply.status_code, reply.json()["code"]) == (status, code)
        assert set(reply.json()) == {"detail", "code"}
        assert reply.headers["X-Request-ID"]
    assert "GET" in reply.headers["Allow"]


def test_a_host_that_is_none_is_a_bad_request(world: Any, web: Any) -> None:
    reply = web.get(f"{BASE}/user/?limit=1", headers={**world.owner.headers, "Host": "evil host/x"})
    assert (reply.status_code, reply.json()["code"]) == (400, "bad_request")


def test_links_use_the_public_scheme_for_the_public_host(world: Any, web: Any, monkeypatch: Any) -> None:
    import dataclasses

    public = dataclasses.replace(settings.current(), public_url="https://gate.example.net")
    monkeypatch.setattr(settings, "current", lambda: public)
    for host, start in [("gate.example.net", "https://gate.example.net/"), ("10.0.0.1:8000", "http://10.0.0.1:8000/")]:
        reply = web.get(f"{BASE}/user/?limit=1", headers={**world.owner.headers, "Host": host})
        assert reply.json()["next"].startswith(f"{start}api/v1/user/?")


def test_api_replies_carry_no_cookies_and_ask_no_session(world: Any, web: Any) -> None:
    reply = web.get(f"{BASE}/user/", headers=world.owner.headers)
    assert "Set-Cookie" not in reply.headers
    assert "Cookie" not in reply.headers.get("Vary", "")


def test_health(web: Any, monkeypatch: Any) -> None:
    assert web.get("/health/live").json() == {"status": "live"}
    assert web.get("/health/ready").json() == web.get(f"{BASE}/health/").json() == {"status": "ready"}

    def away(*_: Any, **__: Any) -> None:
        raise OperationalError("gone")

    from gate.database import readiness

    monkeypatch.setattr(readiness, "connection", type("Away", (), {"cursor": away})())
    reply = web.get("/health/ready")
    assert (reply.status_code, reply.json()) == (503, {"status": "database away"})
    reply = web.get(f"{BASE}/health/")
    assert (reply.status_code, reply.json()["code"]) == (503, "unavailable")
    assert web.get("/health/live").status_code == 200
    assert connection.connection is not None


def test_the_front_door_leads_to_the_console(web: Any) -> None:
    reply = web.get("/")
    assert (reply.status_code, reply.headers["Location"]) == (302, "/console/")


def test_documentation_is_served_from_here_alone(web: Any) -> None:
    page = web.get(f"{BASE}/docs/")
    assert page.status_code == 200
    assert "http://" not in page.text.replace("http://testserver", "")
    assert "https://" not in page.text
    for part in ("swagger-ui.css", "swagger-ui-bundle.js", "swagger-ui-init.js"):
        assert web.get(f"/static/ninja/{part}").status_code == 200


def test_a_reply_is_handed_over_whole_and_with_its_length(world: Any) -> None:
    """Granian sends a list at once, and anything else in chunks."""
    from gate.wsgi import application

    told: dict[str, str] = {}
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": f"{BASE}/user/", "HTTP_HOST": "testserver", "wsgi.input": io.BytesIO()}
    with people.as_web_process():
        body = application(environ, lambda _, headers: told.update(headers))
    assert isinstance(body, list)
    assert told["Content-Length"] == str(len(body[0]))


def test_the_caller_behind_a_trusted_proxy_is_seen_by_token_networks_and_links(world: Any, web: Any, monkeypatch: Any) -> None:
    import dataclasses
    import ipaddress

    from gate import wsgi
    from gate.tokens import commands

    scope = dataclasses.replace(world.owner.scope, permissions=frozenset({"*"}))
    bound = commands.create(scope, name="bound", permissions=["*"], networks=["192.0.2.0/24"])
    headers = {
        "Authorization": f"Bearer {bound.plain}", "X-Forwarded-For": "192.0.2.7", "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "gate.example.net",
    }  # fmt: skip
    # Nobody is trusted: whoever writes the headers is only themselves.
    assert web.get(f"{BASE}/user/?limit=1", headers=headers).status_code == 401
    monkeypatch.setattr(wsgi, "_trusted", (ipaddress.ip_network("127.0.0.1/32"),))
    reply = web.get(f"{BASE}/user/?limit=1", headers=headers)
    assert reply.status_code == 200
    assert reply.json()["next"].startswith("https://gate.example.net/api/v1/user/?")
    # What the caller wrote stands left of what the proxy added.
    forged = headers | {"X-Forwarded-For": "192.0.2.7, 203.0.113.9"}
    assert web.get(f"{BASE}/user/?limit=1", headers=forged).status_code == 401


@pytest.mark.parametrize(
    ("source", "headers", "trusted", "status"),
    [
        ("127.0.0.1", {}, "", 200),
        ("::1", {}, "", 200),
        ("192.0.2.7", {}, "", 403),
        ("127.0.0.1", {"X-Forwarded-For": "127.0.0.1"}, "", 403),
        ("127.0.0.1", {"X-Real-IP": "192.0.2.7"}, "", 403),
        ("127.0.0.1", {"X-Forwarded-For": "192.0.2.7"}, "127.0.0.1", 403),
        ("192.0.2.9", {"X-Forwarded-For": "127.0.0.1"}, "192.0.2.9", 200),
        ("nonsense", {}, "", 403),
    ],
)
@pytest.mark.django_db
def test_metrics_are_for_the_networks_named(
    monkeypatch: pytest.MonkeyPatch, source: str, headers: dict[str, str], trusted: str, status: int
) -> None:
    from gate import wsgi

    read = settings.read({"HOME": "/", "GATE_TRUSTED_PROXIES": trusted})
    monkeypatch.setattr(settings, "current", lambda: read)
    monkeypatch.setattr(wsgi, "_trusted", read.trusted_proxies)
    said = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()}
    environ = {
        "REQUEST_METHOD": "GET", "PATH_INFO": "/metrics", "SERVER_NAME": "gate", "SERVER_PORT": "80", "REMOTE_ADDR": source,
        "wsgi.input": io.BytesIO(), "wsgi.url_scheme": "http", **said,
    }  # fmt: skip
    answers: list[str] = []
    body = b"".join(wsgi.application(environ, lambda line, _: answers.append(line)))
    assert answers[0].split()[0] == str(status)
    assert (b"gate_web_requests_total" in body) is (status == 200)
