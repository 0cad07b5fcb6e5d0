import datetime as dt
import re

import pytest
from django.db import connection

import sessions
from gate.control import commands
from gate.control.types import Outcome, State
from gate.core import clock
from gate.users.models import User


def listed(text):
    return [int(number) for number in re.findall(r'href="/console/sessions/(\d+)/"', text)]


def test_live_and_past_sessions_newest_first(world, desk):
    now = clock.now().replace(microsecond=0)
    old = sessions.add(world, table="history", acctstarttime=now - dt.timedelta(days=40))
    live = sessions.add(world, place="acme-west", acctstarttime=now - dt.timedelta(hours=1))
    closed = sessions.add(
        world, acctstarttime=now - dt.timedelta(hours=2), acctstoptime=now, acctsessiontime=3905, acctoutputoctets=1_500_000
    )
    theirs = sessions.add(world, place="rival")
    text = desk(world.owner).get("sessions/").text
    assert listed(text) == [live, closed, old]
    assert "1 h 5 min" in text
    assert "1.5 MB" in text
    assert listed(desk(world.west).get("sessions/").text) == [live]
    assert listed(desk(world.stranger).get("sessions/").text) == [theirs]


def test_filters_narrow_the_list(world, desk):
    now = clock.now().replace(microsecond=0)
    live = sessions.add(world, place="acme-west", acctstarttime=now)
    past = sessions.add(world, acctstarttime=now - dt.timedelta(days=3), acctstoptime=now - dt.timedelta(days=2))
    browser = desk(world.owner)
    day = (now - dt.timedelta(days=3)).date().isoformat()
    for query, found in [
        ({"status": "active"}, [live]), ({"status": "inactive"}, [past]), ({"username": "GUEST.acme"}, [past]),
        ({"username": "nobody"}, []), ({"nas": world.nas["acme-west"]}, [live]), ({"nas": world.nas["rival"]}, []),
        ({"access_point": world.access_points["acme"]}, [past]), ({"location": world.locations["acme-west"]}, [live]),
        ({"since": day, "until": day}, [past]), ({"since": now.date().isoformat()}, [live]), ({"since": "nonsense"}, []),
        ({"nas": "nonsense"}, []),
    ]:  # fmt: skip
        reply = browser.get("sessions/", **query)
        assert reply.status_code == 200
        assert listed(reply.text) == found, query
        if not found:
            assert "No session matches" in reply.text


def test_pages_go_on_and_back_and_keep_the_filter(world, desk, monkeypatch):
    monkeypatch.setattr("gate.console.sessions.PAGE", 2)
    now = clock.now().replace(microsecond=0)
    made = [sessions.add(world, acctstarttime=now - dt.timedelta(minutes=age)) for age in range(5)]
    browser = desk(world.owner)

    def link(text, word):
        found = re.search(rf'href="\?([^"]+)">{word}<', text)
        return found and found[1].replace("&amp;", "&")

    first = browser.get("sessions/", status="active").text
    assert listed(first) == made[:2]
    assert link(first, "Newer") is None
    older = link(first, "Older")
    assert "status=active" in older
    second = browser.client.get(f"/console/sessions/?{older}").text
    assert listed(second) == made[2:4]
    third = browser.client.get(f"/console/sessions/?{link(second, 'Older')}").text
    assert listed(third) == made[4:]
    assert link(third, "Older") is None
    assert listed(browser.client.get(f"/console/sessions/?{link(third, 'Newer')}").text) == made[2:4]
    assert listed(browser.get("sessions/", cursor="forged").text) == made[:2]


def test_a_session_in_full(world, desk):
    number = sessions.add(world, callingstationid="AA:BB:CC:00:11:22", acctterminatecause="User-Request", acctinputoctets=2_000)
    text = desk(world.owner).get(f"sessions/{number}/").text
    for shown in (
        "guest.acme",
        "AA:BB:CC:00:11:22",
        "User-Request",
        "acme-nas",
        "acme AP",
        "acme site",
        "premium",
        "198.51.100.4",
        "2 kB (2,000)",
    ):
        assert shown in text
    assert f"/console/users/user/{world.users['acme']}/change/" in text
    for person in (world.west, world.stranger):
        assert desk(person).get(f"sessions/{number}/").status_code == 404
    assert desk(world.mate).get(f"sessions/{number}/").status_code == 200


def test_a_deleted_users_session_stays(world, desk):
    number = sessions.add(world)
    User.unscoped.filter(pk=world.users["acme"]).delete()
    text = desk(world.owner).get(f"sessions/{number}/").text
    assert "guest.acme" in text
    assert "/console/users/user/" + str(world.users["acme"]) not in text


def test_nothing_yet_says_what_to_do(world, desk):
    assert "No sessions yet" in desk(world.owner).get("sessions/").text


@pytest.mark.parametrize("role", ["operator", "viewer", "admin"])
def test_every_role_reads_sessions(world, desk, role):
    User.unscoped.filter(pk=world.mate.user_id).update(role=role)
    assert desk(world.mate).get("sessions/").status_code == 200


# --- ending one


def states():
    with connection.cursor() as cursor:
        cursor.execute("SELECT radacctid, kind, state, source, actor FROM control_request ORDER BY id")
        return cursor.fetchall()


def test_a_live_session_is_ended_by_a_button_and_the_result_is_shown(world, desk):
    session = sessions.add(world)
    browser = desk(world.owner)
    page = browser.get(f"sessions/{session}/").text
    assert f'action="/console/sessions/{session}/disconnect/"' in page
    assert "Requests to the NAS" not in page
    assert browser.get(f"sessions/{session}/disconnect/").status_code == 405
    assert states() == []
    reply = browser.post(f"sessions/{session}/disconnect/")
    assert (reply.status_code, reply.headers["location"]) == (302, f"/console/sessions/{session}/")
    assert states() == [(session, "disconnect", "queued", "m", f"user:{world.owner.user_id}")]
    page = browser.get(f"sessions/{session}/").text
    assert "The NAS is asked to end the session" in page
    assert "Queued" in page
    # One that waits is not asked for again.
    assert "/disconnect/" not in page
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM control_request")
        outcome = Outcome(id=cursor.fetchone()[0], state=State.REFUSED, error_cause=404, message="Disconnect-NAK, <b>why</b>")
    commands.settle(outcome, now=clock.now())
    page = browser.get(f"sessions/{session}/").text
    assert "Refused" in page
    assert "Disconnect-NAK, &lt;b&gt;why&lt;/b&gt;" in page
    assert "/disconnect/" in page


def test_a_session_that_has_ended_has_no_button(world, desk):
    session = sessions.add(world, acctstoptime=clock.now())
    browser = desk(world.owner)
    assert "/disconnect/" not in browser.get(f"sessions/{session}/").text
    browser.post(f"sessions/{session}/disconnect/")
    assert "The session has ended" in browser.get(f"sessions/{session}/").text
    assert states() == []


def test_who_may_only_read_ends_nothing(world, desk):
    session = sessions.add(world)
    browser = desk(world.mate)
    page = browser.get(f"sessions/{session}/")
    assert page.status_code == 200
    assert "/disconnect/" not in page.text
    assert browser.post(f"sessions/{session}/disconnect/").status_code == 403
    for person in (world.west, world.stranger):
        assert desk(person).post(f"sessions/{session}/disconnect/").status_code == 404
    assert states() == []
