"""The words of the transaction log, and how addresses become numbers. Pure.

Type says what happened, status the verdict, source who caused it, action what the page asked for. To add a word, add a line
here; docs/txlog.md explains them.
"""

import datetime as dt
import ipaddress
import re
from collections.abc import Mapping

from gate.core.errors import Invalid
from gate.core.scope import Scope
from gate.txlog.types import Event

TYPES: Mapping[str, str] = {
    "ua": "tried to prove who they are",
    "ui": "signed in",
    "ue": "proved again who they are",
    "uo": "signed out",
    "uc": "gave data about themselves",
    "ur": "registered, or was made",
    "uu": "was changed",
    "un": "was activated",
    "up": "password was changed",
    "um": "was activated by the API",
    "uf": "asked for a way back in without the password",
    "uv": "a code or link was sent or confirmed",
    "ut": "terms were accepted, declined or withdrawn",
    "uk": "a voucher or access key was redeemed",
    "ug": "a sponsor was asked, or decided",
    "ud": "was deactivated, expired or deleted",
    "ul": "was locked or unlocked",
    "ai": "was signed in without being asked",
    "aa": "was recognised without being asked",
    "st": "session ended: its time was over",
    "si": "session ended: nothing was sent",
    "sq": "session ended: allowance used up",
    "sc": "session was changed while running",
    "di": "session was ended by somebody",
    "pp": "paid",
    "pr": "payment was given back",
}
SOURCES: Mapping[str, str] = {
    "u": "the user, on a page of the portal",
    "m": "staff, in the console",
    "a": "a program, by the REST API",
    "r": "the RADIUS server",
    "s": "GATE itself: a job or a command",
    "n": "a NAS or controller",
    "p": "a payment provider",
    "d": "a device app",
    "x": "another outside service",
}
ACTIONS: Mapping[str, str] = {
    "na": "no page",
    "li": "sign in",
    "lo": "sign out",
    "re": "sign in again",
    "rg": "register",
    "ac": "activate",
    "vf": "enter a code",
    "rs": "send the code again",
    "fp": "forgot the password",
    "cp": "change the password",
    "up": "change data",
    "tc": "accept the terms",
    "sl": "sign in with another account",
    "ct": "click through",
    "vc": "enter a voucher",
    "rm": "room and name",
    "sp": "ask a sponsor",
    "sa": "sponsor agrees",
    "sd": "sponsor declines",
    "py": "pay",
    "ex": "extend",
    "cf": "fill in a form",
    "st": "see the state",
    "md": "own devices",
    "cn": "cancel",
}
# The letter tells who gave the verdict; its numbers follow HTTP (RFC 9110) or RADIUS codes (RFC 2865, RFC 5176).
GIVERS: Mapping[str, str] = {
    "h": "the HTTP reply",
    "u": "the user's state",
    "r": "RADIUS",
    "p": "a payment provider",
    "n": "a controller",
    "s": "a job",
}
_NUMBERS = {
    "h": "200 201 202 204 302 400 401 403 404 409 410 422 429 500 502 503 504",
    "u": "200 202 401 402 403 404 406 408 409 410 412 413 421 423 429",
    "r": "002 003 011 041 042 044 045 408 503",
    "p": "200 202 205 206 402 408 409 410 422 500",
    "n": "200 202 401 403 404 408 409 500",
    "s": "200 404 408 500",
}
STATUSES = frozenset(f"{letter}{number}" for letter, numbers in _NUMBERS.items() for number in numbers.split())

_WELL = re.compile(r"[a-z][23]\d\d\Z|r(?:002|011|041|044)\Z", re.ASCII)
_STATUS_FILTER = re.compile(r"[a-z](?:\d{3}|\d{0,2}\*)\Z", re.ASCII)
_HEX = re.compile(r"[0-9a-fA-F]{2}(?:[:.\- ]?[0-9a-fA-F]{2}){5}\Z", re.ASCII)
_NOT_HEX = re.compile(r"[^0-9a-fA-F]")

LATE = dt.timedelta(days=28)
"""So much later may an event be told of: the log has partitions from a month ago on (database/partitions.py)."""
INTERNED = 2**32
"""From here on an address number is that of an interned address, below it is the IPv4 address itself."""


def check(event: Event) -> None:
    """Raises ValueError for a word the log does not have: a fault in GATE, never in a request."""
    for name, value, words in (
        ("type", event.type, TYPES),
        ("source", event.source, SOURCES),
        ("action", event.action, ACTIONS),
        ("status", event.status, STATUSES),
    ):
        if value not in words and not (name == "source" and value is None):
            raise ValueError(f"the transaction log has no {name} {value!r}")


def moment(event: Event, *, now: dt.datetime) -> dt.datetime:
    """When the event is logged to have happened: when it says, if that is within LATE of now, else now.

    A time further off is a clock that goes wrong, or a month the log may have no partition for.
    """
    return event.at if event.at is not None and abs(now - event.at) <= LATE else now


def source_of(scope: Scope) -> str:
    """Who causes what is done in this scope, as `scope.actor` tells."""
    if scope.own_only:
        return "d"
    kind = scope.actor.partition(":")[0]
    if kind == "user" and scope.user_id is not None:
        return "a"  # a member of staff by an access token, in place of the console
    return {"token": "a", "user": "m", "radius": "r", "portal": "u", "nas": "n", "payment": "p", "device": "d"}.get(kind, "s")


def went_well(status: str) -> bool:
    """Whether the verdict is a yes, or not yet a no."""
    return _WELL.match(status) is not None


def parse_types(text: str) -> tuple[str, ...]:
    """The types in a comma list. Raises Invalid."""
    found = _listed(text)
    unknown = [word for word in found if word not in TYPES]
    if unknown or not found:
        raise Invalid.field("type", f"takes one or more of {', '.join(TYPES)}, separated by commas")
    return found


def parse_statuses(text: str) -> tuple[str, ...]:
    """The statuses in a comma list; `u4*` stands for every known one that begins so. Raises Invalid."""
    found = _listed(text)
    if not found or any(not _STATUS_FILTER.match(word) for word in found):
        raise Invalid.field("status", "takes statuses such as h200, or beginnings such as u4*, separated by commas")
    meant: dict[str, None] = {}
    for word in found:
        matching = sorted(known for known in STATUSES if known.startswith(word[:-1])) if word.endswith("*") else [word]
        # A beginning of nothing known finds nothing: the word itself stands for it, which no row has.
        meant.update(dict.fromkeys(matching or [word]))
    return tuple(meant)


def _listed(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word for word in (part.strip() for part in text.split(",")) if word))


def mac_number(text: str | None) -> int | None:
    """The 48 bits of a MAC address in any common notation; None where it is none."""
    if text is None or not _HEX.match(text.strip()):
        return None
    return int(_NOT_HEX.sub("", text), 16)


def mac_text(number: int | None) -> str | None:
    """`AA:BB:CC:DD:EE:FF`."""
    return None if number is None else ":".join(f"{byte:02X}" for byte in number.to_bytes(6, "big"))


def address_parts(text: str | None) -> tuple[int | None, str | None]:
    """An address as it is stored: the number of an IPv4 address, or the canonical text of an IPv6 one to be interned.

    The reference's addresses are integers, and an IPv6 address fits none: it becomes INTERNED plus the number of its text in
    the tenant, so that equal addresses are equal numbers and the two kinds never meet. IPv4 in IPv6 (`::ffff:192.0.2.1`) is
    IPv4. Both None where `text` is no address.
    """
    try:
        address = ipaddress.ip_address((text or "").strip())
    except ValueError:
        return None, None
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is None:
            return None, str(ipaddress.IPv6Address(int(address)))  # without a zone, which means nothing elsewhere
        address = address.ipv4_mapped
    return int(address), None


def address_text(number: int | None) -> str | None:
    """The IPv4 address of a stored number; None for None and for interned ones, whose text is in the database."""
    return str(ipaddress.IPv4Address(number)) if number is not None and number < INTERNED else None
