"""What lines of FreeRADIUS's tables mean in GATE. Pure: a line comes in, its meaning or why it has none comes out.

A check that cannot be brought must not let anybody in: whoever has it is refused until an operator has seen to it (0018).
"""

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from gate.commands.freeradius_import import passwords
from gate.commands.freeradius_import.source import Line
from gate.profiles import rules
from gate.profiles.types import AttributeDictionary, Item
from gate.users import foreign_hashes
from gate.users.older_hashes import Older
from gate.users.rules import MAX_SESSIONS

NEVER: Final = Item("User-Name", "!*", "")
"""A check that never holds: there is no sign-in without a name."""
_ASSIGNING: Final = frozenset({":=", "=", "+="})
_DATES: Final = (
    "%d %b %Y %H:%M:%S", "%d %b %Y %H:%M", "%d %b %Y", "%b %d %Y %H:%M:%S", "%b %d %Y %H:%M", "%b %d %Y", "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%d %H:%M:%S", "%Y-%m-%d", "%d %B %Y %H:%M:%S", "%d %B %Y", "%B %d %Y",
)  # fmt: skip
_ZONE: Final = re.compile(r"\s*(?:UTC|GMT|Z)\Z")


@dataclass(slots=True)
class Meaning:
    """What the check lines of a user or group say."""

    password: str = field(default="", repr=False)
    password_hash: str = field(default="", repr=False)
    older_hash: Older | None = field(default=None, repr=False)
    """One too weak to be kept as it is."""
    expiration: dt.datetime | None = None
    max_sessions: int | None = None
    rejected: bool = False
    """Auth-Type := Reject."""
    items: list[Item] = field(default_factory=list)
    problems: list[tuple[Line, str, str]] = field(default_factory=list)
    """The line, its field, and why it was not brought."""
    closed: bool = False
    """Whether one of them was a check, so that nobody may come in by what is left."""

    @property
    def proves(self) -> bool:
        """Whether there is a password of any kind."""
        return bool(self.password or self.password_hash or self.older_hash)


def checks(lines: Iterable[Line], *, dictionary: AttributeDictionary) -> Meaning:
    """What radcheck or radgroupcheck says."""
    meaning = Meaning()
    for line in lines:
        name = line.attribute.lower()
        if name in passwords.CLEAR or name in passwords.HASHED:
            _password(meaning, line)
        elif name == "auth-type":
            _auth_type(meaning, line)
        elif name == "expiration":
            _expiration(meaning, line)
        elif name == "simultaneous-use":
            _sessions(meaning, line)
        else:
            _check(meaning, line, dictionary)
    return meaning


def _password(meaning: Meaning, line: Line) -> None:
    if meaning.proves:
        meaning.problems.append((line, "attribute", "is a second password; the first one counts"))
        return
    try:
        said = passwords.read(line.attribute, line.value)
    except passwords.Unknown as unknown:
        meaning.problems.append((line, "value", f"{unknown}: set a new password"))
        return
    match said:
        case Older():
            meaning.older_hash = said
        case passwords.Clear():
            _clear(meaning, line, str(said))
        case _:
            meaning.password_hash = said


def _clear(meaning: Meaning, line: Line, password: str) -> None:
    if not password:
        meaning.problems.append((line, "value", "is an empty password: nobody signs in with it"))
    elif foreign_hashes.looks_like_one(password):
        meaning.problems.append((line, "value", "looks like a hash where a password in clear belongs"))
    else:
        meaning.password = password


def _auth_type(meaning: Meaning, line: Line) -> None:
    word = line.value.lower()
    if word == "reject":
        meaning.rejected = True
    elif word == "accept":
        meaning.problems.append((line, "value", "lets in without a password, which GATE does not: set one"))
    else:
        # Which method is used is told by the request.
        meaning.problems.append((line, "attribute", "is not needed: the request tells how a password is sent"))


def _expiration(meaning: Meaning, line: Line) -> None:
    found = parse_date(line.value)
    if found is None:
        meaning.closed = True
        meaning.problems.append((line, "value", "is no date such as 31 Dec 2026; refused until it is set"))
    else:
        meaning.expiration = found


def _sessions(meaning: Meaning, line: Line) -> None:
    if line.value.strip().isdecimal() and 1 <= int(line.value) <= MAX_SESSIONS:
        meaning.max_sessions = int(line.value)
    else:
        meaning.closed = True
        meaning.problems.append((line, "value", f"takes a number from 1 to {MAX_SESSIONS}; refused until it is set"))


def _check(meaning: Meaning, line: Line, dictionary: AttributeDictionary) -> None:
    # Times of the week stand there with :=, for FreeRADIUS assigns them to a list of its own.
    op = "==" if line.attribute.lower() == "login-time" else line.op
    if op in _ASSIGNING:
        meaning.problems.append((line, "op", f"{op} sets something for FreeRADIUS itself, which GATE has no use for"))
        return
    item = Item(line.attribute, op, line.value)
    reasons = rules.validate_items([item], kind="check", dictionary=dictionary)
    if reasons:
        meaning.closed = True
        reason = reasons[0].partition(": ")[2]
        meaning.problems.append((line, "attribute", f"{reason}; refused until its profile is mended"))
    else:
        meaning.items.append(item)


def replies(lines: Iterable[Line], *, dictionary: AttributeDictionary) -> tuple[list[Item], list[tuple[Line, str, str]]]:
    """What radreply or radgroupreply says: reply items, and what is none."""
    items, problems = [], []
    for line in lines:
        item = Item(line.attribute, "=" if line.op == "==" else line.op, line.value)
        if line.attribute.lower() == "fall-through":
            continue  # falls_through
        if reasons := rules.validate_items([item], kind="reply", dictionary=dictionary):
            problems.append((line, "attribute", reasons[0].partition(": ")[2]))
        else:
            items.append(item)
    return items, problems


def falls_through(lines: Iterable[Line]) -> bool | None:
    """Whether FreeRADIUS goes on with the user's next group behind these reply lines; None where they do not say."""
    said = [line.value.strip().lower() in {"yes", "1"} for line in lines if line.attribute.lower() == "fall-through"]
    return said[-1] if said else None


def parse_date(text: str) -> dt.datetime | None:
    """A date of FreeRADIUS's in UTC, None where it is none. Without a time of day it ends with the beginning of that day."""
    text = _ZONE.sub("", text.strip().strip("\"'"))
    if text.isdecimal() and len(text) >= 9:
        return dt.datetime.fromtimestamp(min(int(text), 253_402_300_799), tz=dt.UTC)
    for form in _DATES:
        try:
            return dt.datetime.strptime(text, form).replace(tzinfo=dt.UTC)
        except ValueError:
            continue
    return None


def short_name(name: str) -> str:
    """A group's name as a profile may be called."""
    return re.sub(r"[\s\x00-\x1f\x7f,/]+", "-", name.strip())[:100] or "-"
