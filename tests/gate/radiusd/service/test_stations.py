"""Devices let in by their MAC address, through a real server: an operator's word, and a device that registered with the app."""

import itertools
import struct

import pytest

import portals
from gate.access import withdrawals
from gate.core import clock
from people import PASSWORD
from radius_nas import ACCEPT, ACKNOWLEDGED, INTERIM, REJECT, START, STOP, number
from radius_server import until

pytestmark = pytest.mark.django_db
_macs = itertools.count(1)
OTHER = "00:16:3E:FF:FF:FF"


@pytest.fixture
def mac():
    return f"00:16:3E:00:00:{next(_macs):02X}"


@pytest.fixture
def authorize(committed, mac):
    """An operator's word for the device of the test; the id of the authorisation."""

    def write(*, organization="acme", user_id=None, profile=None, **columns):
        world = committed.world
        held = {
            "tenant_id": world.organizations["rival" if organization.startswith("rival") else "acme"],
            "organization_id": world.organizations[organization], "mac": mac, "user_id": user_id, "note": "", "is_active": True,
        } | columns  # fmt: skip
        made = committed.one(
            f"INSERT INTO devices_authorizedmac ({', '.join(held)}, created, last_change)"
            f" VALUES ({', '.join(['%s'] * len(held))}, now(), now()) RETURNING id",
            *held.values(),
        )
        if profile is not None:
            committed.all("INSERT INTO devices_authorizedmacprofile (tenant_id, mac_id, profile_id, position) VALUES"
                          " (%s, %s, %s, 0)", held["tenant_id"], made, world.profiles[profile])  # fmt: skip
        return made

    return write


@pytest.fixture
def registered(committed, mac):
    """A device of the test's address, registered by a user: id and username."""

    def write(organization="acme", *, switched_on=True, **columns):
        user_id, name = committed.user(organization=organization, **columns)
        row = committed.all("SELECT tenant_id, organization_id FROM users_user WHERE id = %s", user_id)[0]
        texts = ("home_mobile_network_name", "home_mobile_network_mccmnc", "app_version", "os_family", "os_version",
                 "os_api_version", "device_family", "device_brand", "device_model", "device_type", "user_external_id",
                 "user_class")  # fmt: skip
        owned = {"tenant_id": row[0], "organization_id": row[1], "user_id": user_id, "mac_addr": mac, "is_blocked": False}
        held = dict.fromkeys(texts, "") | owned
        device = committed.one(
            f"INSERT INTO devices_device ({', '.join(held)}, created, last_change)"
            f" VALUES ({', '.join(['%s'] * len(held))}, now(), now()) RETURNING id",
            *held.values(),
        )
        committed.all("UPDATE organizations_organization SET device_mac_sign_in = %s WHERE id = %s", switched_on, row[1])
        return device, name

    yield write
    committed.all("UPDATE organizations_organization SET device_mac_sign_in = false")


def calling(mac):
    return (31, mac.encode())


def by_mac(nas, mac):
    name = mac.replace(":", "-")
    return nas.pap(name, name, calling(name), (6, number(10)))


def seconds(answer):
    value = answer.get(27)
    return None if value is None else struct.unpack("!I", value)[0]


def last(committed, mac):
    """Method, reason, user and trace of the newest sign-in of a device."""
    found = committed.all(
        "SELECT method, reason, user_id, trace FROM access_sign_in WHERE username = %s ORDER BY at DESC, id DESC LIMIT 1",
        mac.replace(":", "-"),
    )
    return found[0] if found else (None, None, None, None)


# --- an operator's word


def test_of_nobody_with_profiles_of_its_own(server, committed, mac, authorize):
    nas = server.nas()
    assert nas.ask(by_mac(nas, mac)).code == REJECT
    made = authorize(profile="acme")
    answer = nas.ask(by_mac(nas, mac))
    assert answer.code == ACCEPT
    assert seconds(answer) == 3600
    assert answer.get(1) is None
    until(lambda: last(committed, mac)[:3] == ("mac", "", None))
    assert f"authorised MAC address {made}" in last(committed, mac)[3]


def test_of_a_user_whose_account_counts(server, committed, mac, authorize):
    nas = server.nas()
    user_id, name = committed.user(profile="acme")
    authorize(user_id=user_id)
    answer = nas.ask(by_mac(nas, mac))
    assert (answer.code, answer.get(1), seconds(answer)) == (ACCEPT, name.encode(), 3600)
    committed.all("UPDATE users_user SET is_active = false WHERE id = %s", user_id)
    assert nas.ask(by_mac(nas, mac)).code == REJECT
    until(lambda: last(committed, mac)[1] == "disabled")
    assert last(committed, mac)[2] == user_id


@pytest.mark.parametrize("write", [
    str.lower, lambda mac: mac.replace(":", "-"), lambda mac: mac.replace(":", "").lower(),
    lambda mac: ".".join(mac.replace(":", "").lower()[at : at + 4] for at in (0, 4, 8)),
])  # fmt: skip
def test_any_notation(server, mac, authorize, write):
    authorize()
    nas = server.nas()
    assert nas.ask(nas.pap(write(mac), write(mac), calling(mac))).code == ACCEPT
    assert nas.ask(nas.pap(mac, mac, calling(write(mac)))).code == ACCEPT


def test_what_nas_put_into_the_password(server, mac, authorize):
    authorize()
    nas = server.nas()
    plain = mac.replace(":", "").lower()
    for asked in (
        nas.pap(plain, "", calling(mac)),
        nas.pap(plain, mac, calling(mac)),
        nas.pap(plain, nas.secret, calling(mac)),
        nas.access_request((1, plain.encode()), calling(mac), (6, number(10))),
        nas.chap(plain, plain, calling(mac)),
        nas.chap(plain, nas.secret.decode(), calling(mac)),
    ):
        assert nas.ask(asked).code == ACCEPT


def test_the_name_alone_lets_nobody_in(server, mac, authorize):
    """Somebody else's device, a person who types the address, and no device told of."""
    authorize()
    nas = server.nas()
    plain = mac.replace(":", "").lower()
    for asked in (
        nas.pap(plain, plain, calling(OTHER)),
        nas.pap(plain, plain),
        nas.pap(plain, "", calling("ssh")),
        nas.pap(OTHER, OTHER, calling(mac)),
        nas.pap("alice", "", calling(mac)),
        nas.pap("alice", nas.secret, calling(mac)),
        nas.pap(plain, "a password", calling(mac)),
        nas.pap(plain, OTHER, calling(mac)),
        nas.chap(plain, "a password", calling(mac)),
        nas.access_request((1, plain.encode()), (6, number(10))),
    ):
        assert nas.ask(asked).code == REJECT


@pytest.mark.parametrize(
    ("columns", "expected"),
    [({"is_active": False}, "mac-disabled"), ({"expires": "2026-01-01T00:00:00Z"}, "mac-expired")],
)
def test_what_holds_no_more_is_refused_and_told(server, committed, mac, authorize, columns, expected):
    authorize(**columns)
    nas = server.nas()
    assert nas.ask(by_mac(nas, mac)).code == REJECT
    until(lambda: last(committed, mac)[1] == expected)


def test_here_and_below_and_nowhere_else(server, committed, mac, authorize):
    authorize(organization="acme-west")
    west, acme, east, rival = (server.nas(name) for name in ("acme-west", "acme", "acme-east", "rival"))
    assert west.ask(by_mac(west, mac)).code == ACCEPT
    for nas, told in ((acme, "mac-elsewhere"), (east, "mac-elsewhere"), (rival, "unknown-user")):
        assert nas.ask(by_mac(nas, mac)).code == REJECT
        until(lambda told=told: last(committed, mac)[1] == told)
    authorize(profile="acme")
    assert [nas.ask(by_mac(nas, mac)).code for nas in (acme, east, rival)] == [ACCEPT, ACCEPT, REJECT]
    # The nearest word counts: that of west has no profile.
    assert (seconds(acme.ask(by_mac(acme, mac))), seconds(west.ask(by_mac(west, mac)))) == (3600, None)


def test_until_it_ends(server, committed, mac, authorize):
    made = authorize()
    committed.all("UPDATE devices_authorizedmac SET expires = now() + interval '100 seconds' WHERE id = %s", made)
    nas = server.nas()
    assert 95 <= seconds(nas.ask(by_mac(nas, mac))) <= 100


def test_a_user_of_that_very_name_signs_in_by_password_where_the_word_holds_no_more(server, committed, mac, authorize):
    authorize(is_active=False)
    plain = mac.replace(":", "").lower()
    committed.user(username=plain, password=plain)
    nas = server.nas()
    assert nas.ask(nas.pap(plain, plain, calling(mac))).code == ACCEPT


def test_the_same_query_serves_everybody(server, committed, mac, authorize):
    """One batch with devices and with people: each gets their own answer."""
    authorize()
    _, name = committed.user()
    nas = server.nas()
    asked = [by_mac(nas, mac), nas.pap(name, PASSWORD), by_mac(nas, OTHER), nas.pap(name, "wrong")] * 3
    assert [nas.ask(one).code for one in asked] == [ACCEPT, ACCEPT, REJECT, REJECT] * 3


# --- devices with the app


def test_a_registered_device_signs_in_as_its_user(server, committed, mac, registered):
    device, name = registered(profile="acme")
    nas = server.nas()
    answer = nas.ask(by_mac(nas, mac))
    assert (answer.code, answer.get(1), seconds(answer)) == (ACCEPT, name.encode(), 3600)
    until(lambda: last(committed, mac)[0] == "device")
    assert f"registered device {device}" in last(committed, mac)[3]
    committed.all("UPDATE devices_device SET is_blocked = true WHERE id = %s", device)
    assert nas.ask(by_mac(nas, mac)).code == REJECT
    until(lambda: last(committed, mac)[1] == "device-blocked")


def test_only_where_its_users_organization_says_so(server, mac, registered):
    registered(switched_on=False)
    nas = server.nas()
    assert nas.ask(by_mac(nas, mac)).code == REJECT


def test_a_user_who_may_not_come_in_and_another_tenant(server, committed, mac, registered):
    _, name = registered()
    rival, nas = server.nas("rival"), server.nas()
    assert rival.ask(by_mac(rival, mac)).code == REJECT
    committed.all("UPDATE users_user SET is_active = false WHERE username = %s", name)
    assert nas.ask(by_mac(nas, mac)).code == REJECT
    until(lambda: last(committed, mac)[1] == "disabled")


def test_a_blocked_device_is_out_whatever_the_operator_said(server, committed, mac, authorize, registered):
    device, _ = registered()
    authorize()
    nas = server.nas()
    assert nas.ask(by_mac(nas, mac)).code == ACCEPT
    committed.all("UPDATE devices_device SET is_blocked = true WHERE id = %s", device)
    assert nas.ask(by_mac(nas, mac)).code == REJECT


# --- accounting, where the NAS goes by the MAC address and not by the User-Name of the Access-Accept


def credit(committed, user_id, seconds=1000):
    committed.all("INSERT INTO credit_balance (user_id, seconds, tenant_id) SELECT id, %s, tenant_id FROM users_user"
                  " WHERE id = %s", seconds, user_id)  # fmt: skip


def left(committed, user_id):
    return committed.one("SELECT seconds FROM credit_balance WHERE user_id = %s", user_id)


def stored(committed, session_id):
    (row,) = committed.all(
        "SELECT user_id, groupname, klass, organization_id, portal_session_id FROM accounting_live WHERE acctsessionid = %s",
        session_id,
    )
    return row


def account(nas, session_id, mac, *statuses, name=None, seconds=70):
    for status in statuses:
        told = seconds if status != START else 0
        asked = nas.accounting(status, session_id, name or mac.replace(":", "-"), calling(mac), seconds=told)
        assert nas.ask(asked).code == ACKNOWLEDGED


@pytest.mark.parametrize("write", [str, lambda mac: mac.replace(":", "").lower()])
def test_accounting_under_the_address_is_the_owner_s(server, committed, mac, authorize, run_id, write):
    user_id, _ = committed.user(profile="acme", organization="acme-west", klass="gold")
    credit(committed, user_id)
    authorize(user_id=user_id)
    nas = server.nas("acme-west")
    assert nas.ask(by_mac(nas, mac)).code == ACCEPT
    account(nas, run_id, mac, START, INTERIM, STOP, name=write(mac))
    west = committed.world.organizations["acme-west"]
    assert stored(committed, run_id) == (user_id, "acme-profile", "gold", west, None)
    assert left(committed, user_id) == 930


def test_the_profile_of_the_address_goes_before_its_owner_s(server, committed, mac, authorize, run_id):
    user_id, _ = committed.user(profile="acme", organization="acme-west")
    authorize(organization="acme-west", user_id=user_id, profile="acme-west")
    account(server.nas("acme-west"), run_id, mac, START)
    assert stored(committed, run_id)[:2] == (user_id, "acme-west-profile")


def test_the_owner_stays_when_the_address_is_deleted_meanwhile(server, committed, mac, authorize, run_id):
    user_id, _ = committed.user()
    credit(committed, user_id)
    made = authorize(user_id=user_id)
    nas = server.nas()
    account(nas, run_id, mac, START)
    committed.all("DELETE FROM devices_authorizedmac WHERE id = %s", made)
    account(nas, run_id, mac, STOP)
    assert stored(committed, run_id)[0] == user_id
    assert left(committed, user_id) == 930
    account(nas, f"{run_id}b", mac, START, STOP)
    assert stored(committed, f"{run_id}b")[0] is None


def test_the_owner_of_a_late_packet_s_session_whose_word_ended_meanwhile(server, committed, mac, authorize, run_id):
    """It began while the word held, an hour ago."""
    user_id, _ = committed.user()
    credit(committed, user_id, 10_000)
    made = authorize(user_id=user_id)
    committed.all("UPDATE devices_authorizedmac SET expires = now() - interval '100 seconds' WHERE id = %s", made)
    nas = server.nas()
    account(nas, run_id, mac, STOP, seconds=3600)
    assert (stored(committed, run_id)[0], left(committed, user_id)) == (user_id, 6400)
    account(nas, f"{run_id}b", mac, START)
    assert stored(committed, f"{run_id}b")[0] is None


@pytest.mark.parametrize(
    ("columns", "place"),
    [({"is_active": False}, "acme"), ({}, "rival"), ({"organization": "acme-west"}, "acme"), ({"user_id": None}, "acme")],
)
def test_where_no_word_holds_nobody_is_debited(server, committed, mac, authorize, run_id, columns, place):
    """Switched off, another tenant's NAS, elsewhere in the tree, for nobody."""
    user_id, _ = committed.user()
    credit(committed, user_id)
    authorize(**{"user_id": user_id} | columns)
    account(server.nas(place), run_id, mac, START, STOP)
    assert stored(committed, run_id)[:2] == (None, None)
    assert left(committed, user_id) == 1000


def test_the_nearest_word_s_owner_pays(server, committed, mac, authorize, run_id):
    far, near = committed.user()[0], committed.user(organization="acme-west")[0]
    authorize(user_id=far)
    authorize(organization="acme-west", user_id=near)
    account(server.nas("acme-west"), run_id, mac, START)
    account(server.nas(), f"{run_id}b", mac, START)
    assert (stored(committed, run_id)[0], stored(committed, f"{run_id}b")[0]) == (near, far)


def test_another_device_s_address_for_a_name_is_nobody_s(server, committed, mac, authorize, run_id):
    authorize(user_id=committed.user()[0])
    nas = server.nas()
    nas.ask(nas.accounting(START, run_id, mac, calling(OTHER)))
    assert stored(committed, run_id)[0] is None


def test_an_app_s_device_is_its_user_s_where_the_organization_says_so(server, committed, mac, registered, run_id):
    _, name = registered(profile="acme", klass="gold")
    user_id = committed.one("SELECT id FROM users_user WHERE username = %s", name)
    credit(committed, user_id)
    nas, rival = server.nas(), server.nas("rival")
    account(rival, f"{run_id}r", mac, START, STOP)
    account(nas, run_id, mac, START, STOP)
    assert stored(committed, run_id)[:3] == (user_id, "acme-profile", "gold")
    assert stored(committed, f"{run_id}r")[0] is None
    assert left(committed, user_id) == 930
    committed.all("UPDATE organizations_organization SET device_mac_sign_in = false")
    account(nas, f"{run_id}b", mac, START, STOP)
    assert stored(committed, f"{run_id}b")[0] is None
    assert left(committed, user_id) == 930


@pytest.mark.parametrize("holds", [True, False])
def test_accounting_of_an_address_asks_in_the_order_of_sign_ins(server, committed, mac, authorize, run_id, holds):
    """A word of an operator that holds, then a portal's session: whose NAS ignores User-Name of the Access-Accept is as any."""
    user_id, _ = committed.user()
    guest, name = committed.user()
    authorize(user_id=user_id)
    if not holds:
        committed.all("UPDATE devices_authorizedmac SET is_active = false WHERE mac = %s", mac)
    page = portals.portal_login(committed, {"uid": name, "mac": mac, "ap_mac": "02:00:00:00:00:01"}).json()["page_id"]
    account(server.nas(), run_id, mac, START)
    row = stored(committed, run_id)
    assert (row[0], row[4]) == ((user_id, None) if holds else (guest, page))
    let_in = server.nas()
    let_in.ask(let_in.accounting(START, f"{run_id}c", mac, calling(mac), (25, f"gate-portal-{page}".encode())))
    assert stored(committed, f"{run_id}c")[0] == guest


@pytest.mark.parametrize("under", ["address", "name"])
def test_deleted_it_ends_what_it_let_in_and_leaves_what_a_password_did(server, committed, mac, authorize, run_id, under):
    """From the sign-in to what the NAS is to be asked: live control sends it."""
    user_id, name = committed.user()
    made = authorize(user_id=user_id)
    nas, west = server.nas(), server.nas("acme-west")
    assert nas.ask(by_mac(nas, mac)).code == ACCEPT
    assert west.ask(west.pap(name, PASSWORD, calling(mac))).code == ACCEPT
    called = mac.replace(":", "-") if under == "address" else name
    account(nas, run_id, mac, START, name=called)
    account(west, f"{run_id}b", mac, START, name=name)
    until(lambda: committed.one("SELECT count(*) FROM access_sign_in WHERE callingstationid IS NOT NULL AND accepted"
                                " AND user_id = %s", user_id) == 2)  # fmt: skip
    portals.elsewhere(committed, lambda: withdrawals.end_withdrawn(now=clock.now()))
    committed.all("DELETE FROM devices_authorizedmac WHERE id = %s", made)
    portals.elsewhere(committed, lambda: withdrawals.end_fresh(now=clock.now()))
    assert committed.all(
        "SELECT l.acctsessionid, r.kind, r.reason FROM control_request r JOIN accounting_live l USING (radacctid)"
        " WHERE l.acctsessionid LIKE %s", f"{run_id}%",
    ) == [(run_id, "disconnect", "mac-withdrawn")]  # fmt: skip
