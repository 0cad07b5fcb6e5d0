"""Which balances may be set and which seconds granted. Pure."""

from gate.core.errors import Invalid
from gate.credit.types import Reason

MAX_SECONDS = 100 * 366 * 24 * 3600
"""A century: more is a mistake."""


def check_balance(seconds: int | None) -> None:
    """Raises Invalid naming `user_time`."""
    if seconds is not None and not 0 <= seconds <= MAX_SECONDS:
        raise Invalid.field("user_time", f"takes 0 to {MAX_SECONDS} seconds, or null for no limit")


def check_grant(seconds: int, *, reason: Reason, voucher_id: int | None) -> None:
    """Raises Invalid naming `seconds` or `voucher_id`."""
    if not 0 < abs(seconds) <= MAX_SECONDS:
        raise Invalid.field("seconds", f"takes -{MAX_SECONDS} to {MAX_SECONDS}, and not 0")
    if (reason == "voucher") is (voucher_id is None):
        raise Invalid.field("voucher_id", "belongs to the reason voucher, and to no other")


def check_sum(seconds: int) -> None:
    """Raises Invalid naming `seconds` where a grant would lead past every sensible balance."""
    if seconds > MAX_SECONDS:
        raise Invalid.field("seconds", f"would lead to a balance of more than {MAX_SECONDS}")
