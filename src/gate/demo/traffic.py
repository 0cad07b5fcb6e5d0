"""Who signed in when, for how long and how much: made up, and the same each time it is asked. Pure.

Everything follows from the tenant's id and the day, so that a later run finds again what an earlier one stored: the session
open then is the one closed now, and nothing is told twice. A day goes from `_DAWN` to `_DAWN`, when hotels are asleep: guests'
sessions end with it, so that no device is in two sessions at once.
"""

import bisect
import datetime as dt
import functools
import hashlib
import itertools
import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from gate.access.types import Reason
from gate.demo import plan

DAYS: Final = 35
INTERIM: Final = 300
"""Seconds between two Interim-Updates."""
GUEST_SESSIONS: Final = 115
"""Sessions of guests a day, on average."""
QUIET: Final = dt.timedelta(days=3)
"""So long ago users who are kept out now were let in for the last time."""

_DAWN: Final = 3 * plan.HOUR
# Sign-ins by hour after dawn: breakfast, midday, and above all the evening.
_CURVE: Final = (1, 2, 4, 7, 8, 6, 5, 5, 6, 7, 6, 5, 6, 8, 11, 14, 17, 19, 19, 16, 11, 6, 3, 1)
_CUMULATED: Final = tuple(itertools.accumulate(_CURVE))
_CAUSES: Final = ("User-Request", "Idle-Timeout", "Lost-Carrier", "NAS-Reboot", "Admin-Reset")
_WEIGHTS: Final = (45, 28, 24, 2, 1)
_REFUSED_BY_STATE: Final = {
    "disabled": Reason.DISABLED.value,
    "expired": Reason.EXPIRED.value,
    "out of credit": Reason.NO_CREDIT.value,
}


@dataclass(frozen=True, slots=True)
class Refused:
    """A sign-in that was refused. `username` is as it was typed."""

    at: int
    username: str
    subscriber: plan.Subscriber | None
    device: str
    point: plan.AccessPoint
    reason: str


@dataclass(frozen=True, slots=True)
class Visit:
    """A session from beginning to end, and the sign-ins refused around its beginning. Times are seconds since 1970 UTC."""

    unique: bytes
    subscriber: plan.Subscriber
    device: str
    """MAC address as a NAS writes it: `AA-BB-CC-DD-EE-FF`."""
    point: plan.AccessPoint
    address: str
    start: int
    end: int
    octets_in: int
    """Sent by the device (RFC 2866 §5.3)."""
    octets_out: int
    cause: str
    refused: tuple[Refused, ...]


@dataclass(frozen=True, slots=True)
class State:
    """How far a visit is at some moment, as its NAS reported last."""

    updated: int
    stopped: int | None
    seconds: int
    octets_in: int
    octets_out: int


def day_of(moment: dt.datetime) -> dt.date:
    """The day of this file a moment belongs to."""
    return (moment.astimezone(dt.UTC) - dt.timedelta(seconds=_DAWN)).date()


def visits(*, tenant_id: int, day: dt.date) -> list[Visit]:
    """All visits that begin on that day, in order of their beginning."""
    # Not for secrets: the same numbers have to come again.
    dice = random.Random(digest(tenant_id, "day", day.isoformat()))  # noqa: S311
    dawn = int(dt.datetime.combine(day, dt.time(), tzinfo=dt.UTC).timestamp()) + _DAWN
    drafts = sorted([*_always_on(tenant_id, dice, dawn), *_guests(tenant_id, dice, dawn)], key=lambda draft: draft[0])
    made = []
    for number, (start, end, subscriber, device) in enumerate(drafts):
        unique = digest(tenant_id, "session", day.isoformat(), str(number))
        point = dice.choice(points_of(subscriber))
        down, up = _octets(dice, subscriber, end - start)
        made.append(
            Visit(
                unique=unique, subscriber=subscriber, device=device, point=point, address=_address(unique), start=start, end=end,
                octets_in=up, octets_out=down, cause=_cause(dice, subscriber, end - start),
                refused=tuple(_refused(dice, subscriber, device, point, start)),
            )
        )  # fmt: skip
    return made


def welcome(visit: Visit, *, now: dt.datetime) -> bool:
    """Whether the visit could have been: users who are kept out now have not been let in lately."""
    return not visit.subscriber.state or visit.end < (now - QUIET).timestamp()


def plausible_refusals(visit: Visit, *, now: dt.datetime) -> list[Refused]:
    """The visit's refused sign-ins that could have been: nobody was refused for what came true later."""
    since = (now - QUIET).timestamp()
    return [
        refused for refused in visit.refused if refused.subscriber is None or not refused.subscriber.state or refused.at >= since
    ]


def state(visit: Visit, *, now: dt.datetime) -> State | None:
    """How far the visit is; None before it begins."""
    moment = int(now.timestamp())
    if moment < visit.start:
        return None
    length = visit.end - visit.start
    if moment >= visit.end:
        return State(visit.end, visit.end, length, visit.octets_in, visit.octets_out)
    seconds = (moment - visit.start) // INTERIM * INTERIM
    return State(visit.start + seconds, None, seconds, visit.octets_in * seconds // length, visit.octets_out * seconds // length)


_Draft = tuple[int, int, plan.Subscriber, str]


def _always_on(tenant_id: int, dice: random.Random, dawn: int) -> Iterator[_Draft]:
    """Three sessions a day for each device, one after the other, each ended shortly before the profile's Session-Timeout."""
    for subscriber in plan.SUBSCRIBERS:
        if not subscriber.always_on:
            continue
        for device in devices(tenant_id, subscriber):
            offset = int(device[-2:], 16) * 14
            for turn in range(3):
                start = dawn + offset + turn * 8 * plan.HOUR + dice.randrange(60)
                yield start, start + 8 * plan.HOUR - dice.randrange(90, 1200), subscriber, device


def _guests(tenant_id: int, dice: random.Random, dawn: int) -> Iterator[_Draft]:
    guests = [subscriber for subscriber in plan.SUBSCRIBERS if not subscriber.always_on]
    count = round(dice.gauss(GUEST_SESSIONS, GUEST_SESSIONS / 10))
    starts: dict[tuple[str, str], list[int]] = {}
    for subscriber in dice.choices(guests, [guest.weight for guest in guests], k=count):
        device = dice.choice(devices(tenant_id, subscriber))
        hour = bisect.bisect_right(_CUMULATED, dice.randrange(_CUMULATED[-1]))
        starts.setdefault((subscriber.username, device), []).append(dawn + hour * plan.HOUR + dice.randrange(plan.HOUR))
    people = {guest.username: guest for guest in guests}
    for (username, device), moments in starts.items():
        moments.sort()
        for start, following in itertools.pairwise([*moments, dawn + plan.DAY]):
            timeout = _profile(people[username]).timeout
            length = min(round(dice.lognormvariate(math.log(40 * 60), 0.9)) + 60, timeout, following - start - 30)
            if length >= 60:
                yield start, start + length, people[username], device


def _refused(
    dice: random.Random, subscriber: plan.Subscriber, device: str, point: plan.AccessPoint, start: int
) -> Iterator[Refused]:
    chance = dice.random()
    before = start - dice.randrange(8, 90)
    if chance < 0.05:
        yield Refused(before, subscriber.username, subscriber, device, point, Reason.WRONG_PASSWORD.value)
    elif chance < 0.065:
        yield Refused(before, "room " + str(dice.randrange(101, 420)), None, device, point, Reason.UNKNOWN_USER.value)
    elif chance < 0.12:
        other = dice.choice([somebody for somebody in plan.SUBSCRIBERS if somebody.state])
        reason = _REFUSED_BY_STATE[other.state]
        yield Refused(before, other.username, other, device, dice.choice(points_of(other)), reason)


def _octets(dice: random.Random, subscriber: plan.Subscriber, seconds: int) -> tuple[int, int]:
    """Down and up: most sessions little, some a film; never more than the profile's rate allows."""
    usual = 1_500 if subscriber.always_on else 45_000
    rate = min(dice.lognormvariate(math.log(usual), 1.2), _profile(subscriber).rate / 8 * 0.9)
    down = round(rate * seconds)
    return down, round(down * dice.uniform(0.04, 0.22))


def _cause(dice: random.Random, subscriber: plan.Subscriber, seconds: int) -> str:
    profile = _profile(subscriber)
    cause = dice.choices(_CAUSES, _WEIGHTS)[0]
    if seconds >= profile.timeout:
        return "Session-Timeout"
    return "User-Request" if cause == "Idle-Timeout" and seconds < profile.idle else cause


@functools.cache
def devices(tenant_id: int, subscriber: plan.Subscriber) -> tuple[str, ...]:
    """MAC addresses, locally administered as those of today's phones."""
    made = []
    for number in range(subscriber.devices):
        octets = bytearray(digest(tenant_id, "device", subscriber.username, str(number))[:6])
        octets[0] = octets[0] & 0xFC | 0x02
        made.append(octets.hex("-").upper())
    return tuple(made)


@functools.cache
def points_of(subscriber: plan.Subscriber) -> tuple[plan.AccessPoint, ...]:
    """Where somebody signs in."""
    sites = {site.short_name for site in plan.SITES if site.organization == subscriber.organization}
    if subscriber.profile == "conference":
        sites = {"mirador-conference"}
    return tuple(point for point in plan.ACCESS_POINTS if point.site in sites)


@functools.cache
def _profile(subscriber: plan.Subscriber) -> plan.Profile:
    return next(profile for profile in plan.PROFILES if profile.short_name == subscriber.profile)


def _address(unique: bytes) -> str:
    """Of the documentation networks (RFC 5737)."""
    return f"{('198.51.100', '203.0.113')[unique[0] & 1]}.{unique[1] % 253 + 2}"


def digest(tenant_id: int, *words: str) -> bytes:
    """16 octets that follow from the tenant and the words, as all made-up numbers do."""
    return hashlib.blake2b("\0".join(["gate-demo", str(tenant_id), *words]).encode(), digest_size=16).digest()
