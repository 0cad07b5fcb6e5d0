"""The page of the transaction log: what it shows, to whom, and that nothing in it is believed."""

import datetime as dt
import re

import pytest

import events
import people
from gate.core import calling, clock
from gate.core.calling import Caller
from gate.txlog import commands
from gate.txlog.types import Event
from gate.users.models import User


def listed(text):
    return [int(number) for number in re.findall(r'data-event="(\d+)"', text)]


def test_each_sees_the_own_organization_and_below_newest_first(world, desk):
    now = clock.now()
    old = events.add(world, at=now - dt.timedelta(days=40))
    new = events.add(world, place="acme-west", at=now)
    theirs = events.add(world, place="rival")
    text = desk(world.owner).get("log/").text
    assert listed(text) == [new, old]
    assert "signed in" in text
    assert "acme AP" in text
    assert "0A:0B:0C:0D:0E:0F" in text
    assert listed(desk(world.west).get("log/").text) == [new]
    assert listed(desk(world.stranger).get("log/").text) == [theirs]


def test_texts_are_shown_and_only_the_tenants_own(world, desk):
    caller = Caller(address="2001:db8::7", user_agent="Agent/1 <script>alert(1)</script>", referer="https://from.example/")
    for name in ("owner", "stranger"):
        scope = world.people[name].scope
        with people.as_web_process(), calling.entered(caller):
            happened = Event(type="ui", status="u401", organization_id=scope.organization_id, captured_ip_addr="10.0.0.9",
                             message="<b>bold</b>")  # fmt: skip
            commands.write(scope, [happened])
    text = desk(world.owner).get("log/").text
    for shown in ("2001:db8::7", "https://from.example/", "10.0.0.9", "gate-badge-bad", "Agent/1 &lt;script&gt;"):
        assert shown in text
    assert "<script>alert" not in text
    assert "<b>bold" not in text
    # A row of acme's that names a text of the rival's shows none.
    events.add(world, user_agent_id=None, http_referer_id=None)
    assert listed(text)


def test_filters_narrow_the_list(world, desk):
    now = clock.now()
    west = events.add(world, place="acme-west", at=now, type="ur", status="h201", mac_addr=1)
    old = events.add(world, at=now - dt.timedelta(days=3), status="u423")
    browser = desk(world.owner)
    day = (now - dt.timedelta(days=3)).date().isoformat()
    for query, found in [
        ({"type": "ur"}, [west]), ({"type": "zz"}, []), ({"verdict": "bad"}, [old]), ({"verdict": "good"}, [west]),
        ({"username": "GUEST.acme"}, [old]), ({"username": "nobody"}, []), ({"user": world.users["acme-west"]}, [west]),
        ({"user": world.users["rival"]}, []), ({"user": "x"}, []), ({"mac": "0000.0000.0001"}, [west]), ({"mac": "nonsense"}, []),
        ({"since": day, "until": day}, [old]), ({"since": now.date().isoformat()}, [west]), ({"since": "nonsense"}, []),
    ]:  # fmt: skip
        reply = browser.get("log/", **query)
        assert reply.status_code == 200
        assert listed(reply.text) == found, query
        if not found:
            assert "Nothing in the log matches" in reply.text


def test_pages_go_on_and_back_and_keep_the_filter(world, desk, monkeypatch):
    monkeypatch.setattr("gate.console.txlog.PAGE", 2)
    made = events.spread(world, 5)
    browser = desk(world.owner)

    def link(text, word):
        found = re.search(rf'href="\?([^"]+)">{word}<', text)
        return found and found[1].replace("&amp;", "&")

    first = browser.get("log/", type="ui").text
    older = link(first, "Older")
    assert (listed(first), link(first, "Newer")) == (made[:2], None)
    assert "type=ui" in older
    second = browser.client.get(f"/console/log/?{older}").text
    assert listed(second) == made[2:4]
    assert listed(browser.client.get(f"/console/log/?{link(second, 'Newer')}").text) == made[:2]
    assert listed(browser.get("log/", cursor="forged").text) == made[:2]


def test_nothing_yet_says_what_leads_here(world, desk):
    assert "Nothing has happened yet" in desk(world.owner).get("log/").text


@pytest.mark.parametrize("role", ["operator", "viewer", "admin"])
def test_every_role_reads_the_log_and_finds_it_in_the_sidebar(world, desk, role):
    User.unscoped.filter(pk=world.mate.user_id).update(role=role)
    reply = desk(world.mate).get("log/")
    assert reply.status_code == 200
    assert 'href="/console/log/"' in reply.text


def test_who_is_not_signed_in_sees_nothing(world, desk):
    events.add(world)
    assert desk().get("log/").status_code == 302
