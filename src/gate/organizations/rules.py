"""What makes an organization's values acceptable. Pure."""

import re
import zoneinfo
from collections.abc import Callable

from gate.core.errors import Invalid
from gate.organizations.types import OrganizationFields

MAX_SHORT_NAME = 100
MAX_DEPTH = 32
MAX_NUMBER = 2**31 - 1
_SHORT_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*\Z", re.ASCII)
_COLOR = re.compile(r"#[0-9A-Fa-f]{3}(?:[0-9A-Fa-f]{3})?\Z", re.ASCII)
# Longest text for each field, in characters: what the table holds.
_LENGTHS = {
    "name": 200, "display_name": 200, "website": 300, "industry": 100, "size": 50, "date_format": 32, "language": 16,
    "plan": 50, "plan_status": 20, "logo_url": 300,
}  # fmt: skip


def check(fields: OrganizationFields) -> None:
    """Raises Invalid naming every field whose value is refused; absent fields are not looked at."""
    problems = {name: [reason] for name, value in fields.items() if (reason := _problem(name, value)) is not None}
    if problems:
        raise Invalid("; ".join(f"{name} {reasons[0]}" for name, reasons in problems.items()), fields=problems)


def _problem(name: str, value: object) -> str | None:
    if isinstance(value, str):
        if len(value) > _LENGTHS.get(name, len(value)):
            return f"is longer than {_LENGTHS[name]} characters"
        takes, meaning = _TEXTS.get(name, (None, ""))
        return None if takes is None or takes(value) else meaning
    if name in {"platform", "max_users", "max_api_calls"} and isinstance(value, int) and not 0 <= value <= MAX_NUMBER:
        return f"lies outside 0 to {MAX_NUMBER}"
    return None


def _letters(count: int) -> Callable[[str], bool]:
    return lambda value: not value or (len(value) == count and value.isascii() and value.isalpha())


def plausible_short_name(name: str) -> bool:
    """Whether `name` may be a short name: what stands in URLs, commands and filters."""
    return len(name) <= MAX_SHORT_NAME and _SHORT_NAME.match(name) is not None


def depth(path: str) -> int:
    """How many levels an ltree path has; a root has one."""
    return path.count(".") + 1


def is_below(path: str, ancestor: str) -> bool:
    """Whether `path` is `ancestor` or below it."""
    return path == ancestor or path.startswith(f"{ancestor}.")


_TEXTS: dict[str, tuple[Callable[[str], bool], str]] = {
    "name": (lambda value: bool(value.strip()), "is empty"),
    "short_name": (
        plausible_short_name,
        f"takes letters, digits and _ . - and at most {MAX_SHORT_NAME} characters, a letter or digit first",
    ),
    "country_code": (_letters(2), "takes two letters (ISO 3166-1)"),
    "currency": (_letters(3), "takes three letters (ISO 4217)"),
    "timezone": (lambda value: value in zoneinfo.available_timezones(), "is no time zone name such as Europe/Madrid"),
    "primary_color": (lambda value: not value or _COLOR.match(value) is not None, "takes a color such as #0066CC"),
    "secondary_color": (lambda value: not value or _COLOR.match(value) is not None, "takes a color such as #0066CC"),
}
