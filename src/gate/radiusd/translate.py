"""Between packets and rooms: an Accounting-Request becomes an `Update`, an Access-Request's attributes become words.

Everything a NAS or a guest sent is hostile here: wrong sizes count as absent, NUL characters (which PostgreSQL refuses) are
taken out, times far from now are not believed, counters are kept inside 63 bits.
"""

import functools
import hashlib
import json
import re
import socket
from collections.abc import Iterator, Mapping, Sequence

from gate.accounting.updates import Update
from gate.protocols.radius import dictionary, values
from gate.protocols.radius.dictionary import rfc2865, rfc2866, rfc2869, rfc3162, rfc4818, rfc6911, wire
from gate.protocols.radius.dictionary.vendors import airespace
from gate.protocols.radius.errors import RadiusError
from gate.protocols.radius.packet import Packet
from gate.radiusd.clients import Client
from gate.radiusd.store import Store

START, STOP, INTERIM_UPDATE, ACCOUNTING_ON, ACCOUNTING_OFF = 1, 2, 3, 7, 8

_PAST, _FUTURE = 31 * 86400.0, 300.0
"""Seconds an Event-Timestamp may lie behind or ahead of the clock to be believed."""
_LONGEST = 400 * 86400.0
"""Seconds a session is believed to have lasted when its Start was not seen."""
_MAX = 2**63 - 1
PORTAL_CLASS = b"gate-portal-"
"""Class (RFC 2865 section 5.25) of devices a portal let in, before the number of the portal's session."""

_MAC = re.compile(
    r"([0-9a-f]{2})[^0-9a-f]?([0-9a-f]{2})[^0-9a-f]?([0-9a-f]{2})[^0-9a-f]?([0-9a-f]{2})[^0-9a-f]?([0-9a-f]{2})[^0-9a-f]?"
    r"([0-9a-f]{2})(?:[^0-9a-f](.*))?\Z",
    re.IGNORECASE | re.DOTALL,
)
_ARUBA, _RUCKUS, _FORTINET = 14823, 25053, 12356
_SSID = ((_ARUBA, 5), (_RUCKUS, 3), (_RUCKUS, 135), (_FORTINET, 7))
_SSID_LAST = ((388, 2), (4329, 5))
"""Symbol-Current-ESSID (Extreme, Zebra), Siemens-SSID."""
_AIRESPACE, _CISCO, _COLUBRIS = 14179, 9, 8744
# AVPairs, that is texts of the form `name=value`.
_PAIRS = ((_CISCO, 1), (_COLUBRIS, 0))

_MARKS = str.maketrans("", "", ":-. ")

_WORDS: dict[tuple[int, int], str] = {}


def text(value: bytes | None) -> str | None:
    """A text attribute; None where absent or empty. Bytes that are no UTF-8 are replaced, NUL characters taken out."""
    if not value:
        return None
    decoded = value.decode("utf-8", "replace")
    return (decoded.replace("\0", "") or None) if "\0" in decoded else decoded


def number(value: bytes | None) -> int | None:
    """A 32 bit integer; None where absent or of another size."""
    return int.from_bytes(value, "big") if value is not None and len(value) == 4 else None


def word(attribute: int, value: bytes | None) -> str | None:
    """An enumerated attribute in the dictionary's words (`Wireless-802.11`); its number where there is no word."""
    if value is None or len(value) != 4:
        return None
    code = int.from_bytes(value, "big")
    known = _WORDS.get((attribute, code))
    if known is None:
        entry = dictionary.by_number(0, attribute)
        known = str(code) if entry is None else dictionary.decode_value(entry, value)
        if len(_WORDS) < 10_000:
            _WORDS[attribute, code] = known
    return known


def address(value: bytes | None) -> str | None:
    """An IPv4 address in dots; None where absent or of another size."""
    return socket.inet_ntoa(value) if value is not None and len(value) == 4 else None


def plain_address(source: str) -> str:
    """A source address as PostgreSQL takes it: without the zone of a link-local one, IPv4 mapped into IPv6 as IPv4."""
    if ":" not in source:
        return source
    bare = source.partition("%")[0]
    return bare.removeprefix("::ffff:") if "." in bare else bare


@functools.lru_cache(maxsize=65_536)
def station(value: str | None) -> tuple[str | None, str | None]:
    """MAC address (`AA:BB:CC:DD:EE:FF`) and SSID out of a Called-Station-Id; None for what is not there.

    Any notation of the MAC; the SSID may hold colons itself, so only the first separator counts.
    """
    match = _MAC.match(value) if value else None
    if match is None:
        return None, None
    return ":".join(match.groups()[:6]).upper(), match[7] or None


def is_mac(value: str) -> bool:
    """Whether a text is a MAC address in any notation, and nothing else."""
    if not 12 <= len(value) <= 17:
        return False
    match = _MAC.match(value)
    return match is not None and match[7] is None


def plain_station(value: str | None) -> str | None:
    """A Calling-Station-Id without the marks between its digits, in lower case, as sessions are compared by."""
    return None if value is None else value.translate(_MARKS).lower()


def device(value: str | None) -> str | None:
    """The MAC address (`AA:BB:CC:DD:EE:FF`) a Calling-Station-Id is; None where it is anything else."""
    return station(value)[0] if value is not None and is_mac(value) else None


def ssid(packet: Packet, called: str | None) -> str | None:
    """The network's name: from the makers' own attributes first, then behind the MAC in Called-Station-Id.

    Where neither tells, what controllers send that name it in another way; Airespace has a number alone, which is `wlan-7` then.
    """
    if packet.get(26) is None:
        return called
    for vendor, kind in _SSID:
        told = text(packet.vendor(vendor, kind))
        if told is not None:
            return told
    told = _of_pairs(packet, b"ssid=")
    if told is not None or called is not None:
        return told or called
    for vendor, kind in _SSID_LAST:
        told = text(packet.vendor(vendor, kind))
        if told is not None:
            return told
    wlan = number(packet.vendor(_AIRESPACE, airespace.AIRESPACE_WLAN_ID))
    return None if wlan is None else f"wlan-{wlan}"


def _of_pairs(packet: Packet, name: bytes) -> str | None:
    """What the first AVPair of that name tells."""
    for vendor, kind in _PAIRS:
        for value in packet.vendor_all(vendor, kind):
            if value.startswith(name) and (told := text(value[len(name) :])) is not None:
                return told
    return None


def session_update(packet: Packet, *, client: Client, source: str, store: Store, now: float) -> Update | None:
    """What a Start, Interim-Update or Stop says; None for a packet without Acct-Session-Id (RFC 2866 section 5.5 requires it)."""
    get = packet.first_values().get
    session = text(get(rfc2866.ACCT_SESSION_ID))
    if session is None:
        return None
    status = number(get(rfc2866.ACCT_STATUS_TYPE))
    seconds = number(get(rfc2866.ACCT_SESSION_TIME)) or 0
    at = event_time(packet, now)
    user = text(get(rfc2865.USER_NAME)) or ""
    identifier = text(get(rfc2865.NAS_IDENTIFIER))
    nas_address = address(get(rfc2865.NAS_IP_ADDRESS)) or ipv6(get(rfc3162.NAS_IPV6_ADDRESS)) or plain_address(source)
    called = text(get(rfc2865.CALLED_STATION_ID))
    mac, network = station(called)
    point = store.access_points.get((client.tenant_id, mac)) if mac is not None else None
    connect_info = text(get(rfc2869.CONNECT_INFO))
    up, down = get(rfc2866.ACCT_INPUT_OCTETS), get(rfc2866.ACCT_OUTPUT_OCTETS)
    up_high, down_high = get(rfc2869.ACCT_INPUT_GIGAWORDS), get(rfc2869.ACCT_OUTPUT_GIGAWORDS)
    if client.swapped_octets:
        up, down, up_high, down_high = down, up, down_high, up_high
    port = number(get(rfc2865.NAS_PORT))
    started = at if status == START else at - min(seconds, _LONGEST)
    # Cisco's controllers name what belongs together by an audit session id, over all the NAS and sessions of a device.
    multi = get(rfc2866.ACCT_MULTI_SESSION_ID)
    realm = user.rpartition("@")[2] or None if "@" in user else None
    klass, portal_session_id = get(rfc2865.CLASS), None
    if klass is not None and klass.startswith(PORTAL_CLASS):
        klass, portal_session_id = _portal_class(packet)
    return Update(
        hashlib.blake2b(
            f"{client.nas_id}\0{nas_address}\0{identifier or ''}\0{session}\0{user}".encode(), digest_size=16
        ).digest(),
        client.tenant_id,
        client.nas_id,
        client.organization_id if point is None else point[1],
        client.path if point is None else None,
        client.location_id if point is None or point[2] is None else point[2],
        None if point is None else point[0],
        user.casefold(),
        session,
        text(multi) if multi is not None or get(26) is None else _of_pairs(packet, b"audit-session-id="),
        status == START,
        started,
        at,
        at if status == STOP else None,
        None,
        seconds,
        _octets(up, up_high),
        _octets(down, down_high),
        user,
        realm,
        text(klass),
        nas_address,
        identifier,
        text(get(rfc2869.NAS_PORT_ID)) or (None if port is None else str(port)),
        word(rfc2865.NAS_PORT_TYPE, get(rfc2865.NAS_PORT_TYPE)),
        word(rfc2865.SERVICE_TYPE, get(rfc2865.SERVICE_TYPE)),
        word(rfc2865.FRAMED_PROTOCOL, get(rfc2865.FRAMED_PROTOCOL)),
        address(get(rfc2865.FRAMED_IP_ADDRESS)),
        called,
        text(get(rfc2865.CALLING_STATION_ID)),
        ssid(packet, network),
        word(rfc2866.ACCT_AUTHENTIC, get(rfc2866.ACCT_AUTHENTIC)),
        word(rfc2866.ACCT_TERMINATE_CAUSE, get(rfc2866.ACCT_TERMINATE_CAUSE)) if status == STOP else None,
        connect_info if status != STOP else None,
        connect_info if status == STOP else None,
        portal_session_id,
        # A Start without octets says nothing of how its NAS counts.
        None if up is None or down is None else up_high is None and down_high is None,
        _ipv6_of_session(packet),
    )


def _portal_class(packet: Packet) -> tuple[bytes | None, int | None]:
    """The profile's own Class beside GATE's, and the portal's session GATE's names."""
    number, rest = None, None
    for value in packet.get_all(rfc2865.CLASS):
        tail = value.removeprefix(PORTAL_CLASS)
        if tail == value:
            rest = value if rest is None else rest
        elif tail.isdigit() and len(tail) <= 18:
            number = int(tail)
    return rest, number


def event_time(packet: Packet, now: float) -> float:
    """When it happened: Event-Timestamp if plausible, else arrival less Acct-Delay-Time. Seconds since 1970."""
    stamp = number(packet.get(rfc2869.EVENT_TIMESTAMP))
    if stamp is not None and now - _PAST <= stamp <= now + _FUTURE:
        return float(stamp)
    return now - min(number(packet.get(rfc2866.ACCT_DELAY_TIME)) or 0, _PAST)


def _octets(low: bytes | None, high: bytes | None) -> int:
    return min((number(high) or 0) << 32 | (number(low) or 0), _MAX)


def ipv6(value: bytes | None) -> str | None:
    """An IPv6 address; None where absent or of another size."""
    return values.decode_ipv6addr(value) if value is not None and len(value) == 16 else None


_IPV6_OF_SESSION = (
    ("address", rfc6911.FRAMED_IPV6_ADDRESS),
    ("prefix", rfc3162.FRAMED_IPV6_PREFIX),
    ("interface", rfc3162.FRAMED_INTERFACE_ID),
    ("delegated", rfc4818.DELEGATED_IPV6_PREFIX),
)


def _ipv6_of_session(packet: Packet) -> str | None:
    """What a packet tells of the session's IPv6 (RFC 3162, 4818, 6911), as `Update.ipv6`; several of a kind by commas."""
    told = packet.first_values()
    found = {}
    for name, attribute in _IPV6_OF_SESSION:
        if attribute in told:
            entry = dictionary.by_number(0, attribute)
            decoded = [_decoded(entry, value) for value in packet.get_all(attribute)] if entry is not None else []
            if words := ", ".join(one for one in decoded if one):
                found[name] = words
    return json.dumps(found) if found else None


class RequestWords(Mapping[str, Sequence[str]]):
    """A request's attributes by dictionary name, decoded when a check item asks. What cannot be decoded is absent."""

    def __init__(self, packet: Packet, *, password: str | None) -> None:
        self._packet = packet
        self._password = password

    def __getitem__(self, name: str) -> Sequence[str]:
        attribute = dictionary.by_name(name)
        if attribute is None or attribute.internal:
            raise KeyError(name)
        if attribute.name == "User-Password":
            found = [] if self._password is None else [self._password]
        else:
            packet = self._packet
            if attribute.layout is not None:
                held = wire.find(attribute, attribute.layout, packet)
            elif attribute.vendor:
                held = packet.vendor_all(attribute.vendor, attribute.number)
            else:
                held = packet.get_all(attribute.number)
            found = [decoded for value in held if (decoded := _decoded(attribute, value)) is not None]
        if not found:
            raise KeyError(name)
        return found

    def __iter__(self) -> Iterator[str]:
        for kind, _ in self._packet.attributes:
            attribute = dictionary.by_number(0, kind)
            if attribute is not None:
                yield attribute.name

    def __len__(self) -> int:
        return len(self._packet.attributes)


def _decoded(attribute: dictionary.Attribute, value: bytes) -> str | None:
    try:
        return dictionary.decode_value(attribute, value)
    except RadiusError:
        return None
