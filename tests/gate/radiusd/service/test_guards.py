"""What guards the server by NAS, on real sockets: Message-Authenticator remembered, limits, several NAS behind one address."""

import secrets
import time

import pytest

import radius_server
from gate.core import seal
from people import PASSWORD
from radius_nas import ACCEPT, ACKNOWLEDGED, REJECT, START
from radius_server import until

pytestmark = pytest.mark.django_db


@pytest.fixture
def made(committed, server):
    """Make NAS that are gone after the test."""
    ids = []

    def make(address, *, secret=b"a shared secret of it", organization="acme", **columns):
        tenant = committed.world.organizations["rival" if organization.startswith("rival") else "acme"]
        held = {
            "tenant_id": tenant, "organization_id": committed.world.organizations[organization], "name": "n", "short_name": "n",
            "description": "", "address": address, "nas_identifier": "", "vendor": "", "secret_sealed": b"",
            "message_authenticator": "auto", "is_active": False, "live_control": "off", "coa_attributes": "",
            "coa_mac_format": "", "by_identifier": False,
        } | columns  # fmt: skip
        number = committed.one(
            f"INSERT INTO nas_nas ({', '.join(held)}, created, last_change)"
            f" VALUES ({', '.join(['%s'] * len(held))}, now(), now()) RETURNING id",
            *held.values(),
        )
        ids.append(number)
        sealed = seal.seal(secret, purpose="nas-secret", row=f"nas:{number}")
        committed.all("UPDATE nas_nas SET secret_sealed = %s, is_active = true WHERE id = %s", sealed, number)
        until(lambda: number in known(server))
        return number, server.nas(address=address.partition("/")[0], secret=secret)

    yield make
    committed.all("DELETE FROM nas_nas WHERE id = ANY(%s)", ids)
    until(lambda: not set(ids) & set(known(server)))


def known(server):
    """NAS in memory by id."""
    found = {}
    for tables in server.service.store.clients._by_version.values():
        for _, table in tables:
            for held in table.values():
                for client in getattr(held, "_by_identifier", {0: held}).values():
                    found[client.nas_id] = client
    return found


def dropped(server, nas, request, reason="signature"):
    before = server.metrics[f"dropped.{reason}"]
    nas.send(request)
    until(lambda: server.metrics[f"dropped.{reason}"] == before + 1)
    return nas.receive(0.02) is None


# --- Message-Authenticator ------------------------------------------------------------------------------------------------


def test_who_was_seen_to_send_it_has_to_and_that_is_remembered(server, committed, made):
    number, nas = made("127.0.1.1")
    name = committed.user()[1]
    assert nas.ask(nas.pap(name, PASSWORD, signed=False)).code == ACCEPT
    assert nas.ask(nas.pap(name, PASSWORD)).code == ACCEPT
    assert dropped(server, nas, nas.pap(name, PASSWORD, signed=False))
    stored = until(lambda: committed.all("SELECT host(unnest(signers)) FROM nas_posture WHERE nas_id = %s", number))
    assert stored == [("127.0.1.1",)]
    # Another process, or the next start.
    with radius_server.serving(committed) as other:
        again = other.nas(address="127.0.1.1", secret=nas.secret)
        assert dropped(other, again, again.pap(name, PASSWORD, signed=False))
        assert again.ask(again.pap(name, PASSWORD)).code == ACCEPT
        again.close()
    # Accounting is signed by its authenticator.
    assert nas.ask(nas.accounting(START, secrets.token_hex(8), name)).code == ACKNOWLEDGED


def test_forgotten_by_the_operator_it_is_learned_anew(server, committed, made):
    number, nas = made("127.0.1.2")
    name = committed.user()[1]
    assert nas.ask(nas.pap(name, PASSWORD)).code == ACCEPT
    until(lambda: committed.all("SELECT 1 FROM nas_posture WHERE nas_id = %s AND signers <> '{}'", number))
    until(lambda: not known(server)[number].tally.learned)
    with committed.connection.transaction():
        committed.all("UPDATE nas_posture SET signers = '{}' WHERE nas_id = %s", number)
        committed.all("UPDATE nas_nas SET message_authenticator = 'off' WHERE id = %s", number)
    until(lambda: not known(server)[number].learn_message_authenticator)
    assert nas.ask(nas.pap(name, PASSWORD)).code == ACCEPT
    assert nas.ask(nas.pap(name, PASSWORD, signed=False)).code == ACCEPT
    committed.all("UPDATE nas_nas SET message_authenticator = 'auto' WHERE id = %s", number)
    until(lambda: known(server)[number].learn_message_authenticator)
    assert nas.ask(nas.pap(name, PASSWORD, signed=False)).code == ACCEPT
    assert nas.ask(nas.pap(name, PASSWORD)).code == ACCEPT
    assert dropped(server, nas, nas.pap(name, PASSWORD, signed=False))


def test_of_a_range_each_address_is_learned_by_itself(server, committed, made):
    _, new = made("127.0.1.16/30")
    old = server.nas(address="127.0.1.17", secret=new.secret)
    name = committed.user()[1]
    assert new.ask(new.pap(name, PASSWORD)).code == ACCEPT
    assert old.ask(old.pap(name, PASSWORD, signed=False)).code == ACCEPT
    assert dropped(server, new, new.pap(name, PASSWORD, signed=False))


def test_eap_teaches_nothing_and_carries_it_always(server, committed, made):
    """Many devices sign EAP, which the RFC asks for, and nothing else."""
    number, nas = made("127.0.1.3")
    name = committed.user()[1]
    assert dropped(server, nas, nas.access_request((1, name.encode()), (79, b"\2\1\0\6\1a"), signed=False))
    nas.send(nas.access_request((1, name.encode()), (79, b"\2\1\0\6\1a")))
    nas.receive(0.2)
    assert known(server)[number].tally.signers == frozenset()
    assert nas.ask(nas.pap(name, PASSWORD, signed=False)).code == ACCEPT


def test_what_each_sends_is_counted_and_stored(server, committed, made):
    number, nas = made("127.0.1.4")
    name = committed.user()[1]
    for signed in (False, False, True):
        assert nas.ask(nas.pap(name, PASSWORD, signed=signed)).code == ACCEPT
    assert dropped(server, nas, nas.pap(name, PASSWORD, signed=False))
    for _ in range(2):
        # The second finds nothing new to add.
        server.run(server.service.posture.count())
        assert committed.all(
            "SELECT signed, unsigned, refused, host(last_unsigned_from), last_signed IS NOT NULL"
            " FROM nas_posture WHERE nas_id = %s",
            number,
        ) == [(1, 3, 1, "127.0.1.4", True)]


# --- limits ---------------------------------------------------------------------------------------------------------------


def test_a_nas_has_so_many_packets_a_second_on_each_port(server, committed, made):
    _, nas = made("127.0.1.5", packet_rate=5)
    name = committed.user()[1]
    assert nas.ask(nas.pap(name, PASSWORD)).code == ACCEPT
    before = server.metrics["dropped.packet-rate"]
    for _ in range(20):
        nas.send(nas.pap(name, PASSWORD))
    until(lambda: server.metrics["dropped.packet-rate"] >= before + 15)
    # Another NAS, and this one's other port, have their own.
    other = server.nas("acme-east")
    assert other.ask(other.pap(name, PASSWORD)).code == ACCEPT
    assert nas.receive(1) is not None
    while nas.receive(0.1) is not None:
        pass
    assert nas.ask(nas.accounting(START, secrets.token_hex(8), name), within=0.5).code == ACKNOWLEDGED
    time.sleep(0.3)
    assert nas.ask(nas.pap(name, PASSWORD)).code == ACCEPT


# --- several behind one address ---------------------------------------------------------------------------------------------


def test_several_behind_one_address_are_told_apart(server, committed, made):
    address = "127.0.1.6"
    first, one = made(address, by_identifier=True, nas_identifier="ap1", secret=b"the secret of ap1")
    second, two = made(address, by_identifier=True, nas_identifier="ap2", secret=b"the secret of ap2", organization="rival")
    name, theirs = committed.user()[1], committed.user(organization="rival")[1]
    ap1, ap2 = (32, b"ap1"), (32, b"ap2")
    assert one.ask(one.pap(name, PASSWORD, ap1)).code == ACCEPT
    assert two.ask(two.pap(theirs, PASSWORD, ap2)).code == ACCEPT
    # The other tenant's users are nobody here.
    assert two.ask(two.pap(name, PASSWORD, ap2)).code == REJECT
    # Who claims to be another has not its secret.
    assert dropped(server, two, two.pap(name, PASSWORD, ap1))
    assert dropped(server, two, two.accounting(START, "s", name, ap1))
    # And has to show it: a password garbled by another secret would show nothing.
    for request in (two.pap(name, PASSWORD, ap1, signed=False), one.pap(name, PASSWORD, ap1, signed=False)):
        assert dropped(server, one, request)
    for stranger in (one.pap(name, PASSWORD), one.pap(name, PASSWORD, (32, b"ap3")), one.accounting(START, "s", name)):
        assert dropped(server, one, stranger, "unknown-identifier")
    assert dropped(server, one, b"\1\2\3", "malformed")
    session = secrets.token_hex(8)
    assert one.ask(one.accounting(START, session, name, ap1)).code == ACKNOWLEDGED
    assert two.ask(two.accounting(START, session, theirs, ap2)).code == ACKNOWLEDGED
    assert sorted(committed.all("SELECT nas_id FROM accounting_live WHERE acctsessionid = %s", session)) == [(first,), (second,)]
    # One without an identifier takes what fits none of the others.
    _, rest = made(address, by_identifier=True, secret=b"the secret of the rest")
    for more in ((), ((32, b"ap3"),)):
        assert rest.ask(rest.pap(name, PASSWORD, *more)).code == ACCEPT
    assert dropped(server, rest, rest.pap(name, PASSWORD, ap1))
    assert one.ask(one.pap(name, PASSWORD, ap1)).code == ACCEPT


# --- guesses --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("recoverable", [False, True], ids=["PAP", "CHAP"])
def test_a_user_guessed_at_too_often_is_refused_unchecked(server, committed, recoverable):
    nas = server.nas()
    user, name = committed.user(recoverable=recoverable)
    send = nas.chap if recoverable else nas.pap
    argon2 = server.metrics["sign-in.argon2"]
    for number in range(20):
        assert nas.ask(send(name, f"guess {number}")).code == REJECT
    for password in ("another", PASSWORD):
        assert nas.ask(send(name, password)).code == REJECT
    assert server.metrics["sign-in.argon2"] == argon2 + (0 if recoverable else 20)
    reasons = until(
        lambda: (
            (found := committed.all("SELECT reason FROM access_sign_in WHERE user_id = %s ORDER BY at, id", user))
            and len(found) == 22
            and found
        )
    )
    assert [reason for (reason,) in reasons] == ["wrong-password"] * 20 + ["too-many-guesses"] * 2
    # Nobody else is held.
    assert nas.ask(nas.pap(committed.user()[1], PASSWORD)).code == ACCEPT


def test_one_wrong_password_again_and_again_is_one_guess(server, committed):
    nas, (_, name) = server.nas(), committed.user()
    argon2 = server.metrics["sign-in.argon2"]
    for _ in range(25):
        assert nas.ask(nas.pap(name, "the old one")).code == REJECT
    assert server.metrics["sign-in.argon2"] == argon2 + 1
    assert nas.ask(nas.pap(name, PASSWORD)).code == ACCEPT
