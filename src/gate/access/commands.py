"""Letting a guest in whom a site vouches for, and ending the sessions of portals that accounting says are over.

Here the rooms meet: places and portals tell where, users and profiles who and with what, `rules.decide` whether, and
`portals.commands` opens the session. RADIUS then lets the device in by it (docs/radius.md).
"""

import contextlib
import datetime as dt
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from django.db import connection, transaction

from gate.access import rules, sql
from gate.access.types import Facts, Grant, Item, Limits, ProfileFacts, Proof, Reason, Refusal, UserFacts
from gate.core.errors import Conflict, Forbidden, GateError, Invalid, Missing
from gate.core.tenancy import Scope, activate
from gate.portals import commands as portals
from gate.portals import queries as portal_queries
from gate.portals import rules as portal_rules
from gate.portals.types import Ending, Guest, Session, Site, Visit, VisitFields
from gate.txlog import commands as txlog
from gate.txlog.types import Event
from gate.users import commands as users
from gate.users import lockout
from gate.users.errors import DeviceBlocked, Locked
from gate.users.rules import username_key
from gate.users.types import UserFields

WINDOW = 1_000
"""Sessions ended in one transaction."""

# The log's verdict for each code of a refusal; what is not here is told by the kind of error.
_VERDICTS: Mapping[str, str] = {
    "unknown_guest": "u404", "ambiguous_guest": "u409", "portal_closed": "u403", Locked.code: "u423", DeviceBlocked.code: "u403",
    Reason.ORGANIZATION_INACTIVE: "u403", Reason.DISABLED: "u403", Reason.EXPIRED: "u410", Reason.NO_CREDIT: "u413",
    Reason.CHECK_FAILED: "u403", Reason.TOO_MANY_SESSIONS: "u403", Reason.OUTSIDE_LOGIN_TIME: "u403",
}  # fmt: skip
_SENTENCES: Mapping[Reason, str] = {
    Reason.ORGANIZATION_INACTIVE: "The user's organization is not active.",
    Reason.DISABLED: "The user is not active.",
    Reason.EXPIRED: "The user's time to use the network is over.",
    Reason.NO_CREDIT: "The user has no time credit left.",
    Reason.TOO_MANY_SESSIONS: "The user has as many sessions open as are allowed.",
    Reason.OUTSIDE_LOGIN_TIME: "The user may not sign in at this time of the week.",
    Reason.CHECK_FAILED: "A profile of the user cannot be applied.",
}
# Nothing the guest can do: the account is suspended. The others are refused for what they bring along today.
_SUSPENDED = frozenset({Reason.ORGANIZATION_INACTIVE, Reason.DISABLED, Reason.EXPIRED})


@dataclass(slots=True)
class _Attempt:
    """What is known of a sign-in so far, for the line in the log should it fail."""

    said: VisitFields
    visit: Visit | None = None
    site: Site | None = None
    guest: Guest | None = None


def let_in(scope: Scope, *, said: VisitFields, own_hosts: Collection[str], now: dt.datetime) -> Session:
    """Open a session for the guest a site vouches for: known by username, e-mail address or external id, else registered.

    Raises Missing, Invalid (also: nobody known, no credit), Forbidden (locked, suspended or expired). Nothing is changed then,
    but the attempt is in the transaction log.
    """
    attempt = _Attempt(said)
    try:
        attempt.visit = portal_rules.visit(said, own_hosts=own_hosts)
        with transaction.atomic():
            return _let_in(scope, attempt, attempt.visit, now)
    except GateError as error:
        # In a transaction of its own: that of the sign-in is rolled back.
        txlog.write(scope, [_failure(scope, attempt, error)])
        raise


def end_over(*, now: dt.datetime, limit: int = WINDOW) -> int:
    """End the portal sessions whose time is over, or which accounting says are over; returns how many.

    For the worker: crosses tenants. At most `limit` a transaction, until none is left. RADIUS lets nobody in by a session
    that is over, whether this has run or not.
    """
    ended = 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql.OVER, {"causes": list(portal_rules.END_BY_CAUSE), "limit": limit})
            endings = _endings(cursor.fetchall())
            ended += portals.end_sessions(endings, source="r") if endings else 0
        if len(endings) < limit:
            # What accounting says goes before: it knows why.
            return ended + portals.end_due(now=now, limit=limit)


def _let_in(scope: Scope, attempt: _Attempt, visit: Visit, now: dt.datetime) -> Session:
    attempt.site = site = portal_queries.site(scope, ap_mac=visit.ap_mac)
    portal = site.portal
    if not site.organization_active:
        raise Forbidden("The organization is not active.", code=Reason.ORGANIZATION_INACTIVE)
    if portal is not None and not portal.is_active:
        raise Invalid("The portal of this place is switched off.", code="portal_closed")
    found = _find(scope, visit)
    guest, user = found if found is not None else _register(scope, visit, site)
    attempt.guest = guest if found is not None else None
    locked_until = lockout.locked_until(lockout.name_counter(tenant_id=scope.tenant_id, username=guest.username), now=now)
    if locked_until is not None:
        raise Locked(username=guest.username, locked_until=locked_until)
    grant = _decided(user, visit, guest, now)
    usual, usual_idle = (None, None) if portal is None else (portal.session_timeout, portal.idle_timeout)
    seconds = portal_rules.lasts(visit.session_timeout, portal=usual, allowed=grant.session_timeout)
    idle = _idle_timeout(grant) or visit.idle_timeout or usual_idle
    _end_over_on(scope, mac=visit.mac)
    return portals.open_session(scope, visit=visit, site=site, guest=guest, seconds=seconds, idle_timeout=idle, now=now)


def _decided(user: UserFacts, visit: Visit, guest: Guest, now: dt.datetime) -> Grant:
    words = {
        "User-Name": (guest.username,), "Calling-Station-Id": (visit.mac.replace(":", "-"),),
        "Called-Station-Id": (visit.ap_mac.replace(":", "-"),), "Framed-IP-Address": (visit.ip,),
    }  # fmt: skip
    decision = rules.decide(Facts(user=user, proof=Proof.RIGHT, request=words), now)
    if isinstance(decision, Refusal):
        kind = Forbidden if decision.reason in _SUSPENDED else Invalid
        raise kind(_SENTENCES[decision.reason], code=decision.reason)
    return decision


def _idle_timeout(grant: Grant) -> int | None:
    item = rules.first_of(grant.replies, "Idle-Timeout")
    return None if item is None else rules.whole_number(item.value)


def _find(scope: Scope, visit: Visit) -> tuple[Guest, UserFacts] | None:
    parameters: dict[str, Any] = {
        "tenant": scope.tenant_id, "organizations": list(scope.organization_ids), "key": username_key(visit.uid),
        "uid": visit.uid, "mac": visit.mac,
    }  # fmt: skip
    activate(scope.tenant_id)
    with connection.cursor() as cursor:
        cursor.execute(sql.GUEST, parameters)
        rows = cursor.fetchall()
    if len(rows) > 1:
        reason = "more than one user has this e-mail address or external id"
        raise Invalid(f"uid: {reason}", fields={"uid": [reason]}, code="ambiguous_guest")
    return _guest(rows[0]) if rows else None


def _register(scope: Scope, visit: Visit, site: Site) -> tuple[Guest, UserFacts]:
    """A user for somebody nobody knows, where the portal says so."""
    portal = site.portal
    if portal is None or not portal.register_unknown:
        raise Invalid("uid: nobody is known by this name", fields={"uid": ["is not known"]}, code="unknown_guest")
    username, email = portal_rules.names_of_unknown(visit.uid)
    profile = [] if portal.profile is None else [portal.profile]
    fields: UserFields = {"organization_id": site.organization_id, "email": email, "profile": profile}
    made = None
    if username is not None:
        with contextlib.suppress(Conflict):
            made = users.create(scope, fields={**fields, "username": username}, logged=False)
    if made is None:
        # No username, or one that somebody out of the caller's reach has: the site's name for the guest is kept beside.
        username = f"guest-{secrets.token_hex(8)}"
        made = users.create(scope, fields={**fields, "username": username, "external_id": visit.uid}, logged=False)
    with connection.cursor() as cursor:
        cursor.execute(sql.NEW_GUEST, {"user": made.id, "tenant": scope.tenant_id, "mac": visit.mac})
        return _guest(cursor.fetchone(), is_new=True)


def _guest(row: Any, *, is_new: bool = False) -> tuple[Guest, UserFacts]:
    number, username, email, external_id, organization_id, active, is_active, expiration, credit, klass, held, blocked = row
    if blocked:
        raise DeviceBlocked(username=username)
    profiles = tuple(
        ProfileFacts(
            id=profile,
            short_name=name,
            checks=(),
            replies=tuple(Item(**item) for item in replies),
            limits=Limits(session_timeout=longest, idle_timeout=idle),
        )
        for profile, name, replies, longest, idle in msgspec.json.decode(held)
    )
    guest = Guest(user_id=number, username=username, email=email, external_id=external_id, is_new=is_new)
    return guest, UserFacts(
        id=number, organization_id=organization_id, organization_active=active, is_active=is_active, expiration=expiration,
        credit=credit, klass=klass, profiles=profiles,
    )  # fmt: skip


def _end_over_on(scope: Scope, *, mac: str) -> None:
    """End what is open for a device and over, so that it is not taken up again as if the guest had stayed."""
    causes = list(portal_rules.END_BY_CAUSE)
    with connection.cursor() as cursor:
        cursor.execute(sql.OVER_ON_DEVICE, {"causes": causes, "tenant": scope.tenant_id, "mac": mac})
        endings = _endings(cursor.fetchall())
    if endings:
        portals.end_sessions(endings, source="r")


def _endings(rows: list[Any]) -> list[Ending]:
    return [
        Ending(session_id=number, reason=reason, at=at, external_session=external_session)
        for number, at, cause, external_session, credit in rows
        if (reason := portal_rules.end_of(cause, credit=credit)) is not None
    ]


def _failure(scope: Scope, attempt: _Attempt, error: GateError) -> Event:
    told = "h400" if isinstance(error, Missing) else "h422" if isinstance(error, Invalid) else "h403"
    said, site, guest = attempt.said, attempt.site, attempt.guest
    portal = None if site is None else site.portal
    return Event(
        type="ua", status=_VERDICTS.get(error.code, told), action="li", message=error.detail,
        organization_id=scope.organization_id if site is None else site.organization_id,
        user_id=None if guest is None else guest.user_id,
        username=said.get("uid") if guest is None else guest.username,
        email=None if guest is None else guest.email or None, external_id=None if guest is None else guest.external_id,
        service=None if portal is None else portal.id, service_name=None if portal is None else portal.name,
        location_id=None if site is None else site.location_id, access_point_id=None if site is None else site.access_point_id,
        mac_addr=said.get("mac"), captured_ip_addr=said.get("ip"),
    )  # fmt: skip
