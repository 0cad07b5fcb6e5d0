"""What one accounting packet says of its session, ready to be stored; and how several of one session fold into one.

The order of `Update`'s fields is the order of the arrays in sql.py. Folding obeys the same rules as the upsert there: counters
and times only grow, what is known once stays, a start told by a Start beats one reckoned from a session time. So any order
and any repetition of a session's packets ends in the same row (acctinterval aside: the gap between the last two updates).
"""

from collections.abc import Iterable
from typing import NamedTuple


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


def fold(updates: Iterable[Update]) -> list[Update]:
    """One update a session, in the order of their ids, so that concurrent writers lock rows in one order."""
    sessions: dict[bytes, Update] = {}
    for update in updates:
        held = sessions.get(update.acctuniqueid)
        sessions[update.acctuniqueid] = update if held is None else merge(held, update)
    return [sessions[unique] for unique in sorted(sessions)]


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
        acctinputoctets=max(held.acctinputoctets, new.acctinputoctets),
        acctoutputoctets=max(held.acctoutputoctets, new.acctoutputoctets),
        username=held.username or new.username,
        username_key=held.username_key or new.username_key,
    )
