"""`/device_app_connection_log/`: apps report the networks their device was in. Hot: one statement a batch."""

from decimal import Decimal
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Body, Router
from pydantic import Field, WithJsonSchema, WrapValidator

from gate.api import replies, reports, times
from gate.api.auth import Bearer, scope_of
from gate.api.errors import documented
from gate.api.fields import Schema
from gate.core import clock, ids
from gate.telemetry import commands, rules
from gate.telemetry.types import Connection

router = Router(auth=Bearer("device_app_connection_log"), tags=["device_app_connection_log"])

MAX_OCTETS = 10**13


_DEGREES = {"type": "string", "pattern": r"^-?[0-9]{1,2}(\.[0-9]{1,6})?$", "examples": ["40.7128"]}
Latitude = Annotated[Decimal, Field(ge=-90, le=90), WithJsonSchema(_DEGREES | {"pattern": r"^-?[0-8]?[0-9](\.[0-9]{1,6})?$"})]
Longitude = Annotated[Decimal, Field(ge=-180, le=180), WithJsonSchema(_DEGREES)]
_MICRODEGREE = Decimal("0.000001")


class ConnectionIn(reports.ReportIn):
    """A connection. Nothing of what is not told is made up: it is null."""

    network_security: Literal["opn", "wep", "wpa", "wp2", "3gp"] = Field(examples=["wp2"])
    network_mccmnc: str | None = Field(None, pattern=r"^[0-9]{5,6}$", examples=["31026"], description="MCC and MNC.")
    frequency: float | None = Field(None, ge=0, le=1_000, examples=[5.0], description="GHz.")
    authentication: Literal["non", "cpo", "wis", "psk", "rad", "eap", "3gp"] | None = Field(None, examples=["eap"])
    bssid: reports.MacAddr | None = Field(None, description="MAC address of the access point.")
    cellid: str | None = Field(None, max_length=100)
    roaming: bool | None = Field(None, examples=[False])
    latitude: Latitude | None = None
    longitude: Longitude | None = None
    inbytes: int | None = Field(None, ge=0, le=MAX_OCTETS, examples=[1048576])
    outbytes: int | None = Field(None, ge=0, le=MAX_OCTETS, examples=[524288])
    link_speed: float | None = Field(None, ge=0, le=10_000_000, examples=[150.0], description="Mbit/s.")
    quality_metric: Literal["rssi", "sinr"] | None = Field(None, examples=["rssi"])
    quality_value: float | None = Field(None, ge=-1_000, le=1_000, examples=[-45.0])
    app_name: str | None = Field(None, max_length=100, examples=["Slack"], description="Without it: the device's own connection.")
    app_category: str | None = Field(None, max_length=100, examples=["Communication"])
    status: Literal["active", "failed", "disconnected"] = "active"
    duration: int | None = Field(None, ge=0, le=7_776_000, examples=[1847], description="Seconds.")


class ConnectionOut(Schema):
    """A connection as it was understood."""

    network_name: str | None = Field(examples=["Office WiFi Main"])
    network_type: str = Field(examples=["wi"])
    network_security: str = Field(examples=["wp2"])
    network_mccmnc: str | None = Field(examples=[None])
    frequency: float | None = Field(examples=[5.0])
    authentication: str | None = Field(examples=["eap"])
    bssid: str | None = Field(examples=["00:1a:2b:3c:4d:5e"])
    cellid: str | None = Field(examples=[None])
    roaming: bool | None = Field(examples=[False])
    latitude: str | None = Field(examples=["40.7128"])
    longitude: str | None = Field(examples=["-74.0060"])
    inbytes: int | None = Field(examples=[1048576])
    outbytes: int | None = Field(examples=[524288])
    link_speed: float | None = Field(examples=[150.0])
    quality_metric: str | None = Field(examples=["rssi"])
    quality_value: float | None = Field(examples=[-45.0])
    app_name: str | None = Field(examples=["Slack"])
    app_category: str | None = Field(examples=["Communication"])
    status: str = Field(examples=["active"])
    duration: int | None = Field(examples=[1847])
    timestamp: str = Field(examples=["2024-01-15T14:32:18Z"])
    device_id: str | None = Field(examples=["dev_12345"], description="null where no device is known.")


_Batch = Annotated[list[ConnectionIn], Field(min_length=1, max_length=rules.MAX_BATCH)]
# Described by its type and read by reports.parse, which names faults by their place in the batch.
Connections = Annotated[ConnectionIn | _Batch, WrapValidator(lambda value, _: value)]


@router.post("/", response=documented(ConnectionOut | list[ConnectionOut], 400, 422, status=201), summary="Report connections")
def log_connections(request: HttpRequest, payload: Body[Connections]) -> HttpResponse:
    """One connection, or a list of at most 1,000 of them, of which all are taken or none. The reply has the same shape.

    The device is that of the access token, or the one named in the report. What is reported is in the connection summary within a
    quarter of an hour.
    """
    scope, now = scope_of(request), clock.now()
    said = reports.parse(payload, ConnectionIn)
    made = [
        _connection(one, at=at, source=source)
        for one, at, source in zip(
            said, reports.moments(payload, said, now=now), reports.sources(scope, payload, said), strict=True
        )
    ]
    commands.log_connections(scope, made)
    shown = [show(one) for one in made]
    return replies.json(shown if isinstance(payload, list) else shown[0], status=201)


def _connection(said: ConnectionIn, *, at: Any, source: Any) -> Connection:
    return Connection(
        source=source,
        at=at,
        network_type=said.network_type,
        network_security=said.network_security,
        app_name=(said.app_name or "").strip(),
        app_category=(said.app_category or "").strip(),
        status=said.status,
        duration=said.duration,
        network_name=said.network_name,
        network_mccmnc=said.network_mccmnc,
        frequency=said.frequency,
        authentication=said.authentication,
        bssid=None if said.bssid is None else said.bssid.lower(),
        cellid=said.cellid,
        roaming=said.roaming,
        latitude=_degrees(said.latitude),
        longitude=_degrees(said.longitude),
        inbytes=said.inbytes,
        outbytes=said.outbytes,
        link_speed=said.link_speed,
        quality_metric=said.quality_metric,
        quality_value=said.quality_value,
    )


def _degrees(told: Decimal | None) -> Decimal | None:
    """As it is stored: to a millionth of a degree."""
    exponent = 0 if told is None else told.as_tuple().exponent
    return told.quantize(_MICRODEGREE) if told is not None and isinstance(exponent, int) and exponent < -6 else told


def show(one: Connection) -> dict[str, Any]:
    """The connection as the reference shows it."""
    return {
        "network_name": one.network_name,
        "network_type": one.network_type,
        "network_security": one.network_security,
        "network_mccmnc": one.network_mccmnc,
        "frequency": one.frequency,
        "authentication": one.authentication,
        "bssid": one.bssid,
        "cellid": one.cellid,
        "roaming": one.roaming,
        "latitude": None if one.latitude is None else f"{one.latitude:f}",
        "longitude": None if one.longitude is None else f"{one.longitude:f}",
        "inbytes": one.inbytes,
        "outbytes": one.outbytes,
        "link_speed": one.link_speed,
        "quality_metric": one.quality_metric,
        "quality_value": one.quality_value,
        "app_name": one.app_name or None,
        "app_category": one.app_category or None,
        "status": one.status,
        "duration": one.duration,
        "timestamp": times.show(one.at),
        "device_id": ids.prefixed(ids.DEVICE, one.source.device_id),
    }
