"""Who called before the proxies in front of GATE did: REMOTE_ADDR, scheme and host as the first proxy of ours saw them.

Forwarded headers are whatever the caller writes, until a proxy of ours adds to them. So they are read only where the connection
comes from a trusted network, and from the right: each address there was written by the hop after it, and the first one that is
no proxy of ours is the caller. What stands further left is the caller's own word. `X-Forwarded-For` and `Forwarded` (RFC 7239)
are not believed where they name different callers: a proxy writes one of them and may pass the other one through.

The web server turns `-` in a header's name into `_`, so `X_Forwarded_For` would be taken for the other: a proxy has to drop
header names with underscores, as nginx does on its own.
"""

import ipaddress
import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address

MOST_HOPS = 20
"""Entries read of a header, from the right."""
_HOST = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?\Z", re.ASCII)
_SCHEMES = frozenset({"http", "https"})
# token=token or token="quoted string", RFC 7239, section 4.
_PAIR = re.compile(r'\s*([A-Za-z]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]*))\s*\Z', re.ASCII)
_LONGEST = 4_096


@dataclass(frozen=True, slots=True)
class _Hop:
    """What a proxy said of whoever connected to it."""

    address: _Address | None
    """None where it is none: unknown, hidden, or nonsense."""
    scheme: str = ""
    host: str = ""


def restore(environ: dict[str, Any], trusted: Sequence[Network]) -> None:
    """Write into the WSGI environment who called, in place of the proxy, where the connection comes from a trusted network.

    What makes no sense is passed over: the address is then that of the last proxy that does.
    """
    peer = _address(environ.get("REMOTE_ADDR", ""))
    if peer is None or not _is_within(peer, trusted):
        return
    listed, told = environ.get("HTTP_X_FORWARDED_FOR", ""), environ.get("HTTP_FORWARDED", "")
    plain = _caller(list(_listed(listed)), trusted) if listed else None
    full = _caller(list(_told(told)), trusted) if told else None
    if plain is not None and full is not None and plain.address != full.address:
        return
    found = full or plain
    if found is not None and found.address is not None:
        environ["REMOTE_ADDR"] = str(found.address)
    scheme = (full.scheme if full else "") or _last(environ.get("HTTP_X_FORWARDED_PROTO", "")).lower()
    if scheme in _SCHEMES:
        environ["wsgi.url_scheme"] = scheme
    host = (full.host if full else "") or _last(environ.get("HTTP_X_FORWARDED_HOST", ""))
    if _HOST.match(host):
        environ["HTTP_HOST"] = host


def is_within(address: str, networks: Sequence[Network]) -> bool:
    """Whether an address, as sockets and WSGI give it, lies in one of the networks; False for what is no address."""
    plain = _address(address)
    return plain is not None and _is_within(plain, networks)


def _caller(hops: Sequence[_Hop], trusted: Sequence[Network]) -> _Hop:
    """The first hop from the right that is no proxy of ours; where there is none, the furthest."""
    reached = _Hop(address=None)
    for hop in hops:
        if hop.address is None:
            break
        reached = hop
        if not _is_within(hop.address, trusted):
            break
    return reached


def _listed(header: str) -> Iterator[_Hop]:
    """X-Forwarded-For, from the right."""
    for part in reversed(header[-_LONGEST:].rsplit(",", MOST_HOPS)[-MOST_HOPS:]):
        yield _Hop(address=_address(part.strip()))


def _told(header: str) -> Iterator[_Hop]:
    """Forwarded (RFC 7239, section 4), from the right."""
    if len(header) > _LONGEST:
        yield _Hop(address=None)
        return
    for element in itertools.islice(_split(header, ","), MOST_HOPS):
        pairs = [_PAIR.match(part) for part in _split(element, ";")]
        said = {pair[1].lower(): re.sub(r"\\(.)", r"\1", pair[2]) if pair[2] is not None else pair[3] for pair in pairs if pair}
        yield _Hop(address=_address(said.get("for", "")), scheme=said.get("proto", "").lower(), host=said.get("host", ""))


def _split(text: str, sign: str) -> Iterator[str]:
    """Parts between signs outside quotes, from the right: a quote left open by the caller does not reach what a proxy added."""
    end, quoted = len(text), False
    for place in range(len(text) - 1, -1, -1):
        if text[place] == '"':
            quoted = not quoted
        elif text[place] == sign and not quoted:
            yield text[place + 1 : end]
            end = place
    yield text[:end]


def _address(text: str) -> _Address | None:
    """An address, perhaps in brackets, perhaps with a port (RFC 7239, section 6); None where it is none."""
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address):
        if address.scope_id is not None:
            return None
        return address.ipv4_mapped or address
    return address


def _is_within(address: _Address, networks: Sequence[Network]) -> bool:
    return any(address in network for network in networks)


def _last(header: str) -> str:
    """What the nearest proxy wrote, where several did."""
    return header[-_LONGEST:].rpartition(",")[2].strip()
