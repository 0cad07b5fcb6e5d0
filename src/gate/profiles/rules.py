"""What may stand in a profile. Pure.

Operators are FreeRADIUS's (users(5)). Reply items take `= += :=`. Check items compare (`== != > >= < <=`), match a regular
expression (`=~ !~`, and `=*` with a value), or ask for presence (`=*` with nothing or ANY) and absence (`!*`). A value may
hold `%{Attribute}`, replaced from the request: what it becomes is unknown here, so only the attribute's existence is checked.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from gate.core import login_time
from gate.core.errors import Invalid
from gate.core.patterns import PatternError, compile_pattern
from gate.profiles.types import AttributeDictionary, Item, Kind, ProfileFields

REPLY_OPERATORS = frozenset({"=", "+=", ":="})
COMPARING = frozenset({"==", "!="})
ORDERING = frozenset({">", ">=", "<", "<="})
MATCHING = frozenset({"=~", "!~"})
PRESENT, ABSENT = "=*", "!*"
CHECK_OPERATORS = COMPARING | ORDERING | MATCHING | {PRESENT, ABSENT}

MAX_ITEMS = 64
MAX_VALUE = 4_000
_REFERENCE = re.compile(r"%\{([^{}]*)\}")
NUMBERS: Mapping[str, tuple[int, int]] = {
    "rate_up": (1_000, 10**12), "rate_down": (1_000, 10**12), "quota_up": (1, 2**63 - 1), "quota_down": (1, 2**63 - 1),
    "quota_total": (1, 2**63 - 1), "session_timeout": (1, 2**32 - 1), "idle_timeout": (1, 2**32 - 1), "vlan": (1, 4094),
    "max_sessions": (1, 10_000),
}  # fmt: skip
"""Least and most of each limit: bit/s, bytes, seconds, IEEE 802.1Q, sessions. Makes that count in kbit/s know nothing less."""
MAX_ROLE, MAX_URL = 200, 230
"""Octets: the address has to fit into a Cisco-AVPair (at most 247, RFC 2865 section 5.26) behind `url-redirect=`."""
_WORDS = re.compile(r"[^\x00-\x1f\x7f]*")
_URL = re.compile(r"https?://[!-~]+")
_SHORT_NAME = re.compile(r"[^\s\x00-\x1f\x7f,/]{1,100}\Z")


def references(value: str) -> tuple[str, ...]:
    """The attributes a value names as `%{Attribute}`."""
    return tuple(_REFERENCE.findall(value))


def asks_presence(item: Item) -> bool:
    """Whether the item is `=*` in its plain meaning: the attribute is present, whatever it holds."""
    return item.op == PRESENT and item.value.strip().upper() in {"", "ANY"}


def validate_items(items: Sequence[Item], *, kind: Kind, dictionary: AttributeDictionary) -> list[str]:
    """Why items are refused, one sentence each, naming the item by its place (from 0); empty where all are good."""
    if len(items) > MAX_ITEMS:
        return [f"has more than {MAX_ITEMS} items"]
    problems = []
    for place, item in enumerate(items):
        for reason in _problems(item, kind, dictionary):
            problems.append(f"item {place} ({item.attribute or 'no attribute'}): {reason}")
            break  # one reason an item: the next ones mostly follow from it
    return problems


def check(fields: ProfileFields, *, dictionary: AttributeDictionary) -> None:
    """Raises Invalid naming every field whose value is refused; absent fields are not looked at."""
    problems: dict[str, list[str]] = {}
    if "name" in fields and not 1 <= len(fields["name"].strip()) <= 200:
        problems["name"] = ["takes 1 to 200 characters"]
    if "short_name" in fields and not _SHORT_NAME.match(fields["short_name"]):
        problems["short_name"] = ["takes 1 to 100 characters without spaces, commas and slashes"]
    if reasons := validate_items(fields.get("reply_attribute", ()), kind="reply", dictionary=dictionary):
        problems["reply_attribute"] = reasons
    if reasons := validate_items(fields.get("check_attribute", ()), kind="check", dictionary=dictionary):
        problems["check_attribute"] = reasons
    problems |= _limits(fields)
    if problems:
        raise Invalid("; ".join(f"{name} {reasons[0]}" for name, reasons in problems.items()), fields=problems)


def _limits(fields: ProfileFields) -> dict[str, list[str]]:
    problems: dict[str, list[str]] = {}
    for name, (least, most) in NUMBERS.items():
        value = fields.get(name)
        if isinstance(value, int) and not least <= value <= most:
            problems[name] = [f"takes {least} to {most}"]
    role, url = fields.get("role", ""), fields.get("redirect_url", "")
    if len(role.encode()) > MAX_ROLE or not _WORDS.fullmatch(role):
        problems["role"] = [f"takes at most {MAX_ROLE} octets of text without control characters"]
    if url and (len(url) > MAX_URL or not _URL.fullmatch(url)):
        problems["redirect_url"] = [f"takes an address beginning with http:// or https://, at most {MAX_URL} characters"]
    return problems


def _problems(item: Item, kind: Kind, dictionary: AttributeDictionary) -> Iterator[str]:
    if not dictionary.knows(item.attribute):
        yield "the dictionary has no attribute of this name"
        return
    allowed = REPLY_OPERATORS if kind == "reply" else CHECK_OPERATORS
    if item.op not in allowed:
        yield f"{kind} items take the operators {' '.join(sorted(allowed))}"
    if len(item.value) > MAX_VALUE:
        yield f"the value is longer than {MAX_VALUE} characters"
    names = references(item.value)
    if unknown := [name for name in names if not dictionary.knows(name)]:
        yield f"the dictionary has no attribute {unknown[0]!r}, which the value refers to"
    elif item.value.count("%{") != len(names):
        yield "a %{ in the value is not closed, or holds more than a name"
    elif kind == "reply":
        # What a reference becomes is unknown; that the attribute may be sent at all is not.
        reason = dictionary.why_not_sent(item.attribute, None if names else item.value)
        if reason is not None:
            yield reason
    else:
        yield from _check_problems(item, names, dictionary)


def _time_problems(item: Item) -> Iterator[str]:
    if item.op != "==":
        yield "Login-Time takes the operator =="
    try:
        login_time.parse(item.value)
    except ValueError as error:
        yield str(error)


def _check_problems(item: Item, names: tuple[str, ...], dictionary: AttributeDictionary) -> Iterator[str]:
    if item.attribute.lower() == "login-time":
        yield from _time_problems(item)
    elif item.op in MATCHING or (item.op == PRESENT and not asks_presence(item)):
        try:
            compile_pattern(_REFERENCE.sub("x", item.value))
        except PatternError as error:
            yield f"the value {error}"
    elif item.op in ORDERING and not dictionary.is_ordered(item.attribute):
        yield f"{item.op} compares numbers, dates and addresses, which this attribute does not hold"
    elif item.op in COMPARING | ORDERING and not names:
        # Comparing with nothing asks whether something was sent: User-Password != "".
        empty = item.value == "" and item.op in COMPARING
        reason = None if empty else dictionary.why_not_compared(item.attribute, item.value)
        if reason is not None:
            yield reason
