"""/mac/: asked by the owner, the team mate, a branch and a stranger."""

import pytest

from gate.devices.models import AuthorizedMac

URL = "/api/v1/mac/"
MACS = ["AA:BB:CC:DD:EE:01", "00-16-3e-00-00-02"]


def create(web, person, **said):
    return web.post(URL, json={"mac": MACS, **said}, headers=person.headers)


def rows():
    return AuthorizedMac.unscoped.count()


def test_create_list_get_delete(world, web):
    reply = create(
        web, world.owner, note="Printers", user=world.users["acme"], profile=["acme-profile"], expires="2030-01-01T00:00:00Z",
    )  # fmt: skip
    assert reply.status_code == 201, reply.text
    one, two = reply.json()["results"]
    assert (one["mac"], two["mac"]) == ("AA:BB:CC:DD:EE:01", "00:16:3E:00:00:02")
    assert (one["is_randomized"], two["is_randomized"]) == (True, False)
    assert (one["note"], one["username"], one["profile"]) == ("Printers", "guest.acme", ["acme-profile"])
    assert one["expires"] == "2030-01-01T00:00:00Z"
    listed = web.get(URL, params={"limit": 1}, headers=world.mate.headers).json()
    assert (listed["count"], listed["results"], listed["next"] is not None) == (2, [one], True)
    assert web.get(URL, params={"mac": "0016.3e00.0002"}, headers=world.mate.headers).json()["results"] == [two]
    assert web.get(URL, params={"mac": "nonsense"}, headers=world.mate.headers).status_code == 400
    assert (
        web.get(URL, params={"user": world.users["acme"], "is_active": "true"}, headers=world.mate.headers).json()["count"] == 2
    )
    assert web.get(f"{URL}{one['id']}/", headers=world.mate.headers).json() == one
    assert web.delete(f"{URL}{one['id']}/", headers=world.owner.headers).status_code == 204
    assert web.get(f"{URL}{one['id']}/", headers=world.owner.headers).status_code == 404
    assert rows() == 1


def test_the_mate_who_may_only_read(world, web):
    assert create(web, world.mate).status_code == 403
    made = create(web, world.owner).json()["results"][0]["id"]
    assert web.delete(f"{URL}{made}/", headers=world.mate.headers).status_code == 403
    assert rows() == 2


@pytest.mark.parametrize("name", ["stranger", "east"])
def test_others_get_nothing_and_change_nothing(world, web, name):
    other = world.people[name]
    made = create(web, world.owner, organization=world.organizations["acme-west"]).json()["results"][0]["id"]
    assert web.get(URL, headers=other.headers).json()["results"] == []
    assert web.get(URL, params={"mac": MACS[0]}, headers=other.headers).json()["count"] == 0
    assert web.get(f"{URL}{made}/", headers=other.headers).status_code == 404
    assert web.delete(f"{URL}{made}/", headers=other.headers).status_code == 404
    for said in ({"organization": world.organizations["acme-west"]}, {"user": world.users["acme-west"]},
                 {"profile": ["acme-west-profile"]}):  # fmt: skip
        assert create(web, other, **said).status_code in {400, 422}
    assert rows() == 2


def test_a_branch_has_its_own(world, web):
    create(web, world.owner)
    assert web.get(URL, headers=world.west.headers).json()["count"] == 0
    assert create(web, world.west).status_code == 201
    assert web.get(URL, headers=world.owner.headers).json()["count"] == 4
    assert web.get(URL, params={"organization": "acme-west"}, headers=world.owner.headers).json()["count"] == 2


@pytest.mark.parametrize("said", [
    {"mac": []}, {"mac": ["nonsense"]}, {"mac": ["ff:ff:ff:ff:ff:ff"]}, {"mac": ["01:00:5e:00:00:01"]}, {"mac": [MACS[0]] * 2},
    {"mac": ["00:00:00:00:00:00"]}, {"profile": ["nowhere"]}, {"note": "x" * 201}, {"note": None}, {"user": 999_999},
    {"expires": "someday"}, {"mac": ["AA:BB:CC:DD:EE:01"] * 1_001},
])  # fmt: skip
def test_what_is_refused(world, web, said):
    reply = create(web, world.owner, **said)
    assert reply.status_code in {400, 422}, reply.text
    assert set(said) <= set(reply.json()["errors"]), reply.text
    assert rows() == 0


def test_an_address_is_authorised_once_an_organization(world, web):
    create(web, world.owner)
    reply = create(web, world.owner, mac=["00:16:3e:00:00:03", MACS[0]])
    assert reply.status_code == 409
    assert "AA:BB:CC:DD:EE:01 is authorised here already" in reply.json()["errors"]["mac"][0]
    assert rows() == 2
