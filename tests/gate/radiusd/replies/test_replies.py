"""A grant on the wire."""

import logging
import struct

from gate.access.rules import decide
from gate.access.types import Facts, Grant, Item, Proof, Reason, Refusal, UserFacts
from gate.protocols.radius.packet import Packet
from gate.radiusd import replies


def attributes(*items, timeout=None, request=None):
    octets = replies.encode(Grant(user_id=7, replies=items, session_timeout=timeout), request or {})
    whole = b"\2\1" + struct.pack("!H", 20 + len(octets)) + bytes(16) + octets
    return Packet.parse(whole)


def test_items_become_attributes_in_their_order_behind_the_session_timeout():
    packet = attributes(
        Item("Filter-Id", ":=", "guests"), Item("WISPr-Bandwidth-Max-Down", "=", "1000"), Item("reply-message", "+=", "hi"),
        timeout=60,
    )  # fmt: skip
    assert [kind for kind, _ in packet.attributes] == [27, 11, 26, 18]
    assert packet.get(27) == struct.pack("!I", 60)
    assert packet.vendor(14122, 8) == struct.pack("!I", 1000)


def test_without_a_limit_there_is_no_session_timeout():
    assert attributes().attributes == []


def test_a_limit_beyond_32_bits_is_the_largest_there_is():
    assert attributes(timeout=2**40).get(27) == b"\xff" * 4


def test_references_take_what_the_request_has():
    packet = attributes(Item("Reply-Message", "=", "Hello %{User-Name}%{Filter-Id}"), request={"User-Name": ["eve"]})
    assert packet.get(18) == b"Hello eve"


def test_what_does_not_encode_is_left_out_and_told(caplog):
    with caplog.at_level(logging.WARNING):
        packet = attributes(
            Item("No-Such-Attribute", "=", "x"), Item("Idle-Timeout", "=", "soon"), Item("Reply-Message", "=", ""),
            Item("Filter-Id", "=", "x" * 254), Item("User-Password", "=", "hunter2"), Item("Class", "=", "%{User-Name}"),
            Item("Idle-Timeout", "=", "5"),
        )  # fmt: skip
    assert packet.attributes == [(28, struct.pack("!I", 5))]
    assert "Idle-Timeout" in caplog.text
    assert "hunter2" not in caplog.text


def test_what_is_lacking_at_every_sign_in_is_told_once(caplog):
    with caplog.at_level(logging.WARNING):
        for name in ("eve", "bob", "eve"):
            assert attributes(Item("Login-LAT-Group", "=", "%{Filter-Id}"), request={"User-Name": [name]}).attributes == []
    assert len(caplog.records) == 1
    assert "Login-LAT-Group" in caplog.text


def test_what_does_not_fit_is_left_out_whole(caplog):
    items = [Item("Reply-Message", "+=", f"{number:03}" + "x" * 250) for number in range(20)]
    packet = attributes(*items, timeout=60)
    assert packet.get(27) == struct.pack("!I", 60)
    size = sum(2 + len(value) for _, value in packet.attributes)
    assert replies.ROOM - 255 < size <= replies.ROOM
    assert [value[:3] for kind, value in packet.attributes if kind == 18] == [
        b"%03d" % n for n in range(len(packet.attributes) - 1)
    ]
    assert "do not fit" in caplog.text


def test_a_profile_not_in_memory_refuses():
    import datetime as dt

    user = UserFacts(
        id=7, organization_id=1, organization_active=True, is_active=True, expiration=None, credit=None, klass=None,
        profiles=(replies.UNKNOWN_PROFILE,),
    )  # fmt: skip
    decision = decide(Facts(user=user, proof=Proof.RIGHT, request={}), dt.datetime.now(tz=dt.UTC))
    assert isinstance(decision, Refusal)
    assert decision.reason is Reason.CHECK_FAILED
    assert "not loaded yet" in decision.detail
