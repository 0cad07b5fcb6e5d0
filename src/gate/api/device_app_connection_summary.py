"""`/device_app_connection_summary/`: which devices used which apps, and how well. From sums; see telemetry/queries.py."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import Field

from gate.api import lists, replies, times
from gate.api.auth import Bearer, scope_of
from gate.api.errors import documented
from gate.api.fields import NO_ID, Schema, find_organization
from gate.core import clock, ids
from gate.core.tenancy import Scope
from gate.devices import queries as devices
from gate.organizations import queries as organizations
from gate.organizations.types import OrganizationFilter
from gate.telemetry import queries, rules
from gate.telemetry.types import AppConnections, AppTotal, DeviceSummary, Summary, SummaryFilter

router = Router(auth=Bearer("device_app_connection_summary"), tags=["device_app_connection_summary"])

MAX_APPS = 50
"""Apps shown of one device; the sums count all."""
TOP_APPS = 5
# The reference's words for the codes devices are registered with.
KINDS = {"mobile": ("ph",), "desktop": ("de", "la"), "tablet": ("tb",), "iot": ("io",)}
_KIND_OF = {code: kind for kind, codes in KINDS.items() for code in codes}
_NAMESAKES = 50


class SummaryQuery(lists.Page):
    """Filters; all that are given must hold. They narrow the connections that are counted."""

    time_period: Literal["1d", "7d", "30d", "90d"] = "7d"
    device_type: Literal["mobile", "desktop", "tablet", "iot"] | None = None
    app_category: str | None = Field(None, max_length=100)
    organization: str | None = Field(None, description="Id, prefixed id, short name or name.")
    status: Literal["active", "failed", "disconnected"] | None = Field(None, description="Only connections that ended so.")


class AppConnectionsOut(Schema):
    """What one device did with one app."""

    app_id: str = Field(examples=["app_67890"])
    app_name: str = Field(examples=["Salesforce Mobile"], description="(network): reports that name no app.")
    app_category: str | None = Field(examples=["CRM"])
    total_connections: int = Field(examples=[342])
    successful_connections: int = Field(examples=[338])
    failed_connections: int = Field(examples=[4])
    success_rate: float | None = Field(examples=[98.8], description="Percent.")
    avg_connection_duration: int | None = Field(examples=[1847], description="Seconds; null where none was told.")
    last_connection: str = Field(examples=["2024-01-31T14:22:15Z"])
    data_transferred_mb: float = Field(examples=[125.7], description="10^6 bytes.")


class DeviceSummaryOut(Schema):
    """All apps of a device together."""

    total_connections: int = Field(examples=[1233])
    overall_success_rate: float | None = Field(examples=[99.4])
    total_data_transferred_mb: float = Field(examples=[215.0])
    most_used_app: str | None = Field(examples=["Slack"])
    connection_trend: Literal["stable", "increasing", "decreasing"] = Field(
        examples=["stable"], description="Connections a day against the period before: stable within 10 %."
    )


class DeviceFiguresOut(Schema):
    """A device."""

    device_id: str = Field(examples=["dev_12345"])
    device_name: str = Field(examples=["iPhone-Marketing-001"])
    device_type: Literal["mobile", "desktop", "tablet", "iot"] | None = Field(examples=["mobile"])
    organization: str | None = Field(examples=["Marketing Department"])
    app_connections: list[AppConnectionsOut] = Field(description=f"The most used first, at most {MAX_APPS}.")
    device_summary: DeviceSummaryOut


class PeriodOut(Schema):
    """What the sums cover: whole days (UTC), today's included; of one day the last 24 whole hours."""

    start_date: str = Field(examples=["2024-01-01T00:00:00Z"])
    end_date: str = Field(examples=["2024-01-31T23:59:59Z"])
    period: str = Field(examples=["30d"])


class TopAppOut(Schema):
    """An app."""

    app_name: str = Field(examples=["Slack"])
    success_rate: float | None = Field(examples=[99.8])


class AggregateOut(Schema):
    """All devices of the list together, not of this page alone."""

    total_devices: int = Field(examples=[156])
    total_applications: int = Field(examples=[24])
    overall_success_rate: float | None = Field(examples=[97.6])
    total_data_transferred_gb: float = Field(examples=[12.7], description="10^9 bytes.")
    top_performing_apps: list[TopAppOut] = Field(description=f"The best {TOP_APPS}.")
    devices_with_issues: int = Field(examples=[8], description="Devices under 95 % success.")


class SummaryOut(lists.Listed[DeviceFiguresOut]):
    """A page of devices and sums over all of them."""

    summary_period: PeriodOut
    aggregate_stats: AggregateOut


@router.get("/", response=documented(SummaryOut, 400), summary="Summarise connections by device and app")
def summarize_connections(request: HttpRequest, wanted: Query[SummaryQuery]) -> HttpResponse:
    """Devices of the token's organizations with connections in the period, by organization, kind and id.

    Reports count within a quarter of an hour.
    """
    scope = scope_of(request)
    found = queries.summary(
        scope,
        SummaryFilter(
            period=int(wanted.time_period[:-1]),
            organization_id=_organization(scope, wanted.organization) if wanted.organization else None,
            device_types=KINDS[wanted.device_type] if wanted.device_type else (),
            app_category=wanted.app_category,
            status=wanted.status,
        ),
        limit=wanted.size,
        offset=wanted.offset,
        now=clock.now(),
    )
    names = devices.names(scope, [one.device_id for one in found.results])
    rooms = organizations.get_many(scope, {one.organization_id for one in found.results})
    organization_names = {number: organization.name for number, organization in rooms.items()}
    results = [show(one, names=names, organizations=organization_names) for one in found.results]
    body = lists.envelope(request, wanted, count=found.devices, results=results)
    body["summary_period"] = {
        "start_date": times.show(found.window.start),
        "end_date": times.show(found.window.end),
        "period": wanted.time_period,
    }
    body["aggregate_stats"] = _aggregate(found)
    return replies.json(body)


def _organization(scope: Scope, text: str) -> int:
    """The organization named; by its name where that is one's alone."""
    found = find_organization(scope, text)
    if found != NO_ID:
        return found
    alike = organizations.list_page(scope, OrganizationFilter(name=text), limit=_NAMESAKES, offset=0)
    named = [one.id for one in alike if one.name.casefold() == text.strip().casefold() and not one.deleted]
    return named[0] if len(named) == 1 else NO_ID


def show(one: DeviceSummary, *, names: Mapping[int, str], organizations: Mapping[int, str]) -> dict[str, Any]:
    """A device as the reference shows it."""
    return {
        "device_id": ids.prefixed(ids.DEVICE, one.device_id),
        "device_name": names.get(one.device_id, ids.prefixed(ids.DEVICE, one.device_id)),
        "device_type": _KIND_OF.get(one.device_type),
        "organization": organizations.get(one.organization_id),
        "app_connections": [_app(app) for app in one.apps[:MAX_APPS]],
        "device_summary": {
            "total_connections": one.connections,
            "overall_success_rate": rules.success_rate(connections=one.connections, failed=one.failed),
            "total_data_transferred_mb": round(one.octets / 10**6, 1),
            "most_used_app": one.apps[0].name if one.apps else None,
            "connection_trend": one.trend,
        },
    }


def _app(app: AppConnections) -> dict[str, Any]:
    return {
        "app_id": ids.prefixed(ids.APP, app.app_id),
        "app_name": app.name,
        "app_category": app.category or None,
        "total_connections": app.connections,
        "successful_connections": app.connections - app.failed,
        "failed_connections": app.failed,
        "success_rate": rules.success_rate(connections=app.connections, failed=app.failed),
        "avg_connection_duration": round(app.duration / app.timed) if app.timed else None,
        "last_connection": times.show(app.last_connection),
        "data_transferred_mb": round(app.octets / 10**6, 1),
    }


def _aggregate(found: Summary) -> dict[str, Any]:
    connections, failed = sum(app.connections for app in found.apps), sum(app.failed for app in found.apps)
    return {
        "total_devices": found.devices,
        "total_applications": len(found.apps),
        "overall_success_rate": rules.success_rate(connections=connections, failed=failed),
        "total_data_transferred_gb": round(sum(app.octets for app in found.apps) / 10**9, 1),
        "top_performing_apps": [_top(app) for app in _best(found.apps)],
        "devices_with_issues": found.with_issues,
    }


def _best(apps: Sequence[AppTotal]) -> list[AppTotal]:
    """Of equally good ones the most used first."""
    return sorted(apps, key=lambda app: (app.failed / app.connections, -app.connections, app.name))[:TOP_APPS]


def _top(app: AppTotal) -> dict[str, Any]:
    return {"app_name": app.name, "success_rate": rules.success_rate(connections=app.connections, failed=app.failed)}
