"""`/device_app_test_report/`: apps report what they measured of a network. Hot: one statement a batch."""

from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Body, Router
from pydantic import Field, WrapValidator

from gate.api import replies, reports, times
from gate.api.auth import Bearer, scope_of
from gate.api.errors import documented
from gate.api.fields import Schema
from gate.core import clock, ids
from gate.telemetry import commands, rules
from gate.telemetry.types import TestReport

router = Router(auth=Bearer("device_app_test_report"), tags=["device_app_test_report"])


class TestReportIn(reports.ReportIn):
    """What was measured."""

    test_type: Literal["dl", "ul", "de", "jt", "dn"] = Field(
        examples=["dl"], description="dl download, ul upload, de delay, jt jitter, dn DNS response time."
    )
    destination: str = Field(min_length=1, max_length=500, examples=["speedtest.example.com"])
    value: float = Field(ge=0, le=10**12, examples=[95.7])
    count: int | None = Field(None, ge=1, le=1_000_000, examples=[3], description="Measurements behind the value.")
    unit: Literal["Kbps", "KBps", "ms"] | None = Field(None, examples=["Kbps"])


class TestReportOut(Schema):
    """A test report as it was stored."""

    id: int = Field(examples=[12847])
    network_name: str | None = Field(examples=["Office WiFi"])
    network_type: str = Field(examples=["wi"])
    test_type: str = Field(examples=["dl"])
    destination: str = Field(examples=["speedtest.example.com"])
    value: float = Field(examples=[95.7])
    count: int | None = Field(examples=[3])
    unit: str | None = Field(examples=["Kbps"])
    timestamp: str = Field(examples=["2024-01-15T14:32:18Z"])
    status: str = Field(examples=["processed"])
    device_id: str | None = Field(examples=["dev_12345"], description="null where no device is known.")


_Batch = Annotated[list[TestReportIn], Field(min_length=1, max_length=rules.MAX_BATCH)]
# Described by its type and read by reports.parse, which names faults by their place in the batch.
TestReports = Annotated[TestReportIn | _Batch, WrapValidator(lambda value, _: value)]


@router.post("/", response=documented(TestReportOut | list[TestReportOut], 400, 422, status=201), summary="Report measurements")
def report_tests(request: HttpRequest, payload: Body[TestReports]) -> HttpResponse:
    """One measurement, or a list of at most 1,000 of them, of which all are taken or none. The reply has the same shape.

    The device is that of the access token, or the one named in the report.
    """
    scope, now = scope_of(request), clock.now()
    said = reports.parse(payload, TestReportIn)
    made = [
        TestReport(
            source=source,
            at=at,
            network_type=one.network_type,
            test_type=one.test_type,
            destination=one.destination,
            value=one.value,
            network_name=one.network_name,
            count=one.count,
            unit=one.unit,
        )
        for one, at, source in zip(
            said, reports.moments(payload, said, now=now), reports.sources(scope, payload, said), strict=True
        )
    ]
    shown = [show(one, number) for one, number in zip(made, commands.log_tests(scope, made), strict=True)]
    return replies.json(shown if isinstance(payload, list) else shown[0], status=201)


def show(one: TestReport, number: int) -> dict[str, Any]:
    """The report as the reference shows it."""
    return {
        "id": number,
        "network_name": one.network_name,
        "network_type": one.network_type,
        "test_type": one.test_type,
        "destination": one.destination,
        "value": one.value,
        "count": one.count,
        "unit": one.unit,
        "timestamp": times.show(one.at),
        "status": "processed",
        "device_id": ids.prefixed(ids.DEVICE, one.source.device_id),
    }
