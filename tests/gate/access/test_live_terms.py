"""What a NAS is told of a session that runs, when its user's limits change."""

import datetime as dt

import pytest

from gate.access.live_terms import Answer, Live, answer, session_timeout
from gate.access.types import UNLIMITED, Item, Limits, ProfileFacts
from gate.control.types import Item as Told
from gate.radiusd.replies import with_limits

NOW = dt.datetime(2026, 3, 2, 12, 0, tzinfo=dt.UTC)  # a Monday


def profile(*replies, checks=(), limits=UNLIMITED):
    return ProfileFacts(id=1, short_name="guests", checks=tuple(checks), replies=tuple(replies), limits=limits)


def live(*profiles, **changed):
    held = {
        "radacctid": 1, "began": NOW - dt.timedelta(seconds=100), "used": 90, "expiration": None, "credit": None,
        "portal_expires": None, "zone": dt.UTC, "vendor": "", "takes_changes": True, "ends_otherwise": False,
    }  # fmt: skip
    return Live(**{**held, "profiles": profiles, **changed})


def told(session, *, time_alone=False):
    return answer(session, NOW, render=with_limits, time_alone=time_alone)


def after(seconds):
    return NOW + dt.timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("session", "seconds"),
    [
        (live(), None),
        (live(credit=600), 690),
        (live(expiration=after(600)), 700),
        (live(portal_expires=after(50)), 150),
        (live(profile(limits=Limits(session_timeout=3600))), 3600),
        (live(profile(Item("Session-Timeout", ":=", "1800"), limits=Limits(session_timeout=3600))), 1800),
        (live(profile(Item("Session-Timeout", "=", "%{Port-Limit}")), credit=10), 100),
        (live(profile(checks=[Item("Login-Time", "==", "Mo1100-1201")])), 160),
        (live(profile(checks=[Item("Login-Time", "==", "Any"), Item("NAS-Port-Type", "==", "Ethernet")])), None),
        (live(profile(limits=Limits(session_timeout=500)), credit=200, expiration=after(1000)), 290),
        (live(expiration=after(-500)), 1),
    ],
    ids=str,
)
def test_the_end_is_reckoned_from_the_sessions_beginning(session, seconds):
    assert session_timeout(session, NOW) == seconds


def test_limits_are_told_as_a_sign_in_has_them():
    held = profile(Item("Reply-Message", "=", "hello"), Item("Filter-Id", "=", "slow"), Item("User-Name", "=", "x"),
                   Item("Service-Type", "=", "Framed-User"), Item("Class", "=", "%{User-Name}"),
                   limits=Limits(rate_up=1_000_000, rate_down=2_000_000, session_timeout=60))  # fmt: skip
    router = told(live(held, vendor="mikrotik"))
    assert router == Answer(
        "coa", (Told("Session-Timeout", "60"), Told("Filter-Id", "slow"), Told("Mikrotik-Rate-Limit", "1000000/2000000"))
    )
    assert told(live(held, vendor="mikrotik"), time_alone=True) == Answer("coa", (Told("Session-Timeout", "60"),))


@pytest.mark.parametrize(("ends", "expected"), [(False, None), (True, Answer("disconnect"))])
@pytest.mark.parametrize("changed", [{"takes_changes": False}, {"vendor": "hostapd"}, {"vendor": "unifi"}])
def test_a_nas_that_changes_nothing_ends_sessions_only_where_its_operator_chose_so(ends, expected, changed):
    session = live(profile(limits=Limits(rate_up=1_000)), ends_otherwise=ends, **changed)
    assert told(session) == expected


def test_a_make_that_takes_a_part_is_told_it_or_ends_the_session():
    held = profile(limits=Limits(rate_up=1_000_000, session_timeout=60, vlan=7))
    assert told(live(held, vendor="ruckus")) == Answer(
        "coa", (Told("Session-Timeout", "60"), Told("WISPr-Bandwidth-Max-Up", "1000000"))
    )
    assert told(live(held, vendor="ruckus", ends_otherwise=True)) == Answer("disconnect")
    assert told(live(held, vendor="ruckus", ends_otherwise=True), time_alone=True) == Answer(
        "coa", (Told("Session-Timeout", "60"),)
    )


def test_where_nothing_is_to_be_told_nothing_is_asked():
    assert told(live()) is None
    assert told(live(ends_otherwise=True)) is None
