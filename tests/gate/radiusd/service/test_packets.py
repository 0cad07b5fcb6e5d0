"""What is believed of a datagram, and that one request has one answer."""

import gc
import random
import secrets
import socket

import pytest

from gate.core import seal
from gate.protocols.radius import signing
from gate.protocols.radius.packet import encode_attribute
from gate.radiusd.listener import SWEEP
from people import PASSWORD
from radius_nas import ACCEPT, ACKNOWLEDGED, INTERIM, REJECT, START
from radius_server import until

# The server's own database is a copy of the one this asks for.
pytestmark = pytest.mark.django_db


@pytest.fixture
def nas(server):
    return server.nas()


@pytest.fixture
def name(committed):
    return committed.user()[1]


@pytest.fixture
def unsigned_allowed(server, committed):
    """The NAS of acme was seen to send Message-Authenticator, and need not any more."""
    committed.all("UPDATE nas_nas SET message_authenticator = 'off' WHERE id = %s", committed.world.nas["acme"])
    until(lambda: not server.service.store.clients.find("127.0.0.1").learn_message_authenticator)
    yield
    committed.all("UPDATE nas_nas SET message_authenticator = 'auto' WHERE id = %s", committed.world.nas["acme"])


def dropped(server, reason, send, probe):
    """Whether what `send` sends is dropped for this reason and nothing is answered but the probe behind it."""
    before = server.metrics[f"dropped.{reason}"]
    send()
    until(lambda: server.metrics[f"dropped.{reason}"] > before)
    return probe.silent(probe.pap("nobody", "x"))


# --- who sends ------------------------------------------------------------------------------------------------------------


def test_an_unknown_source_is_dropped_and_counted(server, name):
    stranger = server.nas(address="127.0.0.99")
    before = server.metrics["dropped.unknown-client"]
    for request in (stranger.pap(name, PASSWORD), stranger.accounting(START, "s", name), b"", b"\xff" * 30):
        stranger.socket.sendto(request, ("127.0.0.1", server.auth_port))
    until(lambda: server.metrics["dropped.unknown-client"] == before + 4)
    assert stranger.receive(0.02) is None


def test_another_secret_is_dropped(server, nas, name):
    wrong = server.nas(secret=b"another secret")
    assert dropped(server, "signature", lambda: wrong.send(wrong.pap(name, PASSWORD)), nas)
    assert wrong.receive(0.02) is None


def test_without_message_authenticator_another_secret_only_garbles_the_password(server, name, unsigned_allowed):
    wrong = server.nas(secret=b"another secret")
    request = wrong.pap(name, PASSWORD, signed=False)
    answer = wrong.ask_raw(request)
    assert answer[0] == REJECT
    with pytest.raises(Exception, match="not made with this secret"):
        wrong.verified(request, answer)


# --- Message-Authenticator ------------------------------------------------------------------------------------------------


def test_it_may_be_left_out_where_it_is_not_required(nas, name, unsigned_allowed):
    assert nas.ask(nas.pap(name, PASSWORD, signed=False)).code == ACCEPT


@pytest.mark.parametrize("place", [22, 37])
def test_a_wrong_one_is_dropped(server, nas, name, place):
    request = bytearray(nas.pap(name, PASSWORD))
    request[place] ^= 1
    assert dropped(server, "signature", lambda: nas.send(bytes(request)), nas)


def test_a_changed_packet_is_dropped(server, nas, name):
    request = bytearray(nas.pap(name, PASSWORD, (31, b"AA-BB")))
    request[-1] ^= 1
    assert dropped(server, "signature", lambda: nas.send(bytes(request)), nas)


@pytest.mark.parametrize("value", [b"", b"x" * 15, b"x" * 17])
def test_one_of_a_wrong_size_is_dropped(server, nas, name, value):
    request = nas.access_request((1, name.encode()), (80, value), signed=False)
    assert dropped(server, "malformed", lambda: nas.send(request), nas)


def test_two_are_dropped(server, nas, name):
    request = nas.access_request((1, name.encode()), (80, b"x" * 16), (80, b"x" * 16), signed=False)
    assert dropped(server, "malformed", lambda: nas.send(request), nas)


def test_where_it_is_required_a_packet_without_it_is_dropped(server, committed, name):
    committed.all("UPDATE nas_nas SET message_authenticator = 'require' WHERE id = %s", committed.world.nas["acme-west"])
    nas = server.nas("acme-west")
    try:
        until(lambda: server.service.store.clients.find("127.0.0.2").require_message_authenticator)
        assert dropped(server, "signature", lambda: nas.send(nas.pap(name, PASSWORD, signed=False)), nas)
        assert nas.ask(nas.pap(name, PASSWORD)).code == ACCEPT
        # RFC 2866 knows none in accounting; its authenticator signs the packet.
        assert nas.ask(nas.accounting(START, secrets.token_hex(8), name)).code == ACKNOWLEDGED
    finally:
        committed.all("UPDATE nas_nas SET message_authenticator = 'auto'")
        until(lambda: not server.service.store.clients.find("127.0.0.2").require_message_authenticator)


# --- malformed ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "octets",
    [
        b"", b"\1", b"\1" * 19, b"\1\1\0\23" + bytes(15), b"\1\1\0\24" + bytes(15), b"\1\1\0\26" + bytes(16) + b"\1\0",
        b"\1\1\0\26" + bytes(16) + b"\1\3", b"\1\1\0\25" + bytes(17), b"\1\1\xff\xff" + bytes(200), b"\1\1\20\1" + bytes(4093),
    ],
)  # fmt: skip
def test_what_is_no_packet_is_dropped(server, nas, octets):
    assert dropped(server, "malformed", lambda: nas.socket.sendto(octets, ("127.0.0.1", server.auth_port)), nas)


@pytest.mark.parametrize("code", [0, 2, 3, 4, 5, 11, 40, 255])
def test_other_codes_are_dropped(server, nas, code):
    request = bytes((code, 1)) + b"\0\24" + secrets.token_bytes(16)
    assert dropped(server, "code", lambda: nas.socket.sendto(request, ("127.0.0.1", server.auth_port)), nas)


def test_padding_behind_the_packet_is_ignored(nas, name):
    request = nas.pap(name, PASSWORD)
    nas.send(request + b"padding")
    assert nas.verified(request, nas.receive()).code == ACCEPT


def test_the_largest_packet(nas, name):
    more = [(18, b"x" * 253)] * 15
    request = nas.pap(name, PASSWORD, *more, (18, b"x" * (4096 - len(nas.pap(name, PASSWORD, *more)) - 2)))
    assert len(request) == 4096
    assert nas.ask(request).code == ACCEPT


def test_random_octets_end_nothing(server, nas, name):
    draw = random.Random(1)
    for _ in range(300):
        code = draw.choice([1, 4])
        attributes = b"".join(
            encode_attribute(draw.randrange(256), draw.randbytes(draw.randrange(1, 30))) for _ in range(draw.randrange(8))
        )
        if code == 1:
            request = nas.access_request((1, name.encode()), signed=False)[:20] + attributes
            request = request[:2] + len(request).to_bytes(2, "big") + request[4:]
        else:
            request = signing.accounting_request(identifier=draw.randrange(256), secret=nas.secret, attributes=attributes)
        nas.send(request)
    while nas.receive(0.2) is not None:
        pass
    assert nas.ask(nas.pap(name, PASSWORD)).code == ACCEPT


# --- Proxy-State ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("states", [[b"one"], [b"b", b"a", b"b"], [b""], [b"x" * 253, b"", b"\0"]])
def test_proxy_states_come_back_in_order(nas, name, states):
    """An empty one is malformed by the RFC; it must not end the server."""
    sent = [(33, state) for state in states]
    for request, code in (
        (nas.pap(name, PASSWORD, *sent), ACCEPT),
        (nas.pap(name, "wrong", *sent), REJECT),
        (nas.accounting(INTERIM, secrets.token_hex(8), name, *sent), ACKNOWLEDGED),
    ):
        answer = nas.ask(request)
        assert answer.code == code
        assert answer.get_all(33) == states
        assert answer.attributes[-len(states) :] == sent


# --- copies ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("password", [PASSWORD, "wrong"])
def test_a_copy_gets_the_very_same_octets(server, nas, name, password):
    request = nas.pap(name, password)
    first = nas.ask_raw(request)
    assert nas.ask_raw(request) == first
    handled, answered = server.metrics["sign-in.batches"], server.metrics["duplicates.answered"]
    for _ in range(3):
        assert nas.ask_raw(request) == first
    assert server.metrics["sign-in.batches"] == handled
    assert server.metrics["duplicates.answered"] == answered + 3


def test_a_copy_from_another_port_is_another_request(server, nas, name):
    request = nas.pap(name, PASSWORD)
    assert nas.ask(request).code == ACCEPT
    answered = server.metrics["duplicates.answered"]
    other = server.nas()
    assert other.verified(request, other.ask_raw(request)).code == ACCEPT
    assert server.metrics["duplicates.answered"] == answered


def test_copies_of_one_in_hand_wait_for_its_answer(server, committed, nas, name):
    """The table is locked, so the first is in hand for as long as the test wants."""
    request = nas.pap(name, PASSWORD)
    before = server.metrics["duplicates.in-flight"]
    with committed.connection.transaction():
        committed.all("LOCK TABLE users_user IN ACCESS EXCLUSIVE MODE")
        nas.send(request)
        until(lambda: committed.all("SELECT 1 FROM pg_locks WHERE NOT granted"))
        for _ in range(3):
            nas.send(request)
        until(lambda: server.metrics["duplicates.in-flight"] == before + 3)
        assert nas.receive(0.02) is None
    assert nas.verified(request, nas.receive()).code == ACCEPT
    assert nas.silent(nas.pap("nobody", "x"))


# --- NAS change while it runs -----------------------------------------------------------------------------------------------


def test_a_secret_turned_and_a_nas_switched_off_count_within_a_second(server, committed, name):
    number_, turned = committed.world.nas["acme-east"], b"the new secret"
    nas, renewed = server.nas("acme-east"), server.nas("acme-east", secret=turned)
    assert nas.ask(nas.pap(name, PASSWORD)).code == ACCEPT
    old = committed.one("SELECT secret_sealed FROM nas_nas WHERE id = %s", number_)
    try:
        sealed = seal.seal(turned, purpose="nas-secret", row=f"nas:{number_}")
        committed.all("UPDATE nas_nas SET secret_sealed = %s WHERE id = %s", sealed, number_)
        assert renewed.ask(renewed.pap(name, PASSWORD), within=2).code == ACCEPT
        assert dropped(server, "signature", lambda: nas.send(nas.pap(name, PASSWORD)), renewed)
        committed.all("UPDATE nas_nas SET is_active = false WHERE id = %s", number_)
        until(lambda: server.service.store.clients.find("127.0.0.3") is None, within=1)
    finally:
        committed.all("UPDATE nas_nas SET secret_sealed = %s, is_active = true WHERE id = %s", old, number_)
        until(lambda: server.service.store.clients.find("127.0.0.3") is not None)


def test_an_answer_to_a_nas_that_is_gone_ends_nothing(server, nas, name):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as gone:
        gone.bind(("127.0.0.1", 0))
        for _ in range(5):
            gone.sendto(nas.pap(name, "wrong"), ("127.0.0.1", server.auth_port))
    for _ in range(3):
        assert nas.ask(nas.pap(name, PASSWORD)).code == ACCEPT


def test_young_objects_are_swept_a_few_at_a_time(server):
    """Left to itself the collector stood still over a hundred thousand of them, in every second that was busy."""
    swept = []
    metrics = server.service.metrics
    before = metrics["received"]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as flood:
        gc.disable()
        gc.callbacks.append(note := lambda phase, info: swept.append(info["generation"]) if phase == "start" else None)
        try:
            while metrics["received"] < before + 3 * SWEEP:
                flood.sendto(b"no packet", ("127.0.0.1", server.auth_port))
        finally:
            gc.callbacks.remove(note)
            gc.enable()
    assert len(swept) >= 2
    assert set(swept) == {0}
