"""POST /portal_login/ without a token: a person signs in with a password."""

import pytest

import contract
import portals
from gate.users.models import User
from people import PASSWORD

URL = "/api/v1/portal_login/"
ENDPOINT = "POST /portal_login/"


def ask(web, **said):
    return web.post(URL, json={"username": "guest.acme", "password": PASSWORD} | said)


@pytest.mark.parametrize("number", [2, 3])
def test_examples_of_the_reference(web, world, number):
    import json

    example = contract.requests(ENDPOINT)[number]
    said = example if "username" in example else json.loads(example["data"])
    from gate.users import commands

    commands.update(world.owner.scope, world.users["acme"], fields={"username": said["username"], "password": said["password"]})
    if "portal_id" in said:
        from gate.organizations.models import Organization

        Organization.unscoped.filter(pk=world.organizations["acme"]).update(short_name=said["portal_id"])
    reply = web.post(URL, json=example)
    assert reply.status_code == 201, reply.text
    (shape,) = contract._of(ENDPOINT)["password_responses"]
    assert list(contract._differences(shape, reply.json(), "reply")) == []


def test_the_token_opens_the_person_s_own_door(web, world):
    reply = ask(web, username="owner@staff").json()
    assert reply["user"]["organization_id"] == world.organizations["acme"]
    headers = {"Authorization": f"Bearer {reply['access_token']}"}
    assert web.get("/api/v1/user/", headers=headers).status_code == 200
    assert web.post(URL, json=portals.GUEST, headers=headers).status_code == 201


def test_a_subscriber_s_token_vouches_for_nobody(web, world):
    headers = {"Authorization": f"Bearer {ask(web).json()['access_token']}"}
    assert web.post(URL, json=portals.GUEST, headers=headers).status_code == 403
    assert portals.sessions() == []


@pytest.mark.parametrize(
    "said", [{"password": "wrong"}, {"username": "nobody"}, {"portal_id": "rival"}, {"portal_id": "no-such"}]
)
def test_wrong_names_and_passwords_look_alike(web, world, said):
    reply = ask(web, **said)
    assert (reply.status_code, reply.json()["detail"]) == (422, "Invalid credentials")
    assert "WWW-Authenticate" not in reply.headers


@pytest.mark.parametrize("said", [{"password": None}, {"username": ""}, {"username": None}])
def test_missing_values(web, world, said):
    assert ask(web, **said).status_code == 400


def test_suspended_and_locked(web, world):
    User.unscoped.filter(pk=world.users["acme"]).update(is_active=False)
    assert ask(web).status_code == 403
    for _ in range(5):
        ask(web, username="guest.acme-west", password="wrong")
    reply = ask(web, username="guest.acme-west")
    assert reply.status_code == 403
    assert reply.json()["lockout_time"]


def test_too_many_failures_from_one_address(web, world):
    for number in range(20):
        ask(web, username=f"nobody{number}")
    reply = ask(web)
    assert reply.status_code == 429
    assert int(reply.headers["Retry-After"]) > 0


def test_a_body_with_a_uid_is_of_a_guest(web, world):
    """So a password beside it neither proves anything nor takes the place of a token."""
    assert ask(web, **portals.GUEST).status_code == 401
    assert portals.sessions() == []
