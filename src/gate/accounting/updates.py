"""What one accounting packet says of its session, ready to be stored; and how several of one session fold into one.

The order of `Update`'s fields is the order of the arrays in sql.py. Folding obeys the same rules as the upsert there: counters
and times only grow, what is known once stays, a start told by a Start beats one reckoned from a session time. So any order
and any repetition of a session's packets ends in the same row (acctinterval aside: the gap between the last two updates).
"""

import json
from collections.abc import Iterable
from typing import NamedTuple

from gate.accounting.rows import APART, BELIEVED, GAP, WRAP


class Update(NamedTuple):
    """One packet. Times are seconds since 1970 UTC; octets count 64 bits; texts are None where the packet was silent."""

    acctuniqueid: bytes
    tenant_id: int
    nas_id: int
    organization_id: int
    """Of the access point if known, else of the NAS."""
    path: str | None
    """The NAS's place in the tree, where the access point is unknown: a user of an organization below moves the session there."""
    location_id: int | None
    access_point_id: int | None
    username_key: str
    acctsessionid: str
    acctmultisessionid: str | None
    start_seen: bool
    started: float
    updated: float
    stopped: float | None
    acctinterval: int | None
    """Seconds between the last two updates, where this one update stands for several packets."""
    acctsessiontime: int
    acctinputoctets: int
    acctoutputoctets: int
    username: str
    realm: str | None
    klass: str | None
    nasipaddress: str
    nasidentifier: str | None
    nasportid: str | None
    nasporttype: str | None
    servicetype: str | None
    framedprotocol: str | None
    framedipaddress: str | None
    calledstationid: str | None
    callingstationid: str | None
    ssid: str | None
    acctauthentic: str | None
    acctterminatecause: str | None
    connectinfo_start: str | None
    connectinfo_stop: str | None
    portal_session_id: int | None = None
    """The portal's session GATE let the device in by, as the Class it sent along says."""
    narrow: bool | None = None
    """Whether octets were told without gigawords; None where no octets were told."""
    ipv6: str | None = None
    """A JSON object of texts: `address`, `prefix`, `interface`, `delegated`, what of them was told."""


def fold(updates: Iterable[Update]) -> list[list[Update]]:
    """What a batch says, one update a session, in rounds to be stored one after the other.

    A round holds one session of an id, in the order of the ids, so that concurrent writers lock rows in one order. There is
    a second round only where a NAS used an id again within the batch; earlier sessions are in earlier rounds.
    """
    sessions: dict[bytes, Update] = {}
    again: dict[bytes, list[Update]] = {}
    for update in updates:
        unique = update.acctuniqueid
        held = sessions.get(unique)
        if held is None:
            sessions[unique] = update
        elif unique not in again and not distinct(held, update):
            sessions[unique] = merge(held, update)
        else:
            again.setdefault(unique, [held]).append(update)
    rounds = [[sessions[unique] for unique in sorted(sessions) if unique not in again]] if len(again) < len(sessions) else []
    for unique in sorted(again):
        for number, update in enumerate(_apart(again[unique])):
            if number == len(rounds):
                rounds.append([])
            rounds[number].append(update)
    for one in rounds:
        one.sort(key=_unique)
    return rounds


def _unique(update: Update) -> bytes:
    return update.acctuniqueid


def _apart(updates: list[Update]) -> list[Update]:
    """The sessions among updates of one id, by their start: each is merged in the order of what happened."""
    sessions: list[Update] = []
    for update in sorted(updates, key=lambda one: (one.updated, one.started)):
        for number, held in enumerate(sessions):
            if not distinct(held, update):
                sessions[number] = merge(held, update)
                break
        else:
            sessions.append(update)
    return sorted(sessions, key=lambda one: one.started)


def distinct(one: Update, other: Update) -> bool:
    """Whether two updates of one id are of different sessions, one of which began when the other was over (rows.py)."""
    return _later(one, other) or _later(other, one)


def _later(one: Update, other: Update) -> bool:
    return (
        (one.start_seen or one.acctsessiontime > 0) and one.started > other.started + APART and one.started > other.updated + GAP
    )


def octets(*, held: Update, new: Update, one: int, other: int) -> int:
    """The larger of a counter's values `one` (of `held`) and `other` (of `new`), or what was counted where 32 bits wrapped.

    Wrapped it has where none of the two told gigawords, the counter fell while the session's time went on, and the shorter way
    from the earlier to the later value, round the end of 32 bits, is forwards. What falls otherwise was reset: the larger value
    stands until it is passed, which counts too little and never too much.
    """
    most = max(one, other)
    if one == other or not (held.narrow and new.narrow):
        return most
    before, after = (held, new) if one > other else (new, held)
    if after.updated <= before.updated or after.acctsessiontime < before.acctsessiontime:
        return most
    way = (min(one, other) - most) % WRAP
    return most + way if way < WRAP // 2 and most < BELIEVED else most


def _narrow(one: bool | None, other: bool | None) -> bool | None:
    if one is None or other is None:
        return one if other is None else other
    return one and other


def merge(held: Update, new: Update) -> Update:
    """`held` and then `new`, of the same session."""
    if held.start_seen == new.start_seen:
        started = min(held.started, new.started)
    else:
        started = held.started if held.start_seen else new.started
    interval = held.acctinterval
    if new.updated > held.updated:
        interval = round(new.updated - held.updated)
    known = (old if old is not None else fresh for old, fresh in zip(held, new, strict=True))
    merged = Update._make(known)
    # Where it is, is told by the first packet with a known access point, and only without any by the NAS.
    place, other = (held, new) if held.access_point_id is not None or new.access_point_id is None else (new, held)
    return merged._replace(
        organization_id=place.organization_id,
        path=place.path,
        location_id=place.location_id if place.location_id is not None else other.location_id,
        start_seen=held.start_seen or new.start_seen,
        started=started,
        updated=max(held.updated, new.updated),
        stopped=max((at for at in (held.stopped, new.stopped) if at is not None), default=None),
        acctinterval=interval,
        acctsessiontime=max(held.acctsessiontime, new.acctsessiontime),
        acctinputoctets=octets(held=held, new=new, one=held.acctinputoctets, other=new.acctinputoctets),
        acctoutputoctets=octets(held=held, new=new, one=held.acctoutputoctets, other=new.acctoutputoctets),
        narrow=_narrow(held.narrow, new.narrow),
        ipv6=_together(held.ipv6, new.ipv6),
        username=held.username or new.username,
        username_key=held.username_key or new.username_key,
    )


def _together(held: str | None, new: str | None) -> str | None:
    if held is None or new is None or held == new:
        return new if held is None else held
    return json.dumps(json.loads(new) | json.loads(held))
