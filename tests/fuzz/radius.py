"""Targets for the RADIUS codec: packets, signatures, values, the dictionary, passwords, answers of NAS."""

from collections.abc import Callable
from typing import Any

import radius_vectors
from fuzz.feed import Feed, Target, piece, promise
from gate.protocols.radius import chap, client, dictionary, dump, mppe, mschap, packet, pap, signing, values
from gate.protocols.radius.dictionary import Kind
from gate.protocols.radius.errors import PacketError, RadiusError, SignatureError, UnknownAttribute, ValueMalformed

SECRET = b"fuzz-secret"
HIDDEN = b"\x01hidden-value\x02"


def parse(data: bytes) -> None:
    """Any datagram: parsed or refused, encoded again octet for octet, told in words without a line break too many."""
    try:
        found = packet.Packet.parse(data)
    except PacketError:
        return
    code, identifier, length = packet.peek(data)
    promise((code, identifier) == (found.code, found.identifier), "peek and parse agree")
    again = b"".join(bytes((kind, len(value) + 2)) + value for kind, value in found.attributes)
    promise(packet.encode(code, identifier, found.authenticator, again) == data[:length], "parsing loses nothing")
    for kind, _ in found.attributes[:8]:
        promise(found.get(kind) == found.get_all(kind)[0], "the first value is the first of all")
    told = dump.describe(found).split("\n")
    promise(all(line.startswith("    ") and line.isprintable() for line in told[1:]), "a dump has one line for each attribute")
    for vendor, kind in ((9, 1), (311, 11), (311, 25), (14823, 5)):
        promise(found.vendor(vendor, kind) == next(iter(found.vendor_all(vendor, kind)), None), "the vendor's first one")


def dump_hides(data: bytes) -> None:
    """A packet with a secret value in whatever attribute hides it: the dump never shows it."""
    feed = Feed(data)
    vendor, kind = feed.number(4), feed.octet()
    value = HIDDEN + feed.take(200)
    attribute = dictionary.by_number(vendor, kind) if vendor else dictionary.by_number(0, kind)
    octets = packet.encode_vendor(vendor, kind, value[:247]) if vendor else packet.encode_attribute(kind, value[:253])
    told = dump.describe(packet.Packet.parse(packet.encode(1, 0, bytes(16), octets)))
    if attribute is not None and attribute.kind is Kind.HIDDEN:
        promise("hidden-value" not in told and HIDDEN.hex() not in told, "what is hidden is not shown")


def signatures(data: bytes) -> None:
    """Any octets as a packet, checked with any secret; and as attributes of packets that are signed here."""
    feed = Feed(data)
    secret, authenticator = feed.piece(), feed.take(16).ljust(16, b"\0")
    octets = feed.rest()
    checks: list[Callable[[], Any]] = [
        lambda: signing.verify_message_authenticator(octets, secret),
        lambda: signing.verify_message_authenticator(octets, secret, authenticator),
        lambda: signing.verify_accounting_request(octets, secret),
        lambda: signing.verify_response(octets, authenticator, secret, require_message_authenticator=True),
    ]
    for check in checks:
        try:
            check()
        except (PacketError, SignatureError):
            continue
    _signed(octets, secret, authenticator)


def _signed(octets: bytes, secret: bytes, authenticator: bytes) -> None:
    """What is signed is believed, and with one bit changed it is not."""
    if len(octets) > 4000 or 80 in octets:
        return
    reply = signing.response(code=2, identifier=7, request_authenticator=authenticator, secret=secret, attributes=octets)
    try:
        packet.Packet.parse(reply)
    except PacketError:
        return
    signing.verify_response(reply, authenticator, secret, require_message_authenticator=True)
    request = signing.access_request(identifier=7, authenticator=authenticator, secret=secret, attributes=octets)
    promise(signing.verify_message_authenticator(request, secret), "a request signed here is believed")
    counted = signing.accounting_request(identifier=7, secret=secret, attributes=octets)
    signing.verify_accounting_request(counted, secret)
    for signed, check in (
        (reply, lambda changed: signing.verify_response(changed, authenticator, secret, require_message_authenticator=True)),
        (request, lambda changed: signing.verify_message_authenticator(changed, secret)),
        (counted, lambda changed: signing.verify_accounting_request(changed, secret)),
    ):
        at = 4 + len(octets) % (len(signed) - 4)
        changed = signed[:at] + bytes((signed[at] ^ 1,)) + signed[at + 1 :]
        try:
            believed = check(changed)
        except RadiusError:
            continue
        promise(believed is False, "a packet that was changed is not believed")


_EXACT: tuple[tuple[Callable[[bytes], Any], Callable[[Any], bytes]], ...] = (
    (values.decode_integer, values.encode_integer),
    (values.decode_integer64, values.encode_integer64),
    (values.decode_date, values.encode_date),
    (values.decode_ipaddr, values.encode_ipaddr),
    (values.decode_ipv6addr, values.encode_ipv6addr),
    (values.decode_ifid, values.encode_ifid),
    (values.decode_ether, values.encode_ether),
    (values.decode_octets, values.encode_octets),
)
_STABLE: tuple[tuple[Callable[[bytes], Any], Callable[[Any], bytes]], ...] = (
    (values.decode_text, values.encode_text),
    (values.decode_ipv6prefix, values.encode_ipv6prefix),
    (values.decode_tagged_integer, lambda found: values.encode_tagged_integer(found[1], found[0])),
    (values.decode_tagged_text, lambda found: values.encode_tagged_text(found[1], found[0])),
)


def any_value(data: bytes) -> None:
    """Any octets by every decoder: the same octets come back, or what they meant does."""
    for decode, encode in _EXACT:
        try:
            found = decode(data)
        except ValueMalformed:
            continue
        promise(encode(found) == data, f"{decode.__name__} loses nothing")
    for decode, encode in _STABLE:
        try:
            found = decode(data)
        except ValueMalformed:
            continue
        promise(decode(encode(found)) == found, f"{decode.__name__} is stable")
    text = data.decode("utf-8", "replace")
    for _, encode in (*_EXACT, *_STABLE[:2]):
        if encode in (values.encode_integer, values.encode_integer64, values.encode_date):
            continue
        try:
            encode(text)
        except ValueMalformed:
            continue


def by_dictionary(data: bytes) -> None:
    """Any octets and any text as the value of every attribute there is."""
    feed = Feed(data)
    attribute = dictionary.ALL[feed.number(2) % len(dictionary.ALL)]
    octets = feed.piece()
    try:
        told = dictionary.decode_value(attribute, octets)
    except ValueMalformed:
        pass
    else:
        promise("\0" not in told, "PostgreSQL takes every decoded value")
        again = dictionary.decode_value(attribute, dictionary.encode_value(attribute, told))
        promise(again == told or attribute.kind in (Kind.TEXT, Kind.OCTETS, Kind.HIDDEN, Kind.VSA), "a decoded value is stable")
    name, text = feed.text(), feed.text()
    for asked in (attribute.name, f"{attribute.name}:{octets[:1].hex()}", name):
        try:
            encoded = dictionary.encode(asked, text)
        except (UnknownAttribute, ValueMalformed):
            continue
        promise(len(encoded) == encoded[1] and len(encoded) <= 255, "an attribute has the length it says")
        packet.Packet.parse(packet.encode(2, 0, bytes(16), encoded))


def vendors(data: bytes) -> None:
    """Contents of Vendor-Specific attributes: any octets taken apart; any parts put together and taken apart again."""
    parts = packet.split_vendor(data)
    try:
        promise(values.decode_vsa(data) == parts, "both decoders agree")
    except ValueMalformed:
        promise(parts is None, "both decoders agree")
    if parts is not None:
        vendor, pairs = parts
        again = vendor.to_bytes(4, "big") + b"".join(bytes((kind, len(value) + 2)) + value for kind, value in pairs)
        promise(again == data, "taking apart loses nothing")
    feed = Feed(data)
    vendor, kind, value = feed.number(4), feed.octet(), feed.rest()
    try:
        attribute = packet.encode_vendor(vendor, kind, value)
    except ValueMalformed:
        return
    promise(packet.split_vendor(attribute[2:]) == (vendor, [(kind, value)]), "one pair goes in and comes out")


def credentials(data: bytes) -> None:
    """User-Password, CHAP-Password, MS-CHAP-V2 and hidden keys, of any octets and back."""
    feed = Feed(data)
    secret, authenticator, password, name = feed.piece(), feed.take(16).ljust(16, b"\0"), feed.piece(), feed.piece()
    rest = feed.rest()
    for work in (
        lambda: pap.decrypt(rest, secret, authenticator),
        lambda: chap.verify(rest, authenticator, password),
        lambda: mppe.decrypt(rest, secret=secret, authenticator=authenticator),
        lambda: mschap.nt_hash(password),
    ):
        try:
            work()
        except ValueMalformed:
            continue
    short = password[:128].rstrip(b"\0")
    promise(pap.decrypt(pap.encrypt(short, secret, authenticator), secret, authenticator) == short, "PAP hides and reveals")
    answer = chap.respond(identifier=len(name), challenge=authenticator, password=password)
    promise(chap.verify(answer, authenticator, password), "CHAP believes the right password")
    key = password[:223]
    hidden = mppe.encrypt(key, secret=secret, authenticator=authenticator, salt=b"\x80\x01")
    promise(mppe.decrypt(hidden, secret=secret, authenticator=authenticator) == key, "a key is hidden and revealed")
    _mschap(rest, password=password, name=name, challenge=authenticator)


def _mschap(value: bytes, *, password: bytes, name: bytes, challenge: bytes) -> None:
    try:
        response = mschap.Response.parse(value)
    except ValueMalformed:
        response = mschap.Response(identifier=0, peer_challenge=bytes(16), nt_response=bytes(24))
    sides = {"authenticator_challenge": challenge, "peer_challenge": response.peer_challenge, "username": name}
    mschap.prove(**sides, password=password, response=response.nt_response)
    try:
        hashed = mschap.nt_hash(password)
    except ValueMalformed:
        return
    right = mschap.nt_response(**sides, password_hash=hashed)
    promise(mschap.prove(**sides, password=password, response=right) is not None, "the right answer proves")


NAS = ("192.0.2.1", 3799)


def answers(data: bytes) -> None:
    """What comes back for a Disconnect-Request: anything from anybody, and answers that are signed rightly."""
    feed = Feed(data)
    sender = client.Client(capacity=4)
    now = 0.0
    for _ in range(feed.octet() % 6):
        try:
            sender.send(code=40 + feed.octet() % 4 // 3 * 3, attributes=feed.piece(), secret=SECRET, destination=NAS, now=now)
        except client.Busy:
            continue
    requests = [octets for octets, _ in sender.datagrams_to_send()]
    while feed:
        kind, now = feed.octet(), now + feed.octet() / 16
        if kind & 1 and requests:
            request = requests[kind % len(requests)]
            octets = signing.response(
                code=request[0] + 1 + (kind >> 1 & 1), identifier=request[1], request_authenticator=request[4:20], secret=SECRET,
                attributes=feed.piece(), message_authenticator=bool(kind & 4),
            )  # fmt: skip
        else:
            octets = feed.piece()
        before = len(sender)
        found = sender.receive(octets, NAS if kind & 8 else ("192.0.2.2", 3799), now)
        promise(len(sender) == before - (found is not None), "an answer ends one request")
        promise(found is None or kind & 1, "only who knows the secret is believed")
        sender.handle_timer(now)
        promise(len(sender.datagrams_to_send()) <= 4, "no more is sent than is under way")


def _vectors() -> list[bytes]:
    every = (*radius_vectors.PACKETS.values(), *radius_vectors.BROKEN.values())
    return [vector.packet for vector in every if "packet" in vector.keys]


def _signed_vectors() -> list[bytes]:
    return [
        piece(vector.secret) + bytes(16) + vector.packet for vector in radius_vectors.PACKETS.values() if "secret" in vector.keys
    ] + [piece(SECRET) + bytes(16) + octets[20:] for octets in _vectors()]


def _value_seeds() -> list[bytes]:
    words = (
        b"\x01\x02\x03\x04", bytes(8), bytes(16), b"\x00\x40\x20\x01\x0d\xb8\x00\x01\x00\x02", b"\x02\x00\x00\x06",
        b"aabb.ccdd.eeff",
        b"2001:db8::1", b"2001:db8::/32", b"192.0.2.1", b"0x1234", b"0:0:0:1", "grüße".encode(), b"fe80::1%eth0", b"\x01VLAN",
    )  # fmt: skip
    return list(words)


def _dictionary_seeds() -> list[bytes]:
    found = []
    for number, attribute in enumerate(dictionary.ALL):
        word = next(iter(attribute.values), None) or _SAMPLES.get(attribute.kind, "a text")
        try:
            octets = dictionary.encode_value(attribute, word)
        except RadiusError:
            octets = b"\0\0\0\1"
        if number % 7 == 0 or attribute.kind not in (Kind.TEXT, Kind.INTEGER):
            found.append(number.to_bytes(2, "big") + piece(octets) + piece(attribute.name.encode()) + piece(word.encode()))
    return found


_SAMPLES = {
    Kind.IPADDR: "192.0.2.1", Kind.IPV6ADDR: "2001:db8::1", Kind.IPV6PREFIX: "2001:db8::/32", Kind.IFID: "0:0:0:1",
    Kind.ETHER: "02:00:00:00:00:01", Kind.DATE: "2024-01-31T12:00:00Z", Kind.INTEGER: "7", Kind.INTEGER64: "8",
    Kind.OCTETS: "0x01",
}  # fmt: skip


def _vsa_seeds() -> list[bytes]:
    return [packet.encode_vendor(*one)[2:] for one in ((9, 1, b"ssid=Guests"), (311, 11, bytes(16)), (14823, 5, b"Guests"))] + [
        (25053).to_bytes(4, "big") + b"\x03\x05ssd\x87\x04ab"
    ]


def _credential_seeds() -> list[bytes]:
    start = piece(SECRET) + bytes(range(16)) + piece(b"password") + piece(b"DOMAIN\\user")
    hidden = mppe.encrypt(bytes(32), secret=SECRET, authenticator=bytes(range(16)), salt=b"\x80\x01")
    response = mschap.Response(identifier=3, peer_challenge=bytes(16), nt_response=bytes(24)).encode()
    return [start + rest for rest in (pap.encrypt(b"password", SECRET, bytes(range(16))), bytes(17), hidden, response)]


def _answer_seeds() -> list[bytes]:
    cause = b"\x65\x06\x00\x00\x01\xf7"
    return [b"\x01\x00" + piece(b"\x01\x05bob") + b"\x09\x10" + piece(cause), b"\x05" + b"\x03\x00" * 5 + b"\x08\xff\x00" * 8]


def _hide_seeds() -> list[bytes]:
    return [
        one.vendor.to_bytes(4, "big") + bytes((one.number,)) + b"tail"
        for one in dictionary.ALL
        if one.kind is Kind.HIDDEN and one.number < 256
    ]


TARGETS = (
    Target("packet", parse, _vectors, longest=4200, share=6),
    Target("dump", dump_hides, _hide_seeds, longest=256, share=2),
    Target("signing", signatures, _signed_vectors, longest=1500),
    Target("values", any_value, _value_seeds, longest=80, share=5),
    Target("dictionary", by_dictionary, _dictionary_seeds, longest=600, share=6),
    Target("vsa", vendors, _vsa_seeds, longest=300, share=5),
    Target("credentials", credentials, _credential_seeds, longest=700, share=3),
    Target("nas-answers", answers, _answer_seeds, longest=400, share=2),
)
