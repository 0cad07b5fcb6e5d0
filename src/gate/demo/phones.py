"""The devices with the app, and what they reported when: made up, and the same each time it is asked. Pure.

A device has the MAC address its sessions have, so that the two are found by one another; those addresses are locally administered
and hence nobody's. IMEIs begin with 00, as those of test devices do, and the mobile network is the test network 001 01 of 3GPP TS
36.508. Brands and apps are invented.
"""

import datetime as dt
import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from gate.demo import plan, traffic
from gate.devices.types import DeviceFields
from gate.telemetry.types import Connection, Source, TestReport

DAYS: Final = 30
_TAC: Final = "00100153"
_MOBILE, _MCCMNC = "Demo Mobile", "00101"
_CYCLE: Final = 28
"""Days in which restless devices go from few connections a day to many and back."""


@dataclass(frozen=True, slots=True)
class Model:
    """What there is of one kind of device."""

    device_type: str
    brand: str
    family: str
    name: str
    os_family: str
    os_version: str
    os_api_version: str = ""


@dataclass(frozen=True, slots=True)
class App:
    """An app; `seconds` a connection lasts mostly, `rate` octets a second."""

    name: str
    category: str
    weight: int
    seconds: int
    rate: int


@dataclass(frozen=True, slots=True)
class Gadget:
    """A device of somebody's."""

    owner: plan.Subscriber
    number: int
    mac: str
    """As it is stored: `AA:BB:CC:DD:EE:FF`."""
    fields: DeviceFields

    @property
    def weak(self) -> bool:
        """Whether many of its connections fail."""
        return self.number % 10 == 4

    @property
    def blocked(self) -> bool:
        """The devices of who is disabled are."""
        return self.owner.state == "disabled"


MODELS: Final = (
    Model("ph", "Lumera", "Lumera", "Lumera 5", "Android", "14", "34"),
    Model("ph", "Pomelo", "Pomelo Phone", "Pomelo Phone 12", "iOS", "17.5"),
    Model("ph", "Kestrel", "Kestrel Mini", "Kestrel Mini 3", "Android", "13", "33"),
    Model("tb", "Pomelo", "Pomelo Tab", "Pomelo Tab 9", "iPadOS", "17.5"),
    Model("tb", "Lumera", "Lumera Slate", "Lumera Slate 10", "Android", "13", "33"),
    Model("la", "Nordhaven", "Nordhaven Book", "Nordhaven Book 14", "Windows", "11"),
    Model("la", "Pomelo", "Pomelo Book", "Pomelo Book Air", "macOS", "14.5"),
)

APPS: Final = (
    App("Chatterling", "Communication", 9, 1_200, 3_000),
    App("Postwren", "Communication", 6, 300, 6_000),
    App("Streamhaus", "Entertainment", 4, 2_700, 400_000),
    App("Roomkey", "Travel", 4, 90, 2_000),
    App("Wayfarer Maps", "Travel", 3, 900, 15_000),
    App("Ledgerly", "Business", 2, 1_500, 8_000),
)

_STAFF_WITH_APP: Final = {"housekeeping.bcn": "tb", "frontdesk.bcn": "la"}
_TESTS: Final = (("dl", 38_000, "Kbps"), ("ul", 9_000, "Kbps"), ("de", 24, "ms"), ("jt", 5, "ms"), ("dn", 12, "ms"))
"""Test, value in the middle, unit."""


def gadgets(*, tenant_id: int) -> list[Gadget]:
    """Every device: a phone and something bigger of each guest, and what staff carry."""
    made: list[Gadget] = []
    for guest in plan.SUBSCRIBERS:
        staffs = _STAFF_WITH_APP.get(guest.username)
        if staffs is None and (guest.always_on or guest.profile == "conference"):
            continue
        for turn, mac in enumerate(traffic.devices(tenant_id, guest)):
            number = len(made)
            kind = staffs or ("ph" if turn == 0 else ("la", "tb")[number // 2 % 2])
            made.append(_gadget(guest, number, mac.replace("-", ":"), kind))
    return made


def first_day(now: dt.datetime) -> dt.date:
    """The oldest day reports are told of: today (UTC) is the last."""
    return now.astimezone(dt.UTC).date() - dt.timedelta(days=DAYS - 1)


def moments(gadget: Gadget, *, tenant_id: int, now: dt.datetime) -> Iterator[dt.datetime]:
    """When the device has reported connections until now; spread over the day, so that its rate is the same at any hour."""
    for day, noise in _days(gadget, "connections", tenant_id=tenant_id, now=now):
        count = _connections_on(gadget, day.date())
        slot = 86_400 // count
        for turn in range(count):
            offset = int.from_bytes(noise[2 * turn : 2 * turn + 2]) % slot
            yield day + dt.timedelta(seconds=turn * slot + offset)


def test_moments(gadget: Gadget, *, tenant_id: int, now: dt.datetime) -> Iterator[dt.datetime]:
    """When the device has measured its network until now: some do, once a day."""
    if gadget.number % 4 == 1:
        for day, noise in _days(gadget, "test", tenant_id=tenant_id, now=now):
            yield day + dt.timedelta(hours=9, seconds=int.from_bytes(noise[:2]) % 3_600)


def welcome(gadget: Gadget, moment: dt.datetime, *, now: dt.datetime) -> bool:
    """Whether the report could have been: who is kept out now has not been heard of lately."""
    return moment <= now and (gadget.owner.state not in {"disabled", "expired"} or moment < now - traffic.QUIET)


def connection(gadget: Gadget, at: dt.datetime, *, tenant_id: int, source: Source) -> Connection:
    """What the device reported at that moment."""
    dice = _dice(tenant_id, "connection", gadget, at)
    (app,) = dice.choices(APPS, [app.weight for app in APPS])
    fate = dice.random()
    failed = fate < (0.3 if gadget.weak else 0.003)
    seconds = 0 if failed else round(dice.lognormvariate(math.log(app.seconds), 0.6)) + 1
    octets = round(seconds * app.rate * dice.lognormvariate(0, 0.5))
    up = round(octets * dice.uniform(0.05, 0.25))
    network = _mobile(dice) if source.device_type == "ph" and dice.random() < 0.35 else _wifi(dice, gadget)
    return Connection(
        source=source, at=at, app_name=app.name, app_category=app.category, duration=seconds, inbytes=octets - up, outbytes=up,
        status="failed" if failed else "disconnected" if fate > 0.95 else "active", **network,
    )  # fmt: skip


def test_report(gadget: Gadget, at: dt.datetime, *, tenant_id: int, source: Source) -> TestReport:
    """What the device measured at that moment."""
    dice = _dice(tenant_id, "test", gadget, at)
    test, middle, unit = _TESTS[(at.toordinal() + gadget.number) % len(_TESTS)]
    return TestReport(
        source=source, at=at, network_type="wi", network_name=plan.ssid(gadget.owner.profile), test_type=test,
        destination="speed.example.net", value=round(middle * dice.lognormvariate(0, 0.3), 1), count=3, unit=unit,
    )  # fmt: skip


def _gadget(owner: plan.Subscriber, number: int, mac: str, kind: str) -> Gadget:
    alike = [model for model in MODELS if model.device_type == kind]
    model = alike[number // 2 % len(alike)]
    fields: DeviceFields = {
        "mac_addr": mac, "app_version": ("2.4.1", "2.4.1", "2.3.0")[number % 3], "os_family": model.os_family,
        "os_version": model.os_version, "os_api_version": model.os_api_version, "device_family": model.family,
        "device_brand": model.brand, "device_model": model.name, "device_type": kind,
    }  # fmt: skip
    if kind == "ph":
        fields |= {"imei": _imei(number), "home_mobile_network_name": _MOBILE, "home_mobile_network_mccmnc": _MCCMNC}
    return Gadget(owner=owner, number=number, mac=mac, fields=fields)


def _imei(number: int) -> str:
    """With its check digit (3GPP TS 23.003 annex B)."""
    digits = f"{_TAC}{number:06}"
    total = sum(int(digit) if place % 2 == 0 else sum(divmod(2 * int(digit), 10)) for place, digit in enumerate(digits))
    return f"{digits}{-total % 10}"


def _days(gadget: Gadget, what: str, *, tenant_id: int, now: dt.datetime) -> Iterator[tuple[dt.datetime, bytes]]:
    first = dt.datetime.combine(first_day(now), dt.time(), tzinfo=dt.UTC)
    for turn in range(DAYS):
        day = first + dt.timedelta(days=turn)
        yield day, traffic.digest(tenant_id, what, gadget.mac, day.date().isoformat())


def _connections_on(gadget: Gadget, day: dt.date) -> int:
    """Most devices the same every day, each third one now more, now less."""
    if gadget.number % 3:
        return 2
    return max(1, round(2.4 + 2.2 * math.sin(math.tau * (day.toordinal() / _CYCLE + gadget.number / 7))))


def _dice(tenant_id: int, what: str, gadget: Gadget, at: dt.datetime) -> random.Random:
    # Not for secrets: the same numbers have to come again.
    return random.Random(traffic.digest(tenant_id, what, gadget.mac, at.isoformat()))  # noqa: S311


def _wifi(dice: random.Random, gadget: Gadget) -> dict[str, Any]:
    point = dice.choice(traffic.points_of(gadget.owner))
    site = next(site for site in plan.SITES if site.short_name == point.site)
    strength = dice.uniform(-90, -78) if gadget.weak else dice.uniform(-72, -42)
    open_to_guests = plan.ssid(gadget.owner.profile) == plan.GUEST_SSID
    return {
        "network_type": "wi", "network_name": plan.ssid(gadget.owner.profile), "bssid": point.mac.lower(),
        "network_security": "opn" if open_to_guests else "wp2", "authentication": "cpo" if open_to_guests else "eap",
        "frequency": dice.choice((2.4, 5.0)), "link_speed": float(dice.choice((72, 144, 433, 866))), "latitude": site.latitude,
        "longitude": site.longitude, "quality_metric": "rssi", "quality_value": round(strength, 1),
    }  # fmt: skip


def _mobile(dice: random.Random) -> dict[str, Any]:
    return {
        "network_type": "mo", "network_name": _MOBILE, "network_mccmnc": _MCCMNC, "network_security": "3gp",
        "authentication": "3gp", "cellid": f"{dice.randrange(1, 40):05}", "roaming": False, "quality_metric": "sinr",
        "quality_value": round(dice.uniform(2, 22), 1),
    }  # fmt: skip
