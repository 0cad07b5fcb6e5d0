"""POST /portal_login/ with a token: the site's portal vouches for a guest."""

import datetime as dt
import json

import pytest

import contract
import portals
from gate.core import clock
from gate.credit.models import Balance
from gate.devices.models import Device
from gate.places.models import AccessPoint
from gate.users.models import User, UserProfile
from portals import GUEST, add_portal, sessions

URL = "/api/v1/portal_login/"
ENDPOINT = "POST /portal_login/"


def ask(web, person, body=None, **changed):
    return web.post(URL, json=body if body is not None else GUEST | changed, headers=person.headers if person else {})


def nothing_opened(*, users: int | None = None) -> bool:
    return not sessions() and (users is None or User.unscoped.count() == users)


# --- the reference ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [0, 1])
def test_examples_of_the_reference(web, world, number):
    add_portal(world, register_unknown=True)
    example = contract.requests(ENDPOINT)[number]
    reply = ask(web, world.owner, example)
    assert reply.status_code == 201, reply.text
    said = json.loads(example["data"])
    contract.assert_keeps_to(ENDPOINT, reply.json())
    assert reply.json() == {"page_id": sessions()[0]["id"], **said}
    assert list(reply.json()) == list(contract.responses(ENDPOINT)[0])


def test_all_forms_of_a_body_mean_the_same(web, world):
    for body in (GUEST, {"data": GUEST}, {"data": json.dumps(GUEST)}):
        assert ask(web, world.owner, body).status_code == 201
    assert len(sessions()) == 1


# --- who -------------------------------------------------------------------------------------------------------------------


def test_a_known_guest_is_let_in_where_the_access_point_is(web, world):
    reply = ask(web, world.owner, ap_mac="02-00-00-00-00-02", session_timeout=1800)
    assert reply.status_code == 201
    (session,) = sessions()
    assert session["id"] == reply.json()["page_id"]
    assert session["user_id"] == world.users["acme"]
    assert session["tenant_id"] == world.organizations["acme"]
    assert session["organization_id"] == world.organizations["acme-west"]
    assert session["location_id"] == world.locations["acme-west"]
    assert session["access_point_id"] == world.access_points["acme-west"]
    assert session["mac"] == "AA:BB:CC:DD:EE:01"
    assert (session["expires"] - session["opened"]).total_seconds() == 1800


def test_the_team_mate_may_only_read(web, world):
    assert ask(web, world.mate).status_code == 403
    assert nothing_opened()


@pytest.mark.parametrize("person", [None, "wrong"])
def test_without_a_good_token(web, world, person):
    headers = {} if person is None else {"Authorization": "Bearer gate_nobody"}
    reply = web.post(URL, json=GUEST, headers=headers)
    assert reply.status_code == 401
    assert reply.headers["WWW-Authenticate"] == "Bearer"
    assert nothing_opened()


@pytest.mark.parametrize("person", ["stranger", "west", "east"])
def test_people_out_of_reach_are_unknown(web, world, person):
    """The guest belongs to the root: neither another tenant nor a branch sees them."""
    users = User.unscoped.count()
    reply = ask(web, world.people[person])
    assert reply.status_code == 422
    assert reply.json()["code"] == "unknown_guest"
    assert nothing_opened(users=users)


def test_an_access_point_out_of_reach_is_like_an_unknown_one(web, world):
    """East names west's access point, and one nobody has: in both cases the guest stands in east's own organization."""
    for ap_mac in ("02:00:00:00:00:02", "12:34:56:78:9a:bc"):
        assert ask(web, world.east, uid="guest.acme-east", ap_mac=ap_mac).status_code == 201
    for session in sessions():
        assert session["organization_id"] == world.organizations["acme-east"]
        assert session["access_point_id"] is session["location_id"] is None


def test_the_stranger_has_the_same_device_for_themselves(web, world):
    assert ask(web, world.owner).status_code == 201
    assert ask(web, world.stranger, uid="guest.rival").status_code == 201
    assert {row["tenant_id"] for row in sessions(ended=None)} == {world.organizations["acme"], world.organizations["rival"]}


@pytest.mark.parametrize(("column", "value", "uid"), [
    ("username", "GUEST.acme", "guest.ACME"), ("email", "Jo@Example.com", "jo@example.COM"),
    ("external_id", "room 401", "room 401"),
])  # fmt: skip
def test_a_guest_is_known_by(web, world, column, value, uid):
    User.unscoped.filter(pk=world.users["acme"]).update(**{column: value})
    assert ask(web, world.owner, uid=uid).status_code == 201
    assert sessions()[0]["user_id"] == world.users["acme"]


def test_two_people_of_one_name_are_one_too_many(web, world):
    add_portal(world, register_unknown=True)
    User.unscoped.filter(pk=world.users["acme"]).update(email="jo@example.com")
    User.unscoped.filter(pk=world.users["acme-west"]).update(external_id="jo@example.com")
    users = User.unscoped.count()
    reply = ask(web, world.owner, uid="jo@example.com")
    assert (reply.status_code, reply.json()["code"]) == (422, "ambiguous_guest")
    assert nothing_opened(users=users)
    # West reaches one of them alone.
    assert ask(web, world.west, uid="jo@example.com").status_code == 201
    # A username is one person's, whatever others say of themselves.
    User.unscoped.filter(pk=world.users["acme-east"]).update(username="jo@example.com", username_key="jo@example.com")
    assert ask(web, world.owner, uid="jo@example.com").status_code == 201
    assert sessions(ended=None)[0]["user_id"] == world.users["acme-east"]


# --- registering -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("uid", "username", "email", "external_id"),
    [
        ("guest@hotel.com", "guest@hotel.com", "guest@hotel.com", None), ("room:401", "room:401", "", None),
        ("Müller, 401", None, "", "Müller, 401"),
    ],
)  # fmt: skip
def test_an_unknown_guest_is_registered_where_the_portal_says_so(web, world, uid, username, email, external_id):
    add_portal(world, register_unknown=True, profile_id=world.profiles["acme"])
    reply = ask(web, world.owner, uid=uid, ap_mac="02:00:00:00:00:02")
    assert reply.status_code == 201
    made = User.unscoped.latest("id")
    assert username is None or made.username == username
    assert username is not None or made.username.startswith("guest-")
    assert (made.role, made.email, made.external_id) == ("device_user", email, external_id)
    assert made.organization_id == world.organizations["acme-west"]
    assert not made.password
    assert list(UserProfile.objects.filter(user=made).values_list("profile_id", flat=True)) == [world.profiles["acme"]]
    assert portals.log("type", "status", "new_user", "user_id") == [
        ("ur", "h201", True, made.pk), ("ui", "h201", True, made.pk),
    ]  # fmt: skip
    # Known from now on.
    users = User.unscoped.count()
    assert ask(web, world.owner, uid=uid).status_code == 201
    assert User.unscoped.count() == users


@pytest.mark.parametrize("settings", [None, {"register_unknown": False}])
def test_an_unknown_guest_is_refused_otherwise(web, world, settings):
    if settings is not None:
        add_portal(world, **settings)
    users = User.unscoped.count()
    reply = ask(web, world.owner, uid="nobody")
    assert (reply.status_code, reply.json()["code"]) == (422, "unknown_guest")
    assert nothing_opened(users=users)
    assert portals.log("type", "status", "username", "organization_id", "source") == [
        ("ua", "u404", "nobody", world.organizations["acme"], "a")
    ]


def test_a_name_taken_out_of_reach_is_not_taken_over(web, world):
    """West registers somebody whose name a user of the root has: another user, who keeps the site's name beside."""
    add_portal(world, "acme-west", register_unknown=True)
    assert ask(web, world.west, uid="guest.acme").status_code == 201
    made = User.unscoped.latest("id")
    assert made.username.startswith("guest-")
    assert made.external_id == "guest.acme"
    assert sessions()[0]["user_id"] == made.pk


def test_the_nearest_portal_counts(web, world):
    add_portal(world, "acme", register_unknown=True, session_timeout=100)
    add_portal(world, "acme-west-cafe", session_timeout=50, idle_timeout=7)
    cafe = AccessPoint.unscoped.get(pk=world.access_points["acme-west"])
    assert ask(web, world.owner, ap_mac=cafe.mac_addr).json()["session_timeout"] == 100
    cafe.organization_id = world.organizations["acme-west-cafe"]
    cafe.save()
    reply = ask(web, world.owner, ap_mac=cafe.mac_addr).json()
    assert (reply["session_timeout"], reply["idle_timeout"]) == (50, 7)
    assert ask(web, world.owner, uid="nobody", ap_mac=cafe.mac_addr).status_code == 422


def test_a_portal_that_is_switched_off_lets_nobody_in(web, world):
    add_portal(world, is_active=False)
    reply = ask(web, world.owner)
    assert (reply.status_code, reply.json()["code"]) == (422, "portal_closed")
    assert nothing_opened()


# --- refused ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("columns", "code", "verdict"),
    [
        ({"is_active": False}, "disabled", "u403"),
        ({"expiration": dt.datetime(2026, 1, 1, tzinfo=dt.UTC)}, "expired", "u410"),
    ],
)
def test_suspended_and_expired_accounts(web, world, columns, code, verdict):
    User.unscoped.filter(pk=world.users["acme"]).update(**columns)
    reply = ask(web, world.owner)
    assert (reply.status_code, reply.json()["code"]) == (403, code)
    assert nothing_opened()
    assert portals.log("type", "status", "user_id", "mac_addr", "access_point_id") == [
        ("ua", verdict, world.users["acme"], 0xAABBCCDDEE01, world.access_points["acme"])
    ]


def test_a_locked_name(web, world):
    wrong = {"username": "guest.acme", "password": "wrong", "portal_id": "acme"}
    for _ in range(5):
        assert web.post(URL, json=wrong).status_code == 422
    reply = ask(web, world.owner)
    assert reply.status_code == 403
    assert reply.json()["lockout_time"]
    assert nothing_opened()


def test_a_blocked_device(web, world):
    held = {"organization_id": world.organizations["acme"], "created": world.now, "last_change": world.now}
    device = {"mac_addr": "AA:BB:CC:DD:EE:01", "is_blocked": True} | held
    Device.unscoped.create(tenant_id=world.organizations["rival"], **device)
    assert ask(web, world.owner).status_code == 201
    Device.unscoped.create(tenant_id=world.organizations["acme"], **device)
    reply = ask(web, world.owner)
    assert (reply.status_code, reply.json()["code"]) == (403, "device_blocked")
    assert portals.log("type", "status") == [("ui", "h201"), ("ua", "u403")]


@pytest.mark.parametrize("of", ["user", "place"])
def test_an_inactive_organization(web, world, of):
    from gate.organizations.models import Organization

    uid, ap_mac = ("guest.acme-east", GUEST["ap_mac"]) if of == "user" else ("guest.acme", "02:00:00:00:00:03")
    Organization.unscoped.filter(pk=world.organizations["acme-east"]).update(is_active=False)
    reply = ask(web, world.owner, uid=uid, ap_mac=ap_mac)
    assert (reply.status_code, reply.json()["code"]) == (403, "organization-inactive")
    assert nothing_opened()


def test_no_credit(web, world):
    Balance.objects.create(user_id=world.users["acme"], tenant_id=world.organizations["acme"], seconds=0)
    reply = ask(web, world.owner)
    assert (reply.status_code, reply.json()["code"]) == (422, "no-credit")
    assert nothing_opened()
    assert portals.log("type", "status") == [("ua", "u413")]


@pytest.mark.parametrize("name", ["uid", "mac", "ap_mac", "ip"])
@pytest.mark.parametrize("value", [None, "", "  ", "absent"])
def test_missing_values(web, world, name, value):
    body = dict(GUEST)
    if value == "absent":
        del body[name]
    else:
        body[name] = value
    if name == "uid" and value == "absent":
        body["ip"] = "192.168.1.1"
    reply = ask(web, world.owner, body)
    assert reply.status_code == 400
    assert list(reply.json()["errors"]) == [name]
    assert nothing_opened()
    assert portals.log("type", "status") == [("ua", "h400")]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("mac", "aa:bb:cc:dd:ee"), ("mac", "00:00:00:00:00:00"), ("mac", "ff-ff-ff-ff-ff-ff"), ("ap_mac", "zz:bb:cc:dd:ee:ff"),
        ("ip", "192.168.1.256"), ("ip", "fe80::1%eth0"), ("uid", "x" * 201), ("uid", "a\nb"), ("uid", 401),
        ("controller_address", "not a host"), ("session_timeout", 0), ("session_timeout", -1), ("session_timeout", 2**31),
        ("idle_timeout", "soon"), ("original_url", 7),
    ],
)  # fmt: skip
def test_refused_values(web, world, name, value):
    reply = ask(web, world.owner, **{name: value})
    assert reply.status_code == 422
    assert list(reply.json()["errors"]) == [name]
    assert nothing_opened()


@pytest.mark.parametrize("raw", [
    b"{", b'{"data": "{"}', b'{"uid":"a","mac":"aa:bb:cc:dd:ee:01","mac":"aa:bb:cc:dd:ee:02","ap_mac":"x","ip":"y"}',
    b'{"data": "{\\"uid\\":\\"a\\",\\"uid\\":\\"b\\"}"}',
])  # fmt: skip
def test_no_json_or_names_given_twice(web, world, raw):
    reply = web.post(URL, content=raw, headers={**world.owner.headers, "Content-Type": "application/json"})
    assert reply.status_code == 400
    assert nothing_opened()


# --- how long --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "credit", "expires", "expected"),
    [
        (None, None, None, 3600),  # the profile's
        (600, None, None, 600), (7200, None, None, 3600), (7200, 100, None, 100), (None, 5000, 200, 200), (60, 5000, 200, 60),
    ],
)  # fmt: skip
def test_what_is_asked_for_is_cut_to_what_the_guest_has(web, world, monkeypatch, asked, credit, expires, expected):
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now)
    if credit is not None:
        Balance.objects.create(user_id=world.users["acme"], tenant_id=world.organizations["acme"], seconds=credit)
    if expires is not None:
        User.unscoped.filter(pk=world.users["acme"]).update(expiration=now + dt.timedelta(seconds=expires))
    more = {} if asked is None else {"session_timeout": asked}
    assert ask(web, world.owner, **more).json()["session_timeout"] == expected
    (session,) = sessions()
    assert (session["session_timeout"], session["expires"]) == (expected, now + dt.timedelta(seconds=expected))


def test_without_any_limit_it_is_a_day_and_never_more_than_a_month(web, world):
    UserProfile.objects.all().delete()
    assert ask(web, world.owner).json()["session_timeout"] == 86_400
    assert ask(web, world.owner, session_timeout=10**9).json()["session_timeout"] == 31 * 86_400


@pytest.mark.parametrize(("url", "kept"), [
    ("https://www.example.com/a?b=c", True), ("http:\\\\evil.example.com", False), ("javascript:alert(1)", False),
    ("http://127.0.0.1:8000/console/", False),
])  # fmt: skip
def test_an_unsafe_way_back_is_forgotten(web, world, url, kept):
    assert ask(web, world.owner, original_url=url).json()["original_url"] == (url if kept else None)
    assert sessions()[0]["original_url"] == (url if kept else None)


# --- again -----------------------------------------------------------------------------------------------------------------


def test_the_same_guest_on_the_same_device_renews(web, world):
    first = ask(web, world.owner, session_timeout=60).json()
    again = ask(web, world.owner, session_timeout=120, ap_mac="02:00:00:00:00:02").json()
    assert first["page_id"] == again["page_id"]
    (session,) = sessions()
    assert (session["session_timeout"], session["access_point_id"]) == (120, world.access_points["acme-west"])
    assert portals.log("type", "status", "page_id", "action") == [
        ("ui", "h201", first["page_id"], "li"), ("ue", "h201", first["page_id"], "re"),
    ]  # fmt: skip


def test_another_guest_on_the_same_device_takes_it_over(web, world):
    first = ask(web, world.owner).json()["page_id"]
    second = ask(web, world.owner, uid="guest.acme-west").json()["page_id"]
    before, after = sessions()
    assert (before["id"], before["end_reason"]) == (first, "replaced")
    assert (after["id"], after["ended"]) == (second, None)
    assert [kind for (kind,) in portals.log("type")] == ["ui", "ui"]


def test_a_session_whose_time_was_over_is_ended_and_told(web, world):
    first = ask(web, world.owner, session_timeout=60).json()["page_id"]
    from gate.portals.models import Session

    past = clock.now() - dt.timedelta(seconds=5)
    Session.unscoped.update(expires=past)
    second = ask(web, world.owner).json()["page_id"]
    assert second != first
    assert sessions(pk=first)[0]["end_reason"] == "session-timeout"
    assert sessions(pk=first)[0]["ended"] == past
    assert [kind for (kind,) in portals.log("type")] == ["ui", "st", "ui"]


def test_the_line_in_the_log_says_who_where_and_for_whom(web, world):
    portal = add_portal(world, "acme-west")
    reply = web.post(URL, json=GUEST | {"ap_mac": "02:00:00:00:00:02", "original_url": "https://example.com/"},
                     headers={**world.owner.headers, "User-Agent": "Site portal 1.0"})  # fmt: skip
    assert portals.log(
        "type", "source", "status", "organization_id", "user_id", "username", "session_id", "page_id", "page_url", "service_id",
        "location_id", "access_point_id", "mac_addr", "captured_ip_addr", "new_user",
    ) == [(
        "ui", "a", "h201", world.organizations["acme-west"], world.users["acme"], "guest.acme", str(reply.json()["page_id"]),
        reply.json()["page_id"], "https://example.com/", portal, world.locations["acme-west"], world.access_points["acme-west"],
        0xAABBCCDDEE01, 0xC0A80164, False,
    )]  # fmt: skip


def test_few_statements(web, world, django_assert_max_num_queries):
    """Whoever has a portal of a thousand guests an hour signs them in without hurry."""
    ask(web, world.owner)
    with django_assert_max_num_queries(16):
        assert ask(web, world.owner).status_code == 201
