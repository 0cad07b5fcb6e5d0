"""What home servers, pools and realms may look like, and which realm a user name belongs to. Pure.

A realm is what stands behind the last `@` of a user name (RFC 7542). Realms of the organization nearest to the NAS come first,
whatever those above say; within one organization a whole name comes before `*.edu`, the longest of those before the shorter, and
`DEFAULT` last. A name without `@` belongs to no realm.
"""

import ipaddress
import re
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final, Generic, TypeVar

from gate.core.errors import Invalid, Missing
from gate.realms.types import HomeServerDraft, PoolDraft, RealmDraft

T = TypeVar("T")

DEFAULT: Final = "DEFAULT"
LEAST_SECRET, MOST_SECRET = 16, 128
"""RFC 2865 section 3 asks for 16 octets or more."""
_NOBODY: Final = "\x00"
RADSEC_SECRET = "radsec"  # noqa: S105  RFC 6614 section 2.3 gives it to everybody: TLS is what protects

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*", re.ASCII)
_HOST = re.compile(r"(?=.{1,253}\Z)[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})(?:\.[A-Za-z0-9][A-Za-z0-9-]{0,62})*\.?", re.ASCII)
# RFC 7542 section 2.2; letters beyond ASCII travel as they are.
_REALM = re.compile(r"(?:\*\.)?[^\s@*.,\x00-\x1f\x7f]+(?:\.[^\s@*.,\x00-\x1f\x7f]+)*")
_ATTRIBUTE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]*", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_SECRET = re.compile(r"[\x21-\x7e]+")
_SECONDS: Final = {
    "timeout": (0.1, 30.0),
    "zombie_period": (0.1, 600.0),
    "check_interval": (0.1, 600.0),
    "revive_after": (0.1, 86_400.0),
}


class Table(Generic[T]):
    """What each realm leads to, for the NAS of one organization."""

    __slots__ = ("_levels",)

    def __init__(self, levels: Sequence[Mapping[str, T]]) -> None:
        """`levels` are realms by name, in small letters but `DEFAULT`: of the organization itself, then of those above."""
        self._levels = [
            (
                dict(level),
                sorted((name[1:] for name in level if name.startswith("*.")), key=len, reverse=True),
                level.get(DEFAULT),
            )
            for level in levels
            if level
        ]

    def find(self, username: str) -> T | None:
        """What the user's realm leads to; None where there is none."""
        _, at, realm = username.rpartition("@")
        if not at or not realm:
            return None
        realm = realm.casefold()
        for names, suffixes, default in self._levels:
            if (found := names.get(realm)) is not None:
                return found
            for suffix in suffixes:
                if realm.endswith(suffix):
                    return names[f"*{suffix}"]
            if default is not None:
                return default
        return None

    def reachable(self) -> Iterator[T]:
        """What some user name leads to: a nearer realm may stand before one further up. Nothing twice but what has two names."""
        for names, _, _ in self._levels:
            for name, held in names.items():
                # A label that no realm is called by, for those that stand for many.
                asked = _NOBODY if name == DEFAULT else name.replace("*", _NOBODY)
                if self.find(f"@{asked}") is held:
                    yield held


def levels(path: str, organizations: Container[int]) -> tuple[int, ...]:
    """Those of `organizations` whose realms hold at a place in the tree (`1.7.42`), the nearest first."""
    return tuple(number for number in map(int, reversed(path.split("."))) if number in organizations)


def stripped(username: bytes) -> bytes:
    """The octets of a user name without its realm."""
    return username.rpartition(b"@")[0] if b"@" in username else username


def realm_key(name: str) -> str:
    """A stored name as `Table` takes it."""
    return name if name == DEFAULT else name.casefold()


def checked_secret(secret: str, *, transport: str) -> str:
    """A home server's secret, if it will do. Raises Invalid, never quoting it."""
    if transport == "tls" and not secret:
        return RADSEC_SECRET
    if transport != "tls" and not LEAST_SECRET <= len(secret) <= MOST_SECRET:
        raise Invalid.field("secret", f"{LEAST_SECRET} to {MOST_SECRET} characters (RFC 2865 section 3).")
    if not _SECRET.fullmatch(secret) or len(secret) > MOST_SECRET:
        raise Invalid.field("secret", "Letters, digits and signs of ASCII, without spaces.")
    return secret


def checked_server(draft: HomeServerDraft) -> HomeServerDraft:
    """A home server as it is stored. Raises Missing, Invalid."""
    name, host = draft.name.strip(), draft.host.strip().removeprefix("[").removesuffix("]")
    _required({"name": name, "host": host})
    faults = _named(name, draft.description)
    if not _is_host(host):
        faults["host"] = ["An address, or a host name."]
    if draft.tls_name.strip() and not _HOST.fullmatch(draft.tls_name.strip()):
        faults["tls_name"] = ["A host name."]
    for field in ("auth_port", "acct_port"):
        if not 1 <= getattr(draft, field) <= 65535:
            faults[field] = ["A port from 1 to 65535."]
    for field, words in (
        ("transport", ("udp", "tls")),
        ("message_authenticator", ("require", "off")),
        ("health", ("status", "answers")),
    ):
        if getattr(draft, field) not in words:
            faults[field] = [f"One of {', '.join(words)}."]
    for field, (least, most) in _SECONDS.items():
        if not least <= getattr(draft, field) <= most:
            faults[field] = [f"{least:g} to {most:g} seconds."]
    if not 1 <= draft.tries <= 10:
        faults["tries"] = ["1 to 10."]
    _refuse(faults)
    return replace(draft, name=name, host=host, description=draft.description.strip(), tls_name=draft.tls_name.strip())


def checked_pool(draft: PoolDraft) -> PoolDraft:
    """A pool as it is stored. Whether its servers are there is asked elsewhere. Raises Missing, Invalid."""
    name = draft.name.strip()
    _required({"name": name})
    faults = _named(name, draft.description)
    if draft.mode not in {"failover", "balance"}:
        faults["mode"] = ["failover or balance."]
    if not draft.servers:
        faults["servers"] = ["At least one home server."]
    elif len(set(map(str.casefold, draft.servers))) < len(draft.servers):
        faults["servers"] = ["Each home server once."]
    names = attribute_names(draft.reply_attributes)
    if wrong := [one for one in names if not _ATTRIBUTE.fullmatch(one)]:
        faults["reply_attributes"] = [f"{wrong[0][:50]!r} is no name of an attribute."]
    _refuse(faults)
    return replace(draft, name=name, description=draft.description.strip(), reply_attributes=",".join(names))


def checked_realm(draft: RealmDraft) -> RealmDraft:
    """A realm as it is stored. Raises Missing, Invalid."""
    name = draft.name.strip().removeprefix("@")
    _required({"name": name})
    name = DEFAULT if name.upper() == DEFAULT else name.casefold()
    faults: dict[str, list[str]] = {}
    if name != DEFAULT and (not _REALM.fullmatch(name) or len(name) > 253):
        faults["name"] = ["A realm such as example.edu, *.edu for all below edu, or DEFAULT."]
    if _CONTROL.search(draft.description):
        faults["description"] = ["Control characters are not allowed."]
    if draft.when_dead not in {"silent", "reject"}:
        faults["when_dead"] = ["silent or reject."]
    _refuse(faults)
    return replace(draft, name=name, description=draft.description.strip())


def attribute_names(text: str) -> list[str]:
    """Names separated by commas or spaces."""
    return [one for one in re.split(r"[,\s]+", text) if one]


def _is_host(host: str) -> bool:
    try:
        return not ipaddress.ip_address(host).is_multicast
    except ValueError:
        # 192.0.2.300 is a slip, not a name: no top level domain is a number.
        return bool(_HOST.fullmatch(host)) and not host.rstrip(".").rpartition(".")[2].isdigit()


def _named(name: str, description: str) -> dict[str, list[str]]:
    faults: dict[str, list[str]] = {}
    if not _NAME.fullmatch(name) or len(name) > 100:
        faults["name"] = ["Letters, digits, dots, dashes and underscores, starting with a letter or digit; at most 100."]
    if _CONTROL.search(description):
        faults["description"] = ["Control characters are not allowed."]
    return faults


def _required(said: Mapping[str, str]) -> None:
    missing = {name: ["Is required."] for name, value in said.items() if not value}
    if missing:
        raise Missing(f"{' and '.join(missing)} required", fields=missing)


def _refuse(faults: dict[str, list[str]]) -> None:
    if faults:
        raise Invalid("; ".join(f"{name}: {why[0]}" for name, why in faults.items()), fields=faults)
