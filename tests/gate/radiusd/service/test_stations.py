"""Devices let in by their MAC address, through a real server: an operator's word, and a device that registered with the app."""

import itertools
import struct

import pytest

from people import PASSWORD
from radius_nas import ACCEPT, REJECT, number
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
