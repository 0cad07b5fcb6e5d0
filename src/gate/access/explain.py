"""Why a decision was made: the questions `rules.decide` asks, each with what was expected and what was there.

Written down for every sign-in whose answers are not all the usual ones (radiusd/journal.py), and shown by `gate explain`. What
proves somebody's identity is never part of it. Pure.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from itertools import islice

import msgspec

from gate.access import rules
from gate.access.types import Facts, Item, PortalFacts, ProfileFacts, Proof, StationFacts, UserFacts

MOST_STEPS, MOST_TEXT = 80, 120
"""A record is bounded: so many steps, so many characters of each text."""
HIDDEN = "(hidden)"


class Step(msgspec.Struct, frozen=True, array_like=True):
    """One question: what it is about, what lets in, what was there, and whether it held."""

    about: str
    expected: str
    actual: str
    holds: bool


class Proxied(msgspec.Struct, frozen=True):
    """What a home server decided, or that none could be asked (radiusd/proxy/)."""

    steps: tuple[Step, ...]
    session_timeout: int | None = None
    """Seconds, as the home server said."""


def steps(facts: Facts, now: dt.datetime) -> tuple[Step, ...]:
    """The questions in their order, down to the first that refused."""
    found = []
    for step in _steps(facts, now):
        found.append(Step(_cut(step.about), _cut(step.expected), _cut(step.actual), step.holds))
        if not step.holds or len(found) == MOST_STEPS:
            break
    return tuple(found)


def bounded(found: Iterable[Step]) -> tuple[Step, ...]:
    """Steps made elsewhere, cut as those made here are."""
    return tuple(Step(_cut(step.about), _cut(step.expected), _cut(step.actual), step.holds) for step in islice(found, MOST_STEPS))


def record(found: tuple[Step, ...]) -> str:
    """The steps as one short text. Those of a usual grant (`Grant.is_usual`) need none: `read_record` knows them."""
    return msgspec.json.encode(found).decode()


def read_record(stored: str | None, *, is_usual: bool) -> tuple[Step, ...]:
    """The steps of a record. Without one they are known of usual grants only."""
    if stored is not None:
        return _DECODER.decode(stored)
    if not is_usual:
        return ()
    return (_USER_KNOWN, _credential(Proof.RIGHT), _ORGANIZATION_ACTIVE, _USER_ACTIVE)


_DECODER = msgspec.json.Decoder(tuple[Step, ...])
_USER_KNOWN = Step("user", "known", "known", holds=True)
_ORGANIZATION_ACTIVE = Step("organization", "active", "active", holds=True)
_USER_ACTIVE = Step("user", "active", "active", holds=True)


def _credential(proof: Proof, portal: PortalFacts | None = None, station: StationFacts | None = None) -> Step:
    holds = proof is Proof.RIGHT or (proof is Proof.PORTAL and portal is not None)
    holds = holds or (proof in {Proof.MAC, Proof.DEVICE} and station is not None)
    return Step("credential", f"{Proof.RIGHT}, {Proof.PORTAL}, {Proof.MAC} or {Proof.DEVICE}", str(proof), holds=holds)


def _steps(facts: Facts, now: dt.datetime) -> Iterator[Step]:
    user = facts.user
    if user is None:
        yield Step("user", "known", "unknown", holds=False)
        return
    yield _USER_KNOWN
    yield _credential(facts.proof, facts.portal, facts.station)
    yield from _portal(facts, now)
    yield from _station(facts, now)
    yield from _account(user, now)
    for profile in user.profiles:
        for item in profile.checks:
            yield _check(profile, item, facts, now)
    terms = rules.terms_of(user.profiles)
    most = rules.most_sessions(user)
    if most is not None:
        yield Step("open sessions", f"fewer than {most}", str(facts.sessions), holds=facts.sessions < most)
    for value in terms.timeouts:
        number = rules.whole_number(rules.expand(value, facts.request))
        yield Step("Session-Timeout", "seconds", value, holds=number is not None)


def _portal(facts: Facts, now: dt.datetime) -> Iterator[Step]:
    portal = facts.portal
    if facts.proof is not Proof.PORTAL or portal is None:
        return
    over = portal.is_over or portal.expires <= now
    until = f"until {_time(portal.expires)}"
    yield Step("portal session", "open", f"over, {until}" if over else until, holds=not over)
    yield Step("device", "not blocked", "blocked" if portal.is_blocked else "not blocked", holds=not portal.is_blocked)
    yield _active("portal's organization", is_active=portal.organization_active)
    yield Step("NAS", "where the portal is", "there" if portal.is_here else "elsewhere", holds=portal.is_here)


def _station(facts: Facts, now: dt.datetime) -> Iterator[Step]:
    station = facts.station
    if facts.proof not in {Proof.MAC, Proof.DEVICE} or station is None:
        return
    about = "authorised MAC address" if facts.proof is Proof.MAC else "registered device"
    named = f"{about} {station.id}"
    yield Step(named, "active", "active" if station.is_active else "not active", holds=station.is_active)
    if station.expires is not None:
        yield Step(f"{about}'s end", f"after {_time(now)}", _time(station.expires), holds=station.expires > now)
    yield Step("device", "not blocked", "blocked" if station.is_blocked else "not blocked", holds=not station.is_blocked)
    yield _active(f"{about}'s organization", is_active=station.organization_active)
    yield Step("NAS", "where it is authorised", "there" if station.is_here else "elsewhere", holds=station.is_here)


def _account(user: UserFacts, now: dt.datetime) -> Iterator[Step]:
    yield _active("organization", is_active=user.organization_active)
    yield _active("user", is_active=user.is_active)
    if user.expiration is not None:
        yield Step("expiration", f"after {_time(now)}", _time(user.expiration), holds=user.expiration > now)
    if user.credit is not None:
        yield Step("credit", "more than 0 s", f"{user.credit} s", holds=user.credit > 0)


def _active(about: str, *, is_active: bool) -> Step:
    return Step(about, "active", "active" if is_active else "not active", holds=is_active)


def _check(profile: ProfileFacts, item: Item, facts: Facts, now: dt.datetime) -> Step:
    about = f"{profile.short_name}: {item.attribute}"
    if rules.is_login_time(item):
        left = rules.time_left(item, facts, now)
        local = now.astimezone(facts.zone)
        return Step(about, f"{item.op} {item.value}", f"{local:%a %H:%M} ({facts.zone})", holds=left is None or left > 0)
    values = facts.request.get(item.attribute, ())
    expected = f"{item.op} {rules.expand(item.value, facts.request)}".rstrip()
    actual = ", ".join(values) if values else "(absent)"
    if rules.holds_secret(item):
        # A reference to one would show it beside the attribute that it is compared with.
        expected, actual = f"{item.op} {HIDDEN}", HIDDEN if values else "(absent)"
    return Step(about, expected, actual, holds=rules.satisfied(item, facts.request))


def _time(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _cut(text: str) -> str:
    clean = "".join(character if character.isprintable() else " " for character in text[: MOST_TEXT + 1])
    return clean if len(clean) <= MOST_TEXT else f"{clean[: MOST_TEXT - 1]}…"
