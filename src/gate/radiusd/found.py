"""What a look-up of the sign-ins finds, in the order of its columns."""

import datetime as dt
from typing import NamedTuple


class Row(NamedTuple):
    """One row of `sql.LOOK_UP`."""

    n: int
    id: int
    organization_id: int
    is_active: bool
    expiration: dt.datetime | None
    seconds: int | None
    klass: str | None
    role: str
    password: str
    password_version: int
    verifier: bytes | None
    password_sealed: bytes | None
    profile_ids: list[int]
    last_login: dt.datetime | None
    max_sessions: int | None = None


class PortalRow(NamedTuple):
    """What `sql.LOOK_UP_GUESTS` adds to a `Row`."""

    id: int
    expires: dt.datetime
    idle_timeout: int | None
    uid: str
    username: str
    organization_id: int
    path: str
    """The organization's place in the tree."""
    last_cause: str | None
    """Acct-Terminate-Cause of the latest stop, while the device is online nowhere."""
    is_blocked: bool
