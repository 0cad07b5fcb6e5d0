"""What a token looks like, where it may be used from, what it may be given. Pure."""

import base64
import datetime as dt
import ipaddress
import re
from collections.abc import Collection, Sequence

from gate.core.errors import Forbidden, Invalid
from gate.core.scope import Scope

PREFIX = "gate_"
SECRET_BYTES = 32
"""256 random bits: 43 characters of base64url, and a digest of it needs no salt."""
SHOWN = 12
"""Characters of a token kept in clear, to recognise it by."""
_TOKEN = re.compile(r"gate_[A-Za-z0-9_-]{43}\Z", re.ASCII)
REFRESH_PREFIX = "gater_"
_REFRESH = re.compile(r"gater_[A-Za-z0-9_-]{43}\Z", re.ASCII)
_PERMISSION = re.compile(r"(?:\*|(?:\*|[a-z][a-z_]{0,48}):(?:read|write))\Z", re.ASCII)


def plausible(plain: str) -> bool:
    """Whether `plain` has the shape of a token; what has not is refused without asking the database."""
    return _TOKEN.match(plain) is not None


def plausible_refresh_token(plain: str) -> bool:
    """Whether `plain` has the shape of a refresh token."""
    return _REFRESH.match(plain) is not None


def refresh_token_of(secret: bytes) -> str:
    """The refresh token made of 32 secret bytes."""
    return REFRESH_PREFIX + base64.urlsafe_b64encode(secret).rstrip(b"=").decode("ascii")


def month_of(now: dt.datetime) -> dt.date:
    """First day of the calendar month (UTC) in which calls are counted."""
    return now.astimezone(dt.UTC).date().replace(day=1)


def seconds_to_next_month(now: dt.datetime) -> int:
    """Whole seconds, at least one, until the count of calls starts again."""
    first = month_of(now)
    following = (first + dt.timedelta(days=32)).replace(day=1)
    start = dt.datetime.combine(following, dt.time(), tzinfo=dt.UTC)
    return max(1, -int((now - start).total_seconds() // 1))


def comes_from(networks: Sequence[str], address: str) -> bool:
    """Whether `address` lies in one of the networks; where none is named every address does."""
    if not networks:
        return True
    try:
        source = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(source, ipaddress.IPv6Address) and source.ipv4_mapped is not None:
        source = source.ipv4_mapped
    return any(source in ipaddress.ip_network(network, strict=False) for network in networks)


def is_over(*, expires: dt.datetime | None, revoked: dt.datetime | None, now: dt.datetime) -> bool:
    """Whether a token has come to its end."""
    return revoked is not None or (expires is not None and expires <= now)


def check_new(scope: Scope, *, name: str, permissions: Collection[str], networks: Collection[str]) -> None:
    """Raises Invalid for values that cannot be, Forbidden for permissions the maker does not have."""
    problems: dict[str, list[str]] = {}
    if not 1 <= len(name.strip()) <= 200:
        problems["name"] = ["takes 1 to 200 characters"]
    if not permissions or any(not _PERMISSION.match(permission) for permission in permissions):
        problems["permissions"] = ["takes category:read, category:write, *:read, *:write or *, at least one"]
    for network in networks:
        try:
            ipaddress.ip_network(network, strict=False)
        except ValueError:
            problems["networks"] = [f"{network!r} is no network such as 192.0.2.0/24"]
    if problems:
        raise Invalid("; ".join(f"{field} {reasons[0]}" for field, reasons in problems.items()), fields=problems)
    if beyond := sorted(permission for permission in permissions if not may_give(scope, permission)):
        raise Forbidden(f"The caller does not have {beyond[0]} to give.")


def may_give(scope: Scope, permission: str) -> bool:
    """Whether somebody with this scope has the permission, so that it may be passed on."""
    return scope.allows(permission) or (permission != "*" and scope.allows(f"*:{permission.partition(':')[2]}"))
