"""`/device_app_connection_summary/`: how well devices and their apps were connected."""

import datetime as dt
from dataclasses import dataclass
from typing import Any, Literal, TypedDict, Unpack

from gate.client.calls import Asked, C, Category, Id, listing, operation
from gate.client.replies import Page, Reply, read, read_page


@dataclass(frozen=True, slots=True, kw_only=True)
class AppConnections(Reply):
    """One app on one device."""

    app_id: str
    app_name: str
    app_category: str | None
    total_connections: int
    successful_connections: int
    failed_connections: int
    success_rate: float | None
    """Per cent."""
    avg_connection_duration: int | None
    """Seconds."""
    last_connection: dt.datetime
    data_transferred_mb: float


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceTotals(Reply):
    """All apps of one device."""

    total_connections: int
    overall_success_rate: float | None
    """Per cent."""
    total_data_transferred_mb: float
    most_used_app: str | None
    connection_trend: str
    """`stable`, `increasing` or `decreasing`, against the period before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceConnections(Reply):
    """One device."""

    device_id: str
    device_name: str
    device_type: str | None
    organization: str | None
    app_connections: list[AppConnections]
    device_summary: DeviceTotals


@dataclass(frozen=True, slots=True, kw_only=True)
class Period(Reply):
    """What a summary is of."""

    start_date: dt.datetime
    end_date: dt.datetime
    period: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AppSuccess(Reply):
    """How often an app got through."""

    app_name: str
    success_rate: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AggregateStats(Reply):
    """All devices that match, not those of the page alone."""

    total_devices: int
    total_applications: int
    overall_success_rate: float | None
    total_data_transferred_gb: float
    top_performing_apps: list[AppSuccess]
    devices_with_issues: int
    """Devices below 95 % success."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionSummary(Page[DeviceConnections]):
    """A page of devices, and what holds for all of them."""

    summary_period: Period
    aggregate_stats: AggregateStats


class SummaryFilter(TypedDict, total=False):
    """Of what; all that are given must hold."""

    time_period: Literal["1d", "7d", "30d", "90d"]
    device_type: Literal["mobile", "desktop", "tablet", "iot"]
    app_category: str
    organization: Id
    """Id or short name."""
    status: Literal["active", "failed", "disconnected"]
    limit: int
    """Devices a page, at most 100."""
    offset: int


def _read(value: Any) -> ConnectionSummary:
    devices = read_page(DeviceConnections, value)
    return ConnectionSummary(
        results=devices.results,
        next=devices.next,
        previous=devices.previous,
        count=devices.count,
        raw=devices.raw,
        summary_period=read(Period, value.get("summary_period")),
        aggregate_stats=read(AggregateStats, value.get("aggregate_stats")),
    )


@operation("GET", "/device_app_connection_summary/")
def get_summary(**where: Unpack[SummaryFilter]) -> Asked[ConnectionSummary]:
    """A page of devices and the totals of all; at most 15 minutes old."""
    return Asked(reads=_read, query=where)


@listing("/device_app_connection_summary/")
def list_devices(**where: Unpack[SummaryFilter]) -> Asked[Page[DeviceConnections]]:
    """Devices and how well they were connected, by id."""
    return Asked(reads=_read, query=where)


class DeviceAppConnectionSummaryCategory(Category[C]):
    """`gate.device_app_connection_summary`."""

    get = get_summary
    list = list_devices
