"""Who is let in, and with what: `decide(facts, now)`, and nothing else anywhere, answers that.

Fail closed: whatever is not understood refuses. A check item can only refuse: it is looked at after the credential was proved.
"""

import dataclasses
import datetime as dt
import functools
import ipaddress
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gate.access.types import (
    UNLIMITED,
    Facts,
    Grant,
    Item,
    Limits,
    PortalFacts,
    ProfileFacts,
    Proof,
    Reason,
    Refusal,
    StationFacts,
    UserFacts,
)  # fmt: skip
from gate.core import login_time, patterns

_UNPROVEN: Mapping[Proof, Reason] = {
    Proof.WRONG: Reason.WRONG_PASSWORD,
    Proof.GUESSED: Reason.TOO_MANY_GUESSES,
    Proof.ABSENT: Reason.NO_CREDENTIAL,
    Proof.UNVERIFIABLE: Reason.PASSWORD_NOT_RECOVERABLE,
}
_STATIONS = frozenset({Proof.MAC, Proof.DEVICE})
_SESSION_TIMEOUT, _IDLE_TIMEOUT = "Session-Timeout", "Idle-Timeout"
_EXPANSION = re.compile(r"%\{([A-Za-z0-9][A-Za-z0-9_./:+-]{0,127})\}")
_SECRET = re.compile(
    r"password|challenge|response|secret|passphrase|psk|[-_]key|eap-message|authenticator|ms-chap", re.IGNORECASE
)
_LIMITS = tuple(field.name for field in dataclasses.fields(Limits))
_NUMBER = re.compile(r"0[xX][0-9a-fA-F]{1,16}|[0-9]{1,20}")


@dataclass(frozen=True, slots=True)
class Terms:
    """What a user's profiles come to, whoever asks and when."""

    replies: tuple[Item, ...]
    """Merged, without Session-Timeout."""
    timeouts: tuple[str, ...]
    """What is said of Session-Timeout; a value may name attributes of the request."""
    limits: Limits
    asks: bool
    """Whether there are check items."""
    ids: str
    """The profiles' ids in their order, behind commas."""


def decide(facts: Facts, now: dt.datetime) -> Grant | Refusal:
    """The one decision. Credential first, then the account, then its limits, then the profiles' check items.

    A portal's session, or a MAC address that is known, stands in for the credential alone: all that follows holds for whose it
    is as for anybody.
    """
    user = facts.user
    if user is None:
        return Refusal(Reason.UNKNOWN_USER)
    portal, station, refusal = None, None, None
    if facts.proof is not Proof.RIGHT:
        if facts.proof is Proof.PORTAL and facts.portal is not None:
            portal, refusal = facts.portal, _portal(facts.portal, now)
        elif facts.proof in _STATIONS and facts.station is not None:
            station, refusal = facts.station, _station(facts.station, now)
        else:
            return Refusal(_UNPROVEN.get(facts.proof, Reason.NO_CREDENTIAL))
    refusal = refusal or _account(user, now)
    if refusal is not None:
        return refusal
    terms = terms_of(user.profiles)
    open_hours = _checks(user.profiles, facts, now) if terms.asks else None
    if isinstance(open_hours, Refusal):
        return open_hours
    most = terms.limits.max_sessions if user.max_sessions is None else user.max_sessions
    if most is not None and facts.sessions >= most:
        return Refusal(Reason.TOO_MANY_SESSIONS, f"{facts.sessions} open, {most} allowed")
    replies = terms.replies
    if portal is not None and portal.idle_timeout is not None and first_of(replies, _IDLE_TIMEOUT) is None:
        replies = (*replies, Item(_IDLE_TIMEOUT, "=", str(portal.idle_timeout)))
    seconds, source = user.credit, "" if user.credit is None else "credit"
    for left, word in _stays(facts, terms, portal, station, open_hours, now):
        if left is None:
            # Left out, it would let in without any limit.
            return Refusal(Reason.CHECK_FAILED, f"{_SESSION_TIMEOUT} {word} is no number of seconds")
        if seconds is None or left < seconds:
            seconds, source = left, word
    # Under a second left is no session: some NAS take 0 for "no limit".
    longest = None if seconds is None else max(1, seconds)
    usual = not terms.asks and most is None and facts.proof is Proof.RIGHT and user.credit is None and user.expiration is None
    return Grant(
        user_id=user.id, replies=replies, session_timeout=longest, portal=portal, limits=terms.limits, limited_by=source,
        profiles=terms.ids, is_usual=usual, station=station,
    )  # fmt: skip


def _checks(profiles: Sequence[ProfileFacts], facts: Facts, now: dt.datetime) -> int | Refusal | None:
    """Every check item; where all hold, the seconds until the first Login-Time among them closes, None where none does."""
    open_hours = None
    for profile in profiles:
        for item in profile.checks:
            if is_login_time(item):
                left = time_left(item, facts, now)
                if left == 0:
                    return Refusal(Reason.OUTSIDE_LOGIN_TIME, _told(profile, item))
                if left is not None:
                    open_hours = left if open_hours is None else min(open_hours, left)
            elif not satisfied(item, facts.request):
                return Refusal(Reason.CHECK_FAILED, _told(profile, item))
    return open_hours


def _stays(
    facts: Facts,
    terms: Terms,
    portal: PortalFacts | None,
    station: StationFacts | None,
    open_hours: int | None,
    now: dt.datetime,
) -> Iterable[tuple[int | None, str]]:
    """What besides credit limits the stay: seconds, and its word. A value that is no number gives None and itself."""
    expiration = None if facts.user is None else facts.user.expiration
    stays: list[tuple[int | None, str]] = []
    if expiration is not None:
        stays.append((math.floor((expiration - now).total_seconds()), "expiration"))
    if portal is not None:
        stays.append((math.floor((portal.expires - now).total_seconds()), "portal"))
    if station is not None and station.expires is not None:
        stays.append((math.floor((station.expires - now).total_seconds()), "mac"))
    for value in terms.timeouts:
        number = whole_number(expand(value, facts.request))
        stays.append((number, value if number is None else "profile"))
    if open_hours is not None:
        stays.append((open_hours, "login-time"))
    return stays


def time_left(item: Item, facts: Facts, now: dt.datetime) -> int | None:
    """Seconds until a Login-Time closes, where the NAS stands: 0 outside of it, None where it never closes."""
    return login_time.seconds_left(item.value, now.astimezone(facts.zone)) if item.op == "==" else 0


def is_login_time(item: Item) -> bool:
    """Whether a check item asks for the time of day."""
    return item.attribute.lower() == "login-time"


def holds_secret(item: Item) -> bool:
    """Whether an item is about what proves an identity, by its attribute or by one its value refers to."""
    return any(_SECRET.search(name) for name in (item.attribute, *_EXPANSION.findall(item.value)))


def _told(profile: ProfileFacts, item: Item) -> str:
    value = "(hidden)" if holds_secret(item) else item.value
    return f"{profile.short_name}: {item.attribute} {item.op} {value}"


def _portal(portal: PortalFacts, now: dt.datetime) -> Refusal | None:
    if portal.is_over or portal.expires <= now:
        return Refusal(Reason.PORTAL_SESSION_OVER)
    if portal.is_blocked:
        return Refusal(Reason.DEVICE_BLOCKED)
    if not portal.organization_active:
        return Refusal(Reason.ORGANIZATION_INACTIVE)
    return None if portal.is_here else Refusal(Reason.PORTAL_ELSEWHERE)


def _station(station: StationFacts, now: dt.datetime) -> Refusal | None:
    if not station.is_active:
        return Refusal(Reason.MAC_DISABLED)
    if station.expires is not None and station.expires <= now:
        return Refusal(Reason.MAC_EXPIRED)
    if station.is_blocked:
        return Refusal(Reason.DEVICE_BLOCKED)
    if not station.organization_active:
        return Refusal(Reason.ORGANIZATION_INACTIVE)
    return None if station.is_here else Refusal(Reason.MAC_ELSEWHERE)


def _account(user: UserFacts, now: dt.datetime) -> Refusal | None:
    if not user.organization_active:
        return Refusal(Reason.ORGANIZATION_INACTIVE)
    if not user.is_active:
        return Refusal(Reason.DISABLED)
    if user.expiration is not None and user.expiration <= now:
        return Refusal(Reason.EXPIRED)
    if user.credit is not None and user.credit <= 0:
        return Refusal(Reason.NO_CREDIT)
    return None


def most_sessions(user: UserFacts) -> int | None:
    """How many sessions the user may have open at once: the user's own number, else that of the first profile with one."""
    return terms_of(user.profiles).limits.max_sessions if user.max_sessions is None else user.max_sessions


@functools.lru_cache(maxsize=4096)
def terms_of(profiles: tuple[ProfileFacts, ...]) -> Terms:
    """What profiles come to, in their order. An operator's own Session-Timeout and Idle-Timeout go before the limits."""
    items = merge_replies(item for profile in profiles for item in profile.replies)
    limits = _limits(profiles)
    timeouts = tuple(item.value for item in items if item.attribute.lower() == _SESSION_TIMEOUT.lower())
    rest = tuple(item for item in items if item.attribute.lower() != _SESSION_TIMEOUT.lower())
    if not timeouts and limits.session_timeout is not None:
        timeouts = (str(limits.session_timeout),)
    if limits.idle_timeout is not None and first_of(rest, _IDLE_TIMEOUT) is None:
        rest = (*rest, Item(_IDLE_TIMEOUT, "=", str(limits.idle_timeout)))
    asks = any(profile.checks for profile in profiles)
    return Terms(replies=rest, timeouts=timeouts, limits=limits, asks=asks, ids=",".join(str(profile.id) for profile in profiles))


def _limits(profiles: tuple[ProfileFacts, ...]) -> Limits:
    """Each limit from the first profile that says it."""
    if len(profiles) == 1:
        return profiles[0].limits
    said: dict[str, Any] = {}
    for profile in profiles:
        for name in _LIMITS:
            value = getattr(profile.limits, name)
            if value not in (None, "") and name not in said:
                said[name] = value
    return Limits(**said) if said else UNLIMITED


def merge_replies(items: Iterable[Item]) -> tuple[Item, ...]:
    """`=` adds where the attribute is not there yet, `:=` replaces what is there, `+=` appends."""
    merged: list[Item] = []
    for item in items:
        present = any(_same(held, item) for held in merged)
        if item.op == ":=":
            merged = [held for held in merged if not _same(held, item)]
        if item.op != "=" or not present:
            merged.append(item)
    return tuple(merged)


def first_of(items: Iterable[Item], attribute: str) -> Item | None:
    """The first item of that attribute, None where there is none."""
    return next((item for item in items if item.attribute.lower() == attribute.lower()), None)


def _same(one: Item, other: Item) -> bool:
    return one.attribute.lower() == other.attribute.lower()


def expand(value: str, request: Mapping[str, Sequence[str]]) -> str:
    """`%{Attribute}` replaced by the first value the request has, by nothing where it has none."""

    def first(match: re.Match[str]) -> str:
        values = request.get(match[1], ())
        return values[0] if values else ""

    return _EXPANSION.sub(first, value) if "%{" in value else value


def satisfied(item: Item, request: Mapping[str, Sequence[str]]) -> bool:
    """Whether a check item holds. An absent attribute satisfies only `!=`, `!~` and `!*`; an unknown operator nothing."""
    values = request.get(item.attribute, ())
    wanted = expand(item.value, request)
    match item.op:
        case "!*":
            return not values
        case "=*" if item.value.strip().upper() in {"", "ANY"}:
            return bool(values)
        case "=~" | "=*":
            return _matches(item.value, values) is True
        case "!~":
            return _matches(item.value, values) is False
        case "!=":
            return all(not _equal(value, wanted) for value in values)
        case "==" | ":=" | "=" | "+=":
            return any(_equal(value, wanted) for value in values)
        case ">" | ">=" | "<" | "<=":
            return any(_ordered(item.op, value, wanted) for value in values)
        case _:
            return False


def _matches(pattern: str, values: Sequence[str]) -> bool | None:
    """Whether any value matches; None where the pattern cannot be used, which satisfies nothing.

    What a guest sent is never part of a pattern: only the operator's own text is. So `%{…}` is not expanded here, and a
    pattern that holds one (other than a count like `%{2}`) cannot be used.
    """
    if any(not name.isdigit() for name in _EXPANSION.findall(pattern)):
        return None
    try:
        # A bad pattern is bad also where there is nothing to match.
        return any(patterns.matches(pattern, value) for value in values or ("",)) and bool(values)
    except patterns.PatternError:
        return None


def _equal(value: str, wanted: str) -> bool:
    return value == wanted or (value.casefold() == wanted.casefold() and not value.isdigit())


def _ordered(op: str, value: str, wanted: str) -> bool:
    """Numbers with numbers, dates with dates, addresses with addresses of the same version; nothing else has an order."""
    one, other = _rank(value), _rank(wanted)
    if one is None or other is None or one[0] != other[0]:
        return False
    return {">": one > other, ">=": one >= other, "<": one < other, "<=": one <= other}[op]


def _rank(text: str) -> tuple[str, float] | None:
    """What kind of thing `text` is as the dictionary prints it, and its place among its kind."""
    number = whole_number(text)
    if number is not None:
        return "number", number
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        pass
    else:
        return f"ipv{address.version}", int(address)
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    return "date", (moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)).timestamp()


def whole_number(text: str) -> int | None:
    """The number `text` is, written as the dictionary takes one: decimal, or hexadecimal behind 0x. None for anything else."""
    digits = text.strip()
    if _NUMBER.fullmatch(digits) is None:
        return None
    return int(digits, 16 if digits[:2] in {"0x", "0X"} else 10)
