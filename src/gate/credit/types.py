"""What leaves the room: lines of the ledger, and what a check of it found."""

import datetime as dt
from dataclasses import dataclass
from typing import Literal

Reason = Literal["operator", "api", "session", "voucher"]

Seconds = int | Literal["keep"] | None
"""A balance to set: seconds, None for no limit by time, or leave it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Seconds granted (positive) or used (negative), and why."""

    id: int
    user_id: int
    seconds: int
    reason: str
    radacctid: int | None
    """The accounting session, where that is the reason."""
    voucher_id: int | None
    """The voucher, where that is the reason."""
    actor: str
    """Who, where a person or a token is the reason: `user:7`, `token:12`."""
    note: str
    created: dt.datetime


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check of one page of balances found."""

    balances: int
    """How many were looked at."""
    differing: tuple[int, ...]
    """Users whose balance is not the sum of their entries."""
    last: int | None
    """The user to go on after; None where all were seen."""
