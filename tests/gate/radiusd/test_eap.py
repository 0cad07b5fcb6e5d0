"""EAP through a real server: by Debian's eapol_test, which checks the keys it gets, and by packets of our own."""

import datetime as dt
import json
import struct
import threading

import pytest

import eapol
from eapol import Files, sign_in
from gate.commands import certs
from gate.core import clock
from gate.protocols.eap import packet as eap_packet
from gate.protocols.eap.session import Conversation
from gate.radiusd import eap
from gate.radiusd.eap import Eap
from people import PASSWORD
from radius_nas import ACCEPT, REJECT
from radius_server import serving, until

pytestmark = pytest.mark.django_db
CHALLENGE = 11
with_peer = pytest.mark.skipif(eapol.PROGRAM is None, reason="eapol_test (Debian: eapoltest) is not installed: EAP IS NOT TESTED")

TLS = ("1.2", "1.3")
TUNNELLED = ("EAP-TTLS/PAP", "EAP-TTLS/MSCHAPv2", "PEAP/MSCHAPv2")


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    made = Files.make(tmp_path_factory.mktemp("eap"))
    made.revoke()
    return made


@pytest.fixture(scope="module")
def running(committed, files):
    """In place of the folder's own: with certificates, and every method."""
    with serving(committed, GATE_DATA=str(files.data), GATE_RADIUS_EAP_METHODS="peap,ttls,tls,md5") as server:
        yield server


@pytest.fixture(scope="module")
def bob(committed):
    """A user with a profile and a recoverable password."""
    return committed.user(username="bob@example.net", profile="acme", recoverable=True)


def logged(committed, username):
    return committed.all(
        "SELECT accepted, method, split_part(reason, ' ', 1) FROM access_sign_in WHERE username = %s ORDER BY id", username
    )


def last(committed, username, count=1):
    return until(lambda: (rows := logged(committed, username)) and len(rows) >= count and rows)[-1]


def traced(committed, username):
    """The steps of the newest sign-in of that name: about, expected, actual, whether it held."""
    return json.loads(committed.one("SELECT trace FROM access_sign_in WHERE username = %s ORDER BY id DESC LIMIT 1", username))


# --- by eapol_test: who is let in ------------------------------------------------------------------------------------------


@with_peer
@pytest.mark.parametrize("tls", TLS)
@pytest.mark.parametrize("method", [*TUNNELLED, "EAP-TLS"])
def test_each_method_lets_in_with_keys_that_match(server, committed, files, method, tls):
    _, name = committed.user(profile="acme", recoverable=True)
    client = files.client(name) if method == "EAP-TLS" else None
    outcome = sign_in(server, files, method=method, username=name, password=PASSWORD, tls=tls, client=client)
    assert outcome.succeeded, outcome.text[-3000:]
    assert f"Using TLS version TLSv{tls}" in outcome.text
    assert outcome.said("Session-Timeout"), "the profile's items come with it"
    assert outcome.said("MS-MPPE-Recv-Key")
    until(lambda: logged(committed, name) == [(True, method, "")])


@with_peer
@pytest.mark.parametrize("method", ["EAP-TTLS/PAP"])
def test_a_password_kept_only_as_a_hash_does_for_ttls_with_pap(server, committed, files, method):
    _, name = committed.user()
    assert sign_in(server, files, method=method, username=name, password=PASSWORD).succeeded


@with_peer
@pytest.mark.parametrize("method", ["EAP-TTLS/MSCHAPv2", "PEAP/MSCHAPv2"])
def test_mschap_needs_a_recoverable_password(server, committed, files, method):
    _, name = committed.user()
    assert not sign_in(server, files, method=method, username=name, password=PASSWORD).succeeded
    assert last(committed, name) == (False, method, "password-not-recoverable")


@with_peer
@pytest.mark.parametrize("tls", TLS)
@pytest.mark.parametrize("method", TUNNELLED)
def test_a_wrong_password_is_refused_and_logged_once(server, committed, files, method, tls):
    _, name = committed.user(recoverable=True)
    outcome = sign_in(server, files, method=method, username=name, password="wrong", tls=tls)
    assert not outcome.succeeded
    assert "EAP-FAILURE" in outcome.text.upper().replace(" ", "-")
    until(lambda: logged(committed, name) == [(False, method, "wrong-password")])


@with_peer
@pytest.mark.parametrize("method", TUNNELLED)
def test_an_unknown_user_is_refused(server, committed, files, method):
    assert not sign_in(server, files, method=method, username=f"nobody {method}", password=PASSWORD).succeeded
    assert last(committed, f"nobody {method}") == (False, method, "unknown-user")


@with_peer
@pytest.mark.parametrize("method", [*TUNNELLED, "EAP-TLS"])
def test_a_disabled_account_is_refused_however_it_proves_itself(server, committed, files, method):
    _, name = committed.user(recoverable=True, is_active=False)
    client = files.client(name) if method == "EAP-TLS" else None
    assert not sign_in(server, files, method=method, username=name, password=PASSWORD, client=client).succeeded
    assert last(committed, name) == (False, method, "disabled")


@with_peer
def test_a_user_of_another_tenant_is_nobody(server, committed, files):
    _, name = committed.user(organization="rival", recoverable=True)
    assert not sign_in(server, files, method="EAP-TTLS/PAP", username=name, password=PASSWORD).succeeded
    assert not sign_in(server, files, method="EAP-TLS", username=name, client=files.client(name)).succeeded
    assert last(committed, name, 2) == (False, "EAP-TLS", "unknown-user")


@with_peer
@pytest.mark.parametrize("tls", TLS)
@pytest.mark.parametrize("tenant", ["acme", "rival"])
def test_a_certificate_made_for_a_tenant_is_good_there_alone(server, committed, files, tenant, tls):
    """A namesake of the user it was made for is somebody else."""
    _, name = committed.user()
    pair = certs.issue(
        authority=files.authority, name=name, now=clock.now(), is_server=False, days=3,
        tenant_id=committed.world.organizations[tenant],
    )  # fmt: skip
    outcome = sign_in(server, files, method="EAP-TLS", username=name, client=files.client(name, pair=pair), tls=tls, again=1)
    assert outcome.succeeded is (tenant == "acme")
    if tenant == "rival":
        assert last(committed, name) == (False, "EAP-TLS", "no-credential")


@with_peer
def test_md5_where_it_is_switched_on(server, committed, files, bob):
    """The peer refuses what is offered first, and names it: a Nak."""
    assert sign_in(server, files, method="EAP-MD5", username=bob[1], password=PASSWORD).succeeded
    assert not sign_in(server, files, method="EAP-MD5", username=bob[1], password="wrong").succeeded


@with_peer
def test_accounting_gets_the_name_inside_the_tunnel(server, committed, files, bob):
    outcome = sign_in(server, files, method="PEAP/MSCHAPv2", username=bob[1], password=PASSWORD)
    accepted = outcome.text.rpartition("code=2 (Access-Accept)")[2]
    assert "bob@example.net" in accepted
    outcome = sign_in(server, files, method="PEAP/MSCHAPv2", username=bob[1], password=PASSWORD, anonymous=False)
    assert "Attribute 1 (User-Name)" not in outcome.text.rpartition("code=2 (Access-Accept)")[2]


# --- by eapol_test: fragments and resumption ----------------------------------------------------------------------------------


@with_peer
@pytest.mark.parametrize("tls", TLS)
@pytest.mark.parametrize("method", ["EAP-TTLS/MSCHAPv2", "EAP-TLS"])
def test_small_fragments_both_ways(server, committed, files, bob, method, tls):
    client = files.client(bob[1]) if method == "EAP-TLS" else None
    outcome = sign_in(
        server, files, method=method, username=bob[1], password=PASSWORD, tls=tls, client=client, fragment=150,
        attributes=("12:d:220",),
    )  # fmt: skip
    assert outcome.succeeded
    assert outcome.text.count("code=11 (Access-Challenge)") > 6


@with_peer
@pytest.mark.parametrize("tickets", [True, False])
@pytest.mark.parametrize("tls", TLS)
@pytest.mark.parametrize("method", [*TUNNELLED, "EAP-TLS"])
def test_a_session_is_resumed_and_the_account_looked_at_again(server, committed, files, monkeypatch, method, tls, tickets):
    _, name = committed.user(recoverable=True)
    named = {
        "method": method, "username": name, "password": PASSWORD, "tls": tls, "tickets": tickets,
        "client": files.client(name) if method == "EAP-TLS" else None,
    }  # fmt: skip
    outcome = sign_in(server, files, **named, again=1)
    assert outcome.succeeded
    assert outcome.resumed
    until(lambda: logged(committed, name) == [(True, method, "")] * 2)
    # As if the password had changed in between.
    versions = iter(range(100))
    monkeypatch.setattr(eap, "_mark", lambda row: (row.id, next(versions)))
    outcome = sign_in(server, files, **named, again=1)
    assert outcome.resumed
    assert not outcome.succeeded
    until(lambda: [accepted for accepted, _, _ in logged(committed, name)] == [True, True, True, False])


# --- by eapol_test: certificates that do not hold ---------------------------------------------------------------------------


@with_peer
@pytest.mark.parametrize("tls", TLS)
def test_a_peer_that_does_not_know_the_server_s_ca_goes_away(server, committed, files, tmp_path, tls):
    other = certs.make_authority(name="another CA", now=clock.now())
    (tmp_path / "other.pem").write_bytes(other.certificate_pem)
    _, name = committed.user()
    outcome = sign_in(
        server, files, method="EAP-TTLS/PAP", username=name, password=PASSWORD, authority=tmp_path / "other.pem", tls=tls,
        anonymous=False,
    )  # fmt: skip
    assert not outcome.succeeded
    assert last(committed, name) == (False, "EAP-TTLS", "eap-failed")
    *before, (about, expected, actual, holds) = traced(committed, name)
    assert before == [
        ["EAP identity", "said by the device", name, True],
        ["EAP method", "PEAP, EAP-TTLS, EAP-TLS, EAP-MD5", "EAP-TTLS", True],
    ]
    assert (about, expected, holds) == ("TLS handshake", "finished", False)
    assert actual == "alert 48 (unknown ca): the device does not trust the CA of the server's certificate"


@with_peer
@pytest.mark.parametrize("tls", TLS)
@pytest.mark.parametrize("fault", ["unknown CA", "revoked", "expired", "a server's"])
def test_a_client_s_certificate_that_does_not_hold_is_refused(server, committed, files, fault, tls):
    _, name = committed.user()
    now = clock.now()
    signed_by = certs.make_authority(name="CA of the tests", now=now) if fault == "unknown CA" else files.authority
    made = now - dt.timedelta(days=9) if fault == "expired" else now
    pair = certs.issue(authority=signed_by, name=name, now=made, is_server=fault == "a server's", days=8)
    if fault == "revoked":
        files.revoke(pair)
        server.service.authenticator.eap._materials._looked = None
    outcome = sign_in(server, files, method="EAP-TLS", username=name, client=files.client(name, pair=pair), tls=tls)
    assert not outcome.succeeded
    assert last(committed, name) == (False, "EAP-TLS", "eap-failed")
    (told,) = committed.all("SELECT reason FROM access_sign_in WHERE username = %s", name)
    words = {"unknown CA": "", "revoked": "it is revoked", "expired": "it has expired", "a server's": "not made for clients"}
    assert words[fault] in told[0]
    about, _, actual, holds = traced(committed, name)[-1]
    assert (about, holds) == ("client certificate", False)
    assert words[fault] in actual


# --- by packets of our own --------------------------------------------------------------------------------------------------


def identity(name, identifier=1):
    return (79, eap_packet.encode_response(identifier=identifier, type=eap_packet.IDENTITY, data=name.encode()))


def start(nas, name):
    answer = nas.ask(nas.access_request((1, name.encode()), identity(name)))
    assert answer.code == CHALLENGE
    return answer


def test_a_conversation_begins_with_a_challenge_that_carries_a_state(server):
    answer = start(server.nas(), "bob")
    assert [kind for kind, _ in answer.attributes] == [80, 24, 79]
    assert len(answer.get(24)) == 16
    assert answer.get(79)[4] == eap_packet.PEAP


def test_an_empty_eap_message_asks_for_the_identity(server):
    nas = server.nas()
    answer = nas.ask(nas.access_request((1, b"bob"), (79, b"")))
    assert answer.code == CHALLENGE
    assert answer.get(79)[4] == eap_packet.IDENTITY


def test_a_state_belongs_to_its_nas_and_its_user_name(server):
    nas, other = server.nas("acme"), server.nas("acme-west")
    first = start(nas, "bob")
    nak = (79, eap_packet.encode_response(identifier=first.get(79)[1], type=eap_packet.NAK, data=b"\x15"))
    for asker, name, state in ((other, b"bob", first.get(24)), (nas, b"alice", first.get(24)), (nas, b"bob", bytes(16))):
        answer = asker.ask(asker.access_request((1, name), nak, (24, state)))
        assert (answer.code, answer.get(79)[0]) == (REJECT, eap_packet.FAILURE)
    assert nas.ask(nas.access_request((1, b"bob"), nak, (24, first.get(24)))).code == CHALLENGE
    # And is good for one answer.
    assert nas.ask(nas.access_request((1, b"bob"), nak, (24, first.get(24)))).code == REJECT


def test_a_copy_gets_the_same_octets(server):
    nas = server.nas()
    request = nas.access_request((1, b"bob"), identity("bob"))
    assert nas.ask_raw(request) == nas.ask_raw(request)


def test_a_conversation_is_over_after_its_time(server, monkeypatch):
    nas = server.nas()
    first = start(nas, "bob")
    monkeypatch.setattr(eap, "MAX_AGE", 0.0)
    nak = (79, eap_packet.encode_response(identifier=first.get(79)[1], type=eap_packet.NAK, data=b"\x15"))
    assert nas.ask(nas.access_request((1, b"bob"), nak, (24, first.get(24)))).code == REJECT


def test_conversations_are_bounded(server, monkeypatch):
    nas = server.nas()
    monkeypatch.setattr(eap, "CONVERSATIONS", 5)
    first = start(nas, "bob")
    for _ in range(8):
        start(nas, "bob")
    assert len(server.service.authenticator.eap) <= 5
    nak = (79, eap_packet.encode_response(identifier=first.get(79)[1], type=eap_packet.NAK, data=b"\x15"))
    assert nas.ask(nas.access_request((1, b"bob"), nak, (24, first.get(24)))).code == REJECT


@pytest.mark.parametrize(
    "octets", [b"\x00", b"\x01\x01\x00\x05\x01", b"\x02\x01\x00\xff\x01", b"\x02\x01\x00\x04", b"\x03\x01\x00\x04"]
)
def test_what_is_no_response_is_dropped(server, committed, octets):
    _, name = committed.user()
    nas = server.nas()
    nas.send(nas.access_request((1, b"bob"), (79, octets)))
    assert nas.silent(nas.pap(name, PASSWORD))


def test_eap_without_a_message_authenticator_is_dropped(server, committed):
    _, name = committed.user()
    nas = server.nas()
    nas.send(nas.access_request((1, b"bob"), identity("bob"), signed=False))
    assert nas.silent(nas.pap(name, PASSWORD))


def test_a_peer_that_wants_nothing_of_what_there_is_is_refused(server, committed):
    nas = server.nas()
    first = start(nas, "picky")
    nak = (79, eap_packet.encode_response(identifier=first.get(79)[1], type=eap_packet.NAK, data=b"\x2b"))
    answer = nas.ask(nas.access_request((1, b"picky"), nak, (24, first.get(24))))
    assert (answer.code, answer.get(79)[0]) == (REJECT, eap_packet.FAILURE)
    assert last(committed, "picky") == (False, "EAP", "eap-failed")
    assert traced(committed, "picky")[-1] == [
        "EAP method", "PEAP, EAP-TTLS, EAP-TLS, EAP-MD5", "no method is offered that the peer takes", False
    ]  # fmt: skip


def test_an_answer_to_no_challenge_of_this_server_is_traced(server, committed):
    nas = server.nas()
    first = start(nas, "lost")
    nak = (79, eap_packet.encode_response(identifier=first.get(79)[1], type=eap_packet.NAK, data=b"\x15"))
    for name, state in (("lost", bytes(16)), ("another", first.get(24))):
        answer = nas.ask(nas.access_request((1, name.encode()), nak, (24, state)))
        assert (answer.code, answer.get(79)[0]) == (REJECT, eap_packet.FAILURE)
        assert last(committed, name) == (False, "EAP", "eap-failed")
    assert traced(committed, "lost")[-1][2:] == ["of no conversation known here", False]
    assert traced(committed, "another")[-1][2].endswith("of another NAS or another name")


def test_past_the_backlog_a_request_is_dropped_and_may_come_again(server, monkeypatch):
    nas = server.nas()
    first = start(nas, "bob")
    nak = (79, eap_packet.encode_response(identifier=first.get(79)[1], type=eap_packet.NAK, data=b"\x15"))
    request = nas.access_request((1, b"bob"), nak, (24, first.get(24)))
    monkeypatch.setattr(eap, "BACKLOG", 0)
    before = server.metrics["dropped.eap-backlog"]
    nas.send(request)
    until(lambda: server.metrics["dropped.eap-backlog"] == before + 1)
    monkeypatch.undo()
    assert nas.verified(request, nas.ask_raw(request)).code == CHALLENGE


def test_nobody_else_waits_for_a_handshake(server, committed, monkeypatch):
    """Both threads are held; a PAP sign-in and a new conversation are answered meanwhile."""
    _, name = committed.user()
    nas, other = server.nas(), server.nas()
    held = threading.Event()
    receive = Conversation.receive

    def slow(conversation, octets, *, now):
        if threading.current_thread().name.startswith("eap"):
            held.wait(20)
        return receive(conversation, octets, now=now)

    monkeypatch.setattr(Conversation, "receive", slow)
    requests = []
    try:
        for _ in range(3):
            first = start(nas, "bob")
            nak = (79, eap_packet.encode_response(identifier=first.get(79)[1], type=eap_packet.NAK, data=b"\x15"))
            requests.append(nas.access_request((1, b"bob"), nak, (24, first.get(24))))
        for request in requests:
            nas.send(request)
        assert other.ask(other.pap(name, PASSWORD)).code == ACCEPT
        assert start(other, "bob").code == CHALLENGE
        assert nas.receive(0.02) is None
    finally:
        held.set()
    assert {nas.receive()[0] for _ in requests} == {CHALLENGE}


def test_a_question_the_sign_ins_let_drop_is_asked_again_by_the_next_copy(server, committed, monkeypatch):
    """EAP-MD5 needs no TLS: identity, challenge, answer, as PostgreSQL comes back."""
    from gate.protocols.radius import chap

    _, name = committed.user(recoverable=True)
    nas = server.nas()
    first = start(nas, name)
    nak = (79, eap_packet.encode_response(identifier=first.get(79)[1], type=eap_packet.NAK, data=b"\x04"))
    second = nas.ask(nas.access_request((1, name.encode()), nak, (24, first.get(24))))
    message = second.get(79)
    digest = chap.respond(identifier=message[1], challenge=message[6:22], password=PASSWORD.encode())[1:]
    data = eap_packet.encode_response(identifier=message[1], type=eap_packet.MD5_CHALLENGE, data=b"\x10" + digest)
    request = nas.access_request((1, name.encode()), (79, data), (24, second.get(24)))
    authenticator = server.service.authenticator
    ask = authenticator.ask

    def away(request, username, **named):
        authenticator._answers.drop(request, "database-away")
        return False

    before = server.metrics["dropped.database-away"]
    monkeypatch.setattr(authenticator, "ask", away)
    nas.send(request)
    until(lambda: server.metrics["dropped.database-away"] == before + 1)
    monkeypatch.setattr(authenticator, "ask", ask)
    answer = nas.verified(request, nas.ask_raw(request))
    assert answer.code == ACCEPT
    assert answer.get(79)[0] == eap_packet.SUCCESS
    assert len(authenticator.eap) == 0 or answer.get(24) is None


def test_a_fault_met_by_one_conversation_is_met_by_it_alone(server, monkeypatch, caplog):
    nas = server.nas()
    first = start(nas, "bob")
    nak = (79, eap_packet.encode_response(identifier=first.get(79)[1], type=eap_packet.NAK, data=b"\x15"))

    def faulty(*_):
        raise RuntimeError("a fault")

    before = server.metrics["dropped.fault"]
    monkeypatch.setattr(Eap, "_act", faulty)
    nas.send(nas.access_request((1, b"bob"), nak, (24, first.get(24))))
    until(lambda: server.metrics["dropped.fault"] == before + 1)
    monkeypatch.undo()
    assert start(nas, "bob").get(27) is None


def test_without_a_certificate_no_method_over_tls_is_offered(committed, tmp_path):
    with serving(committed, GATE_DATA=str(tmp_path)) as bare:
        nas = bare.nas()
        answer = nas.ask(nas.access_request((1, b"bob"), identity("bob")))
        nas.close()
    assert (answer.code, answer.get(79)) == (REJECT, struct.pack("!BBH", 4, 1, 4))
