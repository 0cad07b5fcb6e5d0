"""`/device_app_test_report/`: what apps measured."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Required, TypedDict, Unpack

from gate.client.calls import Asked, C, Category, Id, When, one, operation, several
from gate.client.replies import Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class TestReport(Reply):
    """A measurement as it was stored."""

    __test__ = False  # pytest collects by name

    id: int
    network_name: str | None
    network_type: str
    test_type: str
    destination: str
    value: float
    count: int | None
    unit: str | None
    timestamp: dt.datetime
    status: str
    device_id: str | None
    """None where no device is known."""


class Measurement(TypedDict, total=False):
    """What an app measured. The device is the one of the access token, or else the one named here."""

    network_type: Required[Literal["wi", "mo", "bl", "et"]]
    """Wi-Fi, mobile, Bluetooth, Ethernet."""
    test_type: Required[str]
    """`dl` download, `ul` upload, `de` delay, `jt` jitter, `dn` DNS response time, …"""
    destination: Required[str]
    value: Required[float]
    network_name: str
    count: int
    """Measurements the value is the average of."""
    unit: Literal["Kbps", "KBps", "ms"]
    timestamp: When
    device_id: Id
    generic_id: str
    imei: str
    mac_addr: str


@operation("POST", "/device_app_test_report/")
def create_report(**measured: Unpack[Measurement]) -> Asked[TestReport]:
    """Report one measurement. Raises BadRequest, Unprocessable."""
    return Asked(reads=one(TestReport), body=measured)


@operation("POST", "/device_app_test_report/")
def create_reports(reports: Sequence[Measurement]) -> Asked[list[TestReport]]:
    """Report up to 1,000 measurements at once: all or nothing. Raises BadRequest, Unprocessable."""
    return Asked(reads=several(TestReport), body=list(reports))


class DeviceAppTestReportCategory(Category[C]):
    """`gate.device_app_test_report`."""

    create = create_report
    create_many = create_reports
