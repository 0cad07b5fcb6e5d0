"""Setting portals; opening and ending sessions. Each leaves its line in the transaction log, in the same transaction."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

from django.db import connection, transaction

from gate.core import clock
from gate.core.constraints import spoken
from gate.core.errors import Invalid, NotFound, Unavailable
from gate.core.tenancy import Scope, activate
from gate.organizations import queries as organizations
from gate.portals import models, queries, rules, sql
from gate.portals.types import Ending, EndReason, Guest, Portal, PortalDraft, Session, Site, Visit
from gate.profiles import queries as profiles
from gate.txlog import commands as txlog
from gate.txlog.types import Event

SENTENCES = {
    "portal_short_name_once": ("short_name", "This short name is taken."),
    "portal_organization_once": ("organization", "This organization has a portal already."),
}
_TRIES = 5


def create(scope: Scope, *, draft: PortalDraft) -> Portal:
    """Give an organization its portal. Raises Missing, Invalid, Conflict."""
    draft = _settled(scope, draft)
    now = clock.now()
    row = models.Portal(tenant_id=scope.tenant_id, created=now, last_change=now, **_columns(draft))
    with spoken(SENTENCES):
        row.save(force_insert=True)
    return queries.get(scope, row.pk)


@transaction.atomic
def update(scope: Scope, portal_id: int, *, draft: PortalDraft) -> Portal:
    """Make a portal what `draft` says; sessions that are open stay as they are. Raises NotFound, Missing, Invalid, Conflict."""
    row = models.Portal.objects.within(scope).select_for_update(of=("self",)).filter(pk=portal_id).first()
    if row is None:
        raise NotFound("There is no such portal.")
    for name, value in _columns(_settled(scope, draft)).items():
        setattr(row, name, value)
    row.last_change = clock.now()
    with spoken(SENTENCES):
        row.save(force_update=True)
    return queries.get(scope, portal_id)


@transaction.atomic
def delete(scope: Scope, portal_id: int) -> None:
    """Remove a portal: the one above counts from now on. Open sessions stay. Raises NotFound."""
    row = models.Portal.objects.within(scope).filter(pk=portal_id).first()
    if row is None:
        raise NotFound("There is no such portal.")
    row.delete()


def open_session(
    scope: Scope, *, visit: Visit, site: Site, guest: Guest, seconds: int, idle_timeout: int | None, now: dt.datetime
) -> Session:
    """Let a device in for `seconds`. The same guest on the same device renews; another one's session there is ended.

    The caller has decided that the guest may come in. Raises Unavailable where others keep opening one for this device.
    """
    expires = rules.expiry(now, seconds)
    portal = site.portal
    parameters: dict[str, Any] = {
        "tenant": scope.tenant_id, "organization": site.organization_id, "user": guest.user_id,
        "portal": None if portal is None else portal.id, "location": site.location_id, "access_point": site.access_point_id,
        "uid": visit.uid, "mac": visit.mac, "ap_mac": visit.ap_mac, "ip": visit.ip, "original_url": visit.original_url,
        "controller_address": visit.controller_address, "session_timeout": seconds, "idle_timeout": idle_timeout, "opened": now,
        "expires": expires,
    }  # fmt: skip
    activate(scope.tenant_id)
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        for _ in range(_TRIES):
            cursor.execute(sql.OPEN, parameters)
            opened = cursor.fetchone()
            if opened is not None:
                break
            _make_way(scope, mac=visit.mac, now=now)
        else:
            raise Unavailable("This device is being let in by others at this moment. Try again.")
        number, renewed = opened
        txlog.write(scope, _opening(site, visit, guest, number, renewed=renewed))
    return Session(
        id=number, visit=visit, session_timeout=seconds, idle_timeout=idle_timeout, opened=now, expires=expires, renewed=renewed
    )


def end_sessions(endings: Sequence[Ending], *, source: str) -> int:
    """End sessions, and log each that was open until now: exactly once, whoever else ends the same.

    The line is written in the transaction that sets `ended`, and only for rows it was set in: of two who end one session the
    second waits for the row, finds it ended and writes nothing. `source` is the log's word for who caused it. Returns how many
    were ended. For those who found the sessions already: crosses tenants.
    """
    by_id = {ending.session_id: ending for ending in endings}
    numbers = sorted(by_id)
    columns: list[Any] = [numbers, [str(by_id[number].reason) for number in numbers], [by_id[number].at for number in numbers]]
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        cursor.execute(sql.END, columns)
        events: dict[int, list[Event]] = {}
        ended = cursor.fetchall()
        for number, tenant_id, *row in ended:
            ending = by_id[number]
            if ending.reason in rules.EVENT_BY_END:
                events.setdefault(tenant_id, []).append(_ending(number, row, ending, source))
        for tenant_id, lines in sorted(events.items()):
            txlog.write(_system(tenant_id), lines)
    return len(ended)


def end_due(*, now: dt.datetime, limit: int = 1_000) -> int:
    """End the sessions whose time is over, at most `limit` a transaction, until none is left. Returns how many.

    For the worker: crosses tenants. Nobody depends on its being on time: a session that is over lets nobody in.
    """
    ended = 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql.LOCK_DUE, [now, limit])
            due = [Ending(session_id=number, reason=rules.run_out(credit), at=at) for number, at, credit in cursor.fetchall()]
            ended += end_sessions(due, source="s") if due else 0
        if len(due) < limit:
            return ended


def prune(*, oldest: dt.datetime, limit: int = 5_000) -> int:
    """Delete sessions that ended before `oldest`, at most `limit` a transaction; returns how many.

    For the worker: crosses tenants.
    """
    pruned = 0
    after: int | None = 0
    while after is not None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql.PRUNE, {"after": after, "limit": limit, "oldest": oldest})
            gone, after = cursor.fetchone()
            pruned += gone
    return pruned


def _make_way(scope: Scope, *, mac: str, now: dt.datetime) -> None:
    """End whatever is open for a device: it is another guest's, or its time is over."""
    with connection.cursor() as cursor:
        cursor.execute(sql.LOCK_OPEN, [scope.tenant_id, mac])
        for number, expires in cursor.fetchall():
            over = expires <= now
            reason = EndReason.SESSION_TIMEOUT if over else EndReason.REPLACED
            end_sessions([Ending(session_id=number, reason=reason, at=expires if over else now)], source="s")


def _opening(site: Site, visit: Visit, guest: Guest, number: int, *, renewed: bool) -> list[Event]:
    portal = site.portal
    signed_in = Event(
        type="ue" if renewed else "ui", status="h201", action="re" if renewed else "li",
        organization_id=site.organization_id, user_id=guest.user_id, username=guest.username, email=guest.email or None,
        external_id=guest.external_id, new_user=guest.is_new, session_id=str(number), page=number,
        page_url=visit.original_url, service=None if portal is None else portal.id,
        service_name=None if portal is None else portal.name, location_id=site.location_id,
        access_point_id=site.access_point_id, mac_addr=visit.mac, captured_ip_addr=visit.ip,
    )  # fmt: skip
    return [replace(signed_in, type="ur", action="rg"), signed_in] if guest.is_new else [signed_in]


def _ending(number: int, row: Sequence[Any], ending: Ending, source: str) -> Event:
    (organization_id, user_id, mac, ip, portal_id, location_id, access_point_id, username, email, external_id) = row
    return Event(
        type=rules.EVENT_BY_END[ending.reason], status="s200" if source == "s" else "n200", source=source,
        organization_id=organization_id, user_id=user_id, username=username, email=email, external_id=external_id,
        session_id=str(number), external_session=ending.external_session, page=number, service=portal_id,
        location_id=location_id, access_point_id=access_point_id, mac_addr=mac, captured_ip_addr=ip, at=ending.at,
    )  # fmt: skip


def _system(tenant_id: int) -> Scope:
    return Scope(tenant_id=tenant_id, organization_id=tenant_id, organization_ids=(), actor="system")


def _settled(scope: Scope, draft: PortalDraft) -> PortalDraft:
    """The draft in stored form; organization and profile are within reach. Also tells PostgreSQL the tenant."""
    draft = rules.checked(draft)
    if not scope.covers(draft.organization_id):
        raise Invalid.field("organization", "there is no such organization")
    if draft.profile_id is not None:
        above = organizations.ancestor_ids(scope, draft.organization_id)
        names = profiles.short_names(scope, [draft.profile_id])
        if draft.profile_id not in profiles.resolve(scope, list(names.values()), organization_ids=above).values():
            raise Invalid.field("profile", "there is no such profile for guests of this organization")
    activate(scope.tenant_id)
    return draft


def _columns(draft: PortalDraft) -> dict[str, object]:
    return {item.name: getattr(draft, item.name) for item in fields(PortalDraft)}
