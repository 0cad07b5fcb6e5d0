"""What the two categories of reports share: one report or a batch of them, and the device a report is of."""

import datetime as dt
from collections.abc import Sequence
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BeforeValidator, Field, ValidationError, WithJsonSchema

from gate.api import times
from gate.api.fields import Id, Schema
from gate.core.errors import Invalid, Missing
from gate.core.tenancy import Scope
from gate.devices import queries as devices
from gate.devices.rules import check_not_blocked
from gate.devices.types import Named, Reporter
from gate.places.rules import parse_mac
from gate.telemetry import rules
from gate.telemetry.types import Source

R = TypeVar("R", bound="ReportIn")

NetworkType = Literal["wi", "mo", "bl", "et"]


def _mac(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    found = parse_mac(value)
    if found is None:
        raise ValueError("has 12 hexadecimal digits, for example 00:1a:2b:3c:4d:5e")
    return found


_MAC_SCHEMA = {"type": "string", "pattern": "^[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){5}$", "examples": ["00:1a:2b:3c:4d:5e"]}
MacAddr = Annotated[str, BeforeValidator(_mac), WithJsonSchema(_MAC_SCHEMA)]
"""In any common notation."""


class ReportIn(Schema):
    """What every report has. The device is that of the access token, or else the one named here, or else none."""

    network_type: NetworkType = Field(examples=["wi"], description="wi Wi-Fi, mo mobile, bl Bluetooth, et Ethernet.")
    network_name: str | None = Field(None, max_length=200, examples=["Office WiFi"])
    timestamp: times.Since | None = Field(
        None, description="When it was, for reports sent later: not in the future and not more than 90 days ago."
    )
    device_id: Id | None = Field(None, description="As the registration gave it.", examples=["dev_12345"])
    imei: str | None = Field(None, max_length=40)
    mac_addr: MacAddr | None = None
    generic_id: str | None = Field(None, max_length=200)


def parse(payload: Any, kind: type[R]) -> list[R]:
    """The reports of a body, which is one or a list of at most 1,000. Raises Missing, Invalid, naming fields as `[3].unit`."""
    batch = payload if isinstance(payload, list) else [payload]
    if not 1 <= len(batch) <= rules.MAX_BATCH:
        raise Invalid(f"A batch has 1 to {rules.MAX_BATCH} reports.", code="batch_size")
    made: list[R] = []
    faults: dict[str, list[str]] = {}
    missing = False
    for place, item in enumerate(batch):
        before = f"[{place}]." if isinstance(payload, list) else ""
        if not isinstance(item, dict):
            faults[before.rstrip(".") or "body"] = ["is no object"]
            continue
        try:
            made.append(kind.model_validate(item))
        except ValidationError as error:
            for found in error.errors(include_url=False, include_input=False, include_context=False):
                reason = str(found["msg"]).removeprefix("Value error, ")
                name = ".".join(str(part) for part in found["loc"][:1])
                faults.setdefault(f"{before}{name}", []).append(reason[:1].lower() + reason[1:])
                missing = missing or found["type"] == "missing"
    if faults:
        detail = "; ".join(f"{name}: {reasons[0]}" for name, reasons in list(faults.items())[:5])
        raise (Missing if missing else Invalid)(detail, fields=faults)
    return made


def moments(payload: Any, reports: Sequence[ReportIn], *, now: dt.datetime) -> list[dt.datetime]:
    """When each report was made. Raises Invalid."""
    found = []
    for place, report in enumerate(reports):
        try:
            found.append(rules.moment(report.timestamp, now=now))
        except Invalid as error:
            raise _placed(payload, place, error) from None
    return found


def sources(scope: Scope, payload: Any, reports: Sequence[ReportIn]) -> list[Source]:
    """Where each report is from. Raises Invalid for a device the scope does not have, Forbidden for a blocked one."""
    if scope.device_id is not None:
        named: list[Named] = [Named(device_id=scope.device_id)] * len(reports)
    else:
        named = [
            Named(device_id=one.device_id, imei=one.imei or None, mac_addr=one.mac_addr, generic_id=one.generic_id or None)
            for one in reports
        ]
    asked = {one for one in named if one != Named()}
    found = devices.reporters(scope, asked) if asked else {}
    made = []
    for place, one in enumerate(named):
        reporter = found.get(one)
        if reporter is None and one != Named() and scope.device_id is None:
            name = next(name for name in ("device_id", "imei", "mac_addr", "generic_id") if getattr(one, name) is not None)
            raise _placed(payload, place, Invalid.field(name, "there is no such device"))
        made.append(_source(scope, reporter))
    return made


def _source(scope: Scope, reporter: Reporter | None) -> Source:
    if reporter is None:
        return Source(organization_id=scope.organization_id, user_id=scope.user_id)
    check_not_blocked(reporter)
    return Source(
        organization_id=reporter.organization_id,
        device_id=reporter.device_id,
        device_type=reporter.device_type,
        user_id=scope.user_id if reporter.user_id is None else reporter.user_id,
    )


def _placed(payload: Any, place: int, error: Invalid) -> Invalid:
    """The same about one report of a batch."""
    if not isinstance(payload, list):
        return error
    fields = {f"[{place}].{name}": reasons for name, reasons in error.fields.items()}
    return Invalid(f"[{place}].{error.detail}", fields=fields, code=error.code)
