"""The demo's made-up traffic, without a database."""

import datetime as dt
from itertools import pairwise

from gate.demo import plan, traffic

DAY = dt.date(2026, 3, 14)
VISITS = traffic.visits(tenant_id=7, day=DAY)


def test_is_told_the_same_again() -> None:
    assert traffic.visits(tenant_id=7, day=DAY) == VISITS


def test_differs_by_tenant_and_day() -> None:
    unique = {visit.unique for visit in VISITS}
    assert len(unique) == len(VISITS)
    assert not unique & {visit.unique for visit in traffic.visits(tenant_id=8, day=DAY)}
    assert not unique & {visit.unique for visit in traffic.visits(tenant_id=7, day=DAY + dt.timedelta(days=1))}


def test_begins_within_its_day_and_keeps_to_the_profile() -> None:
    timeouts = {profile.short_name: profile.timeout for profile in plan.PROFILES}
    for visit in VISITS:
        assert traffic.day_of(dt.datetime.fromtimestamp(visit.start, tz=dt.UTC)) == DAY
        assert 0 < visit.end - visit.start <= timeouts[visit.subscriber.profile]


def test_evenings_are_busier_than_mornings() -> None:
    guests = [visit for visit in VISITS if not visit.subscriber.always_on]
    hours = [dt.datetime.fromtimestamp(visit.start, tz=dt.UTC).hour for visit in guests]
    assert sum(18 <= hour < 23 for hour in hours) > 2 * sum(4 <= hour < 9 for hour in hours)


def test_devices_are_locally_administered() -> None:
    assert {int(visit.device[:2], 16) & 0x03 for visit in VISITS} == {0x02}


def test_states_only_grow() -> None:
    visit = max(VISITS, key=lambda visit: visit.end - visit.start)
    moments = range(visit.start - 60, visit.end + 600, 97)
    states = [traffic.state(visit, now=dt.datetime.fromtimestamp(moment, tz=dt.UTC)) for moment in moments]
    assert states[0] is None
    told = [state for state in states if state is not None]
    assert told[-1] == traffic.State(visit.end, visit.end, visit.end - visit.start, visit.octets_in, visit.octets_out)
    for earlier, later in pairwise(told):
        assert earlier.updated <= later.updated
        assert earlier.seconds <= later.seconds
        assert earlier.octets_in <= later.octets_in
        assert earlier.octets_out <= later.octets_out


def test_who_is_kept_out_now_was_let_in_before_and_refused_since() -> None:
    kept_out = next(visit for visit in VISITS if visit.subscriber.state)
    soon = dt.datetime.fromtimestamp(kept_out.end, tz=dt.UTC)
    assert not traffic.welcome(kept_out, now=soon)
    assert traffic.welcome(kept_out, now=soon + traffic.QUIET + dt.timedelta(seconds=1))
    refusals = [refused for visit in VISITS for refused in visit.refused if refused.subscriber and refused.subscriber.state]
    assert refusals
    late = dt.datetime.combine(DAY, dt.time(), tzinfo=dt.UTC) + dt.timedelta(days=9)
    for visit in VISITS:
        assert all(
            not (refused.subscriber and refused.subscriber.state) for refused in traffic.plausible_refusals(visit, now=late)
        )
