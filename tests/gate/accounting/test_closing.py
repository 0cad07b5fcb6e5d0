"""Sessions GATE closes itself end at their last update, give way to their NAS, and are opened again as if nothing had been."""

import datetime as dt

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from gate.accounting import closing, commands
from gate.core import clock
from histories import lives
from sessions import add
from strategies import with_database
from updates import STARTED, all_of, rows, select, store, update

pytestmark = pytest.mark.django_db
SECOND, MINUTE = dt.timedelta(seconds=1), dt.timedelta(minutes=1)


def moment(seconds):
    return dt.datetime.fromtimestamp(STARTED + seconds, tz=dt.UTC)


@pytest.fixture
def who(world):
    acme = world.organizations["acme"]
    return {
        "tenant_id": acme, "nas_id": world.nas["acme"], "organization_id": acme, "path": str(acme), "username": "guest.acme",
        "username_key": "guest.acme",
    }  # fmt: skip


def told(who, seconds, **changed):
    return update(**who, updated=STARTED + seconds, acctsessiontime=seconds, acctinputoctets=seconds * 10, **changed)


def number():
    return select("SELECT radacctid FROM accounting_live")[0]["radacctid"]


def test_closed_at_the_last_update(who):
    store([told(who, 300)])
    assert commands.close([number()], closed_by="disconnect", cause="Admin-Reset", until=moment(400)) == 1
    (row,) = rows()
    assert (row["acctstoptime"], row["acctupdatetime"], row["acctsessiontime"]) == (moment(300), moment(300), 300)
    assert (row["acctterminatecause"], row["closed_by"], row["closed_until"]) == ("Admin-Reset", "disconnect", moment(400))
    # Once is enough, and an older look at it changes nothing.
    assert commands.close([number()], closed_by="silence", cause="Lost-Carrier", until=moment(500)) == 0
    assert rows() == [row]


def test_what_was_updated_since_or_has_stopped_is_not_closed(who):
    store([told(who, 300)])
    assert commands.close([number()], closed_by="disconnect", cause="Admin-Reset", until=moment(299)) == 0
    store([told(who, 310, stopped=STARTED + 310)])
    assert commands.close([number()], closed_by="disconnect", cause="Admin-Reset", until=moment(999)) == 0
    assert commands.close([], closed_by="disconnect", cause="Admin-Reset", until=moment(999)) == 0


@pytest.mark.parametrize("interims", [[350], [350, 350], [400], []])
def test_what_the_nas_said_before_the_closing_leaves_it_closed_later(who, interims):
    """Later updates, of before the closing: the session ends there, with what was used until there."""
    store([told(who, 300)])
    commands.close([number()], closed_by="restart", cause="NAS-Reboot", until=moment(400))
    for seconds in interims:
        store([told(who, seconds)])
    (row,) = rows()
    last = max([300, *interims])
    assert (row["acctstoptime"], row["acctsessiontime"], row["closed_by"]) == (moment(last), last, "restart")


def test_what_speaks_again_is_open_as_if_never_closed(who):
    store([told(who, 300), told(who, 900)])
    expected = rows()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM accounting_live")
    store([told(who, 300)])
    commands.close([number()], closed_by="silence", cause="Lost-Carrier", until=moment(300))
    store([told(who, 900)])
    assert rows() == expected
    assert expected[0]["acctstoptime"] is None


@pytest.mark.parametrize("seconds", [250, 300, 350, 900])
def test_the_stop_of_the_nas_wins(who, seconds):
    store([told(who, 300)])
    commands.close([number()], closed_by="restart", cause="NAS-Reboot", until=moment(400))
    stop = told(who, seconds, stopped=STARTED + seconds, acctterminatecause="Idle-Timeout")
    store([stop])
    after = rows()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM accounting_live")
    store([stop, told(who, 300)])
    assert rows() == after
    (row,) = after
    assert (row["acctstoptime"], row["acctterminatecause"], row["closed_by"]) == (moment(seconds), "Idle-Timeout", None)


def silent(world, *, heard, **changed):
    now = clock.now()
    session = add(world, acctstarttime=now - dt.timedelta(hours=3), acctupdatetime=now - dt.timedelta(hours=2), **changed)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE accounting_live SET heard = %s WHERE radacctid = %s", [now - heard, session])
    return session


@pytest.mark.parametrize(
    ("interval", "heard", "closed"),
    [
        (60, 14 * MINUTE, False), (60, 16 * MINUTE, True), (600, 29 * MINUTE, False), (600, 31 * MINUTE, True),
        (None, 29 * MINUTE, False), (None, 31 * MINUTE, True), (500_000, dt.timedelta(hours=23), False),
        (500_000, dt.timedelta(hours=25), True),
    ],
)  # fmt: skip
def test_silence_is_three_intervals_at_least_a_quarter_of_an_hour_at_most_a_day(world, interval, heard, closed):
    session = silent(world, heard=heard, acctinterval=interval)
    assert commands.close_silent(now=clock.now(), interval=600) == closed
    (row,) = all_of()
    assert row["radacctid"] == session
    assert (row["acctstoptime"] == row["acctupdatetime"]) == closed
    assert (row["acctterminatecause"], row["closed_by"]) == (("Lost-Carrier", "silence") if closed else (None, None))
    assert commands.close_silent(now=clock.now(), interval=600) == 0


def test_without_interims_silence_is_a_day(world):
    silent(world, heard=dt.timedelta(hours=23), acctinterval=None)
    silent(world, heard=dt.timedelta(hours=25), acctinterval=None)
    assert commands.close_silent(now=clock.now(), interval=None) == 1


@pytest.mark.parametrize("window", [1, 2, 3, 100])
def test_windows_of_any_size_close_the_same(world, window):
    for _ in range(5):
        silent(world, heard=dt.timedelta(hours=2))
        silent(world, heard=SECOND)
    assert commands.close_silent(now=clock.now(), interval=600, window=window) == 5


# --- restarts ------------------------------------------------------------------------------------------------------------


def restart(nas, at):
    """Accounting-On of a whole NAS, as radiusd/restarts.py does it."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE gate_system")
        cursor.execute(closing.RESTARTED, [nas, at, "-infinity", 0, 1000, *[None] * 10, at, at, at])
        cursor.execute("RESET ROLE")


def test_wherever_a_restart_comes_between_the_packets_of_a_session_it_means_the_same(who):
    """Wherever after the first of them, and however often; with silence in between."""
    ends = set()

    @with_database
    @given(lives(who=who, most=1), st.randoms(use_true_random=False), st.integers(1, 21_000), st.booleans())
    def same(told_lives, shuffle, seconds, meddled):
        (life,) = told_lives
        at = moment(seconds)
        found = []
        for _ in range(2):
            with connection.cursor() as cursor:
                cursor.execute("DELETE FROM accounting_live")
            packets = life.packets * 2
            shuffle.shuffle(packets)
            between = [shuffle.randrange(len(packets)) for _ in range(2)]
            for number, packet in enumerate(packets):
                store([packet])
                if number in between:
                    restart(who["nas_id"], at)
                if meddled and shuffle.random() < 0.3:
                    commands.close_silent(now=clock.now() + dt.timedelta(days=2), interval=600)
            commands.close_silent(now=clock.now() + dt.timedelta(days=2), interval=600)
            found.append(rows())
        assert found[0] == found[1]
        ((row,),) = (found[0],)
        over = life.seconds <= seconds
        assert row["closed_by"] == (None if life.stopped else "restart" if over else "silence")
        assert (row["acctsessiontime"], row["acctstoptime"]) == (life.seconds, moment(life.seconds))
        ends.add(row["closed_by"])

    same()
    assert ends == {None, "restart", "silence"}
