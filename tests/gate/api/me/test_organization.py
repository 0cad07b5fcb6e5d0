"""GET /me/organization/"""

import datetime as dt
from typing import Any

import contract
from gate.core import clock
from gate.organizations.models import Organization
from gate.tokens import meter, rules

URL = "/api/v1/me/organization/"


def test_keeps_to_the_reference(world: Any, web: Any) -> None:
    Organization.unscoped.filter(pk=world.organizations["acme"]).update(
        max_users=500, max_api_calls=10_000, features=["api_access"]
    )
    for person in (world.owner, world.mate):
        reply = web.get(URL, headers=person.headers)
        assert reply.status_code == 200
        contract.assert_keeps_to("GET /me/organization/", reply.json())
        assert reply.json()["id"] == world.organizations["acme"]
    assert "user:write" not in reply.json()["user_role"]["permissions"]


def test_counts_are_real(world: Any, web: Any) -> None:
    limits = [web.get(URL, headers=world.owner.headers).json()["limits"] for _ in range(3)]
    assert [limit["current_api_calls"] for limit in limits] == [1, 2, 3]
    assert limits[0]["current_users"] == 7  # four of staff and three guests; the other tenant's are not counted
    assert web.get(URL, headers=world.west.headers).json()["limits"]["current_users"] == 2
    web.post("/api/v1/user/", json={"username": "one.more"}, headers=world.west.headers)
    assert web.get(URL, headers=world.west.headers).json()["limits"] == {
        "max_users": None, "current_users": 3, "max_api_calls": None, "current_api_calls": 3,
    }  # fmt: skip


def test_calls_stop_at_the_limit_of_the_month(world: Any, web: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(meter, "FLUSH_SECONDS", 0.0)
    Organization.unscoped.filter(pk=world.organizations["acme"]).update(max_api_calls=2)
    assert [web.get(URL, headers=world.owner.headers).status_code for _ in range(2)] == [200, 200]
    for person in (world.owner, world.mate):
        reply = web.get(URL, headers=person.headers)
        assert (reply.status_code, reply.json()["code"]) == (429, "api_calls_used_up")
        assert 0 < int(reply.headers["Retry-After"]) <= 31 * 86_400
    # Organizations count for themselves; a new month begins at nothing.
    assert web.get(URL, headers=world.west.headers).status_code == 200
    later = clock.now() + dt.timedelta(days=32)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert web.get(URL, headers=world.owner.headers).status_code == 200
    assert rules.month_of(later) > rules.month_of(world.now)


def test_needs_a_token_that_may(world: Any, web: Any, grant: Any) -> None:
    assert web.get(URL).status_code == 401
    assert web.get(URL, headers=grant(world.owner, "user:read")).status_code == 403
    assert web.get(URL, headers=grant(world.owner, "me:read")).json()["user_role"]["permissions"] == ["me:read"]
