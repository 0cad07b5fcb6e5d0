"""What leaves the room: one line of the ledger."""

import datetime as dt
from dataclasses import dataclass
from typing import Literal

Reason = Literal["operator", "api", "session", "voucher"]


@dataclass(frozen=True, slots=True)
class Entry:
    """Seconds granted (positive) or used (negative), and why."""

    id: int
    user_id: int
    seconds: int
    reason: str
    radacctid: int | None
    actor: str
    note: str
    created: dt.datetime
