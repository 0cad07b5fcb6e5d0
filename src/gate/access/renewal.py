"""Live sessions whose limits changed: found from the lines of `control_renewal`, a bounded part at a time.

A profile that a hundred thousand online users have is one line. Each pass goes on where the one before stopped, asks for at most
`BATCH` changes, and for none while `ROOM` of them wait for their NAS: so NAS and network set the pace, and what somebody asks
for by hand is never far behind. A pass is one transaction: a worker that dies loses nothing, and two share the lines.
"""

import datetime as dt
import json
import zoneinfo
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection, transaction

from gate.access.live_terms import Live, Render, answer
from gate.access.profile_facts import SELECT, Canonical, profile_facts
from gate.access.types import ProfileFacts
from gate.control import commands as control
from gate.control import rules
from gate.control.types import Reason, Renewal

BATCH: Final = 100
"""Changes asked for in one pass."""
ROOM: Final = 400
"""Changes that may wait for their NAS; those of NAS that do not answer are not counted."""
USERS: Final = 50
"""Users that changed themselves, looked at in one pass."""
SESSIONS: Final = 200
"""Sessions of such a user that are told, the newest ones."""
WINDOW: Final = 5_000
"""Sessions looked at for those of a profile in one pass."""

# The few that are queued stand in a partial index; a NAS is silent once it has left a whole round unanswered.
_STATE: Final = """
WITH silent AS (
    SELECT nas_id FROM control_request WHERE state = 'queued' AND message <> ''
    UNION SELECT nas_id FROM control_request WHERE state = 'unanswered' AND answered > %(silent)s
)
SELECT (SELECT count(*) FROM control_request WHERE state = 'queued' AND reason = ANY(%(renewals)s)
            AND nas_id NOT IN (SELECT nas_id FROM silent)),
       ARRAY(SELECT nas_id FROM silent)
"""
# What one user changed does not wait behind a profile that many have.
_USERS: Final = """
SELECT id, subject, reason, source, actor FROM control_renewal WHERE about = 'user' AND due <= %(now)s
ORDER BY due, id LIMIT %(limit)s FOR UPDATE SKIP LOCKED
"""
_PROFILE: Final = """
SELECT id, subject, reason, source, actor, after, again FROM control_renewal WHERE about = 'profile' AND due <= %(now)s
ORDER BY after = 0, due, id LIMIT 1 FOR UPDATE SKIP LOCKED
"""
_OF_USERS: Final = """
    SELECT of_user.radacctid FROM unnest(%(users)s::bigint[]) AS u(id) CROSS JOIN LATERAL (
        SELECT l.radacctid FROM accounting_live l WHERE l.user_id = u.id AND l.acctstoptime IS NULL
        ORDER BY l.acctstarttime DESC LIMIT %(sessions)s) of_user
"""
_OF_PROFILE: Final = """
    SELECT radacctid FROM page WHERE acctstoptime IS NULL
      AND EXISTS (SELECT FROM users_userprofile a WHERE a.user_id = page.user_id AND a.profile_id = %(profile)s)
    ORDER BY radacctid LIMIT %(limit)s
"""
_PAGE: Final = """
    SELECT radacctid, user_id, acctstoptime FROM accounting_live WHERE radacctid > %(after)s ORDER BY radacctid LIMIT %(window)s
"""
# Who may not be online at all is the business of presence.py.
_LIVE: Final = """
SELECT l.radacctid, l.user_id, l.acctstarttime, l.acctsessiontime, u.expiration, b.seconds, s.expires, o.timezone, n.vendor,
       n.live_control = 'both', n.unchangeable = 'disconnect',
       ARRAY(SELECT a.profile_id FROM users_userprofile a WHERE a.user_id = u.id ORDER BY a.position)
FROM matched m JOIN accounting_live l ON l.radacctid = m.radacctid
JOIN nas_nas n ON n.id = l.nas_id AND n.is_active AND n.live_control <> 'off' AND n.id <> ALL(%(silent)s)
JOIN organizations_organization o ON o.id = n.organization_id
JOIN users_user u ON u.id = l.user_id AND u.is_active AND (u.expiration IS NULL OR u.expiration > %(now)s)
LEFT JOIN credit_balance b ON b.user_id = u.id AND b.began IS NOT NULL
LEFT JOIN portals_session s ON s.id = l.portal_session_id AND s.ended IS NULL
WHERE (b.seconds IS NULL OR b.seconds > 0)
  AND NOT EXISTS (SELECT FROM control_request r WHERE r.radacctid = l.radacctid AND r.kind = 'disconnect' AND r.state = 'queued')
ORDER BY l.radacctid
"""
_UPTO: Final = f"""
WITH page AS ({_PAGE}), matched AS ({_OF_PROFILE})
SELECT CASE WHEN (SELECT count(*) FROM matched) = %(limit)s THEN (SELECT max(radacctid) FROM matched)
            ELSE (SELECT max(radacctid) FROM page) END
"""
_GONE: Final = "DELETE FROM control_renewal WHERE id = ANY(%(ids)s)"
_ON: Final = "UPDATE control_renewal SET after = %(upto)s WHERE id = %(id)s"
_AGAIN: Final = "UPDATE control_renewal SET after = 0, again = false, since = %(now)s, due = %(due)s WHERE id = %(id)s"


@dataclass(frozen=True, slots=True)
class Passed:
    """What a pass did."""

    asked: int
    more: bool
    """Whether there is more to do at once."""


@dataclass(frozen=True, slots=True)
class _Line:
    reason: Reason
    source: str
    actor: str


def renew(*, now: dt.datetime, render: Render, canonical: Canonical, batch: int = BATCH, room: int = ROOM) -> Passed:
    """One pass: first what users changed, else a part of what a profile did. For the worker: crosses tenants."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_STATE, {"silent": now - rules.SILENT, "renewals": [str(reason) for reason in rules.RENEWALS]})
        waiting, silent = cursor.fetchone()
        free = min(batch, room - waiting)
        if free <= 0:
            return Passed(asked=0, more=False)
        known = {"now": now, "silent": list(silent), "limit": free}
        telling = _Telling(cursor, now=now, render=render, canonical=canonical)
        return _renew_users(cursor, telling, known) or _renew_profile(cursor, telling, known) or Passed(asked=0, more=False)


def _renew_users(cursor: Any, telling: "_Telling", known: Mapping[str, Any]) -> Passed | None:
    cursor.execute(_USERS, {"now": known["now"], "limit": USERS})
    lines = cursor.fetchall()
    if not lines:
        return None
    by_user = {subject: _Line(Reason(reason), source, actor) for _, subject, reason, source, actor in lines}
    cursor.execute(f"WITH matched AS ({_OF_USERS}) {_LIVE}", {**known, "users": list(by_user), "sessions": SESSIONS})
    asked = telling.tell(cursor.fetchall(), by_user)
    cursor.execute(_GONE, {"ids": [line[0] for line in lines]})
    return Passed(asked=asked, more=True)


def _renew_profile(cursor: Any, telling: "_Telling", known: Mapping[str, Any]) -> Passed | None:
    cursor.execute(_PROFILE, {"now": known["now"]})
    line = cursor.fetchone()
    if line is None:
        return None
    number, profile, reason, source, actor, after, again = line
    parameters = {**known, "profile": profile, "after": after, "window": WINDOW}
    cursor.execute(_UPTO, parameters)
    (upto,) = cursor.fetchone()
    if upto is None:
        # What changed meanwhile waits no longer than what changed now.
        if again:
            cursor.execute(_AGAIN, {"id": number, "now": known["now"], "due": known["now"] + rules.QUIET_PROFILE})
        else:
            cursor.execute(_GONE, {"ids": [number]})
        return Passed(asked=0, more=True)
    cursor.execute(f"WITH page AS ({_PAGE}), matched AS ({_OF_PROFILE}) {_LIVE}", parameters)
    asked = telling.tell(cursor.fetchall(), _Line(Reason(reason), source, actor))
    cursor.execute(_ON, {"upto": upto, "id": number})
    return Passed(asked=asked, more=True)


class _Telling:
    """Reckons what each session's NAS is told, and asks for it: two statements, however many sessions."""

    def __init__(self, cursor: Any, *, now: dt.datetime, render: Render, canonical: Canonical) -> None:
        self._cursor = cursor
        self._now = now
        self._render = render
        self._canonical = canonical

    def tell(self, rows: Iterable[Any], lines: "Mapping[int, _Line] | _Line") -> int:
        """Ask for what these sessions need; `lines` say why, by user or for all."""
        found = list(rows)
        if not found:
            return 0
        profiles = self._profiles({number for row in found for number in row[-1]})
        renewals = []
        for row in found:
            line = lines if isinstance(lines, _Line) else lines[row[1]]
            live = _live(row, profiles)
            wanted = None
            if live is not None:
                time_alone = line.reason is Reason.CREDIT_CHANGED
                wanted = answer(live, self._now, render=self._render, time_alone=time_alone)
            if wanted is not None:
                renewals.append(
                    Renewal(
                        radacctid=row[0], kind=wanted.kind, items=wanted.items, reason=line.reason, source=line.source,
                        actor=line.actor,
                    )
                )  # fmt: skip
        return control.renew_found(renewals, now=self._now)

    def _profiles(self, ids: Iterable[int]) -> dict[int, ProfileFacts]:
        self._cursor.execute(f"{SELECT} WHERE id = ANY(%(ids)s::bigint[])", {"ids": sorted(ids)})
        known = {}
        for number, short_name, checks, replies, *limits in self._cursor.fetchall():
            # Django leaves JSON to its own fields.
            decoded = [json.loads(items) if isinstance(items, str) else items for items in (checks, replies)]
            try:
                known[number] = profile_facts([number, short_name, *decoded, *limits], canonical=self._canonical)
            except (TypeError, KeyError):
                # As the RADIUS server has it, which lets nobody in with a profile that cannot be read: there is nothing to tell.
                continue
        return known


def _live(row: Any, profiles: Mapping[int, ProfileFacts]) -> Live | None:
    radacctid, _, began, used, expiration, credit, expires, zone, vendor, takes_changes, ends_otherwise, ids = row
    if any(number not in profiles for number in ids):
        return None
    return Live(
        radacctid=radacctid, began=began, used=used, expiration=expiration, credit=credit, portal_expires=expires,
        zone=_zone(zone), profiles=tuple(profiles[number] for number in ids), vendor=vendor, takes_changes=takes_changes,
        ends_otherwise=ends_otherwise,
    )  # fmt: skip


def _zone(name: str) -> dt.tzinfo:
    try:
        return zoneinfo.ZoneInfo(name)
    except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
        return dt.UTC
