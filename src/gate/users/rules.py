"""Which usernames are good, and what each role may do. Pure."""

import re

from gate.core.errors import Forbidden, Invalid
from gate.core.scope import Scope
from gate.users.types import UserFields

MAX_USERNAME = 150
MAX_PASSWORD = 1_024
MAX_PROFILES = 32
MAX_DESCRIPTION = 10_000
MAX_SESSIONS = 1_000_000
_PUNCTUATION = frozenset("@.+-:_")
_EMAIL = re.compile(r"[^@\s\x00-\x1f]{1,64}@[^@\s\x00-\x1f.]+(?:\.[^@\s\x00-\x1f.]+)*\Z")
_WEB = re.compile(r"https?://[^\s\x00-\x1f]+\Z")
_LENGTHS = {
    "external_id": 200, "klass": 100, "email": 254, "first_name": 150, "last_name": 150, "avatar_url": 500,
    "description": MAX_DESCRIPTION, "password": MAX_PASSWORD, "password_or_hash": MAX_PASSWORD,
}  # fmt: skip

# Every category of the reference, then what GATE adds beside it.
REFERENCE_CATEGORIES = (
    "aaa_accounting", "aaa_profile", "device_app_access_devices", "device_app_access_points", "device_app_connection_log",
    "device_app_connection_summary", "device_app_locations", "device_app_register", "device_app_test_report",
    "device_app_user_authenticate", "device_app_user_update", "hostspot_access_points", "hostspot_locations", "me",
    "organization", "portal_login", "txlog_portal", "user", "user_extra", "user_token",
)  # fmt: skip
EXTENSION_CATEGORIES = ("nas", "mac", "session", "access_trace", "freeradius", "voucher", "webhook", "token")
CATEGORIES = REFERENCE_CATEGORIES + EXTENSION_CATEGORIES

_READ = frozenset(f"{category}:read" for category in CATEGORIES)
_WRITE = frozenset(f"{category}:write" for category in CATEGORIES)
PERMISSIONS = _READ | _WRITE
_DEVICE_APP = tuple(category for category in CATEGORIES if category.startswith("device_app_"))
# To write access_trace is to ask for a dry run.
_DAILY_WORK = ("user", "user_extra", "user_token", "mac", "session", "voucher", "portal_login", "access_trace", *_DEVICE_APP)

ROLE_PERMISSIONS: dict[str, frozenset[str]] = {
    "owner": frozenset({"*"}),
    "admin": PERMISSIONS,
    "operator": (_READ - {"token:read", "webhook:read"}) | {f"{category}:write" for category in _DAILY_WORK},
    "viewer": _READ - {"token:read", "webhook:read"},
    # A subscriber reaches the phone app's endpoints, and there the own data alone.
    "device_user": frozenset(f"{category}:{action}" for category in _DEVICE_APP for action in ("read", "write")),
}
"""What each role of users.models.Role allows: `category:read`, `category:write`, or `*` for all."""


def expand(permissions: frozenset[str]) -> frozenset[str]:
    """Every `category:action` that `permissions` grant, with `*`, `*:read` and `*:write` spelled out."""
    granted = permissions & PERMISSIONS
    if "*" in permissions:
        return PERMISSIONS
    for wildcard, meant in (("*:read", _READ), ("*:write", _WRITE)):
        if wildcard in permissions:
            granted |= meant
    return granted


def username_key(username: str) -> str:
    """What makes two usernames the same: case does not count."""
    return username.casefold()


def username_problem(username: str) -> str | None:
    """Why this cannot be a username; None where it can."""
    if not username:
        return "is empty"
    # Case-folding may lengthen a name (ß becomes ss), and the key has to fit its column too.
    if max(len(username), len(username_key(username))) > MAX_USERNAME:
        return f"is longer than {MAX_USERNAME} characters"
    if not all(character.isalpha() or character.isdecimal() or character in _PUNCTUATION for character in username):
        return "takes letters, digits and @ . + - : _"
    return None


def check(fields: UserFields) -> None:
    """Raises Invalid naming every field whose value is refused; absent fields are not looked at."""
    problems: dict[str, list[str]] = {}
    for name, value in fields.items():
        reason = _problem(name, value)
        if reason is not None:
            problems[name] = [reason]
    if problems:
        raise Invalid("; ".join(f"{name} {reasons[0]}" for name, reasons in problems.items()), fields=problems)


def check_may_manage(scope: Scope, role: str) -> None:
    """Staff are changed only by who may do all that they may. Raises Forbidden.

    Otherwise a token that may write users could give itself an owner's password.
    """
    granted = expand(scope.permissions)
    needs_all = "*" in ROLE_PERMISSIONS[role]
    if role == "device_user" or "*" in scope.permissions or (not needs_all and granted >= ROLE_PERMISSIONS[role]):
        return
    raise Forbidden("This user is staff with more rights than the caller has.", code="staff")


def _problem(name: str, value: object) -> str | None:
    if name == "max_sessions" and isinstance(value, int) and not 1 <= value <= MAX_SESSIONS:
        return f"takes a number from 1 to {MAX_SESSIONS}, or nothing"
    if name == "profile" and isinstance(value, list) and len(value) > MAX_PROFILES:
        return f"has more than {MAX_PROFILES} names"
    if not isinstance(value, str):
        return None
    if name == "username":
        return username_problem(value)
    if len(value) > _LENGTHS.get(name, len(value)):
        return f"is longer than {_LENGTHS[name]} characters"
    if name == "email" and value and not _EMAIL.match(value):
        return "is no e-mail address"
    if name == "avatar_url" and value and not _WEB.match(value):
        return "is no http or https address"
    return None
