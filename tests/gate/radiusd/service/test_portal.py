"""A device that a portal let in, through a real server: refused before, let in by its session alone, refused after."""

import itertools
import struct
from concurrent.futures import ThreadPoolExecutor

import pytest

import portals
from people import PASSWORD
from radius_nas import ACCEPT, ACKNOWLEDGED, REJECT, START, STOP, number
from radius_server import until

pytestmark = pytest.mark.django_db
_macs = itertools.count(1)
BLOCK = """
INSERT INTO devices_device (
    tenant_id, organization_id, mac_addr, home_mobile_network_name, home_mobile_network_mccmnc, app_version, os_family,
    os_version, os_api_version, device_family, device_brand, device_model, device_type, user_external_id, user_class, is_blocked,
    created, last_change)
SELECT tenant_id, organization_id, mac, '', '', '', '', '', '', '', '', '', '', '', '', true, now(), now()
FROM portals_session WHERE id = {page}
"""


@pytest.fixture
def mac():
    return f"02:0A:00:00:00:{next(_macs):02X}"


@pytest.fixture
def opened(committed, mac):
    """A guest, let in by the site on a device nobody else has: user's id, username, and the session as the API told it."""

    def open_session(*, person="owner", organization="acme", ap="02:00:00:00:00:01", uid=None, profile=None, **changed):
        columns = {name: changed.pop(name) for name in list(changed) if name in {"external_id", "expiration", "klass"}}
        user_id, name = committed.user(organization=organization, profile=profile, **columns)
        credit = changed.pop("credit", None)
        if credit is not None:
            committed.all("INSERT INTO credit_balance (user_id, seconds, tenant_id) SELECT id, %s, tenant_id FROM users_user"
                          " WHERE id = %s", credit, user_id)  # fmt: skip
        reply = portals.portal_login(committed, {"uid": uid or name, "mac": mac, "ap_mac": ap, **changed}, person=person)
        assert reply.status_code == 201, reply.text
        return user_id, name, reply.json()

    return open_session


def calling(mac):
    return (31, mac.encode())


def by_mac(nas, mac, password=None):
    """MAC authentication: the address is the name."""
    name = mac.replace(":", "-")
    return nas.pap(name, name if password is None else password, calling(name), (6, number(10)))


def seconds(answer, kind=27):
    value = answer.get(kind)
    return None if value is None else struct.unpack("!I", value)[0]


def reasons(committed, name):
    return [reason for (reason,) in committed.all("SELECT reason FROM access_sign_in WHERE username = %s ORDER BY id", name)]


def events(committed, page):
    return [
        kind for (kind,) in committed.all("SELECT type FROM txlog_event WHERE page_id = %s AND type <> 'ur' ORDER BY id", page)
    ]


# --- let in ----------------------------------------------------------------------------------------------------------------


def test_refused_before_and_let_in_after_the_login(server, committed, mac, opened):
    nas = server.nas()
    assert nas.ask(by_mac(nas, mac)).code == REJECT
    _, name, session = opened(profile="acme", session_timeout=1800, idle_timeout=300)
    answer = nas.ask(by_mac(nas, mac))
    assert answer.code == ACCEPT
    assert 1790 <= seconds(answer) <= 1800
    assert seconds(answer, 28) == 300
    assert answer.get(1) == name.encode()
    assert answer.get(25) == f"gate-portal-{session['page_id']}".encode()
    until(lambda: reasons(committed, mac.replace(":", "-")) == ["unknown-user", ""])
    until(lambda: events(committed, session["page_id"]) == ["ui", "ai"])
    assert nas.ask(by_mac(nas, mac)).code == ACCEPT
    until(lambda: events(committed, session["page_id"]) == ["ui", "ai", "aa"])
    (row,) = committed.all(
        "SELECT source, status, user_id, mac_addr, captured_ip_addr, tenant_id FROM txlog_event"
        " WHERE page_id = %s AND type = 'ai'",
        session["page_id"],
    )
    user = committed.one("SELECT id FROM users_user WHERE username = %s", name)
    assert row == ("r", "r002", user, int(mac.replace(":", ""), 16), 0xC0A80164, committed.world.organizations["acme"])


@pytest.mark.parametrize("write", [
    str.lower, lambda mac: mac.replace(":", "-"), lambda mac: mac.replace(":", "").lower(),
    lambda mac: ".".join(mac.replace(":", "").lower()[at : at + 4] for at in (0, 4, 8)),
])  # fmt: skip
def test_any_notation_of_the_address(server, mac, opened, write):
    opened()
    nas = server.nas()
    assert nas.ask(nas.pap(write(mac), write(mac), calling(mac))).code == ACCEPT
    assert nas.ask(nas.pap(mac, mac, calling(write(mac)))).code == ACCEPT


def test_what_nas_put_into_the_password(server, mac, opened):
    _, name, _ = opened()
    nas = server.nas()
    plain = mac.replace(":", "").lower()
    for asked in (
        nas.pap(plain, "", calling(mac)),
        nas.pap(plain, mac, calling(mac)),
        nas.pap(plain, nas.secret, calling(mac)),
        nas.access_request((1, plain.encode()), calling(mac), (6, number(10))),
        nas.chap(plain, plain, calling(mac)),
        nas.chap(plain, nas.secret.decode(), calling(mac)),
        nas.access_request((1, name.encode()), calling(mac)),
        nas.pap(name, "", calling(mac)),
        nas.pap(name, name, calling(mac)),
    ):
        assert nas.ask(asked).code == ACCEPT


def test_the_site_s_name_for_the_guest_will_do(server, mac, opened):
    _, name, _ = opened(external_id=f"room 401 {mac}", uid=f"room 401 {mac}")
    nas = server.nas()
    answer = nas.ask(nas.access_request((1, f"ROOM 401 {mac}".encode()), calling(mac)))
    assert answer.code == ACCEPT
    assert answer.get(1) == name.encode()


def test_the_least_limit_counts(server, committed, mac, opened):
    user_id, _, _ = opened(profile="acme", session_timeout=600, credit=5000)
    nas = server.nas()
    assert 590 <= seconds(nas.ask(by_mac(nas, mac))) <= 600
    committed.all("UPDATE credit_balance SET seconds = 100 WHERE user_id = %s", user_id)
    assert seconds(nas.ask(by_mac(nas, mac))) == 100
    committed.all("UPDATE users_user SET expiration = now() + interval '50 seconds' WHERE id = %s", user_id)
    assert 45 <= seconds(nas.ask(by_mac(nas, mac))) <= 50


def test_with_the_right_password_it_is_no_portal_s_business(server, committed, mac, opened):
    _, name, session = opened()
    nas = server.nas()
    answer = nas.ask(nas.pap(name, PASSWORD, calling(mac)))
    assert answer.code == ACCEPT
    assert answer.get(25) is None
    assert seconds(answer) is None
    until(lambda: reasons(committed, name) == [""])
    assert events(committed, session["page_id"]) == ["ui"]


def test_guests_and_others_in_one_batch(server, committed, mac, opened):
    """Requests with and without passwords, known and unknown, each get their own answer."""
    _, guest, _ = opened(session_timeout=900)
    _, other = committed.user()
    nas = server.nas()
    kinds = [
        (lambda: nas.pap(other, PASSWORD), ACCEPT), (lambda: by_mac(nas, mac), ACCEPT), (lambda: nas.pap("nobody", ""), REJECT),
        (lambda: by_mac(nas, "02:0F:00:00:00:01"), REJECT), (lambda: nas.pap(other, "wrong"), REJECT),
        (lambda: nas.pap(guest, "wrong", calling(mac)), REJECT),
        (lambda: nas.access_request((1, other.encode()), calling(mac)), REJECT),
        (lambda: nas.access_request((1, guest.encode()), calling(mac)), ACCEPT),
    ]  # fmt: skip
    asked = [(make(), code) for _ in range(4) for make, code in kinds]
    for request, _ in asked:
        nas.send(request)
    answers = {}
    while len(answers) < len(asked):
        answer = nas.receive()
        assert answer is not None
        answers[answer[1]] = answer
    for request, code in asked:
        assert nas.verified(request, answers[request[1]]).code == code


# --- kept out --------------------------------------------------------------------------------------------------------------


def test_who_is_not_the_guest(server, committed, mac, opened):
    _, name, _ = opened()
    _, other = committed.user()
    other_mac = "02:0B:00:00:00:01"
    nas, rival, east = server.nas(), server.nas("rival"), server.nas("acme-east")
    for refused in (
        by_mac(nas, other_mac),  # another device
        nas.pap(mac, mac, calling(other_mac)),  # one that has the name of the guest's
        nas.pap(other_mac, other_mac, calling(mac)),
        nas.pap(mac, mac),  # no device at all
        nas.access_request((1, name.encode()), calling(other_mac)),  # the guest's name on another device
        nas.access_request((1, name.encode())),
        nas.access_request((1, other.encode()), calling(mac)),  # another user on the guest's device
        nas.pap(name, "wrong", calling(mac)),  # a password is a password
        nas.chap(name, "wrong", calling(mac)),
        nas.pap(mac, "wrong", calling(mac)),
        nas.access_request((1, mac.encode()), calling(f"{mac}:Guests")),  # no address
        nas.access_request((1, name.encode()), calling(mac), (79, b"\x02\x01\x00\x05\x01")),  # EAP asks for more than a yes
    ):
        assert nas.ask(refused).code == REJECT
    assert rival.ask(by_mac(rival, mac)).code == REJECT
    # The session was opened at the root: below it is the same network, and it is here too.
    assert east.ask(by_mac(east, mac)).code == ACCEPT


def test_a_sister_branch_is_another_place(server, committed, mac, opened):
    opened(ap="02:00:00:00:00:02")
    root, west, east = server.nas(), server.nas("acme-west"), server.nas("acme-east")
    assert root.ask(by_mac(root, mac)).code == ACCEPT
    assert west.ask(by_mac(west, mac)).code == ACCEPT
    assert east.ask(by_mac(east, mac)).code == REJECT
    until(lambda: "portal-elsewhere" in reasons(committed, mac.replace(":", "-")))


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("UPDATE users_user SET is_active = false WHERE id = {user}", "disabled"),
        ("UPDATE users_user SET expiration = now() - interval '1 second' WHERE id = {user}", "expired"),
        ("UPDATE credit_balance SET seconds = 0 WHERE user_id = {user}", "no-credit"),
        ("UPDATE portals_session SET expires = now() WHERE id = {page}", "portal-session-over"),
        ("UPDATE portals_session SET ended = now(), end_reason = 'disconnect' WHERE id = {page}", "unknown-user"),
        ("DELETE FROM portals_session WHERE id = {page}", "unknown-user"),
        (BLOCK, "device-blocked"),
    ],
)
def test_what_ends_it_counts_at_once(server, committed, mac, opened, statement, reason):
    user_id, _, session = opened(credit=1000)
    nas = server.nas()
    assert nas.ask(by_mac(nas, mac)).code == ACCEPT
    committed.all(statement.format(user=user_id, page=session["page_id"]))
    assert nas.ask(by_mac(nas, mac)).code == REJECT
    until(lambda: reasons(committed, mac.replace(":", "-"))[-1:] == [reason])


def test_check_items_of_the_guest_s_profile_hold(server, committed, mac, opened):
    opened(profile="acme-west", organization="acme-west", ap="02:00:00:00:00:02")
    profile = committed.world.profiles["acme-west"]
    nas = server.nas("acme-west")
    committed.all(
        """UPDATE profiles_profile SET check_attribute = '[{"attribute": "NAS-Port-Type", "op": "==", "value": "Ethernet"}]'"""
        " WHERE id = %s", profile,
    )  # fmt: skip
    until(lambda: nas.ask(by_mac(nas, mac)).code == REJECT)
    assert nas.ask(nas.pap(mac, mac, calling(mac), (61, number(15)))).code == ACCEPT
    committed.all("UPDATE profiles_profile SET check_attribute = '[]' WHERE id = %s", profile)
    until(lambda: nas.ask(by_mac(nas, mac)).code == ACCEPT)


def test_many_logins_for_one_device_at_once_leave_one_session_open(server, committed, mac):
    names = [committed.user()[1] for _ in range(3)] * 2
    with ThreadPoolExecutor(max_workers=6) as threads:
        replies = list(threads.map(lambda name: portals.portal_login(committed, {"uid": name, "mac": mac}), names))
    assert {reply.status_code for reply in replies} == {201}
    rows = committed.all("SELECT id, ended IS NULL, end_reason, user_id FROM portals_session WHERE mac = %s", mac)
    assert [is_open for _, is_open, _, _ in rows].count(True) == 1
    assert {reason for _, _, reason, _ in rows} <= {"", "replaced"}
    nas = server.nas()
    (winner,) = [user for _, is_open, _, user in rows if is_open]
    answer = nas.ask(by_mac(nas, mac))
    assert answer.get(1).decode() == committed.one("SELECT username FROM users_user WHERE id = %s", winner)


# --- accounting ------------------------------------------------------------------------------------------------------------


def stored(committed, session_id):
    (row,) = committed.all(
        "SELECT user_id, portal_session_id, username, klass, organization_id FROM accounting_live WHERE acctsessionid = %s",
        session_id,
    )
    return row


@pytest.mark.parametrize("repeats", ["name and class", "class", "nothing", "name"])
def test_accounting_is_the_guest_s(server, committed, mac, opened, run_id, repeats):
    user_id, name, session = opened(credit=1000, klass="gold", organization="acme-west", ap="02:00:00:00:00:02")
    nas = server.nas("acme-west")
    answer = nas.ask(by_mac(nas, mac))
    called = name if "name" in repeats else mac.replace(":", "-")
    more = [(25, answer.get(25))] if "class" in repeats else []
    nas.ask(nas.accounting(START, run_id, called, calling(mac), *more))
    reply = nas.ask(nas.accounting(STOP, run_id, called, calling(mac), *more, (49, number(2)), seconds=70))
    assert reply.code == ACKNOWLEDGED
    tie = None if repeats == "name" else session["page_id"]
    west = committed.world.organizations["acme-west"]
    assert stored(committed, run_id) == (user_id, tie, called, "gold", west)
    assert committed.one("SELECT seconds FROM credit_balance WHERE user_id = %s", user_id) == 930


def test_a_profile_s_class_is_kept_beside(server, committed, mac, opened, run_id):
    user_id, name, session = opened()
    nas = server.nas()
    page = session["page_id"]
    nas.ask(nas.accounting(START, run_id, name, (25, f"gate-portal-{page}".encode()), (25, b"silver")))
    assert stored(committed, run_id)[:4] == (user_id, page, name, "silver")


def test_a_class_of_another_tenant_or_of_nobody_says_nothing(server, committed, mac, opened, run_id):
    user_id, name, session = opened()
    rival = server.nas("rival")
    rival.ask(rival.accounting(START, run_id, "x", (25, f"gate-portal-{session['page_id']}".encode())))
    assert stored(committed, run_id)[:2] == (None, None)
    nas = server.nas()
    for at, tail in enumerate(("", "x", "9" * 30, "0", "-1", "²")):
        nas.ask(nas.accounting(START, f"{run_id}{at}", name, (25, f"gate-portal-{tail}".encode())))
        assert stored(committed, f"{run_id}{at}")[:2] == (user_id, None)


@pytest.mark.parametrize(
    ("cause", "event", "reason"),
    [
        (1, "uo", "logout"),
        (4, "si", "idle-timeout"),
        (5, "st", "session-timeout"),
        (6, "di", "disconnect"),
        (10, "di", "disconnect"),
    ],
)
def test_the_stop_that_ends_it(server, committed, mac, opened, run_id, cause, event, reason):
    from gate.access import commands
    from gate.core import clock

    _, name, session = opened(session_timeout=3000)
    nas, page = server.nas(), session["page_id"]
    klass = (25, nas.ask(by_mac(nas, mac)).get(25))
    nas.ask(nas.accounting(START, run_id, name, calling(mac), klass))
    assert nas.ask(by_mac(nas, mac)).code == ACCEPT
    nas.ask(nas.accounting(STOP, run_id, name, calling(mac), klass, (49, number(cause)), seconds=30))
    # At once, before any job has seen it.
    assert nas.ask(by_mac(nas, mac)).code == REJECT
    until(lambda: reasons(committed, mac.replace(":", "-"))[-1:] == ["portal-session-over"])
    for _ in range(2):
        portals.elsewhere(committed, lambda: commands.end_over(now=clock.now()))
    assert committed.one("SELECT end_reason FROM portals_session WHERE id = %s", page) == reason
    assert [kind for kind in events(committed, page) if kind not in {"ai", "aa"}] == ["ui", event]
    assert committed.one("SELECT external_session FROM txlog_event WHERE page_id = %s AND type = %s", page, event) == run_id
    # The guest comes back by the portal alone, and to a new session.
    again = portals.portal_login(committed, {"uid": name, "mac": mac}).json()["page_id"]
    assert again != page
    assert nas.ask(by_mac(nas, mac)).code == ACCEPT


def test_coming_back_before_the_job_ran_is_a_new_session(server, committed, mac, opened, run_id):
    _, name, session = opened()
    nas, page = server.nas(), session["page_id"]
    nas.ask(nas.accounting(STOP, run_id, name, (25, f"gate-portal-{page}".encode()), (49, number(1)), seconds=5))
    again = portals.portal_login(committed, {"uid": name, "mac": mac}).json()["page_id"]
    assert again != page
    assert events(committed, page) == ["ui", "uo"]
    assert nas.ask(by_mac(nas, mac)).code == ACCEPT


@pytest.mark.parametrize("roams", ["lost carrier", "user request while online elsewhere"])
def test_who_roams_stays_in(server, committed, mac, opened, run_id, roams):
    _, name, session = opened()
    nas = server.nas()
    klass = (25, f"gate-portal-{session['page_id']}".encode())
    cause = 2 if roams == "lost carrier" else 1
    nas.ask(nas.accounting(START, f"{run_id}a", name, klass))
    nas.ask(nas.accounting(START, f"{run_id}b", name, klass))
    nas.ask(nas.accounting(STOP, f"{run_id}a", name, klass, (49, number(cause)), seconds=5))
    if roams == "lost carrier":
        nas.ask(nas.accounting(STOP, f"{run_id}b", name, klass, (49, number(cause)), seconds=9))
    assert nas.ask(by_mac(nas, mac)).code == ACCEPT


def test_used_up_credit_is_told_as_such(server, committed, mac, opened, run_id):
    from gate.access import commands
    from gate.core import clock

    _, name, session = opened(credit=60)
    assert session["session_timeout"] == 60
    nas, page = server.nas(), session["page_id"]
    klass = (25, f"gate-portal-{page}".encode())
    nas.ask(nas.accounting(START, run_id, name, klass))
    nas.ask(nas.accounting(STOP, run_id, name, klass, (49, number(5)), seconds=60))
    portals.elsewhere(committed, lambda: commands.end_over(now=clock.now()))
    assert events(committed, page) == ["ui", "sq"]
    assert committed.one("SELECT end_reason FROM portals_session WHERE id = %s", page) == "quota"
    assert nas.ask(by_mac(nas, mac)).code == REJECT
