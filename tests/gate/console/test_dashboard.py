import datetime as dt
import json
import re
from html import unescape

from django.db import connection

import sessions
from gate.access import overview as access
from gate.accounting import overview as accounting
from gate.console import human, places_map
from gate.core import clock
from gate.nas.models import Nas


def signed_in(world, place, *, hour, accepted, count):
    tenant = world.organizations["rival" if place == "rival" else "acme"]
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO access_sign_in_hour VALUES (%s, %s, %s, %s, %s)",
            [tenant, world.organizations[place], hour, accepted, count],
        )


def refused(world, place, *, at, username, accepted=False, reason="wrong-password"):
    tenant = world.organizations["rival" if place == "rival" else "acme"]
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO access_sign_in (at, tenant_id, organization_id, nas_id, username, method, accepted, reason)"
            " VALUES (%s, %s, %s, %s, %s, 'pap', %s, %s)",
            [at, tenant, world.organizations[place], world.nas[place], username, accepted, reason],
        )


def test_traffic_is_spread_over_the_time_of_the_session(world):
    now = dt.datetime(2024, 1, 15, 9, 30, tzinfo=dt.UTC)
    start = dt.datetime(2024, 1, 15, 7, 30, tzinfo=dt.UTC)
    sessions.add(world, acctstarttime=start, acctupdatetime=now, acctinputoctets=1200, acctoutputoctets=2400)
    # Began before the first hour shown: only what falls into it counts.
    early = dt.datetime(2024, 1, 14, 9, 0, tzinfo=dt.UTC)
    sessions.add(world, place="acme-west", acctstarttime=early, acctupdatetime=early + dt.timedelta(hours=2),
                 acctstoptime=early + dt.timedelta(hours=2), acctinputoctets=100, acctoutputoctets=0)  # fmt: skip
    sessions.add(world, place="rival", acctstarttime=start, acctupdatetime=now, acctinputoctets=5, acctoutputoctets=5)
    found = accounting.traffic_by_hour(world.owner.scope, now=now)
    assert len(found) == 24
    assert [(hour.hour.hour, hour.up, hour.down) for hour in found if hour.up] == [
        (10, 50, 0),
        (7, 300, 600),
        (8, 600, 1200),
        (9, 300, 600),
    ]
    assert sum(hour.up for hour in accounting.traffic_by_hour(world.west.scope, now=now)) == 50
    assert not any(hour.up for hour in accounting.traffic_by_hour(world.east.scope, now=now))


def test_a_session_without_length_counts_once(world):
    now = dt.datetime(2024, 1, 15, 9, 30, tzinfo=dt.UTC)
    sessions.add(world, acctstarttime=now, acctupdatetime=now, acctinputoctets=7, acctoutputoctets=8)
    found = accounting.traffic_by_hour(world.owner.scope, now=now + dt.timedelta(seconds=5))
    assert (sum(hour.up for hour in found), sum(hour.down for hour in found)) == (7, 8)


def test_busiest_access_points_come_first(world):
    now = clock.now()
    for _ in range(2):
        sessions.add(world, place="acme-west", acctinputoctets=1, acctoutputoctets=1)
    sessions.add(world, place="acme", acctinputoctets=500, acctoutputoctets=500)
    sessions.add(world, place="acme-east", acctstoptime=now - dt.timedelta(days=3))
    sessions.add(world, place="rival")
    found = accounting.busiest_access_points(world.owner.scope, now=now, limit=5)
    assert [(row.access_point_id, row.open_sessions, row.octets) for row in found] == [
        (world.access_points["acme-west"], 2, 4), (world.access_points["acme"], 1, 1000),
    ]  # fmt: skip
    assert len(accounting.busiest_access_points(world.owner.scope, now=now, limit=1)) == 1


def test_sign_ins_and_refusals_of_the_last_day(world):
    now = clock.now()
    this_hour = now.replace(minute=0, second=0, microsecond=0)
    signed_in(world, "acme", hour=this_hour, accepted=True, count=5)
    signed_in(world, "acme-west", hour=this_hour, accepted=True, count=2)
    signed_in(world, "acme-west", hour=this_hour, accepted=False, count=3)
    signed_in(world, "acme", hour=this_hour - dt.timedelta(hours=24), accepted=True, count=100)
    signed_in(world, "rival", hour=this_hour, accepted=True, count=1000)
    hours = access.sign_ins_by_hour(world.owner.scope, now=now)
    assert (len(hours), hours[-1].accepted, hours[-1].refused) == (24, 7, 3)
    assert sum(hour.accepted for hour in hours) == 7
    assert sum(hour.accepted for hour in access.sign_ins_by_hour(world.west.scope, now=now)) == 2
    refused(world, "acme-west", at=now - dt.timedelta(minutes=2), username="second")
    refused(world, "acme", at=now - dt.timedelta(minutes=1), username="first", reason="expired")
    refused(world, "acme", at=now, username="let in", accepted=True, reason="")
    refused(world, "acme", at=now - dt.timedelta(days=2), username="old")
    refused(world, "rival", at=now, username="theirs")
    assert [row.username for row in access.recent_refusals(world.owner.scope, now=now, limit=9)] == ["first", "second"]
    assert [row.username for row in access.recent_refusals(world.west.scope, now=now, limit=9)] == ["second"]


def card(text, label):
    found = re.search(rf'{label}</div>\s*<div class="gate-figure">([^<]+)</div>\s*<div class="gate-soft">([^<]+)<', text)
    return found[1], found[2]


def charts(text):
    return [json.loads(unescape(value)) for value in re.findall(r'data-value="([^"]+)"', text)]


def test_the_page_shows_the_rows(world, desk):
    now = clock.now()
    hour = now.replace(minute=0, second=0, microsecond=0)
    signed_in(world, "acme", hour=hour, accepted=True, count=1234)
    signed_in(world, "acme", hour=hour, accepted=False, count=6)
    refused(world, "acme", at=now, username="<b>mallory</b>")
    sessions.add(world, acctinputoctets=2_000_000, acctoutputoctets=3_000_000)
    sessions.add(world, place="acme-east", acctstoptime=now, acctinputoctets=0, acctoutputoctets=0)
    text = desk(world.owner).get("").text
    assert card(text, "Live sessions") == ("1", "open now")
    assert card(text, "Sign-ins accepted") == ("1,234", "last 24 hours")
    assert card(text, "Sign-ins refused") == ("6", "0.5% of all")
    assert card(text, "Traffic") == ("5 MB", "3 MB down, 2 MB up")
    sign_ins, traffic = charts(text)
    assert [sum(line["data"]) for line in sign_ins["datasets"]] == [1234, 6]
    assert [round(sum(line["data"]), 2) for line in traffic["datasets"]] == [3, 2]
    assert "acme AP" in text
    assert "&lt;b&gt;mallory&lt;/b&gt;" in text
    assert "Wrong password" in text
    other = desk(world.stranger).get("").text
    assert card(other, "Live sessions")[0] == "0"
    assert "mallory" not in other


def test_an_empty_install_says_what_to_do_first(world, desk):
    Nas.unscoped.filter(tenant_id=world.organizations["acme"]).delete()
    text = desk(world.owner).get("").text
    assert "Add a NAS" in text
    assert "gate demo" in text
    assert "Add a NAS</a>" not in desk(world.mate).get("").text


def test_figures_are_kept_for_a_scope_and_not_shared_with_another(world, desk):
    owner, west = desk(world.owner), desk(world.west)
    assert card(owner.get("").text, "Live sessions")[0] == "0"
    sessions.add(world)
    sessions.add(world, place="acme-west")
    assert card(owner.get("").text, "Live sessions")[0] == "0"
    assert card(west.get("").text, "Live sessions")[0] == "1"


def test_numbers_read_well():
    assert [human.octets(count) for count in (0, 999, 1000, 1_500_000_000, 2 * 10**18)] == [
        "0 B",
        "999 B",
        "1 kB",
        "1.5 GB",
        "2e+03 PB",
    ]
    assert [human.duration(seconds) for seconds in (0, 42, 60, 3905, 90_000, 86_400)] == [
        "0 s",
        "42 s",
        "1 min",
        "1 h 5 min",
        "1 d 1 h",
        "1 d",
    ]


def test_locations_are_drawn_within_the_frame(world, desk):
    assert places_map.dots(world.stranger.scope) == []
    dots = places_map.dots(world.owner.scope)
    assert len(dots) == 3
    assert all(0 <= dot.x <= 960 and 0 <= dot.y <= 220 for dot in dots)
    text = desk(world.west).get("places/location/").text
    assert "acme-east site" not in text
