"""What a look-up found of devices that offer no password: a portal's session, or that their MAC address is known."""

import datetime as dt
from collections.abc import Sequence
from typing import Any, NamedTuple

from gate.access import sql, stations
from gate.access.stations import Station
from gate.access.types import PortalFacts, StationFacts
from gate.portals.rules import END_BY_CAUSE
from gate.radiusd.credentials import Credential, is_guest, is_own_device
from gate.radiusd.found import PortalRow, Row
from gate.radiusd.request import Request
from gate.radiusd.store import Store

_PORTAL = sql.USER_COLUMNS
_STATION = _PORTAL + sql.PORTAL_COLUMNS
Waiting = tuple[Request, str, Credential]


class Standing(NamedTuple):
    """Whose account it is, and one of the two that speak for the device."""

    row: Row
    portal: PortalRow | None
    station: Station | None

    def portal_facts(self, request: Request, store: Store) -> PortalFacts | None:
        """The portal's session as a decision looks at it."""
        held = self.portal
        if held is None:
            return None
        here, there = request.client.path, held.path
        return PortalFacts(
            id=held.id,
            expires=held.expires,
            idle_timeout=held.idle_timeout,
            username=held.username,
            is_over=held.last_cause in END_BY_CAUSE,
            organization_active=held.organization_id in store.organizations,
            is_blocked=held.is_blocked,
            is_here=f"{here}.".startswith(f"{there}.") or f"{there}.".startswith(f"{here}."),
        )

    def station_facts(self, request: Request, store: Store) -> StationFacts | None:
        """What is known of the MAC address as a decision looks at it."""
        held = self.station
        if held is None:
            return None
        return held.facts(path=request.client.path, organization_active=held.organization_id in store.organizations)


def sort_out(found: list[tuple[Any, ...]], batch: Sequence[Waiting]) -> tuple[dict[int, Row], dict[int, Standing]]:
    """Of the rows of `sql.LOOK_UP_GUESTS` the users by name, and who speaks for a device, each by its place in the batch."""
    rows: dict[int, Row] = {}
    portals: dict[int, Standing] = {}
    known: dict[int, list[Standing]] = {}
    for columns in found:
        row = Row._make(columns[:_PORTAL])
        _, username, credential = batch[row.n - 1]
        if columns[_STATION] is not None:
            if is_own_device(username, credential):
                known.setdefault(row.n, []).append(Standing(row, None, Station._make(columns[_STATION:])))
        elif columns[_PORTAL] is not None:
            portal = PortalRow._make(columns[_PORTAL:_STATION])
            if is_guest(username, credential, portal):
                portals[row.n] = Standing(row, portal, None)
        else:
            rows[row.n] = row
    standing = dict(portals)
    for n, candidates in known.items():
        request = batch[n - 1][0]
        place = stations.choose(
            [one.station for one in candidates if one.station is not None],
            has_other=n in portals or n in rows,
            path=request.client.path,
            now=dt.datetime.fromtimestamp(request.at, tz=dt.UTC),
        )
        if place is not None:
            standing[n] = candidates[place]
    return rows, standing
