"""What a form writes, what it shows when a command refuses, and secrets that are shown once."""

import re

import pytest

from gate.core import seal
from gate.credit import commands as credit
from gate.credit.models import Balance, Entry
from gate.nas.models import Nas
from gate.organizations.models import Organization
from gate.places.models import AccessDevice, AccessPoint, Location
from gate.portals.models import Portal
from gate.profiles.models import Profile
from gate.tokens import queries as tokens
from gate.tokens.models import ApiToken
from gate.users.hashing import check_password
from gate.users.models import User


def nas(world, **said):
    return {
        "name": "Controller", "short_name": "wlc", "address": "192.0.2.7", "vendor": "mikrotik", "is_active": "on",
        "organization": world.organizations["acme-west"], "location": world.locations["acme"], "message_authenticator": "auto",
        "coa_port": "", "live_control": "both", "coa_address": "", "coa_attributes": "", "coa_mac_format": "",
        "unchangeable": "disconnect", "nas_identifier": "", "description": "",
    } | said  # fmt: skip


def user(world, **said):
    return {
        "username": "Anna", "new_password": "a long enough password", "organization": world.organizations["acme-west"],
        "role": "device_user", "is_active": "on", "profiles": "acme-west-profile, acme-profile", "expiration_0": "2030-01-31",
        "expiration_1": "12:00", "seconds_left": "3600", "first_name": "Anna", "last_name": "", "email": "", "external_id": "",
        "klass": "", "description": "",
    } | said  # fmt: skip


def place(world, **said):
    return {
        "name": "Café", "short_name": "cafe", "organization": world.organizations["acme-west"], "is_active": "on",
        "city": "Utrecht", "country_code": "nl", "latitude": "52.09", "longitude": "5.12",
    } | said  # fmt: skip


def portal(world, **said):
    return {
        "name": "Guests", "short_name": "guests", "organization": world.organizations["acme-west"], "is_active": "on",
        "register_unknown": "on", "profile": world.profiles["acme"], "session_timeout": "3600", "idle_timeout": "",
    } | said  # fmt: skip


def errors(reply):
    assert reply.status_code == 200, reply.status_code
    assert "Please correct the error" in reply.text
    return reply.text


def test_the_secret_of_a_new_nas_is_shown_once_and_never_again(world, desk):
    browser = desk(world.owner)
    made = browser.post("nas/nas/add/", **nas(world))
    assert (made.status_code, made.headers["location"]) == (302, "/console/secret/")
    row = Nas.unscoped.get(short_name="wlc")
    secret = seal.unseal(bytes(row.secret_sealed), purpose="nas-secret", row=f"nas:{row.pk}").decode()
    first, second = browser.get("secret/"), browser.get("secret/")
    assert secret in first.text
    assert "data-copy" in first.text
    assert "no-store" in first.headers["cache-control"]
    assert (second.status_code, secret in second.text) == (410, False)
    for page in ("nas/nas/", f"nas/nas/{row.pk}/change/", f"nas/nas/{row.pk}/history/"):
        text = browser.get(page).text
        assert secret not in text
        assert bytes(row.secret_sealed).hex() not in text
    assert (row.address, row.vendor, row.location_id) == ("192.0.2.7/32", "mikrotik", world.locations["acme"])
    assert (row.live_control, row.unchangeable) == ("both", "disconnect")


def test_a_nas_that_comes_by_radsec_alone_has_no_address(world, desk):
    browser = desk(world.owner)
    made = browser.post("nas/nas/add/", **nas(world, address="", radsec_name="ap-1.example.net"))
    assert (made.status_code, made.headers["location"]) == (302, "/console/secret/")
    assert "By RadSec every device has the secret radsec" in browser.get("secret/").text
    row = Nas.unscoped.get(short_name="wlc")
    assert (row.address, row.radsec_name) == (None, "ap-1.example.net")
    listed, page = browser.get("nas/nas/").text, browser.get(f"nas/nas/{row.pk}/change/").text
    assert re.search(r"field-shown_address[^>]*>\s*-\s*<", listed)
    assert "Where each session says that its NAS is" in page
    assert "takes no Disconnect and no CoA until" in browser.get(f"nas/nas/{row.pk}/rotate-secret/").text
    changed = nas(world, address="", radsec_name="ap-1.example.net", name="Still without")
    assert browser.post(f"nas/nas/{row.pk}/change/", **changed).status_code == 302
    row.refresh_from_db()
    assert (row.address, row.name) == (None, "Still without")
    assert "Give an address" in errors(browser.post(f"nas/nas/{row.pk}/change/", **changed | {"radsec_name": ""}))


def test_a_secret_waiting_to_be_shown_is_not_readable_in_the_session(world, desk):
    from django.contrib.sessions.models import Session

    browser = desk(world.owner)
    browser.post("nas/nas/add/", **nas(world))
    row = Nas.unscoped.get(short_name="wlc")
    secret = seal.unseal(bytes(row.secret_sealed), purpose="nas-secret", row=f"nas:{row.pk}").decode()
    kept = [session.get_decoded() for session in Session.objects.all()]
    assert any("gate_once" in values for values in kept)
    assert secret not in repr(kept)


def test_a_new_secret_replaces_the_old_one_after_asking(world, desk):
    browser = desk(world.owner)
    before = bytes(Nas.unscoped.get(pk=world.nas["acme"]).secret_sealed)
    asked = browser.get(f"nas/nas/{world.nas['acme']}/rotate-secret/")
    assert "stops working at once" in asked.text
    assert bytes(Nas.unscoped.get(pk=world.nas["acme"]).secret_sealed) == before
    assert browser.post(f"nas/nas/{world.nas['acme']}/rotate-secret/").headers["location"] == "/console/secret/"
    row = Nas.unscoped.get(pk=world.nas["acme"])
    assert (
        seal.unseal(bytes(row.secret_sealed), purpose="nas-secret", row=f"nas:{row.pk}").decode() in browser.get("secret/").text
    )
    assert "Made a new shared secret" in browser.get(f"nas/nas/{row.pk}/history/").text


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"address": "192.0.2.7/24"}, "write 192.0.2.7 for the one address"),
        ({"address": "0.0.0.0/0"}, "every address there is"),
        ({"address": "127.0.0.4"}, "Another NAS has this address"),
        ({"address": ""}, "Give an address, or else the name in its certificate for RadSec"),
        ({"address": "", "radsec_name": "ap-1", "by_identifier": "on"}, "It has no address to share"),
        ({"short_name": "no spaces"}, "Letters, digits, dots"),
        ({"coa_port": "70000"}, "A port from 1 to 65535"),
        ({"coa_address": "192.0.2.0/24"}, "Enter a valid IPv4 or IPv6 address"),
        ({"coa_attributes": "User-Name, User-Password"}, "User-Password does not identify a session"),
        ({"organization": "rival"}, "Select a valid choice"),
        ({"location": "rival"}, "Select a valid choice"),
    ],
)
def test_a_refused_nas_is_shown_with_the_reason(world, desk, said, sentence):
    for field, rows in (("organization", world.organizations), ("location", world.locations)):
        if field in said:
            said = {field: rows[said[field]]}
    assert sentence in errors(desk(world.owner).post("nas/nas/add/", **nas(world, **said)))
    assert Nas.unscoped.count() == 4


def test_places_are_made_changed_and_deleted(world, desk):
    browser = desk(world.west)
    assert browser.post("places/location/add/", **place(world)).status_code == 302
    row = Location.unscoped.get(short_name="cafe")
    assert (row.country_code, row.tenant_id, str(row.latitude)) == ("NL", world.organizations["acme"], "52.090000")
    assert browser.post(f"places/location/{row.pk}/change/", **place(world, name="Bar")).status_code == 302
    assert Location.unscoped.get(pk=row.pk).name == "Bar"
    point = browser.post("places/accesspoint/add/", **place(world, short_name="ap", mac_addr="0200.00aa.bbcc", location=row.pk))
    assert point.status_code == 302
    assert AccessPoint.unscoped.get(short_name="ap").mac_addr == "02:00:00:AA:BB:CC"
    taken = browser.post("places/accesspoint/add/", **place(world, short_name="ap2", mac_addr="02-00-00-aa-bb-cc"))
    assert "Another access point has this MAC address" in errors(taken)
    assert browser.post("places/accessdevice/add/", **place(world, short_name="door", location=row.pk)).status_code == 302
    assert "Between -90 and 90" in errors(browser.post("places/accessdevice/add/", **place(world, short_name="x", latitude="91")))
    assert browser.post(f"places/location/{row.pk}/delete/", post="yes").status_code == 302
    assert not Location.unscoped.filter(pk=row.pk).exists()
    assert AccessDevice.unscoped.get(short_name="door").location_id is None
    gone = browser.post(
        "places/accesspoint/", action="delete_selected", post="yes", _selected_action=AccessPoint.unscoped.get(short_name="ap").pk
    )
    assert gone.status_code == 302
    assert not AccessPoint.unscoped.filter(short_name="ap").exists()


def test_a_user_is_made_with_password_profiles_and_time(world, desk):
    browser = desk(world.owner)
    assert browser.post("users/user/add/", **user(world)).status_code == 302
    row = User.unscoped.get(username_key="anna")
    assert check_password("a long enough password", row.password)
    assert row.password_sealed is None
    assert list(row.user_profiles.order_by("position").values_list("profile_id", flat=True)) == [
        world.profiles["acme-west"],
        world.profiles["acme"],
    ]
    assert Balance.objects.get(user_id=row.pk).seconds == 3600
    form = browser.get(f"users/user/{row.pk}/change/").text
    assert row.password not in form
    assert 'value="acme-west-profile, acme-profile"' in form
    assert 'value="3600"' in form
    changed = user(world, new_password="", seconds_left="60", is_active="")
    assert browser.post(f"users/user/{row.pk}/change/", **changed).status_code == 302
    again = User.unscoped.get(pk=row.pk)
    assert (again.password, again.is_active) == (row.password, False)
    assert Balance.objects.get(user_id=row.pk).seconds == 60
    assert [entry.seconds for entry in Entry.objects.filter(user_id=row.pk).order_by("pk")] == [3600, -3540]


def test_the_ledger_is_shown_and_a_debt_does_not_lock_the_form(world, desk):
    browser = desk(world.owner)
    address = f"users/user/{world.users['acme']}/change/"
    assert "Newest entries" not in browser.get(address).text
    scope, number = world.owner.scope, world.users["acme"]
    credit.grant(scope, number, seconds=600, reason="operator", actor="user:7", note="<b>Sorry</b>")
    credit.grant(scope, number, seconds=-900, reason="voucher", actor="", voucher_id=77)
    page = browser.get(address).text
    for text in ("Newest entries", "+600", "Operator (user:7)", "&lt;b&gt;Sorry&lt;/b&gt;", "-900", "Voucher 77", 'value="-300"'):
        assert text in page
    values = user(world, username="guest.acme", seconds_left="-300", organization=world.organizations["acme"], profiles="")
    assert browser.post(address, **values).status_code == 302
    assert Balance.objects.get(user_id=number).seconds == -300
    assert "0 to " in errors(browser.post(address, **values | {"seconds_left": "-5"}))


def test_a_password_is_kept_readable_only_where_the_organization_says_so(world, desk):
    browser = desk(world.owner)
    number = world.organizations["acme-west"]
    form = browser.get(f"organizations/organization/{number}/change/").text
    assert "Whoever holds both the database and the secret key can then read them" in form
    values = {
        "name": "Acme West", "short_name": "acme-west", "parent": world.organizations["acme"], "is_active": "on",
        "recoverable_passwords": "on", "timezone": "UTC", "language": "en", "currency": "USD",
    }  # fmt: skip
    assert browser.post(f"organizations/organization/{number}/change/", **values).status_code == 302
    browser.post("users/user/add/", **user(world))
    row = User.unscoped.get(username_key="anna")
    assert seal.unseal(bytes(row.password_sealed), purpose="user-password", row=f"user:{row.pk}") == b"a long enough password"
    assert "a long enough password" not in browser.get(f"users/user/{row.pk}/change/").text


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"username": "guest.acme"}, "Another user has this username"),
        ({"username": "no spaces"}, "Takes letters, digits"),
        ({"profiles": "rival-profile"}, "There is no profile"),
        ({"email": "nobody"}, "Is no e-mail address"),
    ],
)
def test_a_refused_user_is_shown_with_the_reason(world, desk, said, sentence):
    assert sentence in errors(desk(world.owner).post("users/user/add/", **user(world, **said)))
    assert not User.unscoped.filter(first_name="Anna").exists()


def test_nobody_makes_staff_with_more_rights_than_they_have(world, desk):
    User.unscoped.filter(pk=world.west.user_id).update(role="operator")
    browser = desk(world.west)
    assert ">Owner<" not in browser.get("users/user/add/").text
    assert "Select a valid choice" in errors(browser.post("users/user/add/", **user(world, role="owner", profiles="")))
    assert browser.post("users/user/add/", **user(world, username="sub", profiles="")).status_code == 302


def test_nobody_deletes_the_account_they_use(world, desk):
    browser = desk(world.owner)
    reply = browser.post(f"users/user/{world.owner.user_id}/delete/", post="yes")
    assert reply.headers["location"] == f"/console/users/user/{world.owner.user_id}/change/"
    assert "You are signed in as this user" in browser.client.get(reply.headers["location"]).text
    assert browser.post(f"users/user/{world.users['acme']}/delete/", post="yes").status_code == 302
    assert not User.unscoped.filter(pk=world.users["acme"]).exists()
    both = [world.users["acme-west"], world.owner.user_id]
    refused = browser.post("users/user/", action="delete_selected", post="yes", _selected_action=both)
    assert refused.status_code == 302
    assert User.unscoped.filter(pk__in=both).count() == 2


def test_profiles_are_written_as_lines(world, desk):
    browser = desk(world.owner)
    values = {
        "name": "Guests", "short_name": "guests", "organization": world.organizations["acme"], "description": "",
        "reply_attribute": "Session-Timeout := 3600\nReply-Message = \"Hello there\"\n",
        "check_attribute": "NAS-Port-Type == Wireless-802.11\nUser-Name =~ ^guest",
    }  # fmt: skip
    assert browser.post("profiles/profile/add/", **values).status_code == 302
    row = Profile.unscoped.get(short_name="guests")
    assert row.reply_attribute == [
        {"attribute": "Session-Timeout", "op": ":=", "value": "3600"},
        {"attribute": "Reply-Message", "op": "=", "value": "Hello there"},
    ]
    assert row.check_attribute[1] == {"attribute": "User-Name", "op": "=~", "value": "^guest"}
    assert "Session-Timeout := 3600" in browser.get(f"profiles/profile/{row.pk}/change/").text
    assert browser.post(f"profiles/profile/{row.pk}/change/", **values | {"name": "Visitors"}).status_code == 302
    assert (
        "no attribute"
        in errors(browser.post("profiles/profile/add/", **values | {"reply_attribute": "No-Such-Thing := 1"})).lower()
    )
    assert "Line 2" in errors(browser.post("profiles/profile/add/", **values | {"check_attribute": "User-Name =* ANY\nnonsense"}))
    in_use = browser.post(f"profiles/profile/{world.profiles['acme']}/delete/", post="yes")
    assert "assigned to users" in browser.client.get(in_use.headers["location"]).text
    assert browser.post(f"profiles/profile/{row.pk}/delete/", post="yes").headers["location"] == "/console/profiles/profile/"


def test_organizations_are_made_moved_and_deleted(world, desk):
    browser = desk(world.owner)
    values = {
        "name": "Acme South", "short_name": "acme-south", "parent": world.organizations["acme-west"], "is_active": "on",
        "timezone": "Europe/Madrid", "language": "es", "currency": "EUR",
    }  # fmt: skip
    assert browser.post("organizations/organization/add/", **values).status_code == 302
    row = Organization.unscoped.get(short_name="acme-south")
    assert row.path == f"{world.organizations['acme']}.{world.organizations['acme-west']}.{row.pk}"
    moved = values | {"parent": world.organizations["acme-east"]}
    assert browser.post(f"organizations/organization/{row.pk}/change/", **moved).status_code == 302
    assert Organization.unscoped.get(pk=row.pk).parent_id == world.organizations["acme-east"]
    ring = values | {"name": "Acme East", "short_name": "acme-east", "parent": row.pk}
    assert "below the organization itself" in errors(
        browser.post(f"organizations/organization/{world.organizations['acme-east']}/change/", **ring)
    )
    assert browser.post(f"organizations/organization/{row.pk}/delete/", post="yes").headers["location"].endswith("/organization/")
    assert Organization.unscoped.get(pk=row.pk).deleted
    assert browser.get(f"organizations/organization/{row.pk}/change/").status_code == 302
    browser.get("")  # where the message about it is shown
    assert "Acme South" not in browser.get("organizations/organization/").text
    own = browser.post(f"organizations/organization/{world.organizations['acme']}/delete/", post="yes")
    assert "your own organization" in browser.client.get(own.headers["location"]).text


def test_a_token_is_shown_once_works_and_is_revoked(world, desk):
    browser = desk(world.owner)
    values = {
        "name": "Sync", "organization": world.organizations["acme-west"], "permissions": ["user:read", "*:read"],
        "networks": "192.0.2.0/24\n2001:db8::/32", "expires_0": "", "expires_1": "",
    }  # fmt: skip
    assert browser.post("tokens/apitoken/add/", **values).headers["location"] == "/console/secret/"
    page = browser.get("secret/").text
    plain = re.search(r'value="(gate_[^"]+)"', page)[1]
    row = ApiToken.unscoped.get(name="Sync")
    assert (row.permissions, row.networks) == (["*:read", "user:read"], ["192.0.2.0/24", "2001:db8::/32"])
    assert row.created_by == f"user:{world.owner.user_id}"
    assert browser.get("secret/").status_code == 410
    for shown in ("tokens/apitoken/", f"tokens/apitoken/{row.pk}/change/"):
        assert plain not in browser.get(shown).text
    assert browser.post(f"tokens/apitoken/{row.pk}/change/", name="Other").status_code == 403
    assert browser.post(f"tokens/apitoken/{row.pk}/delete/", post="yes").status_code == 403
    assert browser.get(f"tokens/apitoken/{row.pk}/revoke/").status_code == 405
    assert browser.post(f"tokens/apitoken/{row.pk}/revoke/").status_code == 302
    assert tokens.get(world.owner.scope, row.pk).revoked is not None
    bad = errors(browser.post("tokens/apitoken/add/", **values | {"name": "Other", "networks": "nonsense"}))
    assert "is no network" in bad
    assert not ApiToken.unscoped.filter(name="Other").exists()


def test_an_admin_cannot_give_a_token_everything(world, desk):
    User.unscoped.filter(pk=world.west.user_id).update(role="admin")
    browser = desk(world.west)
    text = browser.get("tokens/apitoken/add/").text
    assert 'value="user:read"' in text
    assert 'value="*"' not in text
    values = {"name": "All", "organization": world.organizations["acme-west"], "permissions": ["*"], "networks": ""}
    assert "Select a valid choice" in errors(browser.post("tokens/apitoken/add/", **values))


def test_a_portal_is_made_changed_and_deleted(world, desk):
    browser = desk(world.owner)
    assert browser.post("portals/portal/add/", **portal(world)).status_code == 302
    row = Portal.unscoped.get()
    assert (row.tenant_id, row.organization_id) == (world.organizations["acme"], world.organizations["acme-west"])
    assert (row.register_unknown, row.profile_id, row.session_timeout, row.idle_timeout) == (
        True,
        world.profiles["acme"],
        3600,
        None,
    )
    changed = portal(world, register_unknown="", profile="", idle_timeout="60")
    assert browser.post(f"portals/portal/{row.pk}/change/", **changed).status_code == 302
    row.refresh_from_db()
    assert (row.register_unknown, row.profile_id, row.idle_timeout) == (False, None, 60)
    assert browser.post(f"portals/portal/{row.pk}/delete/", post="yes").status_code == 302
    assert not Portal.unscoped.exists()


def test_what_the_room_refuses_of_a_portal_is_shown(world, desk):
    browser = desk(world.owner)
    refused = portal(world, organization=world.organizations["acme"], profile=world.profiles["acme-west"])
    assert "no such profile" in errors(browser.post("portals/portal/add/", **refused))
    browser.post("portals/portal/add/", **portal(world))
    assert "has a portal already" in errors(browser.post("portals/portal/add/", **portal(world, short_name="other")))
    assert Portal.unscoped.count() == 1
