"""GET, PUT, PATCH, DELETE /user/{id}/ and /user/username/{username}/: two doors to one user."""

from typing import Any

import pytest

import contract
from gate.credit.models import Balance
from gate.organizations.models import Organization
from gate.profiles.models import Profile
from gate.users import hashing
from gate.users.models import User

URL = "/api/v1/user/"
DOORS = ("id", "username")


def address(world: Any, door: str, place: str = "acme") -> str:
    return f"{URL}{world.users[place]}/" if door == "id" else f"{URL}username/Guest.{place}/"


def endpoint(method: str, door: str) -> str:
    return f"{method} /user/{{id}}/" if door == "id" else f"{method} /user/username/{{username}}/"


def row(world: Any, place: str = "acme") -> dict[str, Any]:
    found: dict[str, Any] = User.unscoped.filter(pk=world.users[place]).values().get()
    return found


def example(world: Any, method: str, door: str) -> dict[str, Any]:
    """The example body with organizations and profiles that exist."""
    body: dict[str, Any] = dict(contract.requests(endpoint(method, door))[0])
    places = {1: "acme", 2: "acme-west", 3: "acme-east"}
    if "organization" in body:
        body["organization"] = world.organizations[places[body["organization"]]]
    for name in body.get("profile", []):
        Profile.unscoped.create(
            tenant_id=world.organizations["acme"], organization_id=world.organizations["acme"], name=name, short_name=name,
            created=world.now, last_change=world.now,
        )  # fmt: skip
    return body


@pytest.mark.parametrize("door", DOORS)
def test_get(world: Any, web: Any, door: str) -> None:
    for person in (world.owner, world.mate):
        reply = web.get(address(world, door), headers=person.headers)
        assert reply.status_code == 200
        contract.assert_keeps_to("GET /user/username/{username}/", reply.json())
        assert reply.json()["id"] == world.users["acme"]
        assert reply.json()["profile"] == ["acme-profile"]


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_the_examples_work_as_written(world: Any, web: Any, method: str, door: str) -> None:
    body = example(world, method, door)
    reply = web.request(method, address(world, door), json=body, headers=world.owner.headers)
    assert reply.status_code == 200, reply.text
    contract.assert_keeps_to("GET /user/username/{username}/", reply.json())
    assert {name: reply.json()[name] for name in body} == body


@pytest.mark.parametrize("door", DOORS)
def test_put_resets_what_it_does_not_name(world: Any, web: Any, door: str) -> None:
    full = {
        "description": "x", "email": "a@b.c", "klass": "k", "external_id": "e", "is_active": False, "first_name": "A",
        "expiration": "2030-01-01", "avatar_url": "https://example.net/a.png", "password": "first",
    }  # fmt: skip
    web.patch(address(world, door), json=full, headers=world.owner.headers)
    before = row(world)
    reply = web.put(address(world, door), json={"username": "guest.acme"}, headers=world.owner.headers).json()
    reset = {
        "description": "", "email": "", "klass": None, "external_id": None, "is_active": True, "first_name": "",
        "expiration": None, "avatar_url": None, "profile": [], "organization": world.organizations["acme"],
    }  # fmt: skip
    assert reply | reset == reply
    assert row(world)["password"] == before["password"]
    assert row(world)["password_version"] == before["password_version"]
    assert web.put(address(world, door), json={"description": "x"}, headers=world.owner.headers).status_code == 400


@pytest.mark.parametrize("door", DOORS)
def test_patch_changes_what_it_names(world: Any, web: Any, door: str) -> None:
    before = web.get(f"{address(world, door)}?balance=true", headers=world.owner.headers).json()
    change = {"is_active": False, "first_name": "Jane"}
    assert web.patch(address(world, door), json=change, headers=world.owner.headers).json() == {**before, **change}
    cleared = web.patch(address(world, door), json={"first_name": None, "klass": None}, headers=world.owner.headers).json()
    assert (cleared["first_name"], cleared["klass"]) == ("", None)
    renamed = web.patch(address(world, door), json={"username": "Renamed"}, headers=world.owner.headers).json()
    assert web.get(f"{URL}username/renamed/?balance=1", headers=world.owner.headers).json() == renamed


@pytest.mark.parametrize("door", DOORS)
def test_the_balance_is_shown_where_asked_for_and_after_every_change(world: Any, web: Any, door: str) -> None:
    url = address(world, door)
    assert "user_time" not in web.get(url, headers=world.owner.headers).json()
    assert web.get(f"{url}?balance=true", headers=world.owner.headers).json()["user_time"] is None
    Balance.objects.create(tenant_id=world.organizations["acme"], user_id=world.users["acme"], seconds=90)
    assert web.get(f"{url}?balance=true", headers=world.owner.headers).json()["user_time"] == 90
    assert web.patch(url, json={"klass": "x"}, headers=world.owner.headers).json()["user_time"] == 90
    assert web.put(url, json={"username": "guest.acme"}, headers=world.owner.headers).json()["user_time"] == 90
    listed = web.get(f"{URL}?balance=true&id={world.users['acme']}", headers=world.owner.headers).json()["results"]
    assert [row["user_time"] for row in listed] == [90]


def test_a_new_password_leaves_nothing_of_the_old(world: Any, web: Any) -> None:
    User.unscoped.filter(pk=world.users["acme"]).update(verifier=b"old", password_sealed=b"old")
    web.patch(address(world, "id"), json={"password": "new one"}, headers=world.owner.headers)
    after = row(world)
    assert hashing.check_password("new one", after["password"])
    assert (after["verifier"], after["password_sealed"], after["password_version"]) == (None, None, 1)


def test_moving_to_an_organization_that_keeps_no_passwords_drops_the_copy(world: Any, web: Any) -> None:
    Organization.unscoped.filter(pk=world.organizations["acme"]).update(recoverable_passwords=True)
    web.patch(address(world, "id"), json={"password": "kept"}, headers=world.owner.headers)
    assert row(world)["password_sealed"] is not None
    move = {"organization": world.organizations["acme-west"]}
    reply = web.patch(address(world, "id"), json=move, headers=world.owner.headers)
    assert (reply.status_code, reply.json()["profile"]) == (200, ["acme-profile"])  # of the organization above: it stays
    assert row(world)["password_sealed"] is None


def test_profiles_of_the_old_branch_do_not_follow_silently(world: Any, web: Any) -> None:
    before = row(world, "acme-west")
    move = {"organization": world.organizations["acme-east"]}
    reply = web.patch(address(world, "id", "acme-west"), json=move, headers=world.owner.headers)
    assert (reply.status_code, set(reply.json()["errors"])) == (400, {"profile"})
    assert row(world, "acme-west") == before
    reply = web.patch(address(world, "id", "acme-west"), json={**move, "profile": []}, headers=world.owner.headers)
    assert reply.status_code == 200


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_out_of_reach_is_not_there(world: Any, web: Any, method: str, door: str) -> None:
    before = row(world)
    json = {"username": "hijacked"} if method in {"PUT", "PATCH"} else None
    nowhere = [f"{URL}{2**60}/", f"{URL}x/"] if door == "id" else [f"{URL}username/nobody/"]
    tried = [(person, address(world, door)) for person in (world.west, world.east, world.stranger)]
    replies = [
        web.request(method, url, json=json, headers=person.headers)
        for person, url in [*tried, *((world.owner, url) for url in nowhere)]
    ]
    assert {reply.status_code for reply in replies} == {404}
    assert len({reply.text for reply in replies}) == 1
    assert row(world) == before


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_a_mate_who_may_only_read_changes_nothing(world: Any, web: Any, method: str, door: str) -> None:
    before = row(world)
    json = {"username": "hijacked"} if method != "DELETE" else None
    assert web.request(method, address(world, door), json=json, headers=world.mate.headers).status_code == 403
    assert web.request(method, address(world, door), json=json).status_code == 401
    assert row(world) == before


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_refused_values_change_nothing(world: Any, web: Any, method: str) -> None:
    before = row(world)
    for body, status, field in [
        ({"username": "a b"}, 400, "username"),
        ({"username": "guest.acme-west"}, 409, "username"),
        ({"username": "x", "profile": ["nothing"]}, 400, "profile"),
        ({"username": "x", "organization": world.organizations["rival"]}, 400, "organization"),
        ({"username": "x", "is_active": None}, 400, "is_active"),
    ]:
        reply = web.request(method, address(world, "id"), json=body, headers=world.owner.headers)
        assert (reply.status_code, set(reply.json()["errors"])) == (status, {field})
        assert row(world) == before


@pytest.mark.parametrize("door", DOORS)
def test_delete(world: Any, web: Any, door: str) -> None:
    Balance.objects.create(tenant_id=world.organizations["acme"], user_id=world.users["acme"], seconds=5)
    reply = web.delete(address(world, door), headers=world.owner.headers)
    assert (reply.status_code, reply.content) == (204, b"")
    assert web.get(address(world, door), headers=world.owner.headers).status_code == 404
    assert not User.unscoped.filter(pk=world.users["acme"]).exists()


def test_staff_are_changed_only_by_who_may_do_all_they_may(world: Any, web: Any, grant: Any) -> None:
    headers = grant(world.owner, "user:read", "user:write")
    before = User.unscoped.filter(pk=world.owner.user_id).values().get()
    url = f"{URL}{world.owner.user_id}/"
    for method, json in [("PATCH", {"password": "mine now"}), ("PUT", {"username": "me"}), ("DELETE", None)]:
        reply = web.request(method, url, json=json, headers=headers)
        assert (reply.status_code, reply.json()["code"]) == (403, "staff")
    assert User.unscoped.filter(pk=world.owner.user_id).values().get() == before
    assert web.patch(url, json={"first_name": "O"}, headers=world.owner.headers).status_code == 200
