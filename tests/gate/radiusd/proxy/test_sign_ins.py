"""Sign-ins of realms through a running server, as the NAS and the home server see them."""

import secrets
import time
from collections.abc import Iterator
from typing import Any

import pytest

import home_server
from gate.protocols.radius import mppe, pap, signing
from gate.protocols.radius.packet import Packet, encode_attribute, encode_vendor
from gate.radiusd.proxy import homes as homes_module
from gate.radiusd.proxy import sign_ins
from home_server import ACCEPT, CHALLENGE, REJECT, REQUEST, HomeServer, known, lead
from radius_server import until

pytestmark = pytest.mark.django_db


@pytest.fixture
def homes() -> Iterator[list[HomeServer]]:
    with home_server.home_servers("one", "two") as made:
        yield made


@pytest.fixture
def realm() -> str:
    return f"{secrets.token_hex(4)}.example"


def logged(committed: Any, username: str) -> tuple[bool, str, str]:
    """What the log of sign-ins says of a name: let in or not, why, and the trace."""
    found = until(lambda: committed.all("SELECT accepted, reason, trace FROM access_sign_in WHERE username = %s", username))
    (row,) = found
    return row


def test_pap_goes_there_and_the_answer_comes_back(server: Any, committed: Any, homes: list[HomeServer], realm: str) -> None:
    """With the password hidden anew, Proxy-State behind the client's, its attributes; and it is logged who decided."""
    known(server, lead(committed, realm, homes))
    homes[0].replies = lambda home, packet: [
        home.reply(packet, ACCEPT, encode_attribute(25, b"class"), encode_attribute(27, (600).to_bytes(4, "big")))
    ]
    nas = server.nas()
    answer = nas.ask(nas.pap(f"ann@{realm}", "right", (33, b"mine"), (31, b"aa-bb-cc-00-11-22")))
    assert (answer.code, answer.get(25), answer.get_all(33)) == (ACCEPT, b"class", [b"mine"])
    (asked,) = homes[0].asked
    assert pap.decrypt(asked.get(2) or b"", homes[0].secret, asked.authenticator) == b"right"
    assert asked.get_all(33)[0] == b"mine"
    assert len(asked.get_all(33)) == 2
    assert asked.get(1) == f"ann@{realm}".encode()
    accepted, reason, trace = logged(committed, f"ann@{realm}")
    assert (accepted, reason) == (True, f"proxied one.{realm}")
    assert "Access-Accept" in trace
    timeout = committed.one("SELECT session_timeout FROM access_sign_in WHERE username = %s", f"ann@{realm}")
    assert timeout == 600


def test_a_refusal_comes_back_and_is_logged(server: Any, committed: Any, homes: list[HomeServer], realm: str) -> None:
    """With what the home server says to it."""
    known(server, lead(committed, realm, homes))
    homes[0].replies = lambda home, packet: [home.reply(packet, REJECT, encode_attribute(18, b"not you"))]
    nas = server.nas()
    answer = nas.ask(nas.pap(f"ann@{realm}", "wrong"))
    assert (answer.code, answer.get(18)) == (REJECT, b"not you")
    accepted, reason, _ = logged(committed, f"ann@{realm}")
    assert (accepted, reason) == (False, f"proxied one.{realm}")


def test_chap_gets_its_challenge(server: Any, committed: Any, homes: list[HomeServer], realm: str) -> None:
    """Which was the authenticator that goes no further."""
    known(server, lead(committed, realm, homes))
    nas = server.nas()
    request = nas.chap(f"ann@{realm}", "right")
    nas.ask(request)
    assert homes[0].asked[0].get(60) == request[4:20]


def test_others_are_answered_here(server: Any, committed: Any, homes: list[HomeServer], realm: str) -> None:
    """Names without realm, of realms nobody named, and of one that stays here."""
    known(server, lead(committed, realm, homes))
    here = lead(committed, f"here.{realm}", [])
    committed.all("UPDATE realms_realm SET pool_id = NULL WHERE id = %s", here)
    known(server, lead(committed, f"*.{realm}", homes))
    nas = server.nas()
    for name in (None, f"{realm}x", f"here.{realm}"):
        username = secrets.token_hex(4) + ("" if name is None else f"@{name}")
        committed.user(username=username, password="secret")
        assert nas.ask(nas.pap(username, "secret")).code == ACCEPT
    assert homes[0].asked == []
    assert nas.ask(nas.pap(f"ann@other.{realm}", "right")).code == ACCEPT


def test_only_nas_below_the_organization_reach_it(server: Any, committed: Any, homes: list[HomeServer], realm: str) -> None:
    """A realm of a branch is none for the branch beside it, nor for another tenant."""
    known(server, lead(committed, realm, homes, organization="acme-west"))
    username = f"ann@{realm}"
    assert server.nas("acme-west").ask(server.nas("acme-west").pap(username, "right")).code == ACCEPT
    for name in ("acme", "acme-east", "rival"):
        nas = server.nas(name)
        assert nas.ask(nas.pap(username, "right")).code == REJECT
    assert len(homes[0].asked) == 1


def test_the_nearest_organization_says_where_to(server: Any, committed: Any, homes: list[HomeServer], realm: str) -> None:
    """One realm of two organizations."""
    known(server, lead(committed, realm, homes[:1]))
    known(server, lead(committed, realm, homes[1:], organization="acme-west"))
    for name in ("acme-west", "acme-east"):
        nas = server.nas(name)
        assert nas.ask(nas.pap(f"ann@{realm}", "right")).code == ACCEPT
    assert [len(home.asked) for home in homes] == [1, 1]


def test_the_realm_may_be_taken_off(server: Any, committed: Any, homes: list[HomeServer], realm: str) -> None:
    """And comes back with the name the home server gives."""
    known(server, lead(committed, realm, homes, strip=True))
    homes[0].replies = lambda home, packet: [home.reply(packet, ACCEPT, encode_attribute(1, packet.get(1) or b""))]
    nas = server.nas()
    assert nas.ask(nas.pap(f"ann@{realm}", "right")).get(1) == f"ann@{realm}".encode()
    assert homes[0].asked[0].get(1) == b"ann"


def test_octets_that_are_no_text_pass_without_the_realm(server: Any, committed: Any, homes: list[HomeServer], realm: str) -> None:
    """As they are, however many: a name is octets to whoever only passes it on."""
    known(server, lead(committed, realm, homes, strip=True))
    nas = server.nas()
    name = b"\xff" * 200
    nas.ask(
        nas.access_request(
            (1, name + b"@" + realm.encode()), (2, pap.encrypt(b"right", nas.secret, b"a" * 16)), authenticator=b"a" * 16
        )
    )
    assert homes[0].asked[0].get(1) == name


def test_a_home_server_speaks_for_its_own_users_alone(server: Any, committed: Any, homes: list[HomeServer], realm: str) -> None:
    """Accounting comes by the User-Name of the answer: not by that of a user of GATE's, nor of somebody in another's realm."""
    known(server, lead(committed, realm, homes[:1]))
    known(server, lead(committed, f"other.{realm}", homes[1:]))
    answers = {
        b"boss": b"boss@" + realm.encode(), b"": None, b"boss@not.theirs": None, f"ann@other.{realm}".encode(): None,
        f"real@{realm.upper()}".encode(): f"real@{realm.upper()}".encode(), b"x" * 250: None,
    }  # fmt: skip
    nas = server.nas()
    for said, heard in answers.items():
        value = bytes((1, len(said) + 2)) + said
        homes[0].replies = lambda home, packet, value=value: [home.reply(packet, ACCEPT, value)]  # type: ignore[misc]
        assert nas.ask(nas.pap(f"anonymous@{realm}", "right")).get(1) == heard


def test_a_class_like_gate_s_own_names_no_guest_of_a_portal(
    server: Any, committed: Any, homes: list[HomeServer], realm: str, run_id: str
) -> None:
    """It goes back to the home server that gave it, and is left out where that hears of no accounting."""
    known(server, lead(committed, realm, homes[:1]))
    known(server, lead(committed, f"kept.{realm}", homes[:1], accounting=False))
    forged = b"gate-portal-1"
    homes[0].replies = lambda home, packet: [
        home.reply(packet, home.usual(packet), *([encode_attribute(25, forged)] if packet.code == REQUEST else []))
    ]
    nas = server.nas()
    assert nas.ask(nas.pap(f"ann@kept.{realm}", "right")).get(25) is None
    assert nas.ask(nas.pap(f"ann@{realm}", "right")).get(25) == forged
    assert nas.ask(nas.accounting(1, run_id, f"ann@{realm}", (25, forged))).code == 5
    until(lambda: any(packet.get(25) == forged for packet in homes[0].of(4)))
    stored = committed.all("SELECT portal_session_id FROM accounting_live WHERE acctsessionid = %s", run_id)
    assert stored == [(None,)]


def test_a_tenant_whose_servers_are_silent_leaves_room_for_others(
    server: Any, committed: Any, homes: list[HomeServer], realm: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As much as it takes itself."""
    monkeypatch.setattr(sign_ins, "BACKLOG", 8)
    homes[0].is_mute = True
    known(server, lead(committed, realm, homes[:1], timeout=1.5, tries=1))
    known(server, lead(committed, realm, homes[1:], organization="rival"))
    nas, other = server.nas(), server.nas("rival")
    for number in range(20):
        nas.send(nas.pap(f"u{number}@{realm}", "right"))
    until(lambda: server.service.proxy.sign_ins.in_flight >= 4)
    assert server.service.proxy.sign_ins.in_flight == 4
    assert other.ask(other.pap(f"ann@{realm}", "right")).code == ACCEPT


def test_a_request_is_given_up_in_time_whatever_the_settings_multiply_to(
    server: Any, committed: Any, homes: list[HomeServer], realm: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Thirty seconds, of which a test waits less."""
    monkeypatch.setattr(homes_module, "LONGEST", 0.5)
    homes[0].is_mute = True
    known(server, lead(committed, realm, homes, timeout=0.3, tries=10))
    nas = server.nas()
    began = time.monotonic()
    nas.send(nas.pap(f"ann@{realm}", "right"))
    until(lambda: len(homes[0].of(REQUEST)) == 2)
    until(lambda: server.service.proxy.sign_ins.in_flight == 0)
    assert time.monotonic() - began < 2


def test_keys_are_hidden_for_the_nas_and_attributes_chosen(
    server: Any, committed: Any, homes: list[HomeServer], realm: str
) -> None:
    """The link's keys always pass; of the rest what the pool lets through."""
    known(server, lead(committed, realm, homes, attributes="Class"))

    def keyed(home: HomeServer, packet: Packet) -> list[bytes]:
        value = mppe.encrypt(b"k" * 32, secret=home.secret, authenticator=packet.authenticator, salt=b"\x81\x00")
        kept = (encode_vendor(311, 17, value), encode_attribute(25, b"c"), encode_attribute(64, bytes((0, 0, 0, 13))))
        return [home.reply(packet, ACCEPT, *kept)]

    homes[0].replies = keyed
    nas = server.nas()
    request = nas.pap(f"ann@{realm}", "right")
    answer = nas.ask(request)
    assert mppe.decrypt(answer.vendor(311, 17) or b"", secret=nas.secret, authenticator=request[4:20]) == b"k" * 32
    assert answer.get(25) == b"c"
    assert answer.get(64) is None


def test_a_conversation_stays_with_its_server(server: Any, committed: Any, homes: list[HomeServer], realm: str) -> None:
    """By the State of the challenge, also where the first server is back meanwhile."""
    known(server, lead(committed, realm, homes))
    for home in homes:
        home.replies = lambda home, packet: [
            home.reply(packet, CHALLENGE, encode_attribute(24, home.name.encode()))
            if packet.get(24) is None else home.reply(packet, ACCEPT)
        ]  # fmt: skip
    homes[0].is_mute = True
    nas = server.nas()
    first = nas.ask(nas.pap(f"ann@{realm}", "right"), within=4)
    assert (first.code, first.get(24)) == (CHALLENGE, b"two")
    homes[0].is_mute = False
    asked = len(homes[0].asked)
    assert nas.ask(nas.pap(f"ann@{realm}", "right", (24, b"two"))).code == ACCEPT
    assert len(homes[0].asked) == asked
    assert homes[1].asked[-1].get(24) == b"two"


def test_one_device_stays_with_one_server(server: Any, committed: Any, homes: list[HomeServer], realm: str) -> None:
    """In a pool that spreads; and all devices together reach both."""
    known(server, lead(committed, realm, homes, mode="balance"))
    nas = server.nas()
    for _ in range(2):
        for number in range(12):
            assert nas.ask(nas.pap(f"ann@{realm}", "right", (31, b"device %d" % number))).code == ACCEPT
    devices = [sorted((packet.get(31) or b"").decode() for packet in home.asked) for home in homes]
    assert all(devices)
    assert set(devices[0]).isdisjoint(devices[1])
    assert sorted(devices[0] + devices[1]) == sorted(2 * [f"device {number}" for number in range(12)])


def test_forged_and_wrong_answers_are_left_aside(server: Any, committed: Any, homes: list[HomeServer], realm: str) -> None:
    """Another secret, another identifier, another request's authenticator, a code that answers nothing, no Message-Authenticator.

    The right one among them is believed.
    """
    known(server, lead(committed, realm, homes[:1], timeout=1.0))
    before = server.metrics["proxy.bad-reply"], server.metrics["proxy.stray"]

    def crowd(home: HomeServer, packet: Packet) -> list[bytes]:
        other = Packet(packet.code, packet.identifier, secrets.token_bytes(16), packet.attributes)
        unsigned = signing.response(
            code=ACCEPT, identifier=packet.identifier, request_authenticator=packet.authenticator, secret=home.secret,
            attributes=b"", message_authenticator=False,
        )  # fmt: skip
        return [
            home.reply(packet, ACCEPT, secret=b"another secret of somebody"),
            home.reply(other, ACCEPT),
            unsigned,
            home.reply(packet, ACCEPT, identifier=packet.identifier ^ 1),
            home.reply(packet, 5),
            b"\x02",
            home.reply(packet, REJECT),
            # A copy of the answer, and another answer, when it is over.
            home.reply(packet, REJECT),
            home.reply(packet, ACCEPT),
        ]

    homes[0].replies = crowd
    nas = server.nas()
    assert nas.ask(nas.pap(f"ann@{realm}", "right")).code == REJECT
    until(lambda: server.metrics["proxy.stray"] - before[1] == 5)
    assert server.metrics["proxy.bad-reply"] - before[0] == 3


def test_a_forged_reply_from_elsewhere_never_arrives(server: Any, committed: Any, homes: list[HomeServer], realm: str) -> None:
    """Right in every octet, but from another port: the kernel keeps it from the socket."""
    known(server, lead(committed, realm, homes[:1], timeout=0.3, tries=1, when_dead="reject"))

    def elsewhere(home: HomeServer, packet: Packet) -> list[bytes]:
        for bound in homes[1].sockets:
            bound.sendto(home.reply(packet, ACCEPT), home.source)
        return []

    homes[0].replies = elsewhere
    nas = server.nas()
    assert nas.ask(nas.pap(f"ann@{realm}", "right"), within=4).code == REJECT
    assert homes[0].asked


def test_the_next_server_is_asked_in_flight(server: Any, committed: Any, homes: list[HomeServer], realm: str) -> None:
    """One request of the NAS, and the late answer of the first server changes nothing."""
    known(server, lead(committed, realm, homes))
    held: list[bytes] = []

    def late(home: HomeServer, packet: Packet) -> list[bytes]:
        held.append(home.reply(packet, REJECT))
        # When it is asked the next time, it answers what was asked before.
        return held[:1] if len(held) > 2 else []

    homes[0].replies = late
    nas = server.nas()
    request = nas.pap(f"ann@{realm}", "right")
    began = time.monotonic()
    nas.send(request)
    answer = nas.receive(8)
    assert answer is not None
    assert nas.verified(request, answer).code == ACCEPT
    assert time.monotonic() - began > 1.0
    assert len(homes[0].of(REQUEST)) == 2, "sent again before it was given up"
    assert len({packet.authenticator for packet in homes[0].asked}) == 1, "the same octets"
    assert nas.receive(0.1) is None


def test_the_dead_are_not_asked_and_the_realm_says_what_then(
    server: Any, committed: Any, homes: list[HomeServer], realm: str
) -> None:
    """Refused at once, where it says so; else silence."""
    silent = f"silent.{realm}"
    for name, when_dead in ((realm, "reject"), (silent, "silent")):
        known(server, lead(committed, name, homes, when_dead=when_dead, timeout=0.1, tries=1, zombie_period=0.1))
    for home in homes:
        home.is_mute = True
    nas = server.nas()
    assert nas.ask(nas.pap(f"ann@{realm}", "right"), within=4).code == REJECT
    until(lambda: not server.service.proxy.targets.usable(_servers(server, realm), "authentication"))
    asked = [len(home.asked) for home in homes]
    began = time.monotonic()
    assert nas.ask(nas.pap(f"bob@{realm}", "right")).code == REJECT
    assert time.monotonic() - began < 0.1
    assert [len(home.asked) for home in homes] == asked
    accepted, reason, trace = logged(committed, f"bob@{realm}")
    assert (accepted, reason) == (False, f"home-servers-silent {realm}")
    assert "one that answers" in trace
    nas.send(nas.pap(f"ann@{silent}", "right"))
    assert nas.receive(1.0) is None


def test_the_dead_come_back_by_status_server(server: Any, committed: Any, homes: list[HomeServer], realm: str) -> None:
    """After three answers in a row; the console's table is told."""
    number = lead(committed, realm, homes[:1], when_dead="reject", timeout=0.4, tries=1, zombie_period=0.1, health="status")
    known(server, number)
    homes[0].is_mute = True
    nas = server.nas()
    assert nas.ask(nas.pap(f"ann@{realm}", "right"), within=4).code == REJECT
    (key,) = _servers(server, realm)
    until(lambda: server.service.proxy.targets.get(key, "authentication").health.state == "dead")
    until(lambda: committed.all("SELECT 1 FROM realms_health WHERE server_id = %s AND auth_state = 'dead'", key))
    homes[0].is_mute = False
    probes = homes[0].probes
    until(lambda: server.service.proxy.targets.get(key, "authentication").health.state == "alive")
    assert homes[0].probes - probes >= 3
    assert nas.ask(nas.pap(f"bob@{realm}", "right")).code == ACCEPT
    until(lambda: committed.all("SELECT 1 FROM realms_health WHERE server_id = %s AND auth_state = 'alive'", key))


def test_what_comes_back_by_a_loop_goes_no_further(server: Any, committed: Any, homes: list[HomeServer], realm: str) -> None:
    """Known by our own Proxy-State; and more proxies than there are, by their number."""
    known(server, lead(committed, realm, homes))
    nas = server.nas()
    nas.ask(nas.pap(f"ann@{realm}", "right"))
    mark = homes[0].asked[0].get_all(33)[-1]
    assert nas.ask(nas.pap(f"bob@{realm}", "right", (33, mark), (33, b"another"))).code == REJECT
    assert nas.ask(nas.pap(f"eve@{realm}", "right", *[(33, b"%d" % n) for n in range(16)])).code == REJECT
    assert len(homes[0].asked) == 1
    assert logged(committed, f"bob@{realm}")[:2] == (False, f"proxy-loop {realm}")


def test_copies_of_the_nas_are_one_request(server: Any, committed: Any, homes: list[HomeServer], realm: str) -> None:
    """In flight they wait with it; afterwards they get the same octets."""
    known(server, lead(committed, realm, homes, timeout=5.0))
    held: list[bytes] = []
    homes[0].replies = lambda home, packet: held.append(home.reply(packet, ACCEPT)) or []  # type: ignore[func-returns-value]
    nas = server.nas()
    request, before = nas.pap(f"ann@{realm}", "right"), server.metrics["duplicates.in-flight"]
    for _ in range(3):
        nas.send(request)
    until(lambda: held and server.metrics["duplicates.in-flight"] - before == 2)
    homes[0].sockets[0].sendto(held[0], homes[0].source)
    answer = nas.receive()
    assert answer is not None
    assert nas.verified(request, answer).code == ACCEPT
    assert nas.ask_raw(request) == answer
    assert len(homes[0].asked) == 1


def test_many_at_once_have_identifiers_enough(server: Any, committed: Any, homes: list[HomeServer], realm: str) -> None:
    """More than one socket has."""
    known(server, lead(committed, realm, homes[:1], timeout=5.0))
    held: list[bytes] = []

    def hold(home: HomeServer, packet: Packet) -> list[bytes]:
        held.append(home.reply(packet, ACCEPT))
        return []

    homes[0].replies = hold
    devices = [server.nas() for _ in range(3)]
    for nas in devices:
        for number in range(200):
            nas.send(nas.pap(f"u{number}@{realm}", "right"))
    until(lambda: len(held) == 600)
    (key,) = _servers(server, realm)
    assert server.service.proxy.targets.get(key, "authentication").in_flight == 600
    assert server.service.proxy.sign_ins.in_flight == 600


def _servers(server: Any, realm: str) -> tuple[int, ...]:
    routes = [route for level in server.service.store.homes.routes.values() for route in level.values() if route.name == realm]
    return tuple(routes[0].pool.homes)
