"""POST /device_app_user_authenticate/"""

import datetime as dt
import json
from collections.abc import Callable
from typing import Any

import bcrypt
import httpx
import pytest
from django.db import connection

import contract
import people
from gate.core import clock
from gate.devices.models import Device
from gate.organizations.models import Organization
from gate.tokens.models import Family
from gate.users import hashing, lockout
from gate.users.models import SignInFailures, User

ENDPOINT = "POST /device_app_user_authenticate/"
PATH = "/api/v1/device_app_user_authenticate/"
GUEST = "guest.acme"
WEST_GUEST = "guest.acme-west"


@pytest.fixture
def sign_in(world: Any, web: httpx.Client) -> Callable[..., httpx.Response]:
    def send(username: str = GUEST, password: str = people.PASSWORD, *, person: Any = None, **further: Any) -> httpx.Response:
        headers = (person or world.owner).headers
        return web.post(PATH, json={"username": username, "password": password, **further}, headers=headers)

    return send


@pytest.fixture
def argon2(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The hashes Argon2 was run on."""
    run: list[str] = []
    hasher = hashing._HASHER

    class Counting:
        def __getattr__(self, name: str) -> Any:
            return getattr(hasher, name)

        def verify(self, stored: str, password: str) -> bool:
            run.append(stored)
            return hasher.verify(stored, password)

    monkeypatch.setattr(hashing, "_HASHER", Counting())
    return run


def bearer(reply: httpx.Response) -> dict[str, str]:
    return {"Authorization": f"Bearer {reply.json()['access_token']}"}


def log(world: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT type, status, username, user_id, organization_id, source FROM txlog_event ORDER BY id")
        return list(cursor.fetchall())


@pytest.mark.parametrize("number", range(len(contract.requests(ENDPOINT))))
@pytest.mark.parametrize("form", ["object", "data", "text"])
def test_keeps_to_the_reference(world: Any, web: httpx.Client, number: int, form: str) -> None:
    asked = contract.requests(ENDPOINT)[number]
    User.unscoped.filter(pk=world.users["acme"]).update(
        username=asked["username"], username_key=asked["username"], password=hashing.hash_password(asked["password"]),
        email="john@example.com", first_name="John", last_name="Doe",
    )  # fmt: skip
    body = {"object": asked, "data": {"data": asked}, "text": {"data": json.dumps(asked)}}[form]
    reply = web.post(PATH, json=body, headers=world.owner.headers)
    assert reply.status_code == 201, reply.text
    assert reply.json()["authenticated"] is True
    right, wrong = contract.responses(ENDPOINT)
    assert not list(contract._differences(right, reply.json(), "reply"))
    assert reply.json()["user_profile"]["permissions"] == right["user_profile"]["permissions"]
    reply = web.post(PATH, json={**asked, "password": "wrong"}, headers=world.owner.headers)
    assert reply.status_code == 422
    assert not list(contract._differences(wrong, reply.json(), "reply"))
    assert (reply.json()["error"], reply.json()["error_code"]) == (wrong["error"], wrong["error_code"])


def test_all_documented_shapes_at_once(sign_in: Any) -> None:
    told = sign_in(device_id="device_12345", app_version="2.1.0", platform="iOS").json()
    for example in (
        {"status": "success", "message": "", "user_id": 1, "username": "", "access_token": "", "refresh_token": "",
         "token_expires_at": "", "user_permissions": [], "device_registered": True, "session_id": ""},
        {"authenticated": True, "token": "", "expires_at": "", "permissions": []},
    ):  # fmt: skip
        assert not list(contract._differences(example, told, "reply"))
    assert told["session_id"].startswith("sess_")
    assert told["device_registered"] is False


def test_the_token_reaches_what_a_subscriber_may(world: Any, web: httpx.Client, sign_in: Any) -> None:
    reply = sign_in()
    for path in ("user/", "aaa_accounting/", "organization/", "me/organization/", "txlog_portal/"):
        assert web.get(f"/api/v1/{path}", headers=bearer(reply)).status_code == 403, path
    assert web.get("/api/v1/device_app_locations/", headers=bearer(reply)).status_code == 200
    assert User.unscoped.get(pk=world.users["acme"]).last_login is not None
    assert log(world) == [("ua", "u200", GUEST, world.users["acme"], world.organizations["acme"], "d")]


def test_a_person_sees_the_own_organization_and_below(world: Any, web: httpx.Client, sign_in: Any) -> None:
    seen = web.get("/api/v1/organization/", headers=bearer(sign_in("west@staff"))).json()
    assert {one["short_name"] for one in seen["results"]} == {"acme-west", "acme-west-cafe"}
    role = web.get("/api/v1/me/organization/", headers=bearer(sign_in("west@staff"))).json()["user_role"]
    assert (role["role"], role["joined_at"]) == ("owner", world.now.strftime("%Y-%m-%dT%H:%M:%SZ"))
    reader = bearer(sign_in("mate@staff"))
    assert web.get("/api/v1/user/", headers=reader).status_code == 200
    assert web.post("/api/v1/user/", headers=reader, json={"username": "new"}).status_code == 403


def test_last_and_first_login(world: Any, sign_in: Any) -> None:
    assert sign_in().status_code == 201
    first = User.unscoped.get(pk=world.users["acme"])
    assert first.first_login == first.last_login is not None
    assert sign_in().status_code == 201
    again = User.unscoped.get(pk=world.users["acme"])
    assert again.first_login == first.first_login
    assert again.last_login is not None
    assert again.last_login > first.last_login


def test_by_email_where_it_is_one_persons(world: Any, sign_in: Any) -> None:
    User.unscoped.filter(pk=world.users["acme"]).update(email="Guest@Example.com")
    assert sign_in("guest@example.COM").json()["username"] == GUEST
    User.unscoped.filter(pk=world.users["acme-west"]).update(email="guest@example.com")
    assert sign_in("guest@example.com").status_code == 422
    # Within west it is one person's.
    assert sign_in("guest@example.com", person=world.west).json()["username"] == WEST_GUEST
    # A username wins over somebody's e-mail address.
    User.unscoped.filter(pk=world.users["acme-east"]).update(username="guest@example.com", username_key="guest@example.com")
    assert sign_in("guest@example.com").json()["user_id"] == world.users["acme-east"]
    User.unscoped.filter(pk=world.users["rival"]).update(email="only@rival.example")
    assert sign_in("only@rival.example").status_code == 422


def test_nobody_is_authenticated_from_elsewhere(world: Any, sign_in: Any) -> None:
    """The stranger, the sibling branch and those below know nobody here; with the right password too."""
    for person, username in (
        (world.stranger, GUEST), (world.east, WEST_GUEST), (world.west, GUEST), (world.stranger, "owner@staff"),
    ):  # fmt: skip
        reply = sign_in(username, person=person)
        assert (reply.status_code, reply.json()["error_code"]) == (422, "AUTH_FAILED")
    assert not Family.unscoped.exists()
    assert User.unscoped.get(pk=world.users["acme"]).last_login is None
    assert sign_in(WEST_GUEST, person=world.west).status_code == 201


def test_who_may_only_read_authenticates_nobody(world: Any, web: httpx.Client, sign_in: Any) -> None:
    assert sign_in(person=world.mate).status_code == 403
    assert web.post(PATH, json={"username": GUEST, "password": people.PASSWORD}).status_code == 401
    assert not SignInFailures.objects.exists()
    assert not Family.unscoped.exists()


def test_a_subscribers_own_token_authenticates_that_subscriber_alone(world: Any, web: httpx.Client, sign_in: Any) -> None:
    own = bearer(sign_in())
    told = web.post(PATH, json={"username": GUEST, "password": people.PASSWORD}, headers=own)
    assert told.status_code == 201
    for username in (WEST_GUEST, "owner@staff"):
        assert web.post(PATH, json={"username": username, "password": people.PASSWORD}, headers=own).status_code == 422


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400), ({"username": GUEST}, 400), ({"password": "x"}, 400), ({"username": "", "password": "x"}, 400),
        ({"username": "  ", "password": "x"}, 400), ({"username": GUEST, "password": ""}, 400), ([], 400), ("x", 400),
        ({"username": 5, "password": "x"}, 422), ({"username": "u" * 300, "password": "x"}, 422),
        ({"username": GUEST, "password": "x" * 2000}, 422), ({"data": "no json"}, 400),
    ],
)  # fmt: skip
def test_what_cannot_be_tried_is_not_counted(world: Any, web: httpx.Client, body: Any, status: int) -> None:
    assert web.post(PATH, json=body, headers=world.owner.headers).status_code == status
    assert not SignInFailures.objects.exists()


def test_unknown_and_wrong_are_told_alike_and_cost_alike(world: Any, sign_in: Any, argon2: list[str]) -> None:
    """Byte for byte, but for the name; Argon2 is run once for each."""
    User.unscoped.filter(pk=world.users["acme-east"]).update(password="")
    User.unscoped.filter(pk=world.users["acme-west"]).update(is_active=False, password=hashing.UNUSABLE)
    names = [GUEST, "nobody", WEST_GUEST, "guest.acme-east", "guest.rival", "x@nowhere.example"]
    told: dict[str, list[tuple[int, str]]] = {name: [] for name in names}
    for _ in range(lockout.NAME.attempts):
        for name in names:
            reply = sign_in(name, "wrong")
            text = reply.text.replace(json.dumps(name), '"NAME"')
            assert reply.status_code == 422
            body = json.loads(text)
            assert (body["lockout_time"] is None) == (body["attempts_remaining"] > 0)
            told[name].append((reply.status_code, json.dumps({**body, "lockout_time": body["lockout_time"] is not None})))
    assert all(replies == told[GUEST] for replies in told.values())
    assert [json.loads(text)["attempts_remaining"] for _, text in told[GUEST]] == [4, 3, 2, 1, 0]
    assert len(argon2) == len(names) * lockout.NAME.attempts
    for name in names:
        reply = sign_in(name)  # the right password, for those who have one
        assert (reply.status_code, reply.json()["error_code"]) == (403, "ACCOUNT_LOCKED")
    assert len(argon2) == len(names) * lockout.NAME.attempts


def test_a_lock_ends_and_the_next_is_longer(world: Any, sign_in: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    now = clock.now().replace(microsecond=0)
    locks = []
    for _ in range(3):
        monkeypatch.setattr(clock, "now", lambda moment=now: moment)
        for _ in range(lockout.NAME.attempts):
            told = sign_in(password="wrong").json()
        until = dt.datetime.fromisoformat(told["lockout_time"])
        locks.append(until - now)
        monkeypatch.setattr(clock, "now", lambda moment=until: moment - dt.timedelta(seconds=1))
        locked = sign_in()
        assert (locked.status_code, locked.json()["lockout_time"]) == (403, told["lockout_time"])
        assert locked.json()["attempts_remaining"] == 0
        now = until
    assert locks == [dt.timedelta(minutes=minutes) for minutes in (15, 30, 60)]
    monkeypatch.setattr(clock, "now", lambda: now)
    assert sign_in().status_code == 201
    assert sign_in(password="wrong").json()["attempts_remaining"] == 4


def test_locks_are_logged(world: Any, sign_in: Any) -> None:
    for _ in range(lockout.NAME.attempts):
        sign_in(password="wrong")
    sign_in()
    sign_in("nobody", "wrong")
    acme, guest = world.organizations["acme"], world.users["acme"]
    assert log(world) == [
        *[("ua", "u401", GUEST, guest, acme, "d")] * 5, ("ul", "u423", GUEST, guest, acme, "d"),
        ("ua", "u423", GUEST, None, acme, "d"), ("ua", "u404", "nobody", None, acme, "d"),
    ]  # fmt: skip


def test_a_name_is_locked_in_one_tenant(world: Any, sign_in: Any) -> None:
    User.unscoped.filter(pk=world.users["rival"]).update(username=GUEST, username_key=GUEST)
    for _ in range(lockout.NAME.attempts):
        sign_in(password="wrong", person=world.stranger)
    assert sign_in(person=world.stranger).status_code == 403
    assert sign_in().status_code == 201


def test_an_address_is_slowed_down(world: Any, sign_in: Any, monkeypatch: pytest.MonkeyPatch, argon2: list[str]) -> None:
    monkeypatch.setattr(lockout, "CALLER_ADDRESS", lockout.ADDRESS)
    for number in range(lockout.ADDRESS.attempts):
        assert sign_in(f"nobody{number}", "wrong").status_code == 422
    before = len(argon2)
    reply = sign_in()
    assert (reply.status_code, reply.json()["error_code"]) == (429, "TOO_MANY_ATTEMPTS")
    assert 1 <= int(reply.headers["retry-after"]) <= 60
    assert reply.json()["authenticated"] is False
    assert len(argon2) == before
    assert sign_in("guest.rival", person=world.stranger).status_code == 201  # callers of another tenant


def test_a_right_password_takes_back_one_failure_of_the_address(world: Any, sign_in: Any) -> None:
    for _ in range(3):
        sign_in("nobody", "wrong")
    sign_in()
    counted = SignInFailures.objects.values_list("failures", flat=True).order_by("failures")
    assert list(counted) == [3, 3]  # of the name nobody has, and of the address; the guest's own row is gone


def _inactive(world: Any) -> None:
    User.unscoped.filter(pk=world.users["acme-west"]).update(is_active=False)


def _expired(world: Any) -> None:
    User.unscoped.filter(pk=world.users["acme-west"]).update(expiration=clock.now())


def _organization_off(world: Any) -> None:
    Organization.unscoped.filter(pk=world.organizations["acme-west"]).update(is_active=False)


@pytest.mark.parametrize(("end", "status"), [(_inactive, "u403"), (_expired, "u410"), (_organization_off, "u403")])
def test_suspension_is_told_to_who_knows_the_password(world: Any, sign_in: Any, end: Any, status: str) -> None:
    end(world)
    assert sign_in(WEST_GUEST, "wrong").json()["error_code"] == "AUTH_FAILED"
    reply = sign_in(WEST_GUEST)
    assert (reply.status_code, reply.json()["error_code"]) == (403, "ACCOUNT_SUSPENDED")
    assert reply.json()["lockout_time"] is None
    assert not Family.unscoped.exists()
    assert log(world)[-1][:2] == ("ua", status)


def test_bcrypt_becomes_argon2_at_the_first_sign_in(world: Any, sign_in: Any) -> None:
    stored = bcrypt.hashpw(people.PASSWORD.encode(), bcrypt.gensalt(4)).decode()
    rows = User.unscoped.filter(pk=world.users["acme"])
    rows.update(password=hashing.accept(stored))
    assert sign_in(password="wrong").status_code == 422
    assert rows.get().password == stored
    reply = sign_in()
    assert reply.status_code == 201
    assert rows.get().password.startswith("$argon2id$")
    assert rows.get().password_version == 0  # it is the same password: its tokens go on
    assert sign_in().status_code == 201


def test_a_cut_hash_lets_nobody_in(world: Any, sign_in: Any, argon2: list[str]) -> None:
    cut = "$2a$10$N9qo8uLOickgx2ZMRZoMye"
    for stored in (cut, hashing.accept(cut)):
        User.unscoped.filter(pk=world.users["acme"]).update(password=stored)
        assert sign_in(password=cut).status_code == 422
    assert len(argon2) == 2


def test_the_device_named_is_the_persons_own(world: Any, sign_in: Any) -> None:
    now = clock.now()
    common = {
        "tenant_id": world.owner.scope.tenant_id,
        "organization_id": world.organizations["acme"],
        "created": now,
        "last_change": now,
    }
    mine = Device.unscoped.create(**common, user_id=world.users["acme"], generic_id="device_12345", imei="123456789012345")
    theirs = Device.unscoped.create(**common, user_id=world.users["acme-west"], generic_id="other")
    for name in ("device_12345", "123456789012345", f"dev_{mine.pk}", str(mine.pk)):
        reply = sign_in(device_id=name)
        assert reply.json()["device_registered"] is True, name
        assert Family.unscoped.latest("pk").device_id == mine.pk
    for name in ("other", f"dev_{theirs.pk}", "unknown", ""):
        assert sign_in(device_id=name).json()["device_registered"] is False, name
        assert Family.unscoped.latest("pk").device_id is None
    Device.unscoped.filter(pk=mine.pk).update(is_blocked=True)
    blocked = sign_in(device_id="device_12345")
    assert (blocked.status_code, blocked.json()["error_code"]) == (403, "DEVICE_BLOCKED")


def test_neither_password_nor_name_is_kept_in_clear(world: Any, sign_in: Any) -> None:
    sign_in("somebody", "a secret guess")
    assert "somebody" not in str(list(SignInFailures.objects.values()))
    assert "a secret guess" not in str(log(world))
