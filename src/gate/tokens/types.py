"""What leaves the room: a token without its secret, a new token with it, the count of calls."""

import datetime as dt
from dataclasses import dataclass, field

from gate.core.tenancy import Scope


@dataclass(frozen=True, slots=True)
class Token:
    """An API token as shown after it was made: without the token."""

    id: int
    tenant_id: int
    organization_id: int
    name: str
    prefix: str
    """Its first characters, to recognise it by."""
    permissions: tuple[str, ...]
    networks: tuple[str, ...]
    created: dt.datetime
    created_by: str
    expires: dt.datetime | None
    revoked: dt.datetime | None
    last_used: dt.datetime | None


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token just made. `plain` is shown to its owner once and stored nowhere."""

    token: Token
    plain: str

    def __repr__(self) -> str:
        """Without the token, so that no log ever holds it."""
        return f"NewToken({self.token!r})"


@dataclass(frozen=True, slots=True)
class Calls:
    """API calls of an organization in the calendar month."""

    made: int
    allowed: int | None
    """None: no limit."""


@dataclass(frozen=True, slots=True)
class Pair:
    """The tokens of a person who signed in, or came back with a refresh token."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    """Good once: using it gives the next."""
    access_expires: dt.datetime
    refresh_expires: dt.datetime
    family_id: int
    """The sign-in that all its tokens come from."""
    scope: Scope
    """What the person may reach, without permissions: for logs."""
