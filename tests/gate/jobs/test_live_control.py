"""Live control on real sockets: what a NAS receives, and what is written down for each kind of answer."""

import asyncio
import contextlib
import itertools
import threading
import time
from pathlib import Path

import pytest
from django.db import connection, connections

import sessions
from coa_nas import ack, coa_nas, nak, silence
from freeradius_nas import PROGRAM, freeradius_nas
from gate.control import commands, queries
from gate.control.types import Item
from gate.core.errors import Conflict
from gate.jobs.live_control import LiveControl
from gate.users import commands as users
from radius_server import until

# The committed database is a copy of the one this asks for.
pytestmark = pytest.mark.django_db


@contextlib.contextmanager
def on(committed):
    """Django's connections of this process go to the committed copy, each statement its own transaction."""
    # The test's own connection rests in its transaction; other threads make theirs by the settings.
    held, known = connections["default"], connections.settings["default"]
    template, known["NAME"] = known["NAME"], committed.one("SELECT current_database()")
    connections["default"] = connections.create_connection("default")
    try:
        yield
    finally:
        connection.close()
        connections["default"], known["NAME"] = held, template


@pytest.fixture
def here(committed, django_db_blocker):
    """The committed database, with nothing asked for yet."""
    with django_db_blocker.unblock(), on(committed):
        committed.all("DELETE FROM control_request")
        committed.all("DELETE FROM accounting_live")
        committed.all(
            "UPDATE nas_nas SET live_control = 'both', vendor = '', coa_address = NULL, coa_attributes = '', coa_mac_format = ''"
        )
        yield committed


@contextlib.contextmanager
def live_control(here):
    """Live control at work in a thread, with retransmissions that do not try a test's patience."""
    holder, started = {}, threading.Event()

    async def work():
        control = LiveControl(url=here.url, bind="127.0.0.1", default_port=3799, waits=(0.1, 0.1, 0.1), poll=0.2)
        holder["task"], holder["loop"] = asyncio.current_task(), asyncio.get_running_loop()
        started.set()
        with contextlib.suppress(asyncio.CancelledError):
            await control.run()

    thread = threading.Thread(target=lambda: asyncio.run(work()), daemon=True)
    thread.start()
    started.wait(5)
    try:
        yield
    finally:
        holder["loop"].call_soon_threadsafe(holder["task"].cancel)
        thread.join(10)
        assert not thread.is_alive()


@pytest.fixture
def running(here):
    """One at work."""
    with live_control(here):
        yield


@pytest.fixture
def nas(here):
    """acme's NAS."""
    with coa_nas(here.world.nas_secret.encode()) as device:
        here.all("UPDATE nas_nas SET coa_port = %s WHERE id = %s", device.port, here.world.nas["acme"])
        yield device


def answered(here, number):
    """The request when it is final."""
    return until(lambda: (found := queries.get(here.world.owner.scope, number)).answered and found)


def asked(here, **changed):
    """A live session of acme's, whose end the owner asked for."""
    return commands.disconnect(here.world.owner.scope, sessions.add(here.world, **changed)).id


def lines(here):
    """Of the transaction log: type, status, source, message."""
    return here.all("SELECT type, status, source, message FROM txlog_event WHERE type IN ('di', 'sc', 'sq') ORDER BY id DESC")


def test_a_deleted_user_is_disconnected_within_a_second(here, nas, running):
    number, name = here.user()
    session = sessions.add(here.world, user_id=number, username=name, acctsessionid="0000ABCD")
    other = sessions.add(here.world)
    before = time.time()
    users.delete(here.world.owner.scope, number)
    (request,) = queries.of_session(here.world.owner.scope, session)
    assert (request.reason, request.kind, request.source, request.username) == ("user-deleted", "disconnect", "s", name)
    done = answered(here, request.id)
    assert (done.state, done.error_cause, done.rounds) == ("acknowledged", None, 1)
    assert done.asked == f"127.0.0.1:{nas.port}"
    assert "Disconnect-ACK" in done.message
    (packet,) = nas.requests
    assert packet[0] == 40
    told = nas.named()
    assert told.pop("Message-Authenticator")
    assert told.pop("Event-Timestamp")
    assert told == {"User-Name": name, "Acct-Session-Id": "0000ABCD"}
    assert time.time() - before < 1.0
    assert nas.forged == []
    assert lines(here)[0][:3] == ("di", "r041", "s")
    assert queries.of_session(here.world.owner.scope, other) == []


@pytest.mark.parametrize(
    ("cause", "state", "status"),
    [(503, "gone", "r042"), (401, "refused", "r042"), (404, "refused", "r042"), (None, "refused", "r042")],
)
def test_a_no_is_kept_with_its_error_cause(here, nas, running, cause, state, status):
    nas.answer = nak(nas.secret, cause)
    done = answered(here, asked(here))
    assert (done.state, done.error_cause, done.source) == (state, cause, "s")
    assert len(nas.requests) == 1
    assert lines(here)[0][1] == status


def test_silence_is_asked_again_with_the_same_packet_then_later_with_a_new_one(here, nas, running):
    nas.answer = silence
    number = asked(here)
    until(lambda: queries.get(here.world.owner.scope, number).message)
    assert (len(nas.requests), len(set(nas.requests))) == (3, 1)
    waiting = queries.get(here.world.owner.scope, number)
    assert (waiting.state, waiting.answered) == ("queued", None)
    for rounds in (2, 3):
        here.all("UPDATE control_request SET due = now() WHERE id = %s", number)
        until(lambda rounds=rounds: len(nas.requests) == 3 * rounds)
    done = answered(here, number)
    assert (done.state, done.rounds, len(set(nas.requests))) == ("unanswered", 3, 3)
    assert lines(here)[0][:2] == ("di", "r408")


def test_a_nas_that_wakes_up_between_rounds_is_heard(here, nas, running):
    nas.answer = silence
    number = asked(here)
    until(lambda: queries.get(here.world.owner.scope, number).message)
    nas.answer = ack(nas.secret)
    here.all("UPDATE control_request SET due = now() WHERE id = %s", number)
    assert answered(here, number).state == "acknowledged"


def test_rubbish_and_forgeries_before_the_answer_change_nothing(here, nas, running):
    right, wrong = ack(nas.secret), ack(b"not the secret at all")

    def flood(request):
        (good,) = right(request)
        other = bytes((good[0], good[1] ^ 1)) + good[2:]
        return [b"", b"\x29", bytes(4096), *wrong(request), other, request, good]

    nas.answer = flood
    assert answered(here, asked(here)).state == "acknowledged"
    assert len(nas.requests) == 1


def test_a_secret_the_nas_does_not_share_stays_unanswered(here, nas, running):
    nas.secret = b"an entirely different one"
    number = asked(here)
    until(lambda: queries.get(here.world.owner.scope, number).message)
    assert nas.requests == []
    assert len(nas.forged) == 3


def test_where_no_way_leads_it_says_so(here, running):
    """It sends from 127.0.0.1, as it is told to; there is no way from there to other machines."""
    here.all("UPDATE nas_nas SET coa_address = '192.0.2.99'")
    number = asked(here)
    until(lambda: queries.get(here.world.owner.scope, number).message)
    assert "Nothing could be sent to the NAS" in queries.get(here.world.owner.scope, number).message


@pytest.mark.parametrize(
    ("vendor", "expected"),
    [
        ("mikrotik", {"User-Name": "john", "Acct-Session-Id": "s1"}),
        ("coovachilli", {"User-Name": "john", "Acct-Session-Id": "s1"}),
        ("meraki", {"Acct-Session-Id": "s1"}),
        ("hostapd", {"Acct-Session-Id": "s1"}),
        ("cisco", {"Calling-Station-Id": "aa-bb-cc-dd-ee-0f", "NAS-IP-Address": "192.0.2.7", "Service-Type": "Login-User"}),
        ("aruba", {"User-Name": "john", "Calling-Station-Id": "AA-BB-CC-DD-EE-0F", "NAS-IP-Address": "192.0.2.7"}),
        ("aruba-instant", {"User-Name": "john", "Calling-Station-Id": "aabbccddee0f"}),
        ("ruckus", {"User-Name": "john", "Calling-Station-Id": "AA:BB:CC:DD:EE:0F", "NAS-IP-Address": "192.0.2.7"}),
        ("unifi", {"Calling-Station-Id": "AA-BB-CC-DD-EE-0F", "NAS-Identifier": "ap-1"}),
        ("fortinet", {"User-Name": "john", "Acct-Session-Id": "s1", "Framed-IP-Address": "198.51.100.4"}),
        ("mist", {"Calling-Station-Id": "AA-BB-CC-DD-EE-0F", "NAS-IP-Address": "192.0.2.7", "Acct-Session-Id": "s1"}),
        ("nobody-knows", {"User-Name": "john", "Acct-Session-Id": "s1"}),
    ],
)
def test_each_make_is_told_what_it_knows_and_no_more(here, nas, running, vendor, expected):
    here.all("UPDATE nas_nas SET vendor = %s WHERE id = %s", vendor, here.world.nas["acme"])
    answered(here, asked(here, username="john", acctsessionid="s1", callingstationid="AA:BB:CC:DD:EE:0F"))
    told = nas.named()
    assert {name: told[name] for name in told if name not in {"Message-Authenticator", "Event-Timestamp"}} == expected


def test_the_nas_own_settings_come_before_those_of_its_make(here, nas, running):
    here.all("UPDATE nas_nas SET vendor = 'cisco', coa_attributes = 'Calling-Station-Id', coa_mac_format = 'aabb.ccdd.eeff'")
    answered(here, asked(here))
    assert nas.named()["Calling-Station-Id"] == "aabb.ccdd.eeff"
    assert "NAS-IP-Address" not in nas.named()


def test_a_range_is_asked_where_the_session_is(here, running):
    with coa_nas(here.world.nas_secret.encode(), address="127.7.0.9") as device:
        number = here.world.nas["acme"]
        here.all("UPDATE nas_nas SET address = '127.7.0.0/16', coa_port = %s WHERE id = %s", device.port, number)
        inside = answered(here, asked(here, nasipaddress="127.7.0.9"))
        outside = answered(here, asked(here, nasipaddress="192.0.2.7"))
        here.all("UPDATE nas_nas SET coa_address = '127.7.0.9' WHERE id = %s", number)
        told = answered(here, asked(here, nasipaddress="192.0.2.7"))
        here.all("UPDATE nas_nas SET address = '127.0.0.1' WHERE id = %s", number)
    assert (inside.state, inside.asked) == ("acknowledged", f"127.7.0.9:{device.port}")
    assert (outside.state, outside.rounds) == ("impossible", 1)
    assert "set its CoA address" in outside.message
    assert told.state == "acknowledged"


def test_a_nas_without_an_address_is_asked_at_its_coa_address_alone_where_its_session_names_nobody(here, running):
    number = here.world.nas["acme"]
    with coa_nas(here.world.nas_secret.encode()) as device:
        here.all("UPDATE nas_nas SET address = NULL, radsec_name = 'ap-1', coa_port = %s WHERE id = %s", device.port, number)
        lost = answered(here, asked(here, nasipaddress="127.0.0.1"))
        here.all("UPDATE nas_nas SET coa_address = '127.0.0.1' WHERE id = %s", number)
        told = answered(here, asked(here, nasipaddress="0.0.0.0"))
        here.all("UPDATE nas_nas SET address = '127.0.0.1', radsec_name = '' WHERE id = %s", number)
    assert (lost.state, lost.rounds) == ("impossible", 1)
    assert "The NAS has no address" in lost.message
    assert (told.state, told.asked) == ("acknowledged", f"127.0.0.1:{device.port}")


def test_a_nas_on_ipv6(here, running):
    with coa_nas(here.world.nas_secret.encode(), address="::1") as device:
        here.all("UPDATE nas_nas SET coa_address = '::1', coa_port = %s WHERE id = %s", device.port, here.world.nas["acme"])
        done = answered(here, asked(here))
    assert (done.state, done.asked) == ("acknowledged", f"[::1]:{device.port}")


def test_a_change_is_sent_and_a_refused_one_told(here, nas, running):
    session = sessions.add(here.world)
    items = [Item("Session-Timeout", "600"), Item("Filter-Id", "slow")]
    done = answered(here, commands.change(here.world.owner.scope, session, items=items).id)
    assert (done.kind, done.state) == ("coa", "acknowledged")
    assert nas.requests[-1][0] == 43
    assert (nas.named()["Session-Timeout"], nas.named()["Filter-Id"]) == ("600", "slow")
    assert lines(here)[0][:2] == ("sc", "r044")
    nas.answer = nak(nas.secret, 503)
    done = answered(here, commands.change(here.world.owner.scope, session, items=items).id)
    # A session the NAS does not know was not changed: what ends a disconnect well is a no here.
    assert (done.state, done.error_cause) == ("refused", 503)


@pytest.mark.parametrize(
    ("setting", "kind", "sentence"),
    [("off", "disconnect", "neither"), ("off", "coa", "neither"), ("disconnect", "coa", "Disconnect alone")],
)
def test_a_nas_is_not_asked_for_what_it_does_not_take(here, nas, running, setting, kind, sentence):
    here.all("UPDATE nas_nas SET live_control = %s", setting)
    session, scope = sessions.add(here.world), here.world.owner.scope
    request = commands.disconnect(scope, session) if kind == "disconnect" else commands.change(scope, session, items=[])
    done = answered(here, request.id)
    assert done.state == "impossible"
    assert sentence in done.message
    assert nas.requests == []


def test_a_session_that_ends_meanwhile_is_let_go(here, nas):
    number = asked(here)
    here.all("UPDATE accounting_live SET acctstoptime = now()")
    assert commands.claim(now=queries.get(here.world.owner.scope, number).created, limit=9, default_port=3799) == []
    assert queries.get(here.world.owner.scope, number).state == "over"
    with pytest.raises(Conflict):
        asked(here, acctstoptime=here.one("SELECT now()"))


def test_many_at_once_are_each_sent_once_by_two_workers(here, nas, running):
    """Twice as many as there are identifiers, and a second worker beside."""
    rows = [sessions.add(here.world, acctsessionid=f"s{number}") for number in range(600)]
    with live_control(here):
        for row in rows:
            commands.disconnect(here.world.owner.scope, row)
        until(lambda: here.one("SELECT count(*) FROM control_request WHERE state = 'acknowledged'") == 600, within=30)
    named = [nas.named(place)["Acct-Session-Id"] for place in range(len(nas.requests))]
    again = [name for name, held in itertools.groupby(sorted(named)) if len(list(held)) > 1]
    assert (len(set(named)), again) == (600, [])


def test_it_goes_on_after_the_database_was_away(here, nas, running):
    answered(here, asked(here))
    here.terminate()
    connection.close()
    assert answered(here, asked(here)).state == "acknowledged"


@pytest.mark.skipif(
    not Path(PROGRAM).exists(), reason="FreeRADIUS is not installed, so it is NOT tried as a NAS: apt-get install freeradius"
)
def test_freeradius_understands_what_is_sent(here, running, tmp_path):
    with freeradius_nas(tmp_path, secret=here.world.nas_secret) as port:
        here.all("UPDATE nas_nas SET coa_port = %s", port)
        ended = answered(here, asked(here, acctsessionid="known"))
        unknown = answered(here, asked(here, acctsessionid="unknown"))
        session = sessions.add(here.world, acctsessionid="known")
        changed = answered(here, commands.change(here.world.owner.scope, session, items=[Item("Session-Timeout", "60")]).id)
    log = (tmp_path / "log").read_text()
    assert (ended.state, ended.error_cause) == ("acknowledged", None), log
    assert (unknown.state, unknown.error_cause) == ("gone", 503), log
    assert (changed.state, changed.kind) == ("acknowledged", "coa"), log
    assert "Session-Timeout = 60" in log
