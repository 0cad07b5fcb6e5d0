"""api/people.py at the open door: the password form of portal_login, where nobody shows a token."""

import datetime as dt
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from django.db import connection

import contract
import people
from gate.core import clock
from gate.organizations.models import Organization
from gate.tokens.models import Family
from gate.users import hashing, lockout
from gate.users.models import SignInFailures, User

PATH = "/api/v1/portal_login/"
GUEST = "guest.acme"


@pytest.fixture
def sign_in(world: Any, web: httpx.Client) -> Callable[..., httpx.Response]:
    def send(username: str = GUEST, password: str = people.PASSWORD, **further: Any) -> httpx.Response:
        return web.post(PATH, json={"username": username, "password": password, **further})

    return send


@pytest.fixture
def argon2(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The hashes a password was checked against; test_hashing says that each check runs Argon2."""
    run: list[str] = []
    check = hashing.check_password

    def counting(password: str, stored: str) -> bool:
        run.append(stored)
        return check(password, stored)

    monkeypatch.setattr(hashing, "check_password", counting)
    return run


def refused(reply: httpx.Response) -> bool:
    assert (reply.status_code, reply.json()["error_code"]) == (422, "AUTH_FAILED"), reply.text
    return True


def log() -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT type, status, username, user_id, tenant_id, source, action FROM txlog_event ORDER BY id")
        return list(cursor.fetchall())


def test_keeps_to_the_reference(world: Any, web: httpx.Client, sign_in: Any) -> None:
    User.unscoped.filter(pk=world.west.user_id).update(role="admin", email="w@example.com", first_name="W", last_name="E")
    now = clock.now()
    told = sign_in("west@staff", device_id="web_client_001", remember_me=True).json()
    (example,) = contract._of("POST /portal_login/")["password_responses"]
    assert not list(contract._differences(example, told, "reply"))
    assert told["user"]["permissions"][2:] == example["user"]["permissions"]
    assert told["user"]["organization_name"] == "Acme West"
    assert told["user"]["profile_complete"] is True
    assert told["session"]["device_registered"] is False
    assert dt.datetime.fromisoformat(told["session"]["expires_at"]) - now > dt.timedelta(days=29)
    headers = {"Authorization": f"Bearer {told['access_token']}"}
    seen = web.get("/api/v1/organization/", headers=headers).json()["results"]
    assert {one["short_name"] for one in seen} == {"acme-west", "acme-west-cafe"}
    acme = world.organizations["acme"]
    assert log() == [("ui", "u200", "west@staff", world.west.user_id, acme, "a", "li")]


def test_not_remembered_is_twelve_hours(sign_in: Any) -> None:
    told = sign_in().json()
    assert told["user"]["profile_complete"] is False
    assert dt.datetime.fromisoformat(told["session"]["expires_at"]) - clock.now() < dt.timedelta(hours=12, minutes=1)


def test_a_name_that_is_one_persons_needs_no_portal(world: Any, sign_in: Any) -> None:
    assert sign_in().status_code == 201
    User.unscoped.filter(pk=world.users["rival"]).update(username=GUEST, username_key=GUEST)
    assert refused(sign_in())
    assert sign_in(portal_id="acme").json()["user"]["id"] == world.users["acme"]
    assert sign_in(portal_id="rival").json()["user"]["id"] == world.users["rival"]


def test_staff_names_are_theirs_alone(world: Any, sign_in: Any) -> None:
    User.unscoped.filter(pk=world.users["rival"]).update(username="owner@staff", username_key="owner@staff")
    assert sign_in("OWNER@staff").json()["user"]["id"] == world.owner.user_id
    assert sign_in("owner@staff", portal_id="rival").json()["user"]["id"] == world.users["rival"]


def test_by_email_where_it_is_one_persons_in_the_install(world: Any, sign_in: Any) -> None:
    User.unscoped.filter(pk=world.users["acme"]).update(email="Guest@Example.com")
    assert sign_in("guest@example.com").json()["user"]["username"] == GUEST
    User.unscoped.filter(pk=world.users["rival"]).update(email="guest@example.com")
    assert refused(sign_in("guest@example.com"))
    assert sign_in("guest@example.com", portal_id="acme").json()["user"]["username"] == GUEST


def test_a_portal_names_a_tenant(world: Any, sign_in: Any) -> None:
    west = world.organizations["acme-west"]
    for portal in ("acme-west", "ACME-WEST", west, f"org_{west}", "acme-east"):
        assert sign_in(portal_id=portal).status_code == 201, portal
    for portal in ("rival", world.organizations["rival"], "nowhere", 10**12, "org_x", "%", "acme' OR 1=1"):
        assert refused(sign_in(portal_id=portal)), portal
        SignInFailures.objects.all().delete()
    Organization.unscoped.filter(pk=world.organizations["rival-north"]).update(short_name="acme-west")
    assert refused(sign_in(portal_id="acme-west"))  # two tenants have it
    Organization.unscoped.filter(pk=world.organizations["rival-north"]).update(is_active=False)
    assert sign_in(portal_id="acme-west").status_code == 201


@pytest.mark.parametrize("portal", [None, "acme"])
def test_unknown_and_wrong_are_told_alike_and_cost_alike(
    world: Any, web: httpx.Client, sign_in: Any, argon2: list[str], portal: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the name is at another door: that one is locked behind a token shows nowhere here."""
    monkeypatch.setattr(lockout, "ADDRESS", lockout.CALLER_ADDRESS)
    User.unscoped.filter(pk=world.users["acme-west"]).update(is_active=False)
    further = {} if portal is None else {"portal_id": portal}
    names = [GUEST, "nobody", "guest.acme-west", "owner@staff"]
    told: dict[str, list[str]] = {name: [] for name in names}
    for _ in range(lockout.NAME.attempts):
        for name in names:
            reply = sign_in(name, "wrong", **further)
            assert refused(reply)
            body = json.loads(reply.text.replace(json.dumps(name), '"NAME"'))
            told[name].append(json.dumps({**body, "lockout_time": body["lockout_time"] is not None}))
    assert all(replies == told[GUEST] for replies in told.values())
    assert len(argon2) == len(names) * lockout.NAME.attempts
    for name in names:
        reply = sign_in(name, **further)
        assert (reply.status_code, reply.json()["error_code"]) == (403, "ACCOUNT_LOCKED")
    assert not Family.unscoped.exists()


def test_the_open_door_and_a_tenants_own_count_apart(world: Any, web: httpx.Client, sign_in: Any) -> None:
    for _ in range(lockout.NAME.attempts):
        sign_in(password="wrong")
    assert sign_in().status_code == 403
    body = {"username": GUEST, "password": people.PASSWORD}
    assert web.post("/api/v1/device_app_user_authenticate/", json=body, headers=world.owner.headers).status_code == 201
    assert sign_in(portal_id="acme").status_code == 201


def test_an_address_is_slowed_down(sign_in: Any, argon2: list[str]) -> None:
    for number in range(lockout.ADDRESS.attempts):
        assert refused(sign_in(f"nobody{number}", "wrong"))
    before = len(argon2)
    reply = sign_in()
    assert (reply.status_code, reply.json()["error_code"]) == (429, "TOO_MANY_ATTEMPTS")
    assert 1 <= int(reply.headers["retry-after"]) <= 60
    assert len(argon2) == before


def test_what_is_logged_of_failures(world: Any, sign_in: Any) -> None:
    """A name nobody has, without a portal, is in nobody's log."""
    sign_in(password="wrong")
    sign_in("nobody", "wrong")
    sign_in("nobody", "wrong", portal_id="acme-west")
    acme = world.organizations["acme"]
    assert log() == [("ua", "u401", GUEST, world.users["acme"], acme, "a", "li"), ("ua", "u404", "nobody", None, acme, "a", "li")]


def test_suspension_is_told_to_who_knows_the_password(world: Any, sign_in: Any) -> None:
    User.unscoped.filter(pk=world.users["acme"]).update(is_active=False)
    assert refused(sign_in(password="wrong"))
    assert sign_in().json()["error_code"] == "ACCOUNT_SUSPENDED"


@pytest.mark.parametrize("body", [{"username": GUEST}, {"password": "x"}, {"username": "", "password": "x"}])
def test_name_and_password_are_needed(world: Any, web: httpx.Client, body: Any) -> None:
    assert web.post(PATH, json=body).status_code == 400
    assert not SignInFailures.objects.exists()
