"""Targets for EAP: packets, fragments, what comes through a tunnel, and whole conversations.

Handshakes need no fuzzing here, they are OpenSSL's. So inside a tunnel a stand-in takes its place that passes octets through; and
before a tunnel the real one gets any octets for a handshake.
"""

import functools
from typing import Any

import eap_peer
from fuzz.feed import Feed, Target, piece, promise
from gate.protocols.eap import fragments, md5, mschapv2, packet, peap, ttls
from gate.protocols.eap.errors import MessageMalformed, PacketMalformed
from gate.protocols.eap.session import MAX_ROUNDS, Conversation, Failure, Ignored, Outcome, Request, Success
from gate.protocols.eap.steps import Failed, NeedPassword, NeedSecret
from gate.protocols.radius.packet import Packet
from gate.protocols.radius.packet import encode as encode_packet

PASSWORD = b"secret"


def packets(data: bytes) -> None:
    """Any octets as a peer's packet, and on their way through RADIUS."""
    if data and len(data) < 4000:
        carried = Packet.parse(encode_packet(1, 0, bytes(16), packet.encode_attributes(data)))
        promise(b"".join(carried.get_all(packet.EAP_MESSAGE)) == data, "a packet comes through RADIUS whole")
    try:
        response = packet.parse_response(data)
    except PacketMalformed:
        return
    again = packet.encode_response(identifier=response.identifier, type=response.type, data=response.data)
    promise(data.startswith(again), "parsing loses nothing but padding")
    try:
        promise(packet.decode_identity(response.data).encode() == response.data.partition(b"\0")[0], "a name is told whole")
    except PacketMalformed:
        return


def pieces(data: bytes) -> None:
    """Any fragments; and a message cut into fragments and put together again."""
    feed = Feed(data)
    incoming = fragments.Incoming()
    message, size, version = feed.piece() * (1 + feed.octet() % 32), 1 + feed.number(2) % 1500, feed.octet() & 7
    outgoing, whole = fragments.Outgoing(size=size, version=version), None
    outgoing.put(message)
    while outgoing:
        promise(whole is None, "the last fragment is the last")
        part = outgoing.next()
        promise(len(part) <= size + 5, "a fragment fits")
        whole = incoming.add(part)
    promise(whole == (message or None), "what was cut is put together again")
    taken = len(message)
    while feed:
        part = feed.piece() + bytes(feed.number(2))
        taken += len(part)
        try:
            whole = incoming.add(part)
        except MessageMalformed:
            return
        # Of each fragment up to 5 octets are flags and length.
        promise(taken <= fragments.MAX_RECEIVED + 6 * (len(data) + 70_000 // size), "no more is taken than may be")
        promise(whole is None or len(whole) <= fragments.MAX_MESSAGE, "no message is longer than may be")


def avps(data: bytes) -> None:
    """What comes through the tunnel of TTLS."""
    try:
        found = ttls.parse_avps(data)
    except MessageMalformed:
        return
    promise(len(found) <= ttls.MAX_AVPS, "their number is bounded")
    again = ttls.parse_avps(b"".join(avp.encode() for avp in found))
    promise([(one.vendor, one.code, one.value) for one in again] == [(one.vendor, one.code, one.value) for one in found],
            "what is parsed can be encoded")  # fmt: skip


def inner(data: bytes) -> None:
    """What comes through the tunnel of PEAP, the Result TLV, EAP-MSCHAPv2's answers and EAP-MD5's."""
    feed = Feed(data)
    identifier, rest = feed.octet(), feed.rest()
    for decode in (lambda: peap.parse_inner(rest, identifier=identifier), lambda: peap.parse_result(rest)):
        try:
            decode()
        except MessageMalformed:
            continue
    try:
        answer = mschapv2.parse_answer(rest, identifier=identifier)
    except MessageMalformed:
        pass
    else:
        length = int.from_bytes(rest[2:4], "big")
        promise(answer.username == rest[54:length] and 54 <= length <= len(rest), "a name ends where the answer does")
    for right in (True, False):
        promise(peap.parse_result(peap.encode_result(right=right)) is right, "a result is told and understood")
    method = md5.EapMd5(claimed="bob", identifier=identifier)
    step = method.receive(rest, now=0.0)
    promise(isinstance(step, Failed | NeedSecret), "an answer fails or is looked at")
    if isinstance(step, NeedSecret):
        promise(step.verify(PASSWORD) is False, "the challenge was random")


# ruff: noqa: ARG002 - a stand-in takes what the real one takes
class _Glass:
    """A tunnel through which octets pass as they are."""

    is_tls_1_3 = True
    tie = None

    def __init__(self) -> None:
        self._in = b""
        self._out = b""

    def feed(self, octets: bytes) -> None:
        self._in += octets

    def drain(self) -> bytes:
        out, self._out = self._out, b""
        return out

    def handshake(self, *, now: float) -> bool:
        return True

    def read(self) -> bytes:
        plain, self._in = self._in, b""
        return plain

    def write(self, octets: bytes) -> None:
        self._out += octets

    def msk(self) -> bytes:
        return bytes(64)

    def export(self, label: bytes, size: int, *, context: bytes | None = None) -> bytes:
        return bytes(size)

    def settle(self) -> bytes:
        return b""

    def peer_certificate(self) -> None:
        return None


class _GlassServer:
    takes_certificates = True

    def connect(self, method: int) -> _Glass:
        return _Glass()


@functools.cache
def _real_server() -> Any:
    return eap_peer.server(eap_peer.authority())


_OFFERS = (
    (packet.MD5_CHALLENGE,), (packet.TTLS,), (packet.PEAP,), (packet.TLS,), (packet.PEAP, packet.TTLS, packet.TLS),
    (packet.MD5_CHALLENGE, packet.PEAP), (), (packet.TTLS, packet.MD5_CHALLENGE),
)  # fmt: skip


def talk(data: bytes, *, server: Any) -> None:
    """One conversation with a peer that says anything, and a caller that answers anything.

    A packet has an octet in front: bit 0 puts in the right identifier, bit 1 the type that is asked for, bit 2 sends the payload
    as it is, bit 3 is what the caller finds of a credential, bit 4 asks for a copy of the packet before.
    """
    feed = Feed(data)
    setup = feed.octet()
    conversation = Conversation(offered=_OFFERS[setup & 7], server=server, fragment=200 + (setup >> 3) * 40)
    asked, right, requests, octets, over = b"", False, 0, b"", False
    for _ in range(400):
        if not feed:
            break
        how = feed.octet()
        payload = feed.piece()
        if not how & 16:
            octets = payload if how & 4 else _response(asked, payload, how)
        outcome = conversation.receive(octets, now=0.0)
        while isinstance(outcome, NeedPassword | NeedSecret):
            promise(not over, "nothing is asked when it is over")
            right = bool(how & 8)
            if isinstance(outcome, NeedSecret):
                right = outcome.verify(PASSWORD) and right
            outcome = conversation.answer(right=right)
        promise(not over or isinstance(outcome, Ignored), "when it is over, nothing counts")
        _look(outcome, right=right)
        over = over or isinstance(outcome, Success | Failure)
        if isinstance(outcome, Request):
            asked, requests = outcome.octets, requests + 1
            promise(requests <= MAX_ROUNDS, "its rounds are bounded")
            promise(len(asked) <= 1024 + 300, "a request fits into a packet")


def _response(asked: bytes, payload: bytes, how: int) -> bytes:
    identifier = asked[1] if how & 1 and len(asked) > 1 else len(payload)
    kind = asked[4] if how & 2 and len(asked) > 4 else packet.IDENTITY
    return packet.encode_response(identifier=identifier, type=kind, data=payload)


def _look(outcome: Outcome, *, right: bool) -> None:
    match outcome:
        case Request(octets=octets):
            promise(octets[0] == packet.REQUEST and int.from_bytes(octets[2:4], "big") == len(octets), "a Request is one")
        case Success(octets=octets, refusal=refusal):
            promise(right, "nobody succeeds without a right credential")
            promise(octets[0] == packet.SUCCESS and refusal[0] == packet.FAILURE, "both ways out are there")
        case Failure(octets=octets):
            promise(octets[0] == packet.FAILURE and len(octets) == 4, "a Failure is one")
        case Ignored(reason=reason):
            promise(reason, "who discards says why")
        case _:
            promise(False, "nothing else comes out")


def through_glass(data: bytes) -> None:
    """Conversations whose tunnels stand open."""
    talk(data, server=_GlassServer())


def before_tls(data: bytes) -> None:
    """Conversations that never get through OpenSSL's handshake."""
    talk(data, server=_real_server())


def _packet_seeds() -> list[bytes]:
    return [
        packet.encode_response(identifier=1, type=packet.IDENTITY, data=b"bob@example.net"),
        packet.encode_response(identifier=2, type=packet.NAK, data=bytes((packet.TTLS, packet.PEAP))),
        packet.encode_success(identifier=3),
    ]


def _fragment_seeds() -> list[bytes]:
    return [piece(b"abc") + b"\x1f\x00\x10\x00" + piece(b"\xc0\x00\x00\x00\x06abc") + b"\x00" + piece(b"\x00def") + b"\x00"]


def _pap(name: bytes, password: bytes) -> bytes:
    return ttls.Avp(0, ttls.USER_NAME, name).encode() + ttls.Avp(0, ttls.USER_PASSWORD, password).encode()


def _avp_seeds() -> list[bytes]:
    vendor = ttls.Avp(ttls.MICROSOFT, ttls.MS_CHAP_CHALLENGE, bytes(16)).encode()
    return [
        _pap(b"bob", PASSWORD.ljust(16, b"\0")),
        vendor + ttls.Avp(ttls.MICROSOFT, ttls.MS_CHAP2_RESPONSE, bytes(50)).encode(),
    ]


def _mschap_answer(identifier: int) -> bytes:
    value = b"\x31" + bytes(49) + b"bob"
    return bytes((mschapv2.RESPONSE, identifier)) + (4 + len(value)).to_bytes(2, "big") + value


def _inner_seeds() -> list[bytes]:
    result = packet.encode_response(identifier=4, type=packet.EXTENSIONS, data=peap.encode_result(right=True))
    return [b"\x04" + result, b"\x04" + peap.encode_result(right=False), b"\x05" + _mschap_answer(5), b"\x06\x10" + bytes(16)]


def _says(how: int, *payloads: bytes) -> bytes:
    return b"".join(bytes((how,)) + piece(payload) for payload in payloads)


def _talk_seeds() -> list[bytes]:
    identity = _says(0, b"bob@example.net")
    plain = b"\x00"
    tlv = packet.encode_response(identifier=3, type=packet.EXTENSIONS, data=peap.encode_result(right=True))
    peap_talk = _says(11, plain, plain, plain + b"\x01bob", plain + b"\x1a" + _mschap_answer(2), plain + b"\x1a\x04", plain + tlv)
    return [
        b"\x00" + identity + _says(11, b"\x10" + bytes(16)),
        b"\x01" + identity + _says(11, plain + _pap(b"bob", PASSWORD)),
        b"\x01" + identity + _says(11, plain + b"".join(_avp_seeds()[1:]) + _pap(b"bob", b"")[:16]),
        b"\x02" + identity + peap_talk,
        b"\x04"
        + identity
        + _says(1, bytes((packet.TTLS,)))
        + _says(11, plain + _pap(b"bob", PASSWORD), b"\x80\x00\x00\x00\x05abcde"),
        b"\x03" + identity + _says(3, b"\x80\x00\x00\x00\x08\x16\x03\x01\x00\x03\x01\x00\x00", b"\x00"),
        b"\x02"
        + _says(4, b"")
        + identity
        + _says(19, b"\xc0\x00\x00\x01\x00" + bytes(100), b"\x40" + bytes(100))
        + _says(16, b""),
    ]


TARGETS = (
    Target("eap-packet", packets, _packet_seeds, longest=1200, share=5),
    Target("eap-fragments", pieces, _fragment_seeds, longest=1200, share=4),
    Target("ttls-avps", avps, _avp_seeds, longest=600, share=5),
    Target("eap-inner", inner, _inner_seeds, longest=200, share=4),
    Target("eap-talk", through_glass, _talk_seeds, longest=1500, share=4),
    Target("eap-before-tls", before_tls, _talk_seeds, longest=1500, share=1),
)
