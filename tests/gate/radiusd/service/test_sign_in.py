"""Sign-ins through a real server: who is let in, and that every change of an account counts at once."""

import secrets
import struct

import bcrypt
import pytest

from gate.protocols.radius.packet import Packet
from gate.radiusd import authenticate
from people import PASSWORD
from radius_nas import ACCEPT, REJECT
from radius_server import until

# The server's own database is a copy of the one this asks for.
pytestmark = pytest.mark.django_db


def logged(committed, username):
    return committed.all("SELECT accepted, method, reason FROM access_sign_in WHERE username = %s ORDER BY id", username)


def argon2(server):
    return server.metrics["sign-in.argon2"]


# --- PAP ------------------------------------------------------------------------------------------------------------------


def test_the_right_password_is_let_in_with_the_profile_s_items(server, committed):
    _, name = committed.user(profile="acme")
    answer = server.nas().ask(server.nas().pap(name, PASSWORD))
    assert answer.code == ACCEPT
    assert answer.get(27) == struct.pack("!I", 3600)


@pytest.mark.parametrize("password", ["wrong", PASSWORD + " ", PASSWORD.upper(), "", "x" * 128, b"\xff\xfe", PASSWORD[:-1]])
def test_a_wrong_password_is_refused(server, committed, password):
    _, name = committed.user()
    answer = server.nas().ask(server.nas().pap(name, password))
    assert answer.code == REJECT
    assert [kind for kind, _ in answer.attributes] == [80]
    until(lambda: logged(committed, name) == [(False, "PAP", "wrong-password")])


@pytest.mark.parametrize("name", ["nobody", "", "'; DROP TABLE users_user; --", 'a"b\\{},', "x" * 253, "é" * 100])
def test_an_unknown_user_is_refused(server, name):
    assert server.nas().ask(server.nas().pap(name, PASSWORD) if name else server.nas().access_request()).code == REJECT


def test_usernames_have_no_case_and_passwords_have(server, committed):
    _, name = committed.user(username="Straße.Ä")
    nas = server.nas()
    assert nas.ask(nas.pap("STRASSE.ä", PASSWORD)).code == ACCEPT
    assert nas.ask(nas.pap(name, PASSWORD.upper())).code == REJECT


def test_a_user_without_password_is_refused_whatever_is_sent(server, committed):
    _, name = committed.user(password="")
    nas = server.nas()
    for password in ("", "\0", "x", PASSWORD):
        assert nas.ask(nas.pap(name, password)).code == REJECT


def test_passwords_of_every_length_and_script(server, committed):
    nas = server.nas()
    for password in ("p", "x" * 16, "y" * 17, "z" * 128, "pässwörd ☕"):
        _, name = committed.user(password=password)
        assert nas.ask(nas.pap(name, password)).code == ACCEPT
        assert nas.ask(nas.pap(name, password)).code == ACCEPT


def test_a_password_attribute_of_a_wrong_size_is_no_credential(server, committed):
    _, name = committed.user()
    nas = server.nas()
    assert nas.ask(nas.access_request((1, name.encode()), (2, b"short"))).code == REJECT
    assert nas.ask(nas.access_request((1, name.encode()))).code == REJECT
    until(lambda: [(m, r) for _, m, r in logged(committed, name)] == [("PAP", "no-credential"), ("none", "no-credential")])


# --- changes count at once --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "reason"),
    [("is_active = false", "disabled"), ("expiration = now()", "expired"), ("username_key = 'x' || id", "unknown-user")],
)
def test_what_changed_a_moment_ago_counts(server, committed, column, reason):
    number, name = committed.user()
    nas = server.nas()
    assert nas.ask(nas.pap(name, PASSWORD)).code == ACCEPT
    committed.all(f"UPDATE users_user SET {column} WHERE id = %s", number)
    assert nas.ask(nas.pap(name, PASSWORD)).code == REJECT
    until(lambda: [told for _, _, told in logged(committed, name)] == ["", reason])


def test_a_used_up_credit_refuses_and_a_new_one_limits(server, committed):
    number, name = committed.user()
    nas = server.nas()
    acme = committed.world.organizations["acme"]
    committed.all("INSERT INTO credit_balance (user_id, tenant_id, seconds) VALUES (%s, %s, 90)", number, acme)
    assert nas.ask(nas.pap(name, PASSWORD)).get(27) == struct.pack("!I", 90)
    committed.all("UPDATE credit_balance SET seconds = 0 WHERE user_id = %s", number)
    assert nas.ask(nas.pap(name, PASSWORD)).code == REJECT


def test_the_verifier_spares_argon2_and_goes_with_the_password(server, committed):
    number, name = committed.user(password="the first one")
    nas = server.nas()
    before = argon2(server)
    assert nas.ask(nas.pap(name, "the first one")).code == ACCEPT
    assert argon2(server) == before + 1
    verifier = until(lambda: committed.one("SELECT verifier FROM users_user WHERE id = %s", number))
    assert nas.ask(nas.pap(name, "the first one")).code == ACCEPT
    assert nas.ask(nas.pap(name, "the second one")).code == REJECT
    assert argon2(server) == before + 1
    # As users.commands changes a password.
    from gate.users.hashing import hash_password

    change = "UPDATE users_user SET password = %s, password_version = password_version + 1, verifier = NULL WHERE id = %s"
    committed.all(change, hash_password("the second one"), number)
    assert nas.ask(nas.pap(name, "the first one")).code == REJECT
    assert nas.ask(nas.pap(name, "the second one")).code == ACCEPT
    assert until(lambda: committed.one("SELECT verifier FROM users_user WHERE id = %s", number)) != verifier
    # A verifier of an older password, however it came to be there, proves nothing.
    committed.all("UPDATE users_user SET verifier = %s WHERE id = %s", verifier, number)
    assert nas.ask(nas.pap(name, "the first one")).code == REJECT


def test_a_hash_made_elsewhere_is_checked_once_and_then_by_the_verifier(server, committed):
    number, name = committed.user()
    stored = bcrypt.hashpw(b"elsewhere", bcrypt.gensalt(4)).decode()
    committed.all("UPDATE users_user SET password = %s WHERE id = %s", stored, number)
    nas = server.nas()
    assert nas.ask(nas.pap(name, "wrong")).code == REJECT
    before = argon2(server)
    assert nas.ask(nas.pap(name, "elsewhere")).code == ACCEPT
    until(lambda: committed.one("SELECT verifier FROM users_user WHERE id = %s", number) is not None)
    assert nas.ask(nas.pap(name, "elsewhere")).code == ACCEPT
    assert argon2(server) == before + 1


@pytest.mark.parametrize("stored", ["$2a$10$N9qo8uLOickgx2ZMRZoMye", "!"])
def test_a_cut_hash_lets_nobody_in(server, committed, stored):
    number, name = committed.user()
    committed.all("UPDATE users_user SET password = %s WHERE id = %s", stored, number)
    for password in (stored, PASSWORD):
        assert server.nas().ask(server.nas().pap(name, password)).code == REJECT


def test_a_verifier_that_comes_too_late_is_not_kept(server, committed):
    """The password was changed while Argon2 ran: what was checked is no longer the password."""
    number, _ = committed.user()
    server.loop.call_soon_threadsafe(
        lambda: server.service.journal.keep_verifier(verifier=b"x" * 36, user_id=number, password_version=-1)
    )
    until(lambda: not server.service.journal._verifiers)
    assert committed.one("SELECT verifier FROM users_user WHERE id = %s", number) is None


def test_a_verifier_made_under_another_secret_key_is_not_believed(server, committed):
    number, name = committed.user(verifier=b"\0" * 36)
    nas = server.nas()
    assert nas.ask(nas.pap(name, PASSWORD)).code == ACCEPT
    until(lambda: bytes(committed.one("SELECT verifier FROM users_user WHERE id = %s", number)) != b"\0" * 36)


def test_staff_get_no_verifier(server, committed):
    number, name = committed.user(role="viewer", username=f"staff{secrets.token_hex(3)}")
    nas = server.nas()
    before = argon2(server)
    for _ in range(2):
        assert nas.ask(nas.pap(name, PASSWORD)).code == ACCEPT
    assert argon2(server) == before + 2
    assert committed.one("SELECT verifier FROM users_user WHERE id = %s", number) is None


# --- CHAP -------------------------------------------------------------------------------------------------------------------


def test_chap(server, committed):
    _, name = committed.user(recoverable=True)
    nas = server.nas()
    assert nas.ask(nas.chap(name, PASSWORD)).code == ACCEPT
    assert nas.ask(nas.chap(name, PASSWORD, challenge=b"c" * 16)).code == ACCEPT
    assert nas.ask(nas.chap(name, PASSWORD, challenge=b"another size")).code == ACCEPT
    assert nas.ask(nas.chap(name, "wrong")).code == REJECT
    assert nas.ask(nas.chap(name, "wrong", challenge=b"c" * 16)).code == REJECT


def test_a_chap_answer_to_another_challenge_is_refused(server, committed):
    _, name = committed.user(recoverable=True)
    nas = server.nas()
    request = Packet.parse(nas.chap(name, PASSWORD, challenge=b"c" * 16))
    answer = request.get(3)
    assert nas.ask(nas.access_request((1, name.encode()), (3, answer), (60, b"d" * 16))).code == REJECT
    assert nas.ask(nas.access_request((1, name.encode()), (3, answer))).code == REJECT
    for malformed in (b"\7", answer[:-1], answer + b"x"):
        assert nas.ask(nas.access_request((1, name.encode()), (3, malformed), (60, b"c" * 16))).code == REJECT


def test_chap_without_a_recoverable_password_is_refused_and_said_so(server, committed):
    _, name = committed.user()
    nas = server.nas()
    assert nas.ask(nas.chap(name, PASSWORD)).code == REJECT
    until(lambda: logged(committed, name) == [(False, "CHAP", "password-not-recoverable")])


def test_a_recoverable_password_counts_no_more_once_its_organization_switched_it_off(server, committed):
    """The sealed copy is still there until a job deletes it."""
    _, name = committed.user(recoverable=True)
    nas = server.nas()
    assert nas.ask(nas.chap(name, PASSWORD)).code == ACCEPT
    committed.all("UPDATE organizations_organization SET recoverable_passwords = false WHERE short_name = 'acme'")
    try:
        until(lambda: nas.ask(nas.chap(name, PASSWORD)).code == REJECT)
        assert nas.ask(nas.pap(name, PASSWORD)).code == ACCEPT
    finally:
        committed.all("UPDATE organizations_organization SET recoverable_passwords = true WHERE short_name = 'acme'")
    until(lambda: nas.ask(nas.chap(name, PASSWORD)).code == ACCEPT)


def test_a_sealed_password_of_another_user_opens_nothing(server, committed):
    one, _ = committed.user(recoverable=True)
    _, name = committed.user()
    committed.all(
        "UPDATE users_user SET password_sealed = (SELECT password_sealed FROM users_user WHERE id = %s) WHERE username = %s",
        one,
        name,
    )
    assert server.nas().ask(server.nas().chap(name, PASSWORD)).code == REJECT


# --- tenants ----------------------------------------------------------------------------------------------------------------


def test_the_same_username_in_two_tenants_is_two_people(server, committed):
    name = f"twin{secrets.token_hex(3)}"
    mine, _ = committed.user(username=name, password="of acme", recoverable=True)
    theirs, _ = committed.user(username=name, password="of rival", organization="rival-north", recoverable=True)
    for nas, right, wrong in ((server.nas("acme"), "of acme", "of rival"), (server.nas("rival"), "of rival", "of acme")):
        assert nas.ask(nas.pap(name, right)).code == ACCEPT
        assert nas.ask(nas.pap(name, wrong)).code == REJECT
        assert nas.ask(nas.chap(name, right)).code == ACCEPT
        assert nas.ask(nas.chap(name, wrong)).code == REJECT
    found = until(
        lambda: (
            (rows := committed.all("SELECT tenant_id, user_id FROM access_sign_in WHERE username = %s", name))
            and len(rows) == 8
            and rows
        )
    )
    acme, rival = committed.world.organizations["acme"], committed.world.organizations["rival"]
    assert set(found) == {(acme, mine), (rival, theirs)}


def test_a_user_of_the_other_tenant_is_nobody_here(server, committed):
    _, name = committed.user(organization="rival")
    assert server.nas("acme").ask(server.nas("acme").pap(name, PASSWORD)).code == REJECT
    assert server.nas("rival").ask(server.nas("rival").pap(name, PASSWORD)).code == ACCEPT


def test_a_user_is_let_in_at_every_nas_of_the_tenant(server, committed):
    _, name = committed.user(organization="acme-east")
    assert server.nas("acme-west").ask(server.nas("acme-west").pap(name, PASSWORD)).code == ACCEPT


# --- the log ----------------------------------------------------------------------------------------------------------------


def test_sign_ins_are_logged_and_counted_by_hour(server, committed):
    number, name = committed.user(organization="acme-east")
    nas = server.nas("acme-east")
    east = committed.world.organizations["acme-east"]

    def hours():
        counted = "SELECT accepted, sum(sign_ins)::int FROM access_sign_in_hour WHERE organization_id = %s GROUP BY 1"
        return dict(committed.all(counted, east))

    before = hours()
    point = (30, b"02-00-00-00-00-03:Guests"), (31, b"AA-00-00-00-00-01")
    for password in (PASSWORD, "wrong", PASSWORD):
        nas.ask(nas.pap(name, password, *point))
    asked = (
        "SELECT tenant_id, organization_id, nas_id, user_id, access_point_id, callingstationid, calledstationid, method,"
        " accepted, reason FROM access_sign_in WHERE username = %s ORDER BY id"
    )
    rows = until(lambda: (found := committed.all(asked, name)) and len(found) == 3 and found)
    common = (
        committed.world.organizations["acme"], east, committed.world.nas["acme-east"], number,
        committed.world.access_points["acme-east"], "AA-00-00-00-00-01", "02-00-00-00-00-03:Guests", "PAP",
    )  # fmt: skip
    assert rows == [(*common, True, ""), (*common, False, "wrong-password"), (*common, True, "")]
    assert hours() == {True: before.get(True, 0) + 2, False: before.get(False, 0) + 1}


def test_last_login_is_kept_and_the_first_one_stays(server, committed):
    number, name = committed.user()
    nas = server.nas()
    assert nas.ask(nas.pap(name, "wrong")).code == REJECT
    assert nas.ask(nas.pap(name, PASSWORD)).code == ACCEPT
    asked = "SELECT first_login, last_login FROM users_user WHERE id = %s"
    ((first, last),) = until(lambda: (rows := committed.all(asked, number)) and rows[0][0] and rows)
    assert first == last
    committed.all("UPDATE users_user SET last_login = last_login - interval '2 hours' WHERE id = %s", number)
    assert nas.ask(nas.pap(name, PASSWORD)).code == ACCEPT
    until(lambda: committed.all(asked, number)[0][1] >= last)
    assert committed.all(asked, number)[0][0] == first


# --- many at once -------------------------------------------------------------------------------------------------------------


def test_each_of_many_gets_its_own_answer(server, committed):
    """Half with the right password, a quarter unknown, all in flight at once."""
    names = [committed.user(profile="acme" if number % 2 else None)[1] for number in range(12)]
    nas = server.nas()
    for name in names:
        assert nas.ask(nas.pap(name, PASSWORD)).code == ACCEPT
    until(lambda: committed.one("SELECT count(*) FROM users_user WHERE username = ANY(%s) AND verifier IS NOT NULL", names) == 12)
    expected, requests = {}, {}
    for number in range(200):
        name = names[number % 12] if number % 4 else "nobody"
        right = number % 3 == 0
        request = nas.pap(name, PASSWORD if right else "wrong")
        requests[request[1]] = request
        limit = struct.pack("!I", 3600) if name != "nobody" and right and names.index(name) % 2 else None
        expected[request[1]] = (ACCEPT if right and name != "nobody" else REJECT, limit)
    for request in requests.values():
        nas.send(request)
    for _ in requests:
        answer = nas.receive()
        packet = nas.verified(requests[answer[1]], answer)
        assert (packet.code, packet.get(27)) == expected.pop(packet.identifier)
    assert not expected


def test_past_the_hashing_backlog_a_request_is_dropped_and_not_refused(server, committed, monkeypatch):
    """A refusal would send the guest away; silence has the NAS ask again."""
    _, name = committed.user()
    nas = server.nas()
    monkeypatch.setattr(authenticate, "HASHING_BACKLOG", 0)
    before = server.metrics["dropped.hashing-backlog"]
    nas.send(nas.pap(name, PASSWORD))
    until(lambda: server.metrics["dropped.hashing-backlog"] == before + 1)
    monkeypatch.undo()
    assert nas.silent(nas.pap(name, PASSWORD))


@pytest.mark.parametrize("known", [True, False])
def test_a_fault_met_by_one_sign_in_is_met_by_it_alone(server, committed, monkeypatch, caplog, known):
    """Before and after Argon2: the others are answered, and so is it once the fault is gone."""
    _, unlucky = committed.user()
    _, lucky = committed.user()
    nas, other = server.nas(), server.nas()
    for name in (unlucky, lucky) if known else (lucky,):
        assert nas.ask(nas.pap(name, PASSWORD)).code == ACCEPT
        until(lambda name=name: committed.one("SELECT verifier FROM users_user WHERE username = %s", name))
    decide = authenticate.rules.decide

    def faulty(facts, now):
        if facts.request.get("User-Name") == [unlucky]:
            raise RuntimeError("a fault")
        return decide(facts, now)

    before = server.metrics["dropped.fault"]
    monkeypatch.setattr(authenticate.rules, "decide", faulty)
    request = nas.pap(unlucky, PASSWORD)
    nas.send(request)
    assert other.ask(other.pap(lucky, PASSWORD)).code == ACCEPT
    until(lambda: server.metrics["dropped.fault"] == before + 1)
    assert "met a fault" in caplog.text
    monkeypatch.undo()
    assert nas.verified(request, nas.ask_raw(request)).code == ACCEPT


def test_a_fault_in_taking_a_packet_is_told_and_the_next_one_is_taken(server, committed, monkeypatch, caplog):
    _, name = committed.user()
    nas = server.nas()

    def faulty(_):
        raise RuntimeError("a fault")

    before = server.metrics["dropped.fault"]
    monkeypatch.setattr(authenticate, "read_credential", faulty)
    request = nas.pap(name, PASSWORD)
    nas.send(request)
    until(lambda: server.metrics["dropped.fault"] == before + 1)
    monkeypatch.undo()
    assert nas.verified(request, nas.ask_raw(request)).code == ACCEPT
