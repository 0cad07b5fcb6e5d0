"""What a NAS is told of a session that runs when its limits change. Pure.

It is what a sign-in of this moment would carry, with the time reckoned from the session's beginning.
Check items are not asked again, but for Login-Time, whose window ends a session: what else they look at is in the request of a
sign-in. A limit that is not said any more cannot be taken back: RFC 5176 knows no such request.
"""

import datetime as dt
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gate.access import rules
from gate.access.types import Facts, Item, Limits, ProfileFacts, Proof
from gate.control import rules as control
from gate.control.types import Item as Told
from gate.control.types import Kind
from gate.nas import presets

Render = Callable[[tuple[Item, ...], Limits, str], Sequence[Item]]
"""An operator's items and the limits they leave to be said, in the attributes of a make: radiusd/replies."""
_TIMEOUT = "Session-Timeout"


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """A session that runs, and what its user may use now."""

    radacctid: int
    began: dt.datetime
    used: int
    """Seconds the NAS has told, which credit was debited for."""
    expiration: dt.datetime | None
    credit: int | None
    portal_expires: dt.datetime | None
    zone: dt.tzinfo
    profiles: tuple[ProfileFacts, ...]
    vendor: str
    takes_changes: bool
    """By CoA, as the NAS is set."""
    ends_otherwise: bool
    """Whether its operator wants sessions ended that cannot be changed."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What is to be asked of the NAS."""

    kind: Kind
    items: tuple[Told, ...] = ()


def answer(live: Live, now: dt.datetime, *, render: Render, time_alone: bool) -> Answer | None:
    """What the NAS is asked for; None: nothing, the session stays as it is until the next sign-in.

    `time_alone`: nothing but the time changed. Where a make cannot be told all of it, it is told what it takes, or the session is
    ended, as the NAS's operator chose.
    """
    ending = Answer("disconnect") if live.ends_otherwise else None
    if not live.takes_changes:
        return ending
    said = _said(live, now, render=render, time_alone=time_alone)
    told = tuple(item for item in said if presets.takes_change(live.vendor, item.attribute))
    if len(told) < len(said) and ending is not None:
        return ending
    return Answer("coa", told) if told else None


def _said(live: Live, now: dt.datetime, *, render: Render, time_alone: bool) -> tuple[Told, ...]:
    terms = rules.terms_of(live.profiles)
    longest = session_timeout(live, now)
    first = () if longest is None else (Told(_TIMEOUT, str(longest)),)
    if time_alone:
        return first
    rest = (Told(item.attribute, item.value) for item in render(terms.replies, terms.limits, live.vendor))
    return (*first, *(item for item in rest if control.may_renew(item)))


def session_timeout(live: Live, now: dt.datetime) -> int | None:
    """Seconds from the session's beginning to its end, the least that limits it; None where nothing does.

    RFC 2865 section 5.27 counts Session-Timeout from there. Credit was debited for what the NAS told, so it goes on behind that.
    """
    age = math.floor((now - live.began).total_seconds())
    stays = [number for value in rules.terms_of(live.profiles).timeouts if (number := rules.whole_number(value)) is not None]
    if live.credit is not None:
        stays.append(live.used + live.credit)
    stays.extend(
        age + math.floor((end - now).total_seconds()) for end in (live.expiration, live.portal_expires) if end is not None
    )
    open_for = Facts(user=None, proof=Proof.RIGHT, request={}, zone=live.zone)
    for profile in live.profiles:
        for item in profile.checks:
            left = rules.time_left(item, open_for, now) if rules.is_login_time(item) else None
            if left is not None:
                stays.append(age + left)
    # 0 stands for "no limit" with some NAS.
    return max(1, min(stays)) if stays else None
