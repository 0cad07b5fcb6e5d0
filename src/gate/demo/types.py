"""What the parts of the demo hand to each other. Secrets are in it, so nothing here shows them by `repr`."""

import datetime as dt
from dataclasses import dataclass, field

from gate.core.tenancy import Scope
from gate.nas.types import Nas
from gate.places.types import AccessPoint
from gate.users.types import User

ACTOR = "command:demo"
"""Who the ledgers and tokens name."""


class DemoError(Exception):
    """The demo cannot be made; the text is one sentence for the operator."""


@dataclass(frozen=True, slots=True)
class Account:
    """A user, and the password just given to it."""

    user: User
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Client:
    """A NAS and its shared secret."""

    nas: Nas
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Tenant:
    """The demo tenant as it stands in the database, all by the short names and usernames of plan.py."""

    scope: Scope
    organizations: dict[str, int]
    points: dict[str, AccessPoint]
    nas: dict[str, Client]
    staff: dict[str, Account]
    subscribers: dict[str, Account]
    token: str = field(repr=False)
    now: dt.datetime


@dataclass(frozen=True, slots=True)
class Usage:
    """Sessions of the tenant."""

    new: int
    """Stored by this run."""
    stored: int
    open: int
