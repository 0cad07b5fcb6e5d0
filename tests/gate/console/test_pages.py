"""Every list and form, as everybody: what is shown stops at the person's organizations, what is written needs the role."""

import re

import pytest

from gate.nas.models import Nas
from gate.organizations.models import Organization
from gate.places.models import AccessDevice, AccessPoint, Location
from gate.portals.models import Portal
from gate.profiles.models import Profile
from gate.tokens.models import ApiToken
from gate.users.models import User
from portals import add_portal

LISTS = {
    "organizations/organization/": Organization,
    "users/user/": User,
    "profiles/profile/": Profile,
    "nas/nas/": Nas,
    "places/location/": Location,
    "places/accesspoint/": AccessPoint,
    "places/accessdevice/": AccessDevice,
    "portals/portal/": Portal,
    "tokens/apitoken/": ApiToken,
}
CHANGEABLE = [path for path in LISTS if path != "tokens/apitoken/"]
# Nothing of a page comes from elsewhere: src, href, action, url(), import of another host.
_OUTSIDE = re.compile(r"""(?:src|href|action)\s*=\s*["']?\s*(?:https?:)?//|url\(\s*["']?(?:https?:)?//|@import""", re.IGNORECASE)


@pytest.fixture
def door(world):
    """An access device and a portal in every branch: the world has none."""
    made = {}
    for name in ("acme", "acme-west", "acme-east", "rival"):
        tenant = world.organizations["rival" if name == "rival" else "acme"]
        made[name] = AccessDevice.unscoped.create(
            tenant_id=tenant, organization_id=world.organizations[name], name=f"{name} door", short_name=f"{name}-door",
            created=world.now, last_change=world.now,
        ).pk  # fmt: skip
        add_portal(world, name)
    return made


def row_of(world, door, path, branch):
    """A row of that list that belongs to `branch`."""
    person = {"acme": world.owner, "acme-west": world.west, "acme-east": world.east, "rival": world.stranger}[branch]
    return {
        "organizations/organization/": world.organizations[branch],
        "users/user/": world.users.get(branch),
        "profiles/profile/": world.profiles.get(branch),
        "nas/nas/": world.nas.get(branch),
        "places/location/": world.locations.get(branch),
        "places/accesspoint/": world.access_points.get(branch),
        "places/accessdevice/": door[branch],
        "portals/portal/": Portal.unscoped.get(organization_id=world.organizations[branch]).pk,
        "tokens/apitoken/": ApiToken.unscoped.get(name=person.name).pk,
    }[path]


def test_every_page_of_a_reader_opens_and_asks_nobody_outside(world, desk, door):
    browser = desk(world.owner)
    pages = ["", "sessions/", "password_change/", "login/"]
    for path in LISTS:
        number = row_of(world, door, path, "acme")
        pages += [path, f"{path}add/", f"{path}{number}/change/", f"{path}{number}/history/", f"{path}?q=acme"]
        if path in CHANGEABLE:
            pages += [f"{path}{number}/delete/"]
    pages += [f"nas/nas/{world.nas['acme']}/rotate-secret/"]
    for page in pages:
        reply = browser.client.get(f"/console/{page}")
        assert reply.status_code == (302 if page == "login/" else 200), page
        if reply.status_code == 200:
            assert not _OUTSIDE.search(reply.text), page
        policy = reply.headers["content-security-policy"]
        assert "default-src 'self'" in policy
        assert "http" not in policy
        assert reply.headers["x-request-id"]
        assert reply.headers["x-frame-options"] == "DENY"


@pytest.mark.parametrize("path", LISTS)
def test_lists_stop_at_the_persons_organizations(world, desk, door, path):
    rival = desk(world.stranger).get(path).text
    west = desk(world.west).get(path).text
    shown = re.compile(rf"/console/{path}(\d+)/change/")
    for text, seen, unseen in (
        (rival, ["rival"], ["acme", "acme-west", "acme-east"]),
        (west, ["acme-west"], ["acme", "acme-east", "rival"]),
    ):
        ids = {int(number) for number in shown.findall(text)}
        assert ids >= {row_of(world, door, path, name) for name in seen}
        assert not ids & {row_of(world, door, path, name) for name in unseen}


@pytest.mark.parametrize("path", LISTS)
def test_a_row_out_of_reach_is_not_found_at_any_address(world, desk, door, path):
    browser = desk(world.west)
    for branch in ("acme", "acme-east", "rival"):
        number = row_of(world, door, path, branch)
        before = LISTS[path].unscoped.filter(pk=number).values().get()
        for page in ("change/", "delete/", "history/"):
            for reply in (browser.get(f"{path}{number}/{page}"), browser.post(f"{path}{number}/{page}", name="Mine", post="yes")):
                missing = reply.status_code in {404, 403} or (
                    reply.status_code == 302 and reply.headers["location"] == "/console/"
                )
                assert missing, (page, reply.status_code, reply.headers.get("location"))
        assert LISTS[path].unscoped.filter(pk=number).values().get() == before
    browser.post(path, action="delete_selected", _selected_action=row_of(world, door, path, "rival"), post="yes")
    browser.post(path, action="revoke_selected", _selected_action=row_of(world, door, path, "rival"))
    row = LISTS[path].unscoped.get(pk=row_of(world, door, path, "rival"))
    assert getattr(row, "revoked", None) is None
    assert not getattr(row, "deleted", False)


def test_a_nas_out_of_reach_keeps_its_secret(world, desk):
    before = bytes(Nas.unscoped.get(pk=world.nas["rival"]).secret_sealed)
    browser = desk(world.owner)
    assert browser.get(f"nas/nas/{world.nas['rival']}/rotate-secret/").status_code == 404
    assert browser.post(f"nas/nas/{world.nas['rival']}/rotate-secret/").status_code == 404
    token = ApiToken.unscoped.get(name="stranger").pk
    assert browser.post(f"tokens/apitoken/{token}/revoke/").status_code == 404
    assert bytes(Nas.unscoped.get(pk=world.nas["rival"]).secret_sealed) == before
    assert ApiToken.unscoped.get(pk=token).revoked is None


def test_a_viewer_sees_and_changes_nothing(world, desk, door):
    browser = desk(world.mate)
    for path in CHANGEABLE:
        number = row_of(world, door, path, "acme")
        before = LISTS[path].unscoped.filter(pk=number).values().get()
        assert browser.get(path).status_code == 200
        form = browser.get(f"{path}{number}/change/")
        assert form.status_code == 200
        assert 'name="_save"' not in form.text
        assert browser.get(f"{path}add/").status_code == 403
        assert browser.post(f"{path}add/", name="Mine", short_name="mine").status_code == 403
        assert browser.post(f"{path}{number}/change/", name="Mine", short_name="mine").status_code == 403
        assert browser.post(f"{path}{number}/delete/", post="yes").status_code == 403
        browser.post(path, action="delete_selected", _selected_action=number, post="yes")
        assert LISTS[path].unscoped.filter(pk=number).values().get() == before
    assert browser.get("tokens/apitoken/").status_code == 403
    assert browser.get(f"nas/nas/{world.nas['acme']}/rotate-secret/").status_code == 403
    assert browser.post(f"nas/nas/{world.nas['acme']}/rotate-secret/").status_code == 403
    assert browser.post(f"tokens/apitoken/{ApiToken.unscoped.get(name='owner').pk}/revoke/").status_code == 403


def test_no_choice_of_a_form_names_what_is_out_of_reach(world, desk, door):
    browser = desk(world.west)
    for path in LISTS:
        number = row_of(world, door, path, "acme-west")
        for page in (path, f"{path}add/", f"{path}{number}/change/"):
            text = browser.get(page).text
            for name in ("Rival", "rival site", "Acme East", "acme-east site"):
                assert name not in text, (page, name)
    fields = [("nas", "nas", "location"), ("nas", "nas", "organization"), ("organizations", "organization", "parent")]
    for app, model, field in fields:
        query = {"app_label": app, "model_name": model, "field_name": field, "term": ""}
        found = browser.get("autocomplete/", **query).json()["results"]
        names = {entry["text"] for entry in found}
        assert names == ({"acme-west site"} if field == "location" else {"Acme West", "Acme West Cafe"})
    # A filter by a stranger's row finds nothing and tells no name.
    text = browser.get("nas/nas/", organization__id__exact=world.organizations["rival"]).text
    assert "Rival" not in text


def test_without_the_token_of_the_form_nothing_is_written(world, desk):
    browser = desk(world.owner)
    reply = browser.client.post("/console/places/location/add/", data={"name": "X", "short_name": "x"})
    assert reply.status_code == 403
    assert not Location.unscoped.filter(short_name="x").exists()


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("users/user/", {"password__startswith": "$argon2id"}),
        ("users/user/", {"organization__name__startswith": "Acme"}),
        ("users/user/", {"verifier__isnull": "1"}),
        ("nas/nas/", {"secret_sealed__gt": "0"}),
        ("tokens/apitoken/", {"digest__isnull": "0"}),
        ("organizations/organization/", {"parent__parent__name": "Acme"}),
    ],
)
def test_a_list_answers_no_questions_about_what_it_does_not_filter_by(world, desk, path, query):
    assert desk(world.owner).get(path, **query).status_code == 400
    assert desk(world.owner).get("users/user/", role__exact="owner").status_code == 200


def test_pages_that_are_not_there_say_so_in_gates_words(world, desk):
    browser = desk(world.mate)
    assert "nothing for you" in browser.get("nowhere/").text
    assert "Your role does not include" in browser.get("tokens/apitoken/").text
