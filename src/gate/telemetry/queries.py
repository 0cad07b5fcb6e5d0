"""Reading the summary of connections: from sums alone, never from the log.

What holds for all devices, and which devices there are, is read from what the job keeps of each period, so that a million devices
cost what ten do and any page what the first does; among the sums by app, organization 0 stands for the whole tenant. Only for the
devices of the page are sums of days added up. A subscriber's own devices are few: everything about them is added up at once.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

import psycopg
from django.db import connection

from gate.core.tenancy import Scope
from gate.devices import queries as devices
from gate.telemetry import rules, sql
from gate.telemetry.types import AppConnections, AppTotal, DeviceSummary, Summary, SummaryFilter, Window

WHOLE_TENANT = 0

Parameters = dict[str, Any]


def summary(scope: Scope, wanted: SummaryFilter, *, limit: int, offset: int, now: dt.datetime) -> Summary:
    """The devices of the scope with connections in the period, at most `limit` from `offset` on; sums over all of them.

    In the order of organization, kind of device, id.
    """
    covered = rules.window(wanted.period, now=now)
    if wanted.organization_id is not None and not scope.covers(wanted.organization_id):
        return Summary(window=covered, devices=0, with_issues=0, apps=(), results=())
    parameters = _parameters(scope, wanted, covered)
    shape = _shape(scope, wanted)
    if scope.own_only:
        return _own(scope, wanted, covered, parameters, slice(offset, offset + limit))
    devices_, with_issues = _fetch(sql.period_devices(**shape), parameters)[0]
    apps = [_app_total(row) for row in _fetch(sql.period_apps(**shape), parameters)]
    page = _fetch(sql.page(**shape), parameters | {"limit": limit, "offset": offset})
    return Summary(
        window=covered,
        devices=int(devices_),
        with_issues=int(with_issues),
        apps=apps,
        results=_device_summaries(wanted, covered, parameters, [device_id for row in page for device_id in row[0]]),
    )


def _own(scope: Scope, wanted: SummaryFilter, covered: Window, parameters: Parameters, page: slice) -> Summary:
    mine = [
        device.id
        for device in devices.list_of_user(scope, scope.user_id or 0)
        if wanted.organization_id in (None, device.organization_id)
        and (not wanted.device_types or device.device_type in wanted.device_types)
    ]
    found = _device_summaries(wanted, covered, parameters, mine)
    totals: dict[int, AppTotal] = {}
    for app in (app for device in found for app in device.apps):
        before = totals.get(app.app_id)
        totals[app.app_id] = AppTotal(
            app_id=app.app_id,
            name=app.name,
            connections=app.connections + (before.connections if before else 0),
            failed=app.failed + (before.failed if before else 0),
            octets=app.octets + (before.octets if before else 0),
        )
    return Summary(
        window=covered,
        devices=len(found),
        with_issues=sum(rules.has_issues(connections=one.connections, failed=one.failed) for one in found),
        apps=list(totals.values()),
        results=found[page],
    )


def _parameters(scope: Scope, wanted: SummaryFilter, covered: Window) -> Parameters:
    organizations = list(scope.organization_ids) if wanted.organization_id is None else [wanted.organization_id]
    if wanted.organization_id is None and scope.whole_tenant:
        organizations = [WHOLE_TENANT]
    return {
        "tenant": scope.tenant_id,
        "period": wanted.period,
        "organizations": organizations,
        "types": list(wanted.device_types),
        "category": wanted.app_category,
        "status": wanted.status,
        "start": covered.start,
        "start_day": covered.start.date(),
        "before": covered.before,
        "before_day": covered.before.date(),
    }


def _shape(scope: Scope, wanted: SummaryFilter) -> dict[str, bool]:
    """Which conditions a statement has."""
    return {
        "organizations": wanted.organization_id is not None or not scope.whole_tenant,
        "types": bool(wanted.device_types),
        "category": wanted.app_category is not None,
        "status": wanted.status is not None,
    }


def _device_summaries(
    wanted: SummaryFilter, covered: Window, parameters: Parameters, device_ids: Sequence[int]
) -> list[DeviceSummary]:
    """Those of the devices that have connections, in their order."""
    if not device_ids:
        return []
    statement = sql.figures(hours=wanted.period == 1, category=wanted.app_category is not None, status=wanted.status is not None)
    by_device: dict[int, list[tuple[Any, ...]]] = {}
    for row in _fetch(statement, parameters | {"devices": list(device_ids)}):
        by_device.setdefault(row[0], []).append(row)
    made = (_device_summary(covered, by_device[device_id]) for device_id in device_ids if device_id in by_device)
    return [device for device in made if device.connections]


def _device_summary(covered: Window, rows: Iterable[tuple[Any, ...]]) -> DeviceSummary:
    """From rows of sql.figures, of one device."""
    apps, before = [], 0
    device_id, organization_id, device_type = 0, 0, ""
    for row in rows:
        device_id, organization_id, device_type = row[:3]
        before += int(row[11])
        if row[6]:
            apps.append(_app_connections(row))
    apps.sort(key=lambda app: (-app.connections, app.name))
    connections = sum(app.connections for app in apps)
    return DeviceSummary(
        device_id=device_id,
        organization_id=organization_id,
        device_type=device_type,
        apps=apps,
        connections=connections,
        failed=sum(app.failed for app in apps),
        octets=sum(app.octets for app in apps),
        trend=rules.trend(connections=connections, before=before, covered=covered),
    )


def _app_connections(row: tuple[Any, ...]) -> AppConnections:
    return AppConnections(
        app_id=row[3],
        name=row[4],
        category=row[5],
        connections=int(row[6]),
        failed=int(row[7]),
        timed=int(row[8]),
        duration=int(row[9]),
        octets=int(row[10]),
        last_connection=row[12],
    )


def _app_total(row: tuple[Any, ...]) -> AppTotal:
    return AppTotal(app_id=row[0], name=row[1], connections=int(row[2]), failed=int(row[3]), octets=int(row[4]))


def _fetch(statement: str, parameters: Parameters) -> list[tuple[Any, ...]]:
    """Rows, on Django's own connection; errors are Django's. Not prepared: how much there is depends on the values."""
    with connection.wrap_database_errors:
        connection.ensure_connection()
        with psycopg.Cursor(connection.connection) as cursor:
            return cursor.execute(statement, parameters, prepare=False, binary=True).fetchall()
