"""radacct as sessions: closed ones into the history, open ones as if their last update had just come."""

import datetime as dt
import functools
import hashlib
import ipaddress
import json
from collections.abc import Callable, Iterator
from typing import Any, Final

from gate.accounting import bringing
from gate.accounting.updates import Update
from gate.commands.freeradius_import.report import Report
from gate.core.tenancy import Scope
from gate.nas import bulk as nas
from gate.nas.types import Nas
from gate.organizations import queries as organizations
from gate.places import bulk as places
from gate.places.rules import parse_mac
from gate.places.types import AccessPoint

_FIRST: Final = dt.datetime(2000, 1, 1, tzinfo=dt.UTC).timestamp()
_AHEAD: Final = 86_400.0
"""Seconds a session may lie ahead of the clock."""
_MOST: Final = 2**62
_MAC: Final = 17
"""Characters of a MAC address with marks."""


class Sessions:
    """Brings pages of radacct. The NAS are those there are when it is made."""

    def __init__(self, scope: Scope, report: Report, *, now: dt.datetime, dry_run: bool) -> None:
        self._scope = scope
        self._report = report
        self._now = now
        self._dry_run = dry_run
        # One that comes by RadSec alone has no address radacct could name.
        networks = [(ipaddress.ip_network(one.address), one) for one in _all_nas(scope) if one.address is not None]
        self._nas = sorted(networks, key=lambda entry: entry[0].prefixlen, reverse=True)
        held = organizations.get_many(scope, {one.organization_id for _, one in self._nas})
        self._paths = {number: organization.path for number, organization in held.items()}
        self._find = functools.lru_cache(maxsize=65_536)(self._search)

    def bring(self, pages: Iterator[list[dict[str, Any]]], *, at: Callable[[int], None]) -> None:
        """Page by page, each in its own transactions; `at` is told the last `radacctid` stored."""
        for page in pages:
            macs = {row["radacctid"]: parse_mac((row["calledstationid"] or "")[:_MAC]) for row in page}
            points = places.access_points_by_mac(self._scope, {mac for mac in macs.values() if mac is not None})
            updates = [
                update for row in page if (update := self._update(row, points.get(macs[row["radacctid"]] or ""))) is not None
            ]
            if self._dry_run or not updates:
                self._report.counts["sessions"] += len(updates)
            else:
                closed = sum(one.stopped is not None for one in updates)
                new = bringing.bring(self._scope, updates, now=self._now)
                self._report.counts["sessions"] += len(updates)
                self._report.counts["of them new to the history"] += new
                self._report.counts["of them open"] += len(updates) - closed
            at(page[-1]["radacctid"])

    def _update(self, row: dict[str, Any], point: AccessPoint | None) -> Update | None:
        found = self._find(row["nasipaddress"])
        fault = _fault(row, now=self._now.timestamp())
        if found is None:
            fault = ("nasipaddress", f"no NAS of the organization has {row['nasipaddress']}")
        if fault is not None or found is None:
            self._report.problem("radacct", row["radacctid"], row["username"], *(fault or ("", "")))
            return None
        seconds = min(max(row["acctsessiontime"] or 0, 0), _MOST)
        known = [moment for moment in (row["started"], row["updated"], row["stopped"]) if moment is not None]
        updated = max(known)
        started = row["started"] if row["started"] is not None else updated - seconds
        name, called = row["username"], row["calledstationid"]
        return Update(
            acctuniqueid=_unique(self._scope, row["acctuniqueid"]), tenant_id=self._scope.tenant_id, nas_id=found.id,
            organization_id=found.organization_id if point is None else point.organization_id,
            path=self._paths.get(found.organization_id) if point is None else None,
            location_id=found.location_id if point is None or point.location_id is None else point.location_id,
            access_point_id=None if point is None else point.id,
            username_key=name.casefold(), acctsessionid=row["acctsessionid"], acctmultisessionid=None, start_seen=True,
            started=started, updated=updated, stopped=None if row["stopped"] is None else updated,
            acctinterval=_interval(row["acctinterval"]), acctsessiontime=seconds,
            acctinputoctets=min(max(row["acctinputoctets"] or 0, 0), _MOST),
            acctoutputoctets=min(max(row["acctoutputoctets"] or 0, 0), _MOST),
            username=name, realm=row["realm"] or None, klass=row["klass"] or None, nasipaddress=row["nasipaddress"],
            nasidentifier=None, nasportid=row["nasportid"] or None, nasporttype=row["nasporttype"] or None,
            servicetype=row["servicetype"] or None, framedprotocol=row["framedprotocol"] or None,
            framedipaddress=row["framedipaddress"], calledstationid=called or None,
            callingstationid=row["callingstationid"] or None, ssid=_ssid(called), acctauthentic=row["acctauthentic"] or None,
            acctterminatecause=row["acctterminatecause"] or None, connectinfo_start=row["connectinfo_start"] or None,
            connectinfo_stop=row["connectinfo_stop"] or None, ipv6=_ipv6(row),
        )  # fmt: skip

    def _search(self, address: str) -> Nas | None:
        sender = ipaddress.ip_address(address)
        found = (one for network, one in self._nas if sender in network)
        return next(found, None)


def _unique(scope: Scope, told: str) -> bytes:
    """The session's id, as good as FreeRADIUS's own is: the same row is the same session whenever it is brought."""
    return hashlib.blake2b(f"freeradius\0{scope.tenant_id}\0{told}".encode(), digest_size=16).digest()


def _fault(row: dict[str, Any], *, now: float) -> tuple[str, str] | None:
    if not row["acctsessionid"]:
        return "acctsessionid", "is empty"
    if row["started"] is None and row["updated"] is None and row["stopped"] is None:
        return "acctstarttime", "is lacking, and there is no other time"
    for field, name in (("started", "acctstarttime"), ("updated", "acctupdatetime"), ("stopped", "acctstoptime")):
        if row[field] is not None and not _FIRST <= row[field] <= now + _AHEAD:
            return name, "lies before the year 2000 or in the future"
    return None


def _interval(seconds: int | None) -> int | None:
    return seconds if seconds is not None and 0 < seconds < 2**31 else None


def _ssid(called: str | None) -> str | None:
    if called is None or parse_mac(called[:_MAC]) is None:
        return None
    return called[_MAC + 1 :] or None


def _ipv6(row: dict[str, Any]) -> str | None:
    told = {
        "address": row["framedipv6address"], "prefix": row["framedipv6prefix"], "interface": row["framedinterfaceid"],
        "delegated": row["delegatedipv6prefix"],
    }  # fmt: skip
    found = {name: value for name, value in told.items() if value}
    return json.dumps(found) if found else None


def _all_nas(scope: Scope) -> Iterator[Nas]:
    after = 0
    while page := nas.after(scope, after, limit=1_000):
        yield from page
        after = page[-1].id
