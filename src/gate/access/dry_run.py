"""What would be decided if somebody signed in now: the look-ups and the rules of a sign-in, and nothing written.

The RADIUS server reads the same statements (`gate.access.sql`) and asks the same `rules.decide`; what it has in memory (the NAS,
organizations, profiles) is read here.
"""

import datetime as dt
import ipaddress
import json
import zoneinfo
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from gate.access import explain, rules, sql, stations
from gate.access.explain import Step
from gate.access.profile_facts import SELECT, Canonical, profile_facts
from gate.access.stations import Station
from gate.access.types import Facts, Grant, Item, PortalFacts, ProfileFacts, Proof, Refusal, UserFacts
from gate.core.errors import Invalid, NotFound
from gate.core.tenancy import Scope, activate
from gate.database import arrays
from gate.places.rules import parse_mac
from gate.portals.rules import END_BY_CAUSE
from gate.realms import queries as realms
from gate.realms.types import Lead
from gate.users.hashing import check_password
from gate.users.rules import username_key

_USER = sql.USER_COLUMNS
_STATION = _USER + sql.PORTAL_COLUMNS
"""Where in a row of `sql.LOOK_UP_GUESTS` begins what it says of a portal's session, and of a MAC address that is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A sign-in that might be."""

    username: str
    nas: str | None = None
    """Id, short name or address; None: any, in the caller's own organization."""
    mac: str | None = None
    password: str | None = field(default=None, repr=False)
    """None: the right one is assumed, or what speaks for the device: a portal's session, or its MAC address."""
    attributes: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Further attributes of the request, by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The NAS a sign-in comes from, as much as a decision looks at."""

    id: int | None
    short_name: str | None
    vendor: str
    path: str
    zone: dt.tzinfo


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What would be decided, and why."""

    at: dt.datetime
    place: Place
    facts: Facts
    decision: Grant | Refusal | None
    """None: home servers decide, those of `lead`."""
    steps: tuple[Step, ...]
    profiles: tuple[str, ...]
    assumed: bool
    """Whether the password was not looked at."""
    lead: Lead | None = None
    """The realm that is the user's at that NAS, and its home servers: none of GATE's own rules is asked then."""


def ask(scope: Scope, question: Question, *, canonical: Canonical, now: dt.datetime) -> Answer:
    """Raises NotFound (NAS), Invalid (MAC address, an attribute that is none). A user out of the caller's reach is unknown."""
    mac = _device(question)
    request = _request(question, mac, canonical)
    activate(scope.tenant_id)
    place = _place(scope, question.nas)
    lead = realms.lead_of(scope, path=place.path, username=question.username)
    if lead is not None:
        facts = Facts(user=None, proof=Proof.ABSENT, request=request, zone=place.zone)
        steps = explain.bounded(_led(lead))
        return Answer(at=now, place=place, facts=facts, decision=None, steps=steps, profiles=(), assumed=True, lead=lead)
    row, held, known = _find(scope, question, mac, place, now)
    user = None if row is None else _user(row, canonical)
    proof, portal, station = Proof.RIGHT, None, None
    if held is not None:
        proof, portal = Proof.PORTAL, _portal(held, place)
    elif known is not None:
        proof, station = known.proof, known.facts(path=place.path, organization_active=_is_active(known.organization_id))
    elif row is not None and question.password is not None:
        proof = Proof.RIGHT if check_password(question.password, row[8]) else Proof.WRONG
    sessions = 0
    if user is not None and place.id is not None and rules.most_sessions(user) is not None:
        plain = None if mac is None else mac.replace(":", "").lower()
        sessions = _rows(sql.OPEN, arrays.literals(sql.OPEN_TYPES, [(1, user.id, place.id, plain)]))[0][1]
    facts = Facts(user=user, proof=proof, request=request, portal=portal, sessions=sessions, zone=place.zone, station=station)
    return Answer(
        at=now, place=place, facts=facts, decision=rules.decide(facts, now), steps=explain.steps(facts, now),
        profiles=() if user is None else tuple(profile.short_name for profile in user.profiles),
        assumed=proof is Proof.RIGHT and question.password is None,
    )  # fmt: skip


def _led(lead: Lead) -> Iterator[Step]:
    """The questions that GATE asks of it, as in the log of sign-ins (radiusd/proxy/sign_ins.py)."""
    yield Step("realm", "of home servers", lead.realm, holds=True)
    known = ", ".join(f"{server.name} is {server.state}" for server in lead.servers)
    yield Step("home server", "one that answers", known or "none", holds=lead.is_answered)


def _device(question: Question) -> str | None:
    if question.mac is None:
        return parse_mac(question.username)
    mac = parse_mac(question.mac)
    if mac is None:
        raise Invalid.field("mac", "takes a MAC address, for example AA:BB:CC:DD:EE:FF")
    return mac


def _request(question: Question, mac: str | None, canonical: Canonical) -> Mapping[str, Sequence[str]]:
    request: dict[str, Sequence[str]] = {"User-Name": (question.username,)}
    if mac is not None:
        request["Calling-Station-Id"] = (mac.replace(":", "-"),)
    for name, values in question.attributes.items():
        printed = [canonical(name, "==", value) for value in values]
        if printed:
            request[printed[0][0]] = tuple(value for _, value in printed)
    return request


def _place(scope: Scope, named: str | None) -> Place:
    mine = "" if scope.whole_tenant else " AND o.id = ANY(%(organizations)s::bigint[])"
    known = {
        "tenant": scope.tenant_id,
        "organizations": list(scope.organization_ids),
        "named": named,
        "own": scope.organization_id,
    }
    if named is None:
        statement = sql.OWN_PLACE
    else:
        known["address"] = _address(named)
        statement = f"{sql.PLACE}{mine} {sql.PLACE_ORDER}"
    rows = _rows(statement, known)
    if not rows:
        raise NotFound("There is no such NAS.")
    number, short_name, vendor, path, zone = rows[0]
    try:
        read: dt.tzinfo = zoneinfo.ZoneInfo(zone)
    except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
        read = dt.UTC
    return Place(id=number, short_name=short_name, vendor=vendor, path=path, zone=read)


def _address(text: str) -> str | None:
    try:
        return str(ipaddress.ip_address(text.strip()))
    except ValueError:
        return None


def _find(
    scope: Scope, question: Question, mac: str | None, place: Place, now: dt.datetime
) -> tuple[Sequence[Any] | None, Sequence[Any] | None, Station | None]:
    """The user, and what speaks for the device, where something does: a portal's session, or that its MAC address is known."""
    tenant = [scope.tenant_id]
    keys = [arrays.literal("bigint", tenant), arrays.literal("text", [username_key(question.username)])]
    if mac is None:
        found = _rows(sql.LOOK_UP, keys)
    else:
        columns = arrays.literals(("bigint", "text", "bigint"), [(scope.tenant_id, mac, 1)])
        found = _rows(sql.LOOK_UP_GUESTS, [*keys, *columns])
    found = [row for row in found if scope.covers(row[2])]
    plain = [row for row in found if len(row) == _USER or (row[_USER] is None and row[_STATION] is None)]
    if mac is not None and question.password is None:
        guests = [row for row in found if row[_USER] is not None and _is_guest(question.username, mac, row)]
        known = [row for row in found if row[_STATION] is not None] if parse_mac(question.username) == mac else []
        held = [Station._make(row[_STATION:]) for row in known]
        chosen = stations.choose(held, has_other=bool(guests or plain), path=place.path, now=now)
        if chosen is not None:
            return known[chosen][:_USER], None, held[chosen]
        if guests:
            return guests[0][:_USER], guests[0][_USER:_STATION], None
    return (plain[0][:_USER] if plain else None), None, None


def _is_guest(username: str, mac: str | None, row: Sequence[Any]) -> bool:
    uid, own = row[_USER + 3], row[_USER + 4]
    return parse_mac(username) == mac or username.casefold() in {uid.casefold(), own.casefold()}


def _user(row: Sequence[Any], canonical: Canonical) -> UserFacts:
    _, number, organization_id, is_active, expiration, credit, klass, *_, profile_ids, _, most = row
    active = _is_active(organization_id)
    rows = _rows(f"{SELECT} WHERE id = ANY(%(ids)s::bigint[])", {"ids": list(profile_ids)})
    known = {held[0]: _profile(held, canonical) for held in rows}
    return UserFacts(
        id=number, organization_id=organization_id, organization_active=active, is_active=is_active, expiration=expiration,
        credit=credit, klass=klass, profiles=tuple(known[profile] for profile in profile_ids), max_sessions=most,
    )  # fmt: skip


def _profile(row: Sequence[Any], canonical: Canonical) -> ProfileFacts:
    number, short_name, checks, replies, *limits = row
    try:
        # Django leaves JSON to its own fields.
        decoded = [json.loads(items) if isinstance(items, str) else items for items in (checks, replies)]
        return profile_facts([number, short_name, *decoded, *limits], canonical=canonical)
    except (TypeError, KeyError):
        # As the RADIUS server has it, which refuses whoever has a profile that it cannot read.
        return ProfileFacts(id=number, short_name=short_name, checks=(Item("", "never", ""),), replies=())


def _portal(held: Sequence[Any], place: Place) -> PortalFacts:
    number, expires, idle_timeout, _, username, organization_id, path, last_cause, is_blocked = held
    here, there = f"{place.path}.", f"{path}."
    return PortalFacts(
        id=number, expires=expires, idle_timeout=idle_timeout, username=username, is_over=last_cause in END_BY_CAUSE,
        organization_active=_is_active(organization_id), is_blocked=is_blocked,
        is_here=here.startswith(there) or there.startswith(here),
    )  # fmt: skip


def _is_active(organization_id: int) -> bool:
    return bool(_rows(sql.ORGANIZATION_ACTIVE, {"id": organization_id}))


def _rows(statement: str, parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows
