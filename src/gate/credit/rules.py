"""Which balances may be set. Pure."""

from gate.core.errors import Invalid

MAX_SECONDS = 100 * 366 * 24 * 3600
"""A century: more is a mistake."""


def check_balance(seconds: int | None) -> None:
    """Raises Invalid naming `user_time`."""
    if seconds is not None and not 0 <= seconds <= MAX_SECONDS:
        raise Invalid.field("user_time", f"takes 0 to {MAX_SECONDS} seconds, or null for no limit")
