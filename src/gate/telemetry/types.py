"""What crosses this room's border. Times are aware UTC; None means that it was not told."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

Status = Literal["active", "failed", "disconnected"]
Trend = Literal["stable", "increasing", "decreasing"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a report is from. Its organization is the device's, or else the caller's."""

    organization_id: int
    device_id: int | None = None
    device_type: str = ""
    user_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """A connection to a network as an app reported it."""

    source: Source
    at: dt.datetime
    network_type: str
    network_security: str
    app_name: str = ""
    """Empty: the device itself, see rules.NETWORK_APP."""
    app_category: str = ""
    status: Status = "active"
    duration: int | None = None
    """Seconds."""
    network_name: str | None = None
    network_mccmnc: str | None = None
    frequency: float | None = None
    """GHz."""
    authentication: str | None = None
    bssid: str | None = None
    cellid: str | None = None
    roaming: bool | None = None
    latitude: Decimal | None = None
    longitude: Decimal | None = None
    inbytes: int | None = None
    outbytes: int | None = None
    link_speed: float | None = None
    """Mbit/s."""
    quality_metric: str | None = None
    quality_value: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TestReport:
    """What an app measured."""

    __test__ = False  # for pytest: this is none of its classes

    source: Source
    at: dt.datetime
    network_type: str
    test_type: str
    destination: str
    value: float
    network_name: str | None = None
    count: int | None = None
    unit: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryFilter:
    """Which connections a summary is of; all that is set must hold."""

    period: int = 7
    """Days; one of rules.PERIODS."""
    organization_id: int | None = None
    device_types: tuple[str, ...] = ()
    """Codes of devices.models.DeviceType; any of them."""
    app_category: str | None = None
    """In any case."""
    status: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """What a period covers: from `start` to now, and from `before` to `start` the period before it."""

    period: int
    before: dt.datetime
    start: dt.datetime
    end: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AppConnections:
    """What one device did with one app."""

    app_id: int
    name: str
    category: str
    connections: int
    failed: int
    timed: int
    """Connections whose duration was told."""
    duration: int
    """Seconds in all."""
    octets: int
    last_connection: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceSummary:
    """One device with its apps, the most used first."""

    device_id: int
    organization_id: int
    device_type: str
    apps: Sequence[AppConnections]
    connections: int
    failed: int
    octets: int
    trend: Trend


@dataclass(frozen=True, slots=True, kw_only=True)
class AppTotal:
    """What all devices did with one app."""

    app_id: int
    name: str
    connections: int
    failed: int
    octets: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """A page of devices, and sums over all devices the filter leaves."""

    window: Window
    devices: int
    with_issues: int
    """Devices under 95 % success."""
    apps: Sequence[AppTotal]
    results: Sequence[DeviceSummary]
