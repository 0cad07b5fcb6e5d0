"""What must hold of the demo tenant's devices, their reports, portals and further data of people, after any number of runs."""

import datetime as dt
from typing import Any

from django.db import connection

from gate.demo import phones, plan
from gate.devices.models import Device
from gate.organizations import queries as organization_queries
from gate.portals.models import Portal
from gate.telemetry import queries as telemetry
from gate.telemetry.types import SummaryFilter
from gate.users.models import UserExtra


def one(statement: str, *parameters: Any) -> Any:
    """The first column of the first row."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall()[0][0]


def check_things(tenant: int) -> None:
    """Devices, portals and what is known of people are as the plan says."""
    devices = Device.unscoped.filter(tenant_id=tenant)
    assert set(devices.values_list("mac_addr", flat=True)) == {gadget.mac for gadget in phones.gadgets(tenant_id=tenant)}
    assert not devices.filter(user=None).exists()
    assert not devices.filter(app_version="0.1").exists()
    assert set(devices.filter(is_blocked=True).values_list("user__username", flat=True)) == {"laura.vidal"}
    portals = Portal.unscoped.filter(tenant_id=tenant, is_active=True, register_unknown=True, profile__short_name="guest-basic")
    assert set(portals.values_list("organization__short_name", flat=True)) == {plan.BARCELONA, plan.VALENCIA, plan.PORTO}
    known = UserExtra.unscoped.filter(tenant_id=tenant)
    assert dict(known.values_list("parent__username", "age")) == {name: extra["age"] for name, extra in plan.EXTRAS.items()}
    assert not known.exclude(tax_id_sealed=None, passport_number_sealed=None).exists()


def check_reports(tenant: int, now: dt.datetime) -> None:
    """Nothing was reported twice, before its device was there or after now, and the sums are those of the log."""
    log = "telemetry_connection_log"
    assert one(f"SELECT count(*) - count(DISTINCT (device_id, at)) FROM {log} WHERE tenant_id = %s", tenant) == 0
    assert one(f"SELECT count(*) FROM {log} WHERE tenant_id = %s AND at > %s", tenant, now) == 0
    early = (
        f"SELECT count(*) FROM {log} l JOIN devices_device d ON d.id = l.device_id WHERE l.tenant_id = %s AND l.at < d.created"
    )
    assert one(early, tenant) == 0
    assert one("SELECT count(DISTINCT test_type) FROM telemetry_test_report WHERE tenant_id = %s", tenant) == 5
    assert one("SELECT count(*) FROM telemetry_waiting WHERE tenant_id = %s", tenant) == 0
    added = one("SELECT sum(connections) FROM telemetry_rollup_day WHERE tenant_id = %s", tenant)
    assert added == one(f"SELECT count(*) FROM {log} WHERE tenant_id = %s", tenant)
    unseen = """SELECT count(*) FROM devices_device d WHERE tenant_id = %s AND last_seen IS DISTINCT FROM
        (SELECT max(at) FROM telemetry_connection_log l WHERE l.device_id = d.id)"""
    assert one(unseen, tenant) == 0


def check_summary(tenant: int, now: dt.datetime) -> None:
    """The connection summary has what the first run told, though the worker has not added anything up."""
    scope = organization_queries.scope_of(tenant, permissions=frozenset({"*"}), actor="test")
    day, week, month = (
        telemetry.summary(scope, SummaryFilter(period=period), limit=100, offset=0, now=now) for period in (1, 7, 30)
    )
    for found in (day, week, month):
        assert found.devices == len(found.results)
    # Four are of people who are kept out.
    assert (day.devices, week.devices, month.devices) == (36, 40, 40)
    assert {app.name for app in month.apps} == {app.name for app in phones.APPS}
    assert 1 <= week.with_issues <= 20
    assert {device.trend for device in week.results} == {"stable", "increasing", "decreasing"}
