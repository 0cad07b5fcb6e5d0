"""Times of the week somebody may sign in, as FreeRADIUS's Login-Time writes them: `Wk0900-1800,Sa1000-1400`.

Parts stand behind commas or bars. A part names days (`Mo` `Tu` `We` `Th` `Fr` `Sa` `Su`, `Wk` for Monday to Friday, `Any` or `Al`
for all, `Mo-We` from one to another, several one behind another) and hours `HHMM-HHMM`; without hours it means the whole day.
Hours that end before they begin go around midnight of the same days: `Wk2200-0600` is a weekday before six or from ten at
night on, as UUCP has it. The end is not included. Pure.
"""

import datetime as dt
import functools
import re

_DAYS = ("mo", "tu", "we", "th", "fr", "sa", "su")
_SETS = {"wk": range(5), "any": range(7), "al": range(7), "all": range(7), "never": range(0)}
_DAY = 24 * 60
_WEEK = 7 * _DAY
_PART = re.compile(r"(?P<days>[a-z-]+)\s*(?:(?P<from>[0-9]{4})\s*-\s*(?P<to>[0-9]{4}))?\Z")
_NAMED = re.compile(r"(?P<set>wk|any|all|al|never)|(?P<first>mo|tu|we|th|fr|sa|su)(?:-(?P<last>mo|tu|we|th|fr|sa|su))?")
_MAX = 1_000

Windows = tuple[tuple[int, int], ...]
"""Minutes of the week (0: Monday 00:00) from and to, in order, apart from each other."""


@functools.lru_cache(maxsize=1024)
def parse(text: str) -> Windows:
    """The windows a text names. Raises ValueError with one sentence."""
    if len(text) > _MAX:
        raise ValueError(f"times take at most {_MAX} characters")
    minutes: list[tuple[int, int]] = []
    for part in re.split(r"[,|]", text.strip().lower()):
        found = _PART.match(part.strip())
        if found is None:
            raise ValueError(f"{part.strip() or 'nothing'!r} is no time such as Wk0900-1800")
        start, end = (0, _DAY) if found["from"] is None else (_minute(found["from"]), _minute(found["to"]))
        hours = [(start, end)] if start < end else [(0, end), (start, _DAY)]
        minutes += [(day * _DAY + one, day * _DAY + other) for day in _days(found["days"]) for one, other in hours]
    return _joined(minutes)


def seconds_left(text: str, now: dt.datetime) -> int | None:
    """Seconds until the window `now` (in the zone the text is about) stands in closes: 0 outside, None where none ever closes.

    What is no time closes everything.
    """
    try:
        windows = parse(text)
    except ValueError:
        return 0
    if windows == ((0, _WEEK),):
        return None
    minute = now.weekday() * _DAY + now.hour * 60 + now.minute
    end = next((end for start, end in windows if start <= minute < end), None)
    if end is None:
        return 0
    if end == _WEEK and windows[0][0] == 0:
        end += windows[0][1]
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0, fold=0) - dt.timedelta(days=now.weekday())
    # By the wall clock, then compared as moments: the night summer time begins is an hour shorter.
    closes = (midnight + dt.timedelta(minutes=end)).astimezone(dt.UTC)
    return max(0, int((closes - now.astimezone(dt.UTC)).total_seconds()))


def _minute(text: str) -> int:
    hour, minute = int(text[:2]), int(text[2:])
    if minute > 59 or hour * 60 + minute > _DAY:
        raise ValueError(f"{text} is no time of day")
    return hour * 60 + minute


def _days(text: str) -> list[int]:
    days: list[int] = []
    at = 0
    while at < len(text):
        found = _NAMED.match(text, at)
        if found is None:
            raise ValueError(f"{text!r} names no days")
        at = found.end()
        if found["set"] is not None:
            days += _SETS[found["set"]]
            continue
        first = _DAYS.index(found["first"])
        last = first if found["last"] is None else _DAYS.index(found["last"])
        days += [(first + step) % 7 for step in range((last - first) % 7 + 1)]
    return days


def _joined(minutes: list[tuple[int, int]]) -> Windows:
    joined: list[tuple[int, int]] = []
    for start, end in sorted(one for one in minutes if one[0] < one[1]):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return tuple(joined)
