"""Ids: a bigint in storage, on the way out as the reference shows it, on the way in both forms everywhere.

The reference writes `organization: 1` in one place and `organization_id: "org_789"` in another; both are kept.
"""

import re
import secrets

MAX_ID = 2**63 - 1

ORGANIZATION, USER, CLIENT, LOCATION, ACCESS_POINT = "org", "user", "client", "loc", "ap"
TRANSACTION, DEVICE, APP, SESSION = "txn", "dev", "app", "sess"

_ID = re.compile(r"(?:[a-z]{2,8}[_-])?([0-9]{1,19})\Z", re.ASCII)


def prefixed(prefix: str, number: int | None) -> str | None:
    """`org_789` for 789, None for None."""
    return None if number is None else f"{prefix}_{number}"


def parse(text: str | int) -> int | None:
    """The number in `789`, `"789"`, `"org_789"` or `"org-789"`; None where it is no id."""
    if isinstance(text, bool):
        return None
    if isinstance(text, int):
        return text if 0 <= text <= MAX_ID else None
    match = _ID.match(text.strip())
    number = int(match[1]) if match else -1
    return number if 0 <= number <= MAX_ID else None


def request_id() -> str:
    """A random id for one request, for the log and `X-Request-ID`."""
    return secrets.token_hex(8)
