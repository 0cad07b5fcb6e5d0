"""Asking for sessions to end or change, and writing down what came of it.

Who changes a user asks in the same transaction: either both are there or neither. The worker takes what is due, sends it
(jobs/live_control.py) and settles it, with a line in the transaction log.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

import msgspec
from django.db import connection, transaction

from gate.control import queries, rules, sql
from gate.control.types import Item, Job, Kind, LiveSession, Nas, Outcome, Reason, Renewal, Request, State
from gate.core import clock, seal
from gate.core.errors import Conflict, TooMany
from gate.core.tenancy import Scope, activate
from gate.txlog import commands as txlog
from gate.txlog import rules as words
from gate.txlog.types import Event

MAX_MESSAGE = 300
# The columns of sql.CLAIM, in its order.
_NAS = tuple(item.name for item in fields(Nas))
_SESSION = tuple(item.name for item in fields(LiveSession))


def end_sessions_of(scope: Scope, user_id: int, *, reason: Reason) -> int:
    """Ask for the end of every session a user has, inside the caller's transaction. Returns how many were asked for.

    The caller has found the user in its scope; the sessions may be anywhere in the tenant.
    """
    activate(scope.tenant_id)
    with connection.cursor() as cursor:
        cursor.execute(sql.LIVE_OF_USER, {"user": user_id, "tenant": scope.tenant_id})
        found = {radacctid: reason for (radacctid,) in cursor.fetchall()}
    return len(_queue(found, source=words.source_of(scope), actor=scope.actor)) if found else 0


def renew_user(scope: Scope, user_id: int, *, reason: Reason) -> None:
    """Have the NAS told of a user's changed limits, inside the caller's transaction, where the user has live sessions.

    A few seconds later (rules.QUIET_USER), so that changes that follow at once go along: the worker finds the sessions and the
    limits of that moment (access/renewal.py). The caller has found the user in its scope.
    """
    now = clock.now()
    parameters: dict[str, Any] = {
        "tenant": scope.tenant_id, "user": user_id, "reason": str(reason), "source": words.source_of(scope), "actor": scope.actor,
        "now": now, "due": now + rules.QUIET_USER, "most": rules.QUIET_MOST,
    }  # fmt: skip
    activate(scope.tenant_id)
    with connection.cursor() as cursor:
        cursor.execute(sql.RENEW_USER, parameters)


def renew_found(found: Sequence[Renewal], *, now: dt.datetime) -> int:
    """Ask for these changes, and ends where a change is not possible; returns how many were asked for.

    A change of the same session that GATE asked for before and that still waits is not sent any more.
    For the worker: crosses tenants.
    """
    if not found:
        return 0
    parameters: dict[str, Any] = {
        "sessions": [one.radacctid for one in found], "kinds": [one.kind for one in found],
        "items": [msgspec.json.encode(one.items).decode() for one in found], "reasons": [str(one.reason) for one in found],
        "sources": [one.source for one in found], "actors": [one.actor for one in found], "now": now,
        "renewals": [str(reason) for reason in rules.RENEWALS],
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(sql.RENEW, parameters)
        return len(cursor.fetchall())


def disconnect(scope: Scope, radacctid: int) -> Request:
    """Ask for the end of a session that the caller found in its scope. One that waits already is given back.

    Raises Conflict (`session_over`) where it has ended.
    """
    return _asked(scope, radacctid, kind="disconnect", items=())


def change(scope: Scope, radacctid: int, *, items: Sequence[Item]) -> Request:
    """Ask for a change of a session that the caller found in its scope; the way in has checked the items.

    Raises Conflict (`session_over`) where it has ended, TooMany (`changes_waiting`) where rules.WAITING changes wait already.
    """
    if len(_waiting(scope, radacctid, kind="coa")) >= rules.WAITING:
        raise TooMany("Earlier changes of the session wait for its NAS.", retry_after=30, code="changes_waiting")
    return _asked(scope, radacctid, kind="coa", items=items)


def end_found(found: Mapping[int, Reason]) -> int:
    """Ask for the end of sessions, by their radacctid, that GATE itself found. Returns how many were asked for.

    For the worker: crosses tenants.
    """
    return len(_queue(found, source="s", actor="system")) if found else 0


def claim(*, now: dt.datetime, limit: int, default_port: int) -> list[Job]:
    """Take requests that are due; nobody else takes them for rules.LEASE. What cannot be sent is settled at once.

    For the worker: crosses tenants.
    """
    jobs: list[Job] = []
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql.CLAIM, {"now": now, "limit": limit, "lease": now + rules.LEASE})
        for row in cursor.fetchall():
            made = _job(row, default_port=default_port)
            if isinstance(made, Job):
                jobs.append(made)
            else:
                settle(made, now=now)
    return jobs


def settle(outcome: Outcome, *, now: dt.datetime, wait: dt.timedelta = dt.timedelta(0)) -> bool:
    """Write down what came of a request, and what is final into the transaction log. False where that was done already.

    `wait` counts for a request that stays queued. For the worker: crosses tenants.
    """
    parameters: dict[str, Any] = {
        "id": outcome.id, "state": str(outcome.state), "message": outcome.message[:MAX_MESSAGE],
        "error_cause": outcome.error_cause, "asked": outcome.asked, "now": now, "due": now + wait,
    }  # fmt: skip
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql.SETTLE, parameters)
        row = cursor.fetchone()
        if row is None:
            return False
        if outcome.state in rules.STATUS_BY_STATE:
            _log(row, outcome)
        _end_instead(cursor, row, outcome)
        return True


def _end_instead(cursor: Any, row: Any, outcome: Outcome) -> None:
    """Where a NAS refused changed limits, its operator may want the session to begin anew with them."""
    _, _, radacctid, _, _, kind, reason, source = row
    if kind != "coa" or outcome.state is not State.REFUSED or reason not in rules.RENEWALS:
        return
    cursor.execute(sql.ENDS_INSTEAD, {"session": radacctid})
    if cursor.fetchone() is not None:
        _queue({radacctid: Reason(reason)}, source=source, actor="system")


def put_back(ids: Sequence[int], *, now: dt.datetime) -> None:
    """Give back what was claimed and not sent, for a little later. For the worker: crosses tenants."""
    with connection.cursor() as cursor:
        cursor.execute(sql.PUT_BACK, {"ids": list(ids), "due": now + rules.LATER})


def prune(*, oldest: dt.datetime, limit: int = 5_000) -> int:
    """Delete requests made before `oldest` of which nothing is to come any more, at most `limit` a transaction.

    Returns how many. For the worker: crosses tenants.
    """
    pruned = 0
    after: int | None = 0
    while after is not None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql.PRUNE, {"after": after, "limit": limit, "oldest": oldest})
            gone, after = cursor.fetchone()
            pruned += gone
    return pruned


def _asked(scope: Scope, radacctid: int, *, kind: Kind, items: Sequence[Item]) -> Request:
    activate(scope.tenant_id)
    with transaction.atomic():
        queued = _queue(
            {radacctid: Reason.ASKED}, source=words.source_of(scope), actor=scope.actor, kind=kind, items=items
        )  # fmt: skip
        if not queued and kind == "disconnect":
            queued = _waiting(scope, radacctid, kind=kind)
        if not queued:
            raise Conflict("The session has ended.", code="session_over")
    return queries.get(scope, queued[0])


def _waiting(scope: Scope, radacctid: int, *, kind: Kind) -> list[int]:
    activate(scope.tenant_id)
    with connection.cursor() as cursor:
        cursor.execute(sql.WAITING, {"session": radacctid, "kind": kind})
        return [number for (number,) in cursor.fetchall()]


def _queue(
    found: Mapping[int, Reason], *, source: str, actor: str, kind: Kind = "disconnect", items: Sequence[Item] = ()
) -> list[int]:
    parameters: dict[str, Any] = {
        "sessions": list(found), "reasons": [str(reason) for reason in found.values()], "kind": kind, "source": source,
        "actor": actor, "items": msgspec.json.encode(items).decode(), "now": clock.now(),
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(sql.QUEUE, parameters)
        return [number for (number,) in cursor.fetchall()]


def _job(row: Any, *, default_port: int) -> Job | Outcome:
    number, kind, rounds, items, nas_id, *rest = row
    of_nas, sealed, of_session = rest[: len(_NAS)], rest[len(_NAS)], rest[len(_NAS) + 1 :]
    if of_session[0] is None:
        return Outcome(id=number, state=State.OVER, message="The session had ended.")
    if sealed is None:
        return Outcome(id=number, state=State.IMPOSSIBLE, message="The NAS is deleted or not active.")
    nas = Nas(**dict(zip(_NAS, of_nas, strict=True)))
    session = LiveSession(**dict(zip(_SESSION, of_session, strict=True)))
    try:
        rules.check_takes(nas, kind)
        address, port = rules.destination(session, nas, default_port=default_port)
        told = [*rules.identity(session, nas), *msgspec.json.decode(items, type=list[Item])]
        secret = seal.unseal(bytes(sealed), purpose="nas-secret", row=f"nas:{nas_id}")
    except rules.Impossible as error:
        return Outcome(id=number, state=State.IMPOSSIBLE, message=str(error))
    except seal.SealError:
        return Outcome(id=number, state=State.IMPOSSIBLE, message="The NAS's shared secret cannot be opened.")
    return Job(id=number, kind=kind, rounds=rounds, items=told, address=address, port=port, secret=secret)


def _log(row: Any, outcome: Outcome) -> None:
    tenant_id, organization_id, radacctid, user_id, username, kind, reason, source = row
    with connection.cursor() as cursor:
        cursor.execute(sql.OF_SESSION, {"session": radacctid})
        found = cursor.fetchone()
    external, location_id, access_point_id, ssid, mac, portal_session, email, external_id = found or (None,) * 8
    ended = kind == "disconnect" and outcome.state in {State.ACKNOWLEDGED, State.GONE}
    if portal_session is not None and ended:
        return  # the portal's session ends by this, and leaves the line
    status = rules.STATUS_BY_STATE[outcome.state][0 if kind == "disconnect" else 1]
    event = Event(
        type=rules.event_of(kind, Reason(reason)), status=status, source=source, organization_id=organization_id,
        message=f"{reason}: {outcome.message}" if outcome.message else str(reason), user_id=user_id, username=username,
        email=email or None, external_id=external_id, external_session=external, location_id=location_id,
        access_point_id=access_point_id, ssid=ssid, mac_addr=mac,
    )  # fmt: skip
    system = Scope(tenant_id=tenant_id, organization_id=tenant_id, organization_ids=(), actor="system")
    txlog.write(system, [event])
