"""Targets for what the server makes of packets: accounting updates, sign-ins, check items, and what operators and NAS write."""

import datetime as dt
import ipaddress
import json
import zoneinfo
from types import SimpleNamespace
from typing import Any

from fuzz.feed import Feed, Target, piece, promise
from gate import attributes
from gate.access import explain, rules
from gate.access.types import Facts, Grant, Item, Limits, ProfileFacts, Proof, UserFacts
from gate.accounting import updates
from gate.accounting.sql import TYPES
from gate.core import login_time, patterns
from gate.database import arrays
from gate.nas import presets
from gate.places import rules as places
from gate.protocols.radius import dictionary
from gate.protocols.radius.dictionary import rfc2865, rfc2866, rfc2869
from gate.protocols.radius.errors import PacketError
from gate.protocols.radius.packet import Packet, encode_attribute, encode_vendor
from gate.radiusd import credentials, replies, translate
from gate.radiusd.clients import Client
from gate.radiusd.request import Request
from gate.txlog import rules as txlog

NOW = 1_700_000_000.0
_MOST = 2**63 - 1
_STORE: Any = SimpleNamespace(access_points={(1, "02:00:00:00:00:01"): (5, 6, None), (1, "02:00:00:00:00:02"): (7, 8, 9)})
_MAKES = ("", *presets.PRESETS)


def _client(choice: int) -> Client:
    return Client(
        nas_id=1, tenant_id=1, organization_id=2, path="1.2", location_id=3, address="192.0.2.1/32", secret=b"fuzz-secret",
        vendor=_MAKES[choice % len(_MAKES)], require_message_authenticator=False, swapped_octets=bool(choice & 128),
    )  # fmt: skip


def _packet(code: int, octets: bytes) -> Packet | None:
    """A packet of these attributes; None where they are none."""
    size = 20 + len(octets)
    try:
        return Packet.parse(bytes((code, 7, size >> 8 & 255, size & 255)) + bytes(range(16)) + octets)
    except PacketError:
        return None


def accounting(data: bytes) -> None:
    """Any attributes as an Accounting-Request: what is stored of it is what PostgreSQL takes."""
    feed = Feed(data)
    client, found = _client(feed.octet()), _packet(4, feed.rest())
    if found is None:
        return
    source = "192.0.2.1" if len(data) % 2 else "fe80::1%eth0"
    update = translate.session_update(found, client=client, source=source, store=_STORE, now=NOW)
    promise((update is None) == (translate.text(found.get(rfc2866.ACCT_SESSION_ID)) is None), "only who names a session has one")
    if update is None:
        return
    for value in update:
        if isinstance(value, str):
            promise("\0" not in value, "no text holds NUL")
            value.encode()
        elif isinstance(value, int):
            promise(0 <= value <= _MOST, "numbers fit into 63 bits")
    promise(NOW - 2 * 400 * 86400 <= update.started <= update.updated <= NOW + 300, "no time is believed that cannot be")
    promise(update.stopped in (None, update.updated), "a Stop is when it came")
    ipaddress.ip_address(update.nasipaddress)
    if update.framedipaddress is not None:
        ipaddress.ip_address(update.framedipaddress)
    if update.ipv6 is not None:
        promise(all(isinstance(one, str) for one in json.loads(update.ipv6).values()), "IPv6 is told in texts")
    promise(len(updates.fold([update, update])) == 1, "a packet and its copy are one session")
    arrays.literals(TYPES[: len(update)], [update])


_NEVER = tuple(Item(name, op, value) for name, op, value in (
    ("Called-Station-Id", "=~", "^02-.*:Guests$"), ("NAS-Port-Type", "==", "Wireless-802.11"), ("Framed-MTU", ">=", "576"),
    ("Login-Time", "==", "Wk0000-2400,Sa,Su"), ("User-Password", "!=", "%{User-Name}"),
))  # fmt: skip
_REPLIES = tuple(Item(name, op, value) for name, op, value in (
    ("Session-Timeout", ":=", "%{Acct-Session-Time}"), ("Reply-Message", "=", "Hello %{User-Name} at %{Called-Station-Id}"),
    ("Filter-Id", "+=", "%{NAS-Identifier}"), ("Framed-IP-Address", "=", "%{Framed-IP-Address}"),
    ("Mikrotik-Rate-Limit", "=", "%{Connect-Info}"),
))  # fmt: skip
_LIMITS = Limits(rate_up=10**6, rate_down=10**9, quota_total=2**40, idle_timeout=60, vlan=100, role="guest",
                 redirect_url="https://portal.example.net/?a=b", max_sessions=2)  # fmt: skip
_PROFILES = (
    (ProfileFacts(id=1, short_name="none", checks=(), replies=(), limits=_LIMITS),),
    (ProfileFacts(id=2, short_name="all", checks=(), replies=_REPLIES),),
    *((ProfileFacts(id=3 + n, short_name="one", checks=(item,), replies=_REPLIES[1:], limits=_LIMITS),)
      for n, item in enumerate(_NEVER)),
)  # fmt: skip
_ZONES = (dt.UTC, zoneinfo.ZoneInfo("America/St_Johns"), zoneinfo.ZoneInfo("Australia/Lord_Howe"))


def sign_in(data: bytes) -> None:
    """Any attributes as an Access-Request, up to the answer: credential, device, words, decision, trace, reply."""
    feed = Feed(data)
    choice, at = feed.octet(), NOW + feed.number(2) * 997
    found = _packet(1, feed.rest())
    if found is None:
        return
    client = _client(choice)
    key = ("192.0.2.1", 1812, 1, 7, found.authenticator)
    request = Request(packet=found, client=client, source=("192.0.2.1", 1812), key=key, socket=0, at=at)
    credential = credentials.read_credential(request)
    username = translate.text(found.get(rfc2865.USER_NAME)) or ""
    device = credentials.lone_device(request, username, credential)
    promise(device is None or places.parse_mac(device) == device, "a device is a MAC address")
    password = None if credential.password is None else credential.password.decode("utf-8", "replace")
    words = translate.RequestWords(found, password=password)
    for name in words:
        promise(all("\0" not in value or name == "User-Password" for value in words.get(name, ())), "no word holds NUL")
    user = UserFacts(id=1, organization_id=2, organization_active=True, is_active=True, expiration=None, credit=None, klass=None,
                     profiles=_PROFILES[choice % len(_PROFILES)])  # fmt: skip
    facts = Facts(user=user, proof=Proof.RIGHT, request=words, zone=_ZONES[choice % 3], sessions=choice & 1)
    moment = dt.datetime.fromtimestamp(at, tz=dt.UTC)
    decision = rules.decide(facts, moment)
    steps = explain.steps(facts, moment)
    promise(all(step.holds for step in steps) is isinstance(decision, Grant), "the trace says what was decided")
    promise(len(explain.record(steps)) < 80 * 400 * 6, "a trace is bounded")
    promise(explain.read_record(explain.record(steps), is_usual=False) == steps, "a trace is read as it was written")
    if isinstance(decision, Grant):
        octets = replies.encode(decision, words, client.vendor)
        promise(len(octets) <= replies.ROOM + 6, "an answer has room for what else belongs into it")
        promise(_packet(2, octets) is not None, "an answer is a packet")


def check_items(data: bytes) -> None:
    """Any check and reply items against any values: they hold or not, they encode or not, nothing else."""
    feed = Feed(data)
    op = _OPERATORS[feed.octet() % len(_OPERATORS)]
    number, own = feed.number(2), feed.text()
    name = dictionary.ALL[number % len(dictionary.ALL)].name if number & 0x8000 else own
    value, held, other = feed.text(), feed.text(), feed.text()
    known, spelled = attributes.canonical(name, op, value)
    item = Item(known, op, spelled)
    words = {item.attribute: [held, other], "User-Name": [other]}
    for request in (words, {}):
        promise(rules.satisfied(item, request) in (True, False), "an item holds or not")
    if op == "==" and "%{" not in held:
        promise(rules.satisfied(Item(item.attribute, op, held), {item.attribute: [held]}), "a value equals itself")
    if op in (">", "<"):
        opposite = Item(item.attribute, {"<": ">=", ">": "<="}[op], item.value)
        one = {item.attribute: [held]}
        promise(not (rules.satisfied(item, one) and rules.satisfied(opposite, one)), "of before and after, one holds")
    expanded = rules.expand(value, words)
    promise(len(expanded) <= len(value) + value.count("%{") * 600, "an expansion is bounded")
    rules.whole_number(value)
    rules.merge_replies((item, Item(name, ":=", held), Item(name, "+=", other)))
    book = attributes.RadiusDictionary()
    reason = book.why_not_sent(name, value)
    book.why_not_compared(name, value)
    grant = Grant(user_id=1, replies=(Item(name, "=", value),), session_timeout=None)
    encoded = replies.encode(grant, words)
    promise(bool(encoded) is (reason is None) or "%{" in value, "what is accepted can be sent")


_OPERATORS = ("==", "!=", "=~", "!~", ">", ">=", "<", "<=", "=*", "!*", ":=", "=", "+=", "", "~")


def expressions(data: bytes) -> None:
    """Any text as an operator's pattern, searched in any text."""
    feed = Feed(data)
    text, pattern = feed.text(), feed.rest().decode("utf-8", "replace")
    try:
        compiled = patterns.compile_pattern(pattern)
    except patterns.PatternError:
        return
    compiled.search(text)


def hours(data: bytes) -> None:
    """Any text as times of the week, asked at any time."""
    feed = Feed(data)
    moment = dt.datetime.fromtimestamp(NOW + feed.number(4) % 400_000_000, tz=_ZONES[feed.octet() % 3])
    text = feed.rest().decode("utf-8", "replace")
    left = login_time.seconds_left(text, moment)
    promise(left is None or 0 <= left <= 8 * 86400 + 7200, "a window closes within a week")
    try:
        windows = login_time.parse(text)
    except ValueError:
        promise(left == 0, "what is no time closes everything")
        return
    ends = [minute for window in windows for minute in window]
    promise(ends == sorted(set(ends)) and all(0 <= minute <= 7 * 1440 for minute in ends), "windows are in order and apart")


def stations(data: bytes) -> None:
    """Any text as Called-Station-Id, Calling-Station-Id or MAC address, by everybody who reads them."""
    text = data.decode("utf-8", "replace")
    mac, ssid = translate.station.__wrapped__(text)
    promise(mac is None or (places.parse_mac(mac) == mac and len(mac) == 17), "an address is an address")
    promise(ssid is None or text.endswith(ssid), "a network's name stands last")
    promise(not translate.is_mac(text) or (mac is not None and ssid is None), "who is nothing but an address has no network")
    promise(translate.device(text) in (None, mac), "a device is its address")
    translate.plain_station(text)
    number = txlog.mac_number(text)
    promise(number is None or txlog.mac_number(txlog.mac_text(number)) == number, "an address is a number and back")
    parsed = places.parse_mac(text)
    promise(parsed is None or places.parse_mac(parsed) == parsed, "an address in its form keeps it")
    txlog.address_parts(text)
    for form in ("", "as-sent", *presets.MAC_FORMATS):
        written = presets.write_mac(text, mac_format=form)
        promise(presets.write_mac(written, mac_format=form) == written, "a format is written once")


def _accounting_seeds() -> list[bytes]:
    def number(code: int, value: int) -> bytes:
        return encode_attribute(code, value.to_bytes(4, "big"))

    session, place = encode_attribute(44, b"session-1"), encode_attribute(30, b"02-00-00-00-00-01:Guests")
    start = number(40, 1) + session + encode_attribute(1, b"Bob@Example.net") + encode_attribute(4, b"\xc0\0\2\1") + place
    start += encode_attribute(31, b"aa-bb-cc-dd-ee-ff") + number(55, int(NOW))
    stop = number(40, 2) + session + number(46, 300) + number(42, 2**32 - 1) + number(43, 7) + number(52, 2**32 - 1)
    stop += number(53, 1) + number(49, 1) + number(41, 10) + encode_attribute(77, b"CONNECT 802.11") + number(61, 19)
    stop += encode_attribute(25, b"gate-portal-" + b"9" * 18) + encode_attribute(25, b"gold")
    sixth = (
        encode_attribute(44, b"x")
        + encode_attribute(97, b"\0\x40\x20\x01\x0d\xb8")
        + encode_attribute(168, bytes(16))
        + encode_attribute(96, bytes(8))
    )
    vendor = encode_attribute(44, b"y") + encode_vendor(14823, 5, b"Guests") + encode_vendor(9, 1, b"ssid=Lobby")
    return [b"\x00" + start, b"\x80" + stop, b"\x01" + sixth, b"\x02" + vendor + encode_attribute(rfc2869.NAS_PORT_ID, b"wlan0")]


def _sign_in_seeds() -> list[bytes]:
    name, place = (
        encode_attribute(1, b"bob"),
        encode_attribute(30, b"02-00-00-00-00-01:Guests") + encode_attribute(61, b"\0\0\0\x13"),
    )
    station = encode_attribute(31, b"AA-BB-CC-DD-EE-FF")
    pap_, chap_ = encode_attribute(2, bytes(16)), encode_attribute(3, bytes(17)) + encode_attribute(60, bytes(16))
    ms = encode_vendor(311, 11, bytes(16)) + encode_vendor(311, 25, bytes(50))
    mac = encode_attribute(1, b"aabbccddeeff") + station
    extra = (
        encode_attribute(12, b"\0\0\5\xdc")
        + encode_attribute(32, b"lobby")
        + encode_attribute(77, b"1M/1M")
        + encode_attribute(8, b"\n\0\0\1")
    )
    whole = (name + pap_ + place + station, name + chap_ + place, name + ms + place, mac + place, name + pap_ + extra + place)
    return [bytes((choice, 0, choice)) + one for choice, one in enumerate(whole * 2)]


def _item_seeds() -> list[bytes]:
    every = (
        (0, "NAS-Port-Type", "Wireless-802.11", "19"), (2, "User-Name", "^bob[0-9]{2}$", "bob42"),
        (4, "Framed-MTU", "0x10", "17"),
        (7, "Framed-IP-Address", "192.0.2.1", "192.0.2.0"), (5, "Event-Timestamp", "2024-01-31T12:00:00Z", "1706702400"),
        (10, "Reply-Message", "Hello %{User-Name} and %{NAS-Identifier}", ""), (6, "Tunnel-Type:1", "VLAN", "13"),
        (9, "Class", "", "gold"), (8, "Called-Station-Id", "ANY", "x"),
    )  # fmt: skip
    return [
        bytes((op, 0, 0)) + b"".join(piece(part.encode()) for part in (name, value, held, "bob"))
        for op, name, value, held in every
    ]


def _pattern_seeds() -> list[bytes]:
    every = (
        rb"^02-.*:Guests$",
        rb"(a|b)*c{1,1000}",
        rb"[[:alpha:]]+\d\pL",
        rb"(?i)x{2,}",
        rb"((((a*)*)*)*)*",
        rb"(?P<n>a)\Q*\E\C",
    )
    return [piece(b"02-00-00-00-00-01:Guests") + one for one in every]


def _hour_seeds() -> list[bytes]:
    every = (b"Wk0900-1800,Sa1000-1400", b"Any", b"Fr-Mo2200-0600|Never", b"MoTuWe0000-2400", b"al", b"su2359-0000")
    return [bytes(5) + one for one in every]


def _station_seeds() -> list[bytes]:
    return [
        b"02-00-00-00-00-01:Guests: first",
        b"aabb.ccdd.eeff",
        b"AABBCCDDEEFF",
        b"aa:bb:cc:dd:ee:ff",
        b"192.0.2.1",
        b"::ffff:192.0.2.1",
        b"+4930",
    ]


TARGETS = (
    Target("accounting", accounting, _accounting_seeds, longest=1500, share=4),
    Target("sign-in", sign_in, _sign_in_seeds, longest=1500, share=3),
    Target("check-items", check_items, _item_seeds, longest=600, share=4),
    Target("patterns", expressions, _pattern_seeds, longest=400, share=2),
    Target("login-time", hours, _hour_seeds, longest=300, share=4),
    Target("stations", stations, _station_seeds, longest=120, share=5),
)
