"""What the demo's devices report is told the same again, and is nobody's."""

import datetime as dt
from collections import Counter

import pytest

from gate.demo import phones, plan
from gate.devices import rules
from gate.telemetry.types import Source

NOW = dt.datetime(2026, 3, 14, 20, 17, 5, tzinfo=dt.UTC)
GADGETS = phones.gadgets(tenant_id=7)


def test_devices_are_of_all_kinds_and_nobodys() -> None:
    assert len(GADGETS) == 40
    assert Counter(gadget.fields["device_type"] for gadget in GADGETS).keys() == {"ph", "tb", "la"}
    assert len({gadget.mac for gadget in GADGETS}) == 40
    for gadget in GADGETS:
        assert rules.checked(gadget.fields) == gadget.fields
        assert int(gadget.mac[:2], 16) & 0b11 == 0b10, "locally administered, of one device"
    imeis = [gadget.fields["imei"] or "" for gadget in GADGETS if "imei" in gadget.fields]
    assert len(set(imeis)) == len(imeis) == sum(gadget.fields["device_type"] == "ph" for gadget in GADGETS)
    for imei in imeis:
        assert imei.startswith("00")
        doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(imei)]
        assert sum(digit // 10 + digit % 10 for digit in doubled) % 10 == 0, "Luhn"


@pytest.mark.parametrize("hours", [1, 24 * 3])
def test_told_again_later(hours: int) -> None:
    """What had been told stays, and nothing comes in between."""
    later = NOW + dt.timedelta(hours=hours)
    for gadget in GADGETS[:6]:
        first = {at for at in phones.moments(gadget, tenant_id=7, now=NOW) if at <= NOW}
        again = {at for at in phones.moments(gadget, tenant_id=7, now=later) if at <= NOW}
        oldest = dt.datetime.combine(phones.first_day(later), dt.time(), tzinfo=dt.UTC)
        assert again == {at for at in first if at >= oldest}
        at = max(first)
        source = Source(organization_id=1, device_id=2, device_type="ph")
        assert phones.connection(gadget, at, tenant_id=7, source=source) == phones.connection(
            gadget, at, tenant_id=7, source=source
        )


def test_who_is_kept_out_has_not_been_heard_of_lately() -> None:
    kept_out = next(gadget for gadget in GADGETS if gadget.blocked)
    heard = next(gadget for gadget in GADGETS if not gadget.owner.state)
    recent, old = NOW - dt.timedelta(days=1), NOW - dt.timedelta(days=4)
    assert [phones.welcome(kept_out, at, now=NOW) for at in (recent, old)] == [False, True]
    assert [phones.welcome(heard, at, now=NOW) for at in (recent, NOW + dt.timedelta(seconds=1))] == [True, False]


def test_weak_devices_fail_often() -> None:
    source = Source(organization_id=1, device_id=2, device_type="la")
    for weak in (True, False):
        gadget = next(gadget for gadget in GADGETS if gadget.weak is weak and not gadget.owner.state)
        made = [phones.connection(gadget, at, tenant_id=7, source=source) for at in phones.moments(gadget, tenant_id=7, now=NOW)]
        failed = sum(report.status == "failed" for report in made)
        assert (failed > len(made) / 10) is weak
        assert {report.bssid for report in made} <= {point.mac.lower() for point in plan.ACCESS_POINTS}
