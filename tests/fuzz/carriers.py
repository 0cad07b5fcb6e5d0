"""Targets for what carries packets and tells of them: streams, RADIUS/1.1, proxying, rlm_rest, operators' dictionaries."""

import json
from typing import Any

import radius_vectors
from fuzz.feed import Feed, Target, piece, promise
from gate.protocols.radius import dictionary, mppe, pap, proxying, signing, v11
from gate.protocols.radius.dictionary import Attribute, reader, wire
from gate.protocols.radius.dictionary.reader import DictionaryMalformed
from gate.protocols.radius.errors import PacketError, ValueMalformed
from gate.protocols.radius.packet import Packet, encode, encode_attribute, encode_vendor
from gate.protocols.radius.stream import Frames
from gate.radiusd.freeradius import attributes as rlm_rest

SECRET, OTHER = b"fuzz-secret", b"another-secret"
AUTHENTICATOR = bytes(range(16))


def _packet(octets: bytes, *, code: int = 1) -> Packet | None:
    """A packet of these attributes; None where they are none."""
    size = 20 + len(octets)
    try:
        return Packet.parse(bytes((code, 7, size >> 8 & 255, size & 255)) + AUTHENTICATOR + octets)
    except PacketError:
        return None


def streams(data: bytes) -> None:
    """Any octets as what comes by a connection, in pieces of any size: the same packets as in one piece."""
    feed = Feed(data)
    size, octets = 1 + feed.octet(), feed.rest()
    try:
        whole = Frames().receive(octets)
    except PacketError:
        whole = None
    frames, parts = Frames(), []
    try:
        for at in range(0, len(octets), size):
            parts += frames.receive(octets[at : at + size])
            promise(len(frames) < 4096, "less than a packet is held")
    except PacketError:
        promise(whole is None, "in pieces it is broken as it is in one")
        return
    promise(whole is not None, "in one piece it is as whole as in many")
    promise(parts == whole, "in pieces the packets are the same")
    promise(all(20 <= len(one) == int.from_bytes(one[2:4], "big") <= 4096 for one in parts), "each is as long as it says")
    promise(octets.startswith(b"".join(parts)), "nothing is lost")


def versions(data: bytes) -> None:
    """Any octets as a RADIUS/1.1 packet, and an answer to it with whatever is hidden in it."""
    feed = Feed(data)
    key, password = feed.piece()[:200], feed.piece()[:120]
    octets = feed.rest()
    try:
        request = v11.parse(octets, secret=SECRET)
    except PacketError:
        return
    promise(v11.token_of(request) == octets[4:8], "the Token is the Token")
    promise(all(kind != 80 for kind, _ in request.attributes), "a Message-Authenticator is not read")
    original = Packet.parse(octets).get(2)
    if original is not None and len(original) <= 128:
        hidden = request.get(2)
        promise(
            hidden is not None and pap.decrypt(hidden, SECRET, request.authenticator) == original.rstrip(b"\0"),
            "a password is kept",
        )
    salt = b"\x80\x01"
    hidden = mppe.encrypt(key, secret=SECRET, authenticator=request.authenticator, salt=salt)
    tunnel = mppe.encrypt(password, secret=SECRET, authenticator=request.authenticator, salt=salt)
    plain = encode_attribute(25, b"gold")
    attributes = plain + encode_attribute(69, b"\1" + tunnel)
    if key and len(hidden) <= 247:
        attributes += encode_vendor(mppe.MICROSOFT, mppe.SEND_KEY, hidden)
    answer = Packet.parse(v11.response(code=2, request=request, secret=SECRET, attributes=attributes))
    promise(answer.get(69) == (b"\1" + password)[:253], "a tunnel's password is bare")
    promise(answer.vendor(mppe.MICROSOFT, mppe.SEND_KEY) == (key if key and len(hidden) <= 247 else None), "a key is bare")


def proxied(data: bytes) -> None:
    """Any attributes as a request to forward, and as a home server's reply."""
    feed = Feed(data)
    choice, name, waited = feed.octet(), feed.piece()[:250] or None, feed.number(4)
    found = _packet(feed.rest(), code=4 if choice & 1 else 1)
    if found is None:
        return
    state = b"proxy-state"
    if choice & 1:
        kept = proxying.accounting_kept(found, username=name, proxy_state=state)
        sent = proxying.accounting_request(kept, waited=waited)
        forwarded = _packet(sent, code=4)
        promise(forwarded is not None or len(sent) > 4000, "what is forwarded is a packet")
        promise(forwarded is None or forwarded.get_all(33)[-1] == state, "our Proxy-State is the last")
        return
    try:
        sent = proxying.access_request(
            found, secret=SECRET, to_secret=OTHER, authenticator=bytes(16), username=name, proxy_state=state
        )
    except ValueMalformed:
        sent = b""
    promise(not sent or len(sent) > 4000 or _packet(sent) is not None, "what is forwarded is a packet")
    _reply(found, choice)


def _reply(found: Packet, choice: int) -> None:
    allowed = frozenset({(0, 25), (0, 18), (14823, 5)}) if choice & 2 else None
    realm = b"example.net" if choice & 4 else None
    try:
        told = proxying.reply(
            found, secret=SECRET, authenticator=AUTHENTICATOR, to_secret=OTHER, to_authenticator=bytes(16),
            salt=proxying.salts(b"\x80\x01"), allowed=allowed, realm=realm,
        )  # fmt: skip
    except ValueMalformed:
        return
    passed = _packet(told, code=2)
    promise(passed is not None or len(told) > 4000, "what goes on to the NAS is a packet")
    promise(passed is None or not passed.get_all(33), "Proxy-States of others stay with others")
    if len(told) < 4000:
        signing.response(code=2, identifier=1, request_authenticator=bytes(16), secret=OTHER, attributes=told)


def rest_doors(data: bytes) -> None:
    """Any JSON from a FreeRADIUS, and any attributes told to it."""
    feed = Feed(data)
    said: Any
    if feed.octet() & 1:
        try:
            said = json.loads(feed.rest())
        except (ValueError, RecursionError):
            return
    else:
        said = {}
        while feed and len(said) < 8:
            number = feed.number(2)
            name = dictionary.ALL[number % len(dictionary.ALL)].name if number & 0x8000 else feed.text()
            kind = ("string", "integer", "octets", "date", "ipaddr", "ifid", "vsa", "")[feed.octet() % 8]
            said[name] = {"type": kind, "value": [feed.text(), (None, 7, -1, 1.5, [], "2024")[feed.octet() % 6]]}
    try:
        packet = rlm_rest.packet_of(said, code=1, secret=SECRET, authenticator=AUTHENTICATOR)
    except ValueMalformed:
        return
    promise(all(len(value) <= 253 and 0 <= kind <= 255 for kind, value in packet.attributes), "each attribute fits")
    octets = b"".join(
        bytes((kind, len(value) + 2)) + value for kind, value in packet.attributes if kind != 26 or b"\1\x37" not in value
    )
    told = rlm_rest.json_of(octets, secret=SECRET, authenticator=AUTHENTICATOR)
    json.dumps(told).encode()


def dictionaries(data: bytes) -> None:
    """Any text as an operator's dictionary: refused with a place and a reason, or what it defines can be written and read."""
    feed = Feed(data)
    octets, other = feed.piece(), feed.piece().decode("utf-8", "replace")
    text = feed.rest().decode("utf-8", "replace")
    files = {"dictionary": text, "other": other}

    def opened(name: str, _: str) -> tuple[str, str] | None:
        return (name, files[name]) if name in files else None

    try:
        reading = reader.read(["dictionary"], open_file=opened, by_name=dictionary.by_name, by_number=dictionary.by_number)
    except DictionaryMalformed as error:
        promise(str(error).startswith(("dictionary, line ", "other, line ")), "a fault has a place")
        return
    for attribute in reading.attributes[:20]:
        _there_and_back(attribute, octets)


def _there_and_back(attribute: Attribute, octets: bytes) -> None:
    try:
        told = dictionary.decode_value(attribute, octets)
    except ValueMalformed:
        pass
    else:
        promise("\0" not in told, "PostgreSQL takes every decoded value")
    if attribute.internal or attribute.layout is None:
        return
    try:
        written = wire.encode(attribute, attribute.layout, octets)
    except ValueMalformed:
        return
    packet = Packet.parse(encode(2, 0, bytes(16), written))
    found = wire.find(attribute, attribute.layout, packet)
    promise(found == [octets] or not octets, "what is written is found again")
    # And anything a NAS may send in its place.
    vendor = attribute.vendor.to_bytes(4, "big") + octets
    others = [(26, vendor), (26, octets), (attribute.layout.extended, octets), (attribute.layout.extended, b"\x1a" + vendor)]
    wire.find(attribute, attribute.layout, Packet(2, 0, bytes(16), [*others, (attribute.number & 255, octets)]))


def _stream_seeds() -> list[bytes]:
    whole = [vector.packet for vector in radius_vectors.PACKETS.values() if "packet" in vector.keys]
    return [b"\x0c" + b"".join(whole[:2]), b"\xff" + whole[0], b"\x00" + whole[1][:40]]


def _version_seeds() -> list[bytes]:
    start = piece(bytes(32)) + piece(b"tunnel")
    octets = (
        encode_attribute(1, b"bob")
        + encode_attribute(2, b"password")
        + encode_attribute(80, bytes(16))
        + encode_attribute(3, bytes(17))
    )
    return [start + encode(1, 0, b"\1\2\3\4" + bytes(12), octets), piece(b"") + start + encode(4, 0, bytes(16), octets[:5])]


def _proxy_seeds() -> list[bytes]:
    hidden = mppe.encrypt(bytes(32), secret=SECRET, authenticator=AUTHENTICATOR, salt=b"\x80\x01")
    request = encode_attribute(1, b"bob@example.net") + encode_attribute(2, pap.encrypt(b"password", SECRET, AUTHENTICATOR))
    reply = (
        encode_vendor(311, 16, hidden)
        + encode_attribute(69, b"\0" + hidden)
        + encode_attribute(33, b"theirs")
        + encode_vendor(311, 12, pap.encrypt(b"k" * 24, SECRET, AUTHENTICATOR))
    )
    return [
        b"\x00" + piece(b"bob") + bytes(4) + request + encode_attribute(3, bytes(17)),
        b"\x01" + piece(b"") + b"\0\0\0\7" + encode_attribute(41, b"\0\0\0\1") + encode_attribute(44, b"x"),
        b"\x06" + piece(b"") + bytes(4) + reply + encode_attribute(1, b"bob"),
        b"\x00" + piece(b"") + bytes(4) + reply,
    ]


def _rest_seeds() -> list[bytes]:
    said = {
        "User-Name": {"type": "string", "value": ["bob"]}, "User-Password": {"type": "string", "value": ["password"]},
        "NAS-Port-Type": {"type": "integer", "value": [19]},
        "Event-Timestamp": {"type": "date", "value": ["Jan 31 2024 12:00:00 UTC"]},
        "Attr-26.9.1": {"type": "octets", "value": ["0x1234"]}, "Tunnel-Type:1": {"type": "integer", "value": ["VLAN"]},
        "Framed-IP-Address": {"type": "ipaddr", "value": ["192.0.2.1"]}, "Class": {"type": "octets", "value": ["0xff"]},
    }  # fmt: skip
    return [
        b"\x01" + json.dumps(said).encode(),
        b"\x00\x80\x07\x00" + piece(b"bob") + b"\x01\x00\x00" + piece(b"Attr-26.9.1") + b"\x02" + piece(b"0x12"),
    ]


_DICTIONARY = b"""# Acme
VENDOR Acme 99999 format=1,1
BEGIN-VENDOR Acme
ATTRIBUTE Acme-Level 1 integer
VALUE Acme-Level Gold 1
ATTRIBUTE Acme-Box 2 tlv
BEGIN-TLV Acme-Box
ATTRIBUTE Acme-Inner 1 string
END-TLV Acme-Box
ATTRIBUTE Acme-Key 3 octets encrypt=2
END-VENDOR Acme
$INCLUDE other
"""
_MORE = (
    b"VENDOR Wide 99998 format=2,2\nATTRIBUTE Wide-One 300 ipaddr Wide\n",
    b"VENDOR WiMAX 24757 format=1,1,c\nBEGIN-VENDOR WiMAX\nATTRIBUTE WiMAX-Long 1 octets\nEND-VENDOR WiMAX\n",
    b"ATTRIBUTE Extended-One 241.1 byte\nATTRIBUTE Long-One 245.2.3 string\nVALUE Extended-One On 1\n",
    b"VENDOR New 7\nBEGIN-VENDOR New format=Extended-Vendor-Specific-5\nATTRIBUTE New-One 9 signed\nEND-VENDOR New\n",
    b"VALUE NAS-Port-Type Carrier-Pigeon 1149\nATTRIBUTE Prefix-One 250 ipv4prefix\n$INCLUDE- nothing\n$INCLUDE dictionary\n",
)


def _dictionary_seeds() -> list[bytes]:
    return [piece(b"\0\0\0\1") + piece(more) + _DICTIONARY for more in _MORE] + [
        piece(b"x" * 250) + piece(b"") + more for more in _MORE
    ]


TARGETS = (
    Target("streams", streams, _stream_seeds, longest=6000, share=4),
    Target("radius-1.1", versions, _version_seeds, longest=1200, share=4),
    Target("proxying", proxied, _proxy_seeds, longest=1200, share=4),
    Target("rlm-rest", rest_doors, _rest_seeds, longest=1200, share=4),
    Target("dictionaries", dictionaries, _dictionary_seeds, longest=1500, share=4),
)
