"""RFC 5176 from the sender's side: what goes out, what of the answers is believed, when it is sent again and given up."""

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate.protocols.radius import dictionary, signing
from gate.protocols.radius.client import IDENTIFIERS, Answered, Busy, Client, Unanswered
from gate.protocols.radius.errors import PacketTooLong
from gate.protocols.radius.packet import Packet

SECRET = b"testing123testing123"
NAS = ("192.0.2.7", 3799)
ATTRIBUTES = dictionary.encode("User-Name", "john") + dictionary.encode("Acct-Session-Id", "0001")


def begun(client, *, now=100.0, code=40, destination=NAS):
    """A request and its octets on the wire."""
    handle = client.send(code=code, attributes=ATTRIBUTES, secret=SECRET, destination=destination, now=now)
    ((packet, sent_to),) = client.datagrams_to_send()
    assert sent_to == destination
    return handle, packet


def answer(packet, code, attributes=b"", *, secret=SECRET, identifier=None, authenticator=None, signed=True):
    return signing.response(
        code=code,
        identifier=packet[1] if identifier is None else identifier,
        request_authenticator=packet[4:20] if authenticator is None else authenticator,
        secret=secret,
        attributes=attributes,
        message_authenticator=signed,
    )


def cause(number):
    return dictionary.encode("Error-Cause", str(number))


def test_the_request_is_signed_as_the_rfc_says():
    """Section 2.3: Request Authenticator as of an Accounting-Request, Message-Authenticator over zeros in its place."""
    _, packet = begun(Client())
    assert packet[0] == 40
    assert int.from_bytes(packet[2:4], "big") == len(packet)
    assert packet[4:20] == hashlib.md5(packet[:4] + bytes(16) + packet[20:] + SECRET).digest()
    parsed = Packet.parse(packet)
    assert parsed.attributes[0][0] == 80
    unsigned = packet[:4] + bytes(16) + bytes((80, 18)) + bytes(16) + packet[38:]
    assert parsed.get(80) == hmac.new(SECRET, unsigned, "md5").digest()
    assert packet[38:] == ATTRIBUTES


@pytest.mark.parametrize(
    ("code", "answered", "acknowledged", "attributes", "error_cause"),
    [
        (40, 41, True, b"", None), (40, 42, False, b"", None), (40, 42, False, cause(503), 503), (43, 44, True, b"", None),
        (43, 45, False, cause(401), 401), (40, 42, False, bytes((101, 4, 1, 2)), None),
    ],
)  # fmt: skip
@pytest.mark.parametrize("signed", [True, False])
def test_answers_are_told(code, answered, acknowledged, attributes, error_cause, signed):
    client = Client()
    handle, packet = begun(client, code=code)
    reply = answer(packet, answered, attributes, signed=signed)
    assert client.receive(reply, NAS, 100.25) == Answered(handle, answered, acknowledged, error_cause, 0.25)
    assert client.receive(reply, NAS, 100.3) is None
    assert (len(client), client.get_timer()) == (0, None)


@pytest.mark.parametrize(
    "forge",
    [
        lambda packet: (answer(packet, 41, secret=b"another secret 12"), NAS),
        lambda packet: (answer(packet, 41, authenticator=bytes(16)), NAS),
        lambda packet: (answer(packet, 41, identifier=packet[1] ^ 1), NAS),
        lambda packet: (answer(packet, 41), ("192.0.2.8", 3799)),
        lambda packet: (answer(packet, 41), ("192.0.2.7", 1700)),
        lambda packet: (answer(packet, 44), NAS),
        lambda packet: (answer(packet, 2), NAS),
        lambda packet: (answer(packet, 41)[:-1], NAS),
        lambda packet: (answer(packet, 41, bytes((80, 18)) + bytes(16), signed=False), NAS),
        lambda packet: (answer(packet, 41)[:19], NAS),
        lambda packet: (packet, NAS),
        lambda _: (b"", NAS),
        lambda _: (b"\x29", NAS),
    ],
    ids=[
        "wrong secret", "wrong authenticator", "wrong identifier", "wrong source", "wrong port", "answer to a CoA",
        "Access-Accept", "cut short", "wrong Message-Authenticator", "no header", "our own packet", "empty", "one octet",
    ],
)  # fmt: skip
def test_what_cannot_be_believed_is_passed_over_and_the_right_answer_still_counts(forge):
    client = Client()
    handle, packet = begun(client)
    assert client.receive(*forge(packet), 101.0) is None
    assert client.ignored == 1
    assert client.receive(answer(packet, 41), NAS, 101.0) == Answered(handle, 41, True, None, 1.0)


def test_it_is_sent_three_times_octet_for_octet_then_given_up():
    client = Client(waits=(2.0, 4.0, 8.0))
    handle, packet = begun(client)
    sent = [100.0]
    while len(client):
        now = client.get_timer()
        assert client.handle_timer(now - 0.01) == []
        assert client.datagrams_to_send() == []
        over = client.handle_timer(now)
        for octets, destination in client.datagrams_to_send():
            assert (octets, destination) == (packet, NAS)
            sent.append(now)
    assert sent == [100.0, 102.0, 106.0]
    assert (now, over) == (114.0, [Unanswered(handle)])
    assert client.receive(answer(packet, 41), NAS, 115.0) is None


def test_a_late_answer_to_the_first_transmission_counts():
    client = Client()
    handle, packet = begun(client)
    client.handle_timer(102.0)
    client.handle_timer(106.0)
    assert client.receive(answer(packet, 41), NAS, 107.0) == Answered(handle, 41, True, None, 7.0)
    assert client.handle_timer(1e9) == []


def test_identifiers_rest_before_they_are_used_again():
    client = Client()
    seen = []
    for _ in range(IDENTIFIERS):
        _, packet = begun(client)
        seen.append(packet[1])
        client.receive(answer(packet, 41), NAS, 100.0)
    assert sorted(seen) == list(range(IDENTIFIERS))
    assert begun(client)[1][1] == seen[0]


def test_an_answer_to_an_earlier_request_with_the_identifier_is_not_believed():
    client = Client()
    _, first = begun(client)
    client.receive(answer(first, 41), NAS, 100.0)
    for _ in range(IDENTIFIERS - 1):
        client.receive(answer(begun(client)[1], 41), NAS, 100.0)
    client.send(code=43, attributes=ATTRIBUTES, secret=SECRET, destination=NAS, now=100.0)
    assert client.receive(answer(first, 41), NAS, 100.0) is None
    assert len(client) == 1


def test_there_are_no_more_than_256_for_one_destination_and_no_more_than_allowed_in_all():
    client = Client(capacity=300)
    for _ in range(IDENTIFIERS):
        begun(client)
    with pytest.raises(Busy):
        begun(client)
    other = ("2001:db8::7", 3799)
    for _ in range(300 - IDENTIFIERS):
        begun(client, destination=other)
    with pytest.raises(Busy):
        begun(client, destination=other)
    assert len(client.handle_timer(1e9)) == 0  # sent again first
    client.handle_timer(2e9)
    assert len(client.handle_timer(3e9)) == 300
    assert len(client.datagrams_to_send()) == 600
    begun(client)


def test_memory_of_destinations_is_bounded():
    client = Client(capacity=8)
    for number in range(100):
        destination = (f"192.0.2.{number}", 3799)
        _, packet = begun(client, destination=destination)
        client.receive(answer(packet, 41), destination, 100.0)
    assert len(client._next) <= 8


def test_what_does_not_fit_is_refused_and_leaves_nothing_behind():
    client = Client()
    with pytest.raises(PacketTooLong):
        client.send(code=40, attributes=bytes(4096), secret=SECRET, destination=NAS, now=0.0)
    with pytest.raises(ValueError, match="no request to a NAS"):
        client.send(code=4, attributes=b"", secret=SECRET, destination=NAS, now=0.0)
    assert (len(client), client.datagrams_to_send(), client.get_timer()) == (0, [], None)


@given(st.binary(max_size=64), st.integers(0, 255))
def test_no_datagram_raises(data, at):
    client = Client()
    _, packet = begun(client)
    right = answer(packet, 41, ATTRIBUTES)
    assert client.receive(data, NAS, 100.0) is None
    broken = right[: at % len(right)] + data + right[at % len(right) :]
    client.receive(broken, NAS, 100.0)
    client.receive(packet[:2] + data, NAS, 100.0)
