"""Which reports are taken, what a period covers, what counts as success. Pure.

A connection is a success unless its status is `failed`: one that is `disconnected` had been made. A report without an app's name
is about the device's own way into the network and counts under an app of its own.
"""

import datetime as dt

from gate.core.errors import Invalid
from gate.telemetry.types import Trend, Window

NETWORK_APP = "(network)"
"""The app of reports that name none."""
OTHER_APP = "(other)"
"""The app of those whose name is one too many for the tenant."""
MAX_APPS = 1_000
"""Apps a tenant may have: names come from phones, and the sums of a period are kept by app."""
MAX_BATCH = 1_000
LATEST = dt.timedelta(days=90)
"""How old a report may be. Partitions reach back a little further (database/partitions.py)."""
EARLY = dt.timedelta(minutes=5)
"""How far a phone's clock may be ahead; its reports then count as made now."""
PERIODS = (1, 7, 30, 90)
HOURS_KEPT = dt.timedelta(days=3)
"""How long sums by hour are kept: the period of one day asks for two days of them."""
LONG = 30
"""Periods of so many days and more cost seconds to make where devices are many."""
REST = dt.timedelta(minutes=9)
"""How long such a period rests before it is made again. With the job's five minutes: every ten."""
ISSUE_PERCENT = 95
STABLE_PERCENT = 10
_DAY = dt.timedelta(days=1)


def moment(reported: dt.datetime | None, *, now: dt.datetime) -> dt.datetime:
    """When a report was made. Raises Invalid for a time to come or one too long ago."""
    if reported is None:
        return now
    if reported > now + EARLY:
        raise Invalid.field("timestamp", "lies in the future")
    if reported < now - LATEST:
        raise Invalid.field("timestamp", f"is more than {LATEST.days} days ago")
    return min(reported, now)


def window(period: int, *, now: dt.datetime) -> Window:
    """What `period` days, one of PERIODS, cover now: whole UTC days with today as the last; of one day, 24 whole hours."""
    if period == 1:
        start = now.replace(minute=0, second=0, microsecond=0) - dt.timedelta(hours=23)
    else:
        start = now.replace(hour=0, minute=0, second=0, microsecond=0) - dt.timedelta(days=period - 1)
    return Window(period=period, before=start - period * _DAY, start=start, end=now)


def hours_begin(now: dt.datetime) -> dt.datetime:
    """The first hour sums by hour are kept of."""
    return now.replace(minute=0, second=0, microsecond=0) - HOURS_KEPT


def has_issues(*, connections: int, failed: int) -> bool:
    """Whether less than 95 % succeeded."""
    return failed * 100 > (100 - ISSUE_PERCENT) * connections


def success_rate(*, connections: int, failed: int) -> float | None:
    """Percent with one decimal; None of nothing."""
    return round(100 * (connections - failed) / connections, 1) if connections else None


def trend(*, connections: int, before: int, covered: Window) -> Trend:
    """How often per day, against the period before. Today is not over: what is compared is the rate, not the number."""
    rate = connections / ((covered.end - covered.start) / _DAY or 1)
    rate_before = before / covered.period
    if abs(rate - rate_before) * 100 <= STABLE_PERCENT * rate_before:
        return "stable"
    return "increasing" if rate > rate_before else "decreasing"
