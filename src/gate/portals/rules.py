"""What a site may say of a guest, which address a guest may be sent back to, and how sessions end. Pure."""

import datetime as dt
import ipaddress
import re
import urllib.parse
from collections.abc import Collection, Mapping
from dataclasses import replace

from gate.core.errors import Invalid, Missing
from gate.places.rules import parse_mac
from gate.portals.types import EndReason, PortalDraft, Visit, VisitFields
from gate.users.rules import username_problem

SESSION_TIMEOUT = 24 * 3600
"""Seconds a session lasts where neither site nor portal says: a MAC address is easily copied, so none lasts for ever."""
LONGEST = 31 * 24 * 3600
"""Seconds no session lasts longer than, whatever is asked for."""
MAX_UID = 200
MAX_URL = 2_048
MAX_SECONDS = 2**31 - 1

_REQUIRED = ("uid", "mac", "ap_mac", "ip")
_NOBODY = frozenset({"00:00:00:00:00:00", "FF:FF:FF:FF:FF:FF"})
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_URL_REFUSED = re.compile(r"[\x00-\x20\x7f-\x9f\\]")
_HOST = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(?:\.(?!-)[a-z0-9-]{1,63}(?<!-))*\.?", re.ASCII | re.IGNORECASE)
_NUMERIC = re.compile(r"(?:0x[0-9a-f]*|[0-9]+)", re.ASCII | re.IGNORECASE)
_SHORT_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", re.ASCII)
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(?:\.[^@\s.]+)+")
# Names that never leave the machine or its network (RFC 6761, RFC 6762, RFC 8375, RFC 9476).
_INNER = frozenset({"localhost", "local", "internal", "intranet", "lan", "home", "corp", "arpa", "test", "invalid", "alt"})

# Acct-Terminate-Cause (RFC 2866 section 5.10, in the dictionary's words) after which the guest has to come to the portal again.
# After all others (the signal was lost, the port or the NAS failed) the device may come back by itself.
END_BY_CAUSE: Mapping[str, EndReason] = {
    "User-Request": EndReason.LOGOUT,
    "Session-Timeout": EndReason.SESSION_TIMEOUT,
    "Idle-Timeout": EndReason.IDLE_TIMEOUT,
    "Admin-Reset": EndReason.DISCONNECT,
    "NAS-Request": EndReason.DISCONNECT,
}
# The type of the line in the transaction log. A replaced session leaves none: the new one's is there.
EVENT_BY_END: Mapping[EndReason, str] = {
    EndReason.LOGOUT: "uo",
    EndReason.SESSION_TIMEOUT: "st",
    EndReason.IDLE_TIMEOUT: "si",
    EndReason.DISCONNECT: "di",
    EndReason.QUOTA: "sq",
}


def visit(said: VisitFields, *, own_hosts: Collection[str] = ()) -> Visit:
    """What the site says, in stored form. `own_hosts` are GATE's own names, to which no guest is sent.

    Raises Missing where a required field is absent, Invalid naming every field that is refused. An unsafe `original_url` is
    no error: the guest typed it, or an attacker did, and is not sent there.
    """
    absent = {name: ["is required"] for name in _REQUIRED if not str(said.get(name) or "").strip()}
    if absent:
        raise Missing(f"{', '.join(absent)}: required", fields=absent)
    texts = {name: str(said[name]).strip() for name in _REQUIRED}  # type: ignore[literal-required]  # the names above
    faults: dict[str, list[str]] = {}
    if len(texts["uid"]) > MAX_UID or _CONTROL.search(texts["uid"]):
        faults["uid"] = [f"takes 1 to {MAX_UID} characters, and no control characters"]
    macs = {name: parse_mac(texts[name]) for name in ("mac", "ap_mac")}
    faults |= {name: ["is no MAC address"] for name, mac in macs.items() if mac is None or mac in _NOBODY}
    address = _address(texts["ip"])
    if address is None:
        faults["ip"] = ["is no IP address"]
    controller = (said.get("controller_address") or "").strip() or None
    if controller is not None and _address(controller) is None and not (len(controller) <= 253 and _HOST.fullmatch(controller)):
        faults["controller_address"] = ["is neither an IP address nor a host name"]
    for name in ("session_timeout", "idle_timeout"):
        seconds = said.get(name)
        if seconds is not None and not (isinstance(seconds, int) and 1 <= seconds <= MAX_SECONDS):
            faults[name] = [f"takes 1 to {MAX_SECONDS} seconds"]
    mac, ap_mac = macs["mac"], macs["ap_mac"]
    if faults or mac is None or ap_mac is None or address is None:
        raise Invalid("; ".join(f"{name} {reasons[0]}" for name, reasons in faults.items()), fields=faults)
    return Visit(
        uid=texts["uid"], mac=mac, ap_mac=ap_mac, ip=address, controller_address=controller,
        original_url=safe_url(said.get("original_url"), own_hosts=own_hosts),
        session_timeout=said.get("session_timeout"), idle_timeout=said.get("idle_timeout"),
    )  # fmt: skip


def safe_url(url: str | None, *, own_hosts: Collection[str] = ()) -> str | None:
    r"""`url` if a guest may be shown it as the way back: http or https, to a public host. None for anything else.

    Browsers read `http:\\evil`, `http://a@evil` and `http://2130706433` in their own ways, so what is not plain is refused.
    """
    if not url or len(url) > MAX_URL or _URL_REFUSED.search(url.strip()):
        return None
    url = url.strip()
    try:
        parts = urllib.parse.urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    plain = parts.scheme in {"http", "https"} and url[len(parts.scheme) :].startswith("://") and "@" not in parts.netloc
    if not plain or not host or port == 0 or not _public(host):
        return None
    return None if host.rstrip(".").lower() in {own.lower() for own in own_hosts} else url


def _public(host: str) -> bool:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        labels = host.rstrip(".").lower().split(".")
        # A host whose last label is a number is an IPv4 address to browsers, however it is written.
        return (
            _HOST.fullmatch(_ascii(host)) is not None
            and len(labels) > 1
            and labels[-1] not in _INNER
            and not _NUMERIC.fullmatch(labels[-1])
        )
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped is None and address.is_global and not address.is_multicast


def _ascii(host: str) -> str:
    """A host name as it is asked for in the DNS; empty where there is no such form."""
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return ""


def _address(text: str) -> str | None:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return None if "%" in text else str(address)


def names_of_unknown(uid: str) -> tuple[str | None, str]:
    """Username and e-mail address for a guest registered under `uid`; None where `uid` makes no good username."""
    return (None if username_problem(uid) else uid), (uid if _EMAIL.fullmatch(uid) else "")


def lasts(asked: int | None, *, portal: int | None, allowed: int | None) -> int:
    """Seconds a session lasts: what is asked for, or else the portal's, and never more than the user is allowed."""
    wanted = asked or portal or SESSION_TIMEOUT
    return max(1, min(wanted, LONGEST, *(() if allowed is None else (allowed,))))


def end_of(cause: str | None, *, credit: int | None) -> EndReason | None:
    """What a stop with this Acct-Terminate-Cause means for the session; None where the device may come back by itself."""
    reason = END_BY_CAUSE.get(cause or "")
    return run_out(credit) if reason is EndReason.SESSION_TIMEOUT else reason


def run_out(credit: int | None) -> EndReason:
    """Why a session's time is over. It is the least of several limits; which one it was shows in what credit is left."""
    return EndReason.QUOTA if credit is not None and credit <= 0 else EndReason.SESSION_TIMEOUT


def expiry(opened: dt.datetime, seconds: int) -> dt.datetime:
    """When a session of so many seconds is over."""
    return opened + dt.timedelta(seconds=seconds)


def checked(draft: PortalDraft) -> PortalDraft:
    """`draft` as it is stored. Raises Missing, or Invalid naming every field that is refused."""
    draft = replace(draft, name=draft.name.strip(), short_name=draft.short_name.strip())
    absent = {name: ["is required"] for name in ("name", "short_name") if not getattr(draft, name)}
    if absent:
        raise Missing(f"{', '.join(absent)}: required", fields=absent)
    faults: dict[str, list[str]] = {}
    if len(draft.name) > 200 or _CONTROL.search(draft.name):
        faults["name"] = ["takes 1 to 200 characters, and no control characters"]
    if not _SHORT_NAME.fullmatch(draft.short_name):
        faults["short_name"] = ["takes letters, digits, dots, dashes and underscores, a letter or digit first"]
    for name in ("session_timeout", "idle_timeout"):
        seconds: int | None = getattr(draft, name)
        if seconds is not None and not 1 <= seconds <= LONGEST:
            faults[name] = [f"takes 1 to {LONGEST} seconds"]
    if faults:
        raise Invalid("; ".join(f"{name} {reasons[0]}" for name, reasons in faults.items()), fields=faults)
    return draft
