"""Taking reports in. One statement stores a batch, whole or not at all, and is a transaction of its own.

Opening and closing one around it would cost more than the statement does. Apps are never deleted, so what each is numbered is
remembered; a new one is added before the batch, and stays where the batch then fails.
"""

from collections.abc import Sequence
from typing import Any

import psycopg
from django.db import connection

from gate.core.tenancy import Scope
from gate.database import arrays
from gate.telemetry import rules, sql
from gate.telemetry.types import Connection, TestReport

_APPS = 2
"""How often to ask for apps: again once the new ones were added."""
_REMEMBERED = 10_000
_known: dict[tuple[int, str, str], int] = {}
"""Tenant, name and category of apps that are in the database for good, and their ids."""


def log_connections(scope: Scope, reports: Sequence[Connection]) -> None:
    """Write connections into the log; their sums follow with the next run of the job."""
    if not reports:
        return
    apps = _app_ids(scope, [(one.app_name or rules.NETWORK_APP, one.app_category) for one in reports])
    rows = [(*_connection(one, app_id), one.source.device_type) for one, app_id in zip(reports, apps, strict=True)]
    _run(sql.LOG_CONNECTIONS, [*arrays.literals(sql.CONNECTION_KINDS, rows), scope.tenant_id, scope.tenant_id])


def log_tests(scope: Scope, reports: Sequence[TestReport]) -> Sequence[int]:
    """Write test reports into the log; their ids, in the order of `reports`."""
    if not reports:
        return ()
    rows = [(*_test(one), place) for place, one in enumerate(reports)]
    return [row[0] for row in _rows(sql.LOG_TESTS, [*arrays.literals(sql.TEST_KINDS, rows), scope.tenant_id])]


def _connection(report: Connection, app_id: int) -> tuple[Any, ...]:
    """The columns of sql.CONNECTION_COLUMNS."""
    return (
        report.at.isoformat(), report.source.organization_id, report.source.device_id, report.source.user_id, app_id,
        report.status, report.duration, report.network_name, report.network_type, report.network_security,
        report.network_mccmnc, report.frequency, report.authentication, report.bssid, report.cellid, report.roaming,
        _text(report.latitude), _text(report.longitude), report.inbytes, report.outbytes, report.link_speed,
        report.quality_metric, report.quality_value,
    )  # fmt: skip


def _test(report: TestReport) -> tuple[Any, ...]:
    """The columns of sql.TEST_COLUMNS."""
    return (
        report.at.isoformat(), report.source.organization_id, report.source.device_id, report.source.user_id,
        report.network_name, report.network_type, report.test_type, report.destination, report.value, report.count, report.unit,
    )  # fmt: skip


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _app_ids(scope: Scope, named: Sequence[tuple[str, str]]) -> list[int]:
    """The tenant's id for each app by name and category, in any case; new ones are added, as long as there is room."""
    remembered = [_known.get((scope.tenant_id, *one)) for one in named]
    if None not in remembered:
        return [number for number in remembered if number is not None]
    distinct = list(dict.fromkeys(named))
    for _ in range(_APPS):
        found = _find_apps(scope, distinct)
        missing = [one for one in distinct if one not in found]
        if not missing:
            return [found[one] for one in named]
        room = rules.MAX_APPS - int(_rows(sql.APP_COUNT, [scope.tenant_id])[0][0])
        if room < len(missing):
            # One app stands for all that are too many.
            return _app_ids_without_room(scope, named, found)
        _run(sql.ADD_APPS, [scope.tenant_id, *arrays.literals(("text", "text"), missing)])
    raise RuntimeError("apps that were just added are not there")


def _app_ids_without_room(scope: Scope, named: Sequence[tuple[str, str]], found: dict[tuple[str, str], int]) -> list[int]:
    other = (rules.OTHER_APP, "")
    _run(sql.ADD_APPS, [scope.tenant_id, *arrays.literals(("text", "text"), [other])])
    rest = _find_apps(scope, [other])[other]
    return [found.get(one, rest) for one in named]


def _find_apps(scope: Scope, named: Sequence[tuple[str, str]]) -> dict[tuple[str, str], int]:
    rows = _rows(sql.APPS, [*arrays.literals(("text", "text"), named), scope.tenant_id])
    found = {one: int(row[0]) for one, row in zip(named, rows, strict=True) if row[0] is not None}
    if not connection.in_atomic_block:  # else they may have been added by us, and be taken back
        if len(_known) > _REMEMBERED:
            _known.clear()
        _known.update({(scope.tenant_id, *one): number for one, number in found.items()})
    return found


def _run(statement: str, parameters: Sequence[Any]) -> None:
    """On Django's own connection, prepared; errors are Django's, so that it drops a dead one."""
    with connection.wrap_database_errors, _cursor() as cursor:
        cursor.execute(statement, parameters, prepare=True)


def _rows(statement: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.wrap_database_errors, _cursor() as cursor:
        return cursor.execute(statement, parameters, prepare=True).fetchall()


def _cursor() -> psycopg.Cursor[tuple[Any, ...]]:
    connection.ensure_connection()
    return psycopg.Cursor(connection.connection)
