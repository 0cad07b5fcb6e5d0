"""Writes the demo's sessions, sign-ins and time credit with the statements the RADIUS server uses, so that they look the same.

Safe to repeat: traffic.py tells the same visits again, and only those not stored yet, or stored as open, are written. All of
it happens in the caller's transaction, a bounded batch at a time.
"""

import datetime as dt
import itertools
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from django.db import connection

from gate.access import sql as access_sql
from gate.accounting import overview
from gate.accounting import sql as accounting_sql
from gate.accounting.updates import Update
from gate.database import arrays
from gate.demo import plan, traffic
from gate.demo.traffic import Refused, State, Visit
from gate.demo.types import ACTOR, Tenant, Usage
from gate.users.rules import username_key

BATCH: Final = 1_000
SETTLED: Final = dt.timedelta(days=1)
"""Closed for so long, a session belongs to the history."""

_LIVE: Final = """
SELECT acctuniqueid, acctstarttime, acctupdatetime, acctsessiontime, acctstoptime IS NULL
FROM accounting_live WHERE tenant_id = %s
"""
_HISTORY: Final = "SELECT acctuniqueid FROM accounting_history WHERE tenant_id = %s AND acctstarttime >= %s"

# What the batch is about to use, and what is short of the plan: written before the debits, so that no balance is below zero.
_GRANT: Final = """
WITH granted AS (
    INSERT INTO credit_entry (tenant_id, user_id, seconds, previous, reason, radacctid, actor, note, created)
    SELECT b.tenant_id, b.user_id, t.target + t.used - b.seconds, 0, 'operator', NULL, %s, 'Demo', %s
    FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[]) AS t(user_id, target, used)
    JOIN credit_balance b ON b.user_id = t.user_id
    WHERE b.tenant_id = %s AND t.target + t.used > b.seconds
    RETURNING user_id, seconds
)
UPDATE credit_balance b SET seconds = b.seconds + g.seconds FROM granted g WHERE b.user_id = g.user_id
"""
_LOCK_BALANCES: Final = "SELECT 1 FROM credit_balance WHERE tenant_id = %s AND user_id = ANY(%s) ORDER BY user_id FOR UPDATE"

# The guests were there before the demo was made.
_SEEN: Final = """
UPDATE users_user u SET first_login = LEAST(u.first_login, to_timestamp(t.first)),
       last_login = GREATEST(u.last_login, to_timestamp(t.last)), date_joined = LEAST(u.date_joined, to_timestamp(t.first))
FROM unnest(%s::bigint[], %s::double precision[], %s::double precision[]) AS t(id, first, last)
WHERE u.id = t.id AND u.tenant_id = %s
"""

# As the worker does it for all tenants; rows the worker has in hand are left to it.
_SETTLE: Final = """
WITH closed AS (
    DELETE FROM accounting_live WHERE radacctid IN (
        SELECT radacctid FROM accounting_live WHERE tenant_id = %s AND acctstoptime < %s ORDER BY radacctid FOR UPDATE SKIP LOCKED
    ) RETURNING {columns}
)
INSERT INTO accounting_history ({columns}) SELECT {columns} FROM closed
"""
_COUNT: Final = """
SELECT (SELECT count(*) FROM accounting_live WHERE tenant_id = %s)
     + (SELECT count(*) FROM accounting_history WHERE tenant_id = %s)
"""


class _Known(NamedTuple):
    """A session as it is stored."""

    start: dt.datetime | None
    updated: float
    seconds: int
    open: bool


class _Step(NamedTuple):
    """A visit to be written: how far it is, whether it is new, and the seconds it has got longer."""

    visit: Visit
    state: State
    new: bool
    used: int


def first_day(now: dt.datetime) -> dt.date:
    """The oldest day the demo tells of."""
    return traffic.day_of(now) - dt.timedelta(days=traffic.DAYS)


def write(tenant: Tenant) -> Usage:
    """Store what has happened until now. The months' partitions must be there."""
    new = 0
    steps = _steps(tenant)
    while batch := list(itertools.islice(steps, BATCH)):
        _grant(tenant, batch)
        _store(tenant, batch)
        _log(tenant, batch)
        new += sum(step.new for step in batch)
    _settle(tenant)
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [tenant.scope.tenant_id] * 2)
        stored: int = cursor.fetchone()[0]
    return Usage(new=new, stored=stored, open=overview.open_sessions(tenant.scope))


def _steps(tenant: Tenant) -> Iterator[_Step]:
    """What is to be written, oldest first."""
    tenant_id, now = tenant.scope.tenant_id, tenant.now
    first, last = first_day(now), traffic.day_of(now)
    known = _known(tenant_id, since=first)
    days = {first + dt.timedelta(days=n) for n in range((last - first).days + 1)}
    # After a long pause the sessions open then are older than the days told of now; they too have ended.
    days |= {traffic.day_of(held.start) for held in known.values() if held.open and held.start is not None}
    for day in sorted(days):
        for visit in traffic.visits(tenant_id=tenant_id, day=day):
            state = traffic.state(visit, now=now)
            held = known.get(visit.unique)
            if state is None:
                continue
            if held is None:
                if day >= first and traffic.welcome(visit, now=now):
                    yield _Step(visit, state, new=True, used=state.seconds)
            elif held.open and (state.stopped is not None or state.updated > held.updated):
                yield _Step(visit, state, new=False, used=max(0, state.seconds - held.seconds))


def _known(tenant_id: int, *, since: dt.date) -> dict[bytes, _Known]:
    with connection.cursor() as cursor:
        cursor.execute(_LIVE, [tenant_id])
        known = {
            bytes(unique): _Known(start, updated.timestamp(), seconds, is_open)
            for unique, start, updated, seconds, is_open in cursor.fetchall()
        }
        cursor.execute(_HISTORY, [tenant_id, since])
        return known | {bytes(unique): _Known(None, 0.0, 0, open=False) for (unique,) in cursor.fetchall()}


def _grant(tenant: Tenant, batch: Sequence[_Step]) -> None:
    limited = {person.username: person.credit for person in plan.SUBSCRIBERS if person.credit is not None}
    used = dict.fromkeys(limited, 0)
    for step in batch:
        if step.visit.subscriber.username in used:
            used[step.visit.subscriber.username] += step.used
    users = [tenant.subscribers[name].user.id for name in used]
    created = dt.datetime.fromtimestamp(min(step.visit.start for step in batch), tz=dt.UTC)
    with connection.cursor() as cursor:
        cursor.execute(_LOCK_BALANCES, [tenant.scope.tenant_id, users])
        targets = [limited[name] for name in used]
        cursor.execute(_GRANT, [ACTOR, created, users, targets, list(used.values()), tenant.scope.tenant_id])


def _store(tenant: Tenant, batch: Sequence[_Step]) -> None:
    updates = [_update(tenant, step.visit, step.state) for step in batch]
    with connection.cursor() as cursor:
        cursor.execute(accounting_sql.STORE, accounting_sql.parameters(updates))


def _update(tenant: Tenant, visit: Visit, state: State) -> Update:
    point = tenant.points[visit.point.short_name]
    client = _nas_of(visit.point)
    username = visit.subscriber.username
    ssid = plan.ssid(visit.subscriber.profile)
    return Update(
        acctuniqueid=visit.unique,
        tenant_id=tenant.scope.tenant_id,
        nas_id=tenant.nas[client.short_name].nas.id,
        organization_id=point.organization_id,
        path=None,
        location_id=point.location_id,
        access_point_id=point.id,
        username_key=username_key(username),
        acctsessionid=visit.unique.hex()[:16],
        acctmultisessionid=None,
        start_seen=True,
        started=visit.start,
        updated=state.updated,
        stopped=state.stopped,
        acctinterval=traffic.INTERIM if state.seconds >= traffic.INTERIM else None,
        acctsessiontime=state.seconds,
        acctinputoctets=state.octets_in,
        acctoutputoctets=state.octets_out,
        username=username,
        realm=username.rpartition("@")[2] if "@" in username else None,
        klass=None,
        nasipaddress=client.address,
        nasidentifier=client.identifier,
        nasportid=ssid,
        nasporttype="Wireless-802.11",
        servicetype="Login-User",
        framedprotocol=None,
        framedipaddress=visit.address,
        calledstationid=_called(visit.point, ssid),
        callingstationid=visit.device,
        ssid=ssid,
        acctauthentic="RADIUS",
        acctterminatecause=None if state.stopped is None else visit.cause,
        connectinfo_start="CONNECT 802.11ax",
        connectinfo_stop=None,
    )


def _log(tenant: Tenant, batch: Sequence[_Step]) -> None:
    """The sign-ins of new visits, with the refused ones around them, and when the users were seen."""
    new = [step.visit for step in batch if step.new]
    rows = [_accepted(tenant, visit) for visit in new]
    rows += [_refused(tenant, refused) for visit in new for refused in traffic.plausible_refusals(visit, now=tenant.now)]
    if not rows:
        return
    seen: dict[int, list[int]] = {}
    for visit in new:
        seen.setdefault(tenant.subscribers[visit.subscriber.username].user.id, []).append(visit.start)
    with connection.cursor() as cursor:
        cursor.execute(access_sql.LOG, arrays.literals(access_sql.LOG_TYPES, sorted(rows, key=lambda row: row[0])))
        firsts, lasts = [min(starts) for starts in seen.values()], [max(starts) for starts in seen.values()]
        cursor.execute(_SEEN, [list(seen), firsts, lasts, tenant.scope.tenant_id])


_SignIn = tuple[int, int, int, int, int | None, int, str, str, str, str, bool, str, None, None, None, None]


def _accepted(tenant: Tenant, visit: Visit) -> _SignIn:
    return _sign_in(tenant, visit.start, visit.subscriber.username, visit.subscriber, visit.device, visit.point, "")


def _refused(tenant: Tenant, refused: Refused) -> _SignIn:
    return _sign_in(tenant, refused.at, refused.username, refused.subscriber, refused.device, refused.point, refused.reason)


def _sign_in(
    tenant: Tenant,
    at: int,
    username: str,
    subscriber: plan.Subscriber | None,
    device: str,
    point: plan.AccessPoint,
    reason: str,
) -> _SignIn:
    stored = tenant.points[point.short_name]
    user_id = None if subscriber is None else tenant.subscribers[subscriber.username].user.id
    ssid = plan.GUEST_SSID if subscriber is None else plan.ssid(subscriber.profile)
    return (
        at, tenant.scope.tenant_id, stored.organization_id, tenant.nas[_nas_of(point).short_name].nas.id, user_id, stored.id,
        username, device, _called(point, ssid), "PAP", not reason, reason,
        # Nobody decided about them, so there is no trace of a decision.
        None, None, None, None,
    )  # fmt: skip


def _settle(tenant: Tenant) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM accounting_history LIMIT 0")
        columns = ", ".join(column.name for column in cursor.description)
        cursor.execute(_SETTLE.format(columns=columns), [tenant.scope.tenant_id, tenant.now - SETTLED])


def _nas_of(point: plan.AccessPoint) -> plan.Nas:
    site = next(site for site in plan.SITES if site.short_name == point.site)
    return next(nas for nas in plan.NETWORKS if nas.short_name == site.nas)


def _called(point: plan.AccessPoint, ssid: str) -> str:
    """Called-Station-Id (RFC 3580 §3.20)."""
    return f"{point.mac.replace(':', '-')}:{ssid}"
