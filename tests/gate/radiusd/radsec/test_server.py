"""RADIUS/1.0 over TLS: who gets in, and what a connection may and may not do."""

import asyncio
import contextlib
import dataclasses
import datetime as dt
import ssl

import pytest

import people
from gate.commands import certs
from gate.core import clock
from gate.protocols.radius.codes import Code
from gate.radiusd.radsec import connection
from radius_server import until
from radsec_peer import attribute

pytestmark = pytest.mark.django_db

NAME = "ap-1.example.net"


@pytest.fixture
def pair(radsec):
    radsec.bind("acme", radsec_name=NAME)
    return radsec.files.pair(NAME)


@pytest.mark.parametrize("tls", ["TLSv1_2", "TLSv1_3"])
def test_a_nas_signs_somebody_in_and_accounts(radsec, committed, pair, run_id, tls):
    _, username = committed.user()
    with radsec.connected(pair, tls=tls) as peer:
        answer = peer.ask(peer.sign_in(username, people.PASSWORD, attribute(33, b"one"), attribute(33, b"two")))
        assert answer.code == Code.ACCESS_ACCEPT
        assert answer.get_all(33) == [b"one", b"two"]
        assert peer.ask(peer.sign_in(username, "wrong")).code == Code.ACCESS_REJECT
        assert peer.ask(peer.accounting(1, f"{run_id}-{tls}", username)).code == Code.ACCOUNTING_RESPONSE
        assert peer.ask(peer.status()).code == Code.ACCESS_ACCEPT
    stored = committed.one("SELECT username FROM accounting_live WHERE acctsessionid = %s", f"{run_id}-{tls}")
    assert stored == username
    nas_id = committed.one("SELECT id FROM nas_nas WHERE radsec_name = %s", NAME)
    until(
        lambda: committed.all("SELECT 1 FROM access_sign_in WHERE username = %s AND accepted AND nas_id = %s", username, nas_id)
    )


@pytest.fixture
def unaddressed(radsec, committed):
    """Two NAS, of two tenants, that are known by their certificates alone: their certificates by organization."""
    names = {"acme-east": "ap-east.example.net", "rival": "ap-rival.example.net"}
    for organization, name in names.items():
        radsec.bind(organization, radsec_name=name)
    ids = {name: committed.world.nas[name] for name in names}
    before = {name: committed.one("SELECT address::text FROM nas_nas WHERE id = %s", number) for name, number in ids.items()}
    committed.all("UPDATE nas_nas SET address = NULL WHERE id = ANY(%s)", list(ids.values()))
    store = radsec.server.service.store
    until(lambda: len(list(store.clients.all())) == 2)
    yield {organization: radsec.files.pair(name) for organization, name in names.items()}
    for organization, address in before.items():
        committed.all("UPDATE nas_nas SET address = %s, radsec_name = '' WHERE id = %s", address, ids[organization])
    until(lambda: len(list(store.clients.all())) == 4)


def test_a_nas_without_an_address_is_known_by_its_certificate_and_by_nothing_else(radsec, committed, unaddressed, run_id):
    _, username = committed.user()
    _, stranger = committed.user(organization="rival")
    for organization, own, other in (("acme-east", username, stranger), ("rival", stranger, username)):
        nas_id, session = committed.world.nas[organization], f"{run_id}-{organization}"
        with radsec.connected(unaddressed[organization]) as peer:
            assert peer.ask(peer.sign_in(own, people.PASSWORD)).code == Code.ACCESS_ACCEPT
            # Of the other tenant: nobody here.
            assert peer.ask(peer.sign_in(other, people.PASSWORD)).code == Code.ACCESS_REJECT
            assert peer.ask(peer.accounting(1, session, own)).code == Code.ACCOUNTING_RESPONSE
        stored = "SELECT nas_id, tenant_id, host(nasipaddress) FROM accounting_live WHERE acctsessionid = %s"
        tenant = radsec.tenant(organization.partition("-")[0])
        # No NAS-IP-Address: where the connection came from.
        assert committed.all(stored, session) == [(nas_id, tenant, "127.0.0.1")]
        assert radsec.server.service.store.bindings.names()[nas_id] == f"{organization}-nas"
        # By UDP its secret opens nothing, wherever the packet comes from.
        for address in ("127.0.0.3", "127.0.0.4"):
            before = radsec.server.metrics["dropped.unknown-client"]
            with contextlib.closing(radsec.server.nas(organization, address=address)) as nas:
                nas.send(nas.pap(own, people.PASSWORD))
                until(lambda before=before: radsec.server.metrics["dropped.unknown-client"] > before)
                assert nas.receive(0.05) is None


def test_many_requests_at_once_are_answered_each(radsec, committed, pair):
    _, username = committed.user()
    with radsec.connected(pair) as peer:
        for password in (people.PASSWORD, "wrong"):
            # Known from now on: hashing each anew would be what takes the time.
            peer.ask(peer.sign_in(username, password))
        requests = [peer.sign_in(username, people.PASSWORD if n % 2 else "wrong") for n in range(60)]
        peer.send(b"".join(requests))
        answers = {}
        for _ in requests:
            octets = peer.receive()
            answers[octets[1]] = octets[0]
    assert answers == {request[1]: 2 if n % 2 else 3 for n, request in enumerate(requests)}


def test_a_packet_cut_anywhere_is_one_packet(radsec, committed, pair):
    _, username = committed.user()
    with radsec.connected(pair) as peer:
        request = peer.sign_in(username, people.PASSWORD)
        for position in range(0, len(request), 7):
            peer.send(request[position : position + 7])
        assert peer.receive()[0] == Code.ACCESS_ACCEPT


def test_a_copy_gets_the_same_octets_and_is_handled_once(radsec, committed, pair):
    _, username = committed.user()
    before = radsec.server.metrics["duplicates.answered"]
    with radsec.connected(pair) as peer, radsec.connected(pair) as other:
        request = peer.sign_in(username, people.PASSWORD)
        peer.send(request)
        first = peer.receive()
        peer.send(request)
        assert peer.receive() == first
        # Another connection is another client: nothing is known there.
        other.send(request)
        assert other.receive()[0] == Code.ACCESS_ACCEPT
    assert radsec.server.metrics["duplicates.answered"] == before + 1


def test_a_fingerprint_binds_as_well_and_both_have_to_fit(radsec):
    right, wrong = radsec.files.pair("other-name.example.net"), radsec.files.pair("other-name.example.net")
    fingerprint = right.fingerprint.replace(":", "").lower()
    radsec.bind("acme-west", fingerprint=fingerprint)
    with radsec.connected(right) as peer:
        assert peer.ask(peer.status()).code == Code.ACCESS_ACCEPT
    with radsec.connected(wrong) as peer:
        assert peer.is_closed()
    radsec.bind("acme-west", fingerprint=fingerprint, radsec_name="yet-another.example.net")
    with radsec.connected(right) as peer:
        assert peer.is_closed()


@pytest.mark.parametrize("why", ["untrusted", "expired", "revoked", "no-certificate"])
def test_a_certificate_tls_does_not_believe_is_refused_and_counted(radsec, pair, why):
    files, before = radsec.files, radsec.refused(why)
    past = clock.now() - dt.timedelta(days=10)
    own = {
        "untrusted": lambda: files.pair(NAME, authority=certs.make_authority(name="CA of the NAS", now=clock.now())),
        "expired": lambda: files.pair(NAME, now=past, days=2),
        "revoked": lambda: pair,
        "no-certificate": lambda: None,
    }[why]()
    if why == "untrusted":
        # Of the same name, so that only the key tells.
        assert own.certificate.issuer == pair.certificate.issuer
    if why == "revoked":
        files.revoke(pair)
        radsec.radsec.materials.look_again()
        until(lambda: radsec.radsec.materials._server.revoked)
    try:
        with pytest.raises(ssl.SSLError), radsec.connected(own, tls="TLSv1_2"):
            pass
    finally:
        files.revoke()
        radsec.radsec.materials.look_again()
    # OpenSSL names a certificate of the same issuer's name and another key by its signature.
    until(lambda: radsec.refused(why) + (radsec.refused("certificate") if why == "untrusted" else 0) == before + 1)


def test_a_certificate_of_no_nas_is_refused_and_counted(radsec, pair):
    before = radsec.refused("unbound")
    with radsec.connected(radsec.files.pair("nobody.example.net")) as peer:
        assert peer.is_closed()
    assert radsec.refused("unbound") == before + 1


def test_a_certificate_of_one_tenant_is_never_another_tenants_nas(radsec):
    radsec.bind("rival", radsec_name="taken.example.net")
    before = radsec.refused("other-tenant")
    with radsec.connected(radsec.files.pair("taken.example.net", f"urn:gate:tenant:{radsec.tenant('acme')}")) as peer:
        assert peer.is_closed()
    assert radsec.refused("other-tenant") == before + 1
    with radsec.connected(radsec.files.pair("taken.example.net", f"urn:gate:tenant:{radsec.tenant('rival')}")) as peer:
        assert peer.ask(peer.status()).code == Code.ACCESS_ACCEPT


def test_a_certificate_with_names_of_two_nas_is_neither(radsec):
    radsec.bind("acme-west", radsec_name="one.example.net")
    radsec.bind("acme-east", radsec_name="two.example.net")
    before = radsec.refused("ambiguous")
    with radsec.connected(radsec.files.pair("one.example.net", "two.example.net")) as peer:
        assert peer.is_closed()
    assert radsec.refused("ambiguous") == before + 1


def test_taking_the_binding_away_closes_open_connections(radsec, pair):
    before = radsec.closed("unbound")
    with radsec.connected(pair) as peer:
        assert peer.ask(peer.status()).code == Code.ACCESS_ACCEPT
        radsec.bind("acme", radsec_name="another.example.net")
        assert peer.is_closed()
    assert radsec.closed("unbound") == before + 1


def test_revoking_the_certificate_closes_open_connections(radsec, pair):
    before = radsec.closed("revoked")
    with radsec.connected(pair) as peer:
        assert peer.ask(peer.status()).code == Code.ACCESS_ACCEPT
        radsec.files.revoke(pair)
        radsec.radsec.materials.look_again()
        assert peer.is_closed()
    radsec.files.revoke()
    radsec.radsec.materials.look_again()
    assert radsec.closed("revoked") == before + 1


def _garbage(peer, username):
    return b"\xff" * 100


def _short(peer, username):
    return bytes((1, 1, 0, 19)) + bytes(16)


def _oversized(peer, username):
    return bytes((1, 1, 0x10, 0x01)) + bytes(4093)


def _attributes_amiss(peer, username):
    request = peer.sign_in(username, people.PASSWORD)
    return request[:21] + bytes((1,)) + request[22:]


def _wrong_signature(peer, username):
    request = peer.sign_in(username, people.PASSWORD)
    return request[:30] + bytes((request[30] ^ 1,)) + request[31:]


def _unsigned_status(peer, username):
    return bytes((12, 1, 0, 20)) + bytes(16)


def _wrong_accounting(peer, username):
    request = peer.accounting(1, "x", username)
    return request[:4] + bytes(16) + request[20:]


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (_garbage, "malformed"), (_short, "malformed"), (_oversized, "malformed"), (_attributes_amiss, "malformed"),
        (_wrong_signature, "signature"), (_unsigned_status, "signature"), (_wrong_accounting, "signature"),
    ],
)  # fmt: skip
def test_what_is_no_packet_ends_its_connection_and_no_other(radsec, committed, pair, bad, reason):
    _, username = committed.user()
    before = radsec.closed(reason)
    with radsec.connected(pair) as good, radsec.connected(pair) as peer:
        peer.send(bad(peer, username))
        assert peer.is_closed()
        assert good.ask(good.sign_in(username, people.PASSWORD)).code == Code.ACCESS_ACCEPT
    assert radsec.closed(reason) == before + 1


def test_what_came_before_the_fault_is_handled(radsec, committed, pair, run_id):
    with radsec.connected(pair) as peer:
        peer.send(peer.accounting(1, f"{run_id}-last", "somebody") + b"\xff" * 40)
        until(lambda: committed.all("SELECT 1 FROM accounting_live WHERE acctsessionid = %s", f"{run_id}-last"))


def test_codes_not_served_are_dropped_and_the_connection_stays(radsec, pair):
    with radsec.connected(pair) as peer:
        peer.send(bytes((99, 1, 0, 20)) + bytes(16))
        assert peer.ask(peer.status()).code == Code.ACCESS_ACCEPT


def _limited(radsec, **limits):
    radsec.radsec.limits = dataclasses.replace(radsec.radsec.limits, **limits)


@pytest.fixture
def limits(radsec):
    held = radsec.radsec.limits
    yield lambda **limits: _limited(radsec, **limits)
    radsec.radsec.limits = held


def test_half_a_packet_and_silence_end_in_time(radsec, pair, limits):
    limits(packet=0.5, idle=0.5)
    before = radsec.closed("half-packet"), radsec.closed("idle")
    with radsec.connected(pair) as half, radsec.connected(pair) as silent:
        half.send(half.status()[:10])
        assert half.is_closed()
        assert silent.is_closed()
    assert (radsec.closed("half-packet"), radsec.closed("idle")) == (before[0] + 1, before[1] + 1)


def test_a_handshake_that_does_not_come_ends_in_time(radsec, limits):
    import socket

    limits(handshake=0.5)
    before = radsec.refused("timeout")
    with socket.create_connection(("127.0.0.1", radsec.port)) as plain:
        plain.settimeout(5)
        assert plain.recv(1) == b""
    until(lambda: radsec.refused("timeout") == before + 1)


@pytest.mark.parametrize(
    ("bound", "reason"),
    [("connections", "too-many"), ("of_address", "too-many-of-address"), ("of_nas", "too-many-of-nas")],
)
def test_connections_are_bounded(radsec, pair, limits, bound, reason):
    until(lambda: not radsec.radsec.connections())
    limits(**{bound: 2})
    before = radsec.refused(reason)
    with radsec.connected(pair) as one, radsec.connected(pair) as two:
        assert one.ask(one.status()) is not None
        assert two.ask(two.status()) is not None
        try:
            with radsec.connected(pair) as three:
                assert three.is_closed()
        except (ssl.SSLError, ConnectionError):
            assert bound != "of_nas"
        assert one.ask(one.status()) is not None
    assert radsec.refused(reason) == before + 1
    until(lambda: not radsec.radsec.connections())
    with radsec.connected(pair) as again:
        assert again.ask(again.status()) is not None


def test_who_does_not_read_is_not_read_from_and_ends(radsec, pair, limits):
    """Its answers stay few, and others are answered meanwhile."""
    limits(buffer=16 * 1024, slow=1.0, pending=64)
    before = radsec.closed("slow-reader")
    with radsec.connected(pair, receive_buffer=4096) as slow, radsec.connected(pair) as other:
        slow.tls.settimeout(3)
        states = b"".join(attribute(33, b"x" * 250) for _ in range(8))
        request = slow.sign_in("nobody-" + "x" * 40, "wrong", states)
        sent = 0
        try:
            for n in range(20_000):
                again = slow.sign_in(f"nobody-{n}", "wrong", states)
                slow.send(again)
                sent += 1
        except (TimeoutError, ssl.SSLError, ConnectionError):
            pass
        assert sent < 20_000, request[:1]
        assert other.ask(other.status()).code == Code.ACCESS_ACCEPT
        until(lambda: radsec.closed("slow-reader") == before + 1)


def test_a_fault_of_one_request_is_told_and_the_connection_goes_on(radsec, pair, monkeypatch, caplog):
    handlers = radsec.radsec.handlers
    monkeypatch.setitem(handlers, Code.ACCOUNTING_REQUEST, lambda _: 1 / 0)
    with radsec.connected(pair) as peer:
        peer.send(peer.accounting(1, "fault", "x"))
        assert peer.ask(peer.status()).code == Code.ACCESS_ACCEPT
    assert "met a fault" in caplog.text


def test_prometheus_is_told(radsec, pair):
    with radsec.connected(pair) as peer:
        peer.ask(peer.status())
        told = {family.name: family for family in radsec.radsec.families()}
        assert told.keys() == {
            "gate_radius_radsec_connections", "gate_radius_radsec_refused_total", "gate_radius_radsec_closed_total",
            "gate_radius_radsec_packets_total",
        }  # fmt: skip


def test_no_line_of_log_holds_a_password_and_lines_are_bounded(radsec, committed, pair, caplog):
    radsec.radsec.told = type(radsec.radsec.told)()
    _, username = committed.user()
    with radsec.connected(pair) as peer:
        peer.send(_wrong_signature(peer, username))
        assert peer.is_closed()
    for _ in range(40):
        with radsec.connected(radsec.files.pair("nobody.example.net")) as peer:
            assert peer.is_closed()
    lines = [record for record in caplog.records if record.getMessage().startswith("RadSec: ")]
    assert 0 < len(lines) <= 21
    assert people.PASSWORD not in caplog.text


def test_a_flood_that_is_answered_at_once_stands_on_no_stack_and_leaves_others_their_turn(radsec, monkeypatch, caplog):
    """A thousand packets in one piece: taken so many a turn, and none of them inside another."""
    radsec.bind("acme", radsec_name="ap-flood.example.net")
    taken, deepest = [], [0, 0]
    real = connection.Connection._take

    def take(self, octets, client):
        deepest[0] += 1
        deepest[1] = max(deepest)
        taken.append(octets)
        if len(taken) == 1:
            asyncio.get_running_loop().call_soon(lambda: taken.append(None))
        real(self, octets, client)
        deepest[0] -= 1

    monkeypatch.setattr(connection.Connection, "_take", take)
    with radsec.connected(radsec.files.pair("ap-flood.example.net")) as peer:
        peer.send(b"".join(peer.status() for _ in range(200)) * 5)
        assert all(peer.receive() is not None for _ in range(1000))
    assert deepest[1] == 1
    assert taken.index(None) <= connection.TURN
    assert "met a fault" not in caplog.text
