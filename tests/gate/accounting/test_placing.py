"""A session id used again is another session, in whatever order its packets come, and whatever GATE closes meanwhile."""

import datetime as dt
import itertools
import threading

import psycopg
import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from gate.accounting import commands, sql
from gate.accounting.placing import place
from gate.accounting.updates import distinct, fold
from gate.core import clock
from gate.credit.models import ALWAYS, Balance, Entry
from histories import lives
from people import make_world
from strategies import quick, with_database
from updates import STARTED, rows, select, store, update

CREDIT = 10_000_000
WHO = {"acctsessionid": "80000001", "username": "guest.acme", "username_key": "guest.acme"}
# In March; everything is long silent and long over by now.
LATER = dt.timedelta(days=3)


@pytest.fixture
def who(world):
    acme = world.organizations["acme"]
    Balance.objects.create(user_id=world.users["acme"], tenant_id=acme, seconds=CREDIT, began=ALWAYS)
    return WHO | {"tenant_id": acme, "nas_id": world.nas["acme"], "organization_id": acme, "path": str(acme)}


def forget():
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM credit_entry; DELETE FROM accounting_live; DELETE FROM accounting_history")
        cursor.execute("UPDATE credit_balance SET seconds = %s", [CREDIT])


def everything():
    return sorted(rows() + rows("history"), key=lambda row: row["acctstarttime"])


def close_silent():
    return commands.close_silent(now=clock.now() + LATER, interval=600)


def move():
    return commands.move_closed(now=clock.now() + LATER)


@pytest.mark.django_db
def test_any_order_and_any_meddling_make_the_same_sessions_and_the_same_debit(who, world):
    tried = []

    @with_database
    @given(
        lives(who=who),
        st.randoms(use_true_random=False),
        st.lists(st.sampled_from([None, None, close_silent, move]), min_size=5, max_size=5),
    )
    def same(told, shuffle, meddling):
        packets = [packet for life in told for packet in life.packets]
        forget()
        for packet in packets:
            store([packet])
        close_silent()
        expected = everything()
        # What is stored is what was.
        known = [life for life in told if life.packets]
        assert [row["acctstarttime"].timestamp() for row in expected] == [life.start for life in known]
        assert [row["acctsessiontime"] for row in expected] == [life.seconds for life in known]
        assert [row["acctstoptime"].timestamp() for row in expected] == [life.start + life.seconds for life in known]
        ends = [None if life.stopped else "silence" if life is known[-1] else "reuse" for life in known]
        assert [row["closed_by"] for row in expected] == ends
        used = sum(life.seconds for life in known)
        assert Balance.objects.get(user_id=world.users["acme"]).seconds == CREDIT - used
        forget()
        again = packets * 2
        shuffle.shuffle(again)
        for number, meddle in enumerate(meddling):
            if again[number :: len(meddling)]:
                store(again[number :: len(meddling)])
            if meddle is not None:
                meddle()
        close_silent()
        assert everything() == expected
        assert Balance.objects.get(user_id=world.users["acme"]).seconds == CREDIT - used
        assert sum(entry.seconds for entry in Entry.objects.all()) == -used
        tried.append(len(known))

    same()
    assert max(tried) > 1


@quick
@given(lives(who=WHO))
def test_folding_tells_the_sessions_of_an_id_apart(told):
    packets = [packet for life in told for packet in life.packets]
    for one, other in itertools.combinations(told, 2):
        assert all(distinct(mine, theirs) for mine in one.packets for theirs in other.packets)
    rounds = fold(packets)
    assert [[update.started for update in each] for each in rounds] == [[life.start] for life in told if life.packets]
    assert fold(reversed(packets)) == rounds or [each[0].started for each in fold(reversed(packets))] == [
        each[0].started for each in rounds
    ]


@pytest.mark.django_db
@pytest.mark.parametrize("stopped", [True, False])
def test_a_restarted_nas_counts_from_the_beginning_within_the_day(who, stopped):
    """Without Accounting-On, with or without a Stop of the session before."""
    now = clock.now().timestamp() - 5000
    first = update(**who, start_seen=True, started=now, updated=now)
    end = update(**who, started=now, updated=now + 600, acctsessiontime=600, stopped=now + 600 if stopped else None)
    again = update(**who, start_seen=True, started=now + 640, updated=now + 640)
    for packet in (first, end, again):
        store([packet])
    (old,) = rows("history")
    (new,) = rows()
    assert (old["acctsessiontime"], new["acctsessiontime"]) == (600, 0)
    assert (old["closed_by"], old["acctterminatecause"]) == ((None, None) if stopped else ("reuse", "NAS-Reboot"))
    assert old["acctstoptime"].timestamp() == pytest.approx(now + 600, abs=1e-3)
    assert new["acctstoptime"] is None
    # The Stop that was on its way, and the Start once more.
    late = update(**who, started=now, updated=now + 620, acctsessiontime=620, stopped=now + 620, acctterminatecause="NAS-Request")
    store([late, first])
    (old,) = rows("history")
    assert (old["acctsessiontime"], old["acctterminatecause"], old["closed_by"]) == (620, "NAS-Request", None)
    assert rows() == [new]


@pytest.mark.django_db
@pytest.mark.parametrize("delay", [0, 5, 29])
def test_a_late_start_of_the_same_session_is_no_other_session(who, delay):
    store([update(**who, updated=STARTED + 60, acctsessiontime=60, stopped=STARTED + 60)])
    store([update(**who, start_seen=True, started=STARTED + delay, updated=STARTED + delay)])
    (row,) = rows()
    assert (row["start_seen"], row["acctsessiontime"]) == (True, 60)
    assert rows("history") == []


@pytest.mark.django_db
def test_an_interim_that_tells_no_time_belongs_to_the_session_at_hand(who):
    store([update(**who, start_seen=True)])
    store([update(**who, started=STARTED + 9000, updated=STARTED + 9000, acctinputoctets=7)])
    (row,) = rows()
    assert (row["acctinputoctets"], row["acctupdatetime"].timestamp()) == (7, STARTED + 9000)


def test_writers_at_once_make_each_session_once(transactional_db):
    """Packets of three sessions of each of two ids, on four connections, each several times."""
    world = make_world()
    acme = world.organizations["acme"]
    Balance.objects.create(user_id=world.users["acme"], tenant_id=acme, seconds=CREDIT, began=ALWAYS)
    base = WHO | {"tenant_id": acme, "nas_id": world.nas["acme"], "organization_id": acme, "path": str(acme)}
    packets = []
    for name in ("a", "b"):
        for life in range(3):
            at = STARTED + 1000 * life
            own = base | {"acctsessionid": name}
            packets += [
                update(**own, start_seen=True, started=at, updated=at),
                update(**own, started=at, updated=at + 300, acctsessiontime=300),
                update(**own, started=at, updated=at + 500, acctsessiontime=500, stopped=at + 500),
            ]
    parameters = connection.get_connection_params()
    own = {name: parameters[name] for name in ("host", "port", "user", "password", "dbname") if name in parameters}
    failures = []

    def write(number):
        try:
            with psycopg.connect(**own, autocommit=True) as writer:
                writer.execute("SET ROLE gate_system")
                for setting, value in sql.PIN.items():
                    writer.execute("SELECT set_config(%s, %s, false)", [setting, value])
                order = packets[number * 4 :] + packets[: number * 4]
                if number % 2:
                    order.reverse()
                for size in (1, 4, len(order)):
                    for first in range(0, len(order), size):
                        for folded in fold(order[first : first + size]):
                            until_stored(writer, folded)
        except Exception as error:  # noqa: BLE001 - shown by the test's own thread
            failures.append(error)

    try:
        threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=60)
        assert failures == []
        found = select(
            "SELECT acctsessionid, acctsessiontime, start_seen FROM accounting_live"
            " UNION ALL SELECT acctsessionid, acctsessiontime, start_seen FROM accounting_history ORDER BY 1"
        )
        assert [tuple(row.values()) for row in found] == [("a", 500, True)] * 3 + [("b", 500, True)] * 3
        assert Balance.objects.get(user_id=world.users["acme"]).seconds == CREDIT - 3000
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM credit_entry; DELETE FROM accounting_live; DELETE FROM accounting_history")


def until_stored(writer, folded):
    """As the server's writer does (radiusd/account.py)."""
    parameters = sql.parameters(folded)
    retried = (psycopg.errors.DivisionByZero, psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure)
    for _ in range(50):
        steps = place(len(folded), guests=False)
        step = next(steps)
        try:
            while True:
                (answer,) = writer.execute(step[0], parameters if step[1] == "packets" else None).fetchone()
                step = steps.send(answer)
        except StopIteration:
            return
        except retried:
            writer.execute("SELECT pg_advisory_unlock_all()")
    raise AssertionError("never stored")
