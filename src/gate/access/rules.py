"""Who is let in, and with what: `decide(facts, now)`, and nothing else anywhere, answers that.

Fail closed: whatever is not understood refuses. A check item can only refuse: it is looked at after the credential was proved.
"""

import datetime as dt
import functools
import ipaddress
import math
import re
from collections.abc import Iterable, Mapping, Sequence

from gate.access.types import Facts, Grant, Item, PortalFacts, ProfileFacts, Proof, Reason, Refusal, UserFacts
from gate.core import patterns

_UNPROVEN: Mapping[Proof, Reason] = {
    Proof.WRONG: Reason.WRONG_PASSWORD,
    Proof.ABSENT: Reason.NO_CREDENTIAL,
    Proof.UNVERIFIABLE: Reason.PASSWORD_NOT_RECOVERABLE,
}
_SESSION_TIMEOUT, _IDLE_TIMEOUT = "Session-Timeout", "Idle-Timeout"
_EXPANSION = re.compile(r"%\{([A-Za-z0-9][A-Za-z0-9:-]{0,127})\}")
_NUMBER = re.compile(r"0[xX][0-9a-fA-F]{1,16}|[0-9]{1,20}")


def decide(facts: Facts, now: dt.datetime) -> Grant | Refusal:
    """The one decision. Credential first, then the account, then its limits, then the profiles' check items.

    A portal's session stands in for the credential alone: all that follows holds for its guest as for anybody.
    """
    user = facts.user
    if user is None:
        return Refusal(Reason.UNKNOWN_USER)
    portal = facts.portal if facts.proof is Proof.PORTAL else None
    if facts.proof is not Proof.RIGHT and portal is None:
        return Refusal(_UNPROVEN.get(facts.proof, Reason.NO_CREDENTIAL))
    refusal = (None if portal is None else _portal(portal, now)) or _account(user, now)
    if refusal is not None:
        return refusal
    for profile in user.profiles:
        for item in profile.checks:
            if not satisfied(item, facts.request):
                return Refusal(Reason.CHECK_FAILED, f"{profile.short_name}: {item.attribute} {item.op} {item.value}")
    replies, timeouts = _merged(user.profiles)
    limits = [user.credit, None if user.expiration is None else math.floor((user.expiration - now).total_seconds())]
    if portal is not None:
        limits.append(math.floor((portal.expires - now).total_seconds()))
        if portal.idle_timeout is not None and first_of(replies, _IDLE_TIMEOUT) is None:
            replies = (*replies, Item(_IDLE_TIMEOUT, "=", str(portal.idle_timeout)))
    for value in timeouts:
        seconds = whole_number(expand(value, facts.request))
        if seconds is None:
            # Left out, it would let in without any limit.
            return Refusal(Reason.CHECK_FAILED, f"{_SESSION_TIMEOUT} {value} is no number of seconds")
        limits.append(seconds)
    known = [limit for limit in limits if limit is not None]
    # Under a second left is no session: some NAS take 0 for "no limit".
    return Grant(user_id=user.id, replies=replies, session_timeout=max(1, min(known)) if known else None, portal=portal)


def _portal(portal: PortalFacts, now: dt.datetime) -> Refusal | None:
    if portal.is_over or portal.expires <= now:
        return Refusal(Reason.PORTAL_SESSION_OVER)
    if portal.is_blocked:
        return Refusal(Reason.DEVICE_BLOCKED)
    if not portal.organization_active:
        return Refusal(Reason.ORGANIZATION_INACTIVE)
    return None if portal.is_here else Refusal(Reason.PORTAL_ELSEWHERE)


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


@functools.lru_cache(maxsize=4096)
def _merged(profiles: tuple[ProfileFacts, ...]) -> tuple[tuple[Item, ...], tuple[str, ...]]:
    """Reply items of all profiles, merged in their order, and the values of the Session-Timeouts among them taken out."""
    items = merge_replies(item for profile in profiles for item in profile.replies)
    timeouts = tuple(item.value for item in items if item.attribute.lower() == _SESSION_TIMEOUT.lower())
    rest = tuple(item for item in items if item.attribute.lower() != _SESSION_TIMEOUT.lower())
    return rest, timeouts


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
