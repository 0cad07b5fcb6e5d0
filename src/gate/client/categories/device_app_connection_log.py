"""`/device_app_connection_log/`: how devices were connected, as their app reports it."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Required, TypedDict, Unpack

from gate.client.calls import Asked, C, Category, Id, When, one, operation, several
from gate.client.replies import Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionLog(Reply):
    """A report as it was stored."""

    network_name: str | None
    network_type: str
    network_security: str
    network_mccmnc: str | None
    frequency: float | None
    """GHz."""
    authentication: str | None
    bssid: str | None
    cellid: str | None
    roaming: bool | None
    latitude: str | None
    longitude: str | None
    inbytes: int | None
    outbytes: int | None
    link_speed: float | None
    """Mbps."""
    quality_metric: str | None
    quality_value: float | None
    app_name: str | None
    app_category: str | None
    status: str
    duration: int | None
    """Seconds."""
    timestamp: dt.datetime
    device_id: str | None
    """None where no device is known."""


class ConnectionReport(TypedDict, total=False):
    """What an app reports. The device is the one of the access token, or else the one named here."""

    network_type: Required[Literal["wi", "mo", "bl", "et"]]
    """Wi-Fi, mobile, Bluetooth, Ethernet."""
    network_security: Required[str]
    network_name: str
    network_mccmnc: str
    frequency: float
    """GHz."""
    authentication: str
    bssid: str
    cellid: str
    roaming: bool
    latitude: str
    longitude: str
    inbytes: int
    outbytes: int
    link_speed: float
    """Mbps."""
    quality_metric: Literal["rssi", "sinr"]
    quality_value: float
    app_name: str
    app_category: str
    status: Literal["active", "failed", "disconnected"]
    duration: int
    """Seconds."""
    timestamp: When
    """When it was, for reports that come late."""
    device_id: Id
    generic_id: str
    imei: str
    mac_addr: str


@operation("POST", "/device_app_connection_log/")
def create_log(**report: Unpack[ConnectionReport]) -> Asked[ConnectionLog]:
    """Report one connection. Raises BadRequest, Unprocessable."""
    return Asked(reads=one(ConnectionLog), body=report)


@operation("POST", "/device_app_connection_log/")
def create_logs(reports: Sequence[ConnectionReport]) -> Asked[list[ConnectionLog]]:
    """Report up to 1,000 connections at once: all or nothing. Raises BadRequest, Unprocessable."""
    return Asked(reads=several(ConnectionLog), body=list(reports))


class DeviceAppConnectionLogCategory(Category[C]):
    """`gate.device_app_connection_log`."""

    create = create_log
    create_many = create_logs
