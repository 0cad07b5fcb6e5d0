"""The only place that reads the time, so that tests can freeze it and rules can be pure.

Wall time is UTC and aware; `monotonic` is for time-outs and ages, never stored.
"""

import datetime as dt
import time


def now() -> dt.datetime:
    """The present moment, UTC."""
    return dt.datetime.now(tz=dt.UTC)


def unix() -> float:
    """Seconds since 1970 UTC, for protocols that carry them."""
    return time.time()


def monotonic() -> float:
    """Seconds that never go back, from an arbitrary start."""
    return time.monotonic()
