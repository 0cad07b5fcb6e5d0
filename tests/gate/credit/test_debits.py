"""The ledger as accounting and commands write it together, on a real PostgreSQL: exactly once, from where the balance began."""

import datetime as dt
import itertools
import random
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from gate.accounting import commands as accounting
from gate.accounting import sql
from gate.accounting.updates import Update
from gate.core import clock
from gate.core.errors import NotFound
from gate.credit import commands, queries
from gate.credit.models import ALWAYS, Balance, Entry
from gate.users import commands as users
from people import make_world
from strategies import with_database
from updates import STARTED, Places, rows, session, store, update

CREDIT = 100_000


def moment(seconds: float) -> dt.datetime:
    """`seconds` after the sessions of the tests began."""
    return dt.datetime.fromtimestamp(STARTED + seconds, tz=dt.UTC)


def who(world: Any, name: str = "s1") -> dict[str, Any]:
    acme = world.organizations["acme"]
    return {
        "acctsessionid": name, "tenant_id": acme, "nas_id": world.nas["acme"], "organization_id": acme, "path": str(acme),
        "username": "guest.acme", "username_key": "guest.acme",
    }  # fmt: skip


def interim(world: Any, seconds: int, name: str = "s1", **further: Any) -> Update:
    return update(**who(world, name), started=STARTED, updated=STARTED + seconds, acctsessiontime=seconds, **further)


@pytest.fixture
def at(world: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Sets the clock of the commands, in seconds after the sessions began."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT gate_make_partition('txlog_event', %s)", [moment(0).date()])
    return lambda seconds: monkeypatch.setattr(clock, "now", lambda: moment(seconds))


def set_to(world: Any, seconds: int | None) -> None:
    commands.set_balance(world.owner.scope, world.users["acme"], seconds=seconds, reason="api", actor="token:1")


def ledger() -> list[tuple[str, int]]:
    """Reason and seconds of every entry, in order; and the balance is their sum."""
    assert queries.check().differing == ()
    return list(Entry.objects.order_by("pk").values_list("reason", "seconds"))


def left(world: Any) -> int | None:
    return queries.balances(world.owner.scope, [world.users["acme"]]).get(world.users["acme"])


# --- from where the balance began -----------------------------------------------------------------------------------------


def test_a_balance_given_during_a_session_pays_what_comes_after_it(world: Any, at: Any) -> None:
    store([interim(world, 1_000)])
    at(1_100)
    set_to(world, 3_600)
    store([interim(world, 1_300)])
    assert (left(world), ledger()) == (3_400, [("api", 3_600), ("session", -200)])
    store([interim(world, 1_300), interim(world, 1_250)])
    store([interim(world, 1_400, stopped=STARTED + 1_400)])
    assert (left(world), ledger()) == (3_300, [("api", 3_600), ("session", -300)])


def test_a_session_that_was_over_before_costs_nothing(world: Any, at: Any) -> None:
    store([interim(world, 1_000, stopped=STARTED + 1_000)])
    at(2_000)
    set_to(world, 60)
    store([interim(world, 1_000, stopped=STARTED + 1_000), interim(world, 900)])
    store([interim(world, 700)])
    assert (left(world), ledger()) == (60, [("api", 60), ("session", 0)])


def test_a_session_first_heard_of_after_the_balance_began(world: Any, at: Any) -> None:
    """Its Start was lost: the Interim tells when it began."""
    at(500)
    set_to(world, 3_600)
    store([interim(world, 800)])
    assert left(world) == 3_300


def test_setting_a_balance_again_takes_nothing_from_running_sessions(world: Any, at: Any) -> None:
    at(0)
    set_to(world, 1_000)
    store([interim(world, 300)])
    at(350)
    set_to(world, 5_000)
    store([interim(world, 600)])  # 300 to 600 is debited, though the balance was set at 350: it was not reported before
    assert (left(world), ledger()) == (4_700, [("api", 1_000), ("session", -600), ("api", 4_300)])


def test_a_limit_that_was_lifted_and_comes_back_is_another_balance(world: Any, at: Any) -> None:
    at(0)
    set_to(world, 1_000)
    store([interim(world, 400)])
    at(500)
    set_to(world, None)
    store([interim(world, 900)])  # not limited: nothing is debited
    assert (left(world), ledger()) == (None, [("api", 1_000), ("session", -400), ("api", -600)])
    at(1_000)
    set_to(world, 50)
    store([interim(world, 1_030)])
    assert (left(world), ledger()[3:]) == (20, [("api", 50), ("session", -30)])
    assert len(set(Entry.objects.filter(reason="session").values_list("radacctid", flat=True))) == 1


def test_a_deleted_user_keeps_the_ledger_and_is_debited_no_more(world: Any, at: Any) -> None:
    at(0)
    set_to(world, 1_000)
    store([interim(world, 100)])
    users.delete(world.owner.scope, world.users["acme"])
    store([interim(world, 200)])
    assert ledger() == [("api", 1_000), ("session", -100)]
    assert not Balance.objects.exists()
    (row,) = rows()
    assert (row["acctsessiontime"], row["username"]) == (200, "guest.acme")


# --- any order, any repetition --------------------------------------------------------------------------------------------


def forget() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM credit_entry; DELETE FROM accounting_live; DELETE FROM accounting_history")
        cursor.execute("UPDATE credit_balance SET seconds = %s", [CREDIT])
        cursor.execute(
            "INSERT INTO credit_entry (tenant_id, user_id, seconds, previous, reason, actor, note, created)"
            " SELECT tenant_id, user_id, seconds, 0, 'api', '', '', now() FROM credit_balance"
        )


def outcome(world: Any) -> tuple[Any, ...]:
    assert queries.check().differing == ()
    return rows(), sorted(Entry.objects.values_list("seconds", flat=True)), left(world)


@pytest.mark.parametrize("began", [None, 0, 900, 2_500])
def test_any_order_of_two_sessions_leaves_the_same_rows_entries_and_balance(world: Any, began: float | None) -> None:
    """Whenever the balance began, and however the packets of both are cut into batches."""
    Balance.objects.create(
        user_id=world.users["acme"], tenant_id=world.organizations["acme"], seconds=CREDIT,
        began=ALWAYS if began is None else moment(began),
    )  # fmt: skip
    point = {"access_point_id": world.access_points["acme"], "location_id": world.locations["acme"]}
    places = Places(nas={"access_point_id": None}, access_point=point)
    both = st.tuples(*(session(who=who(world, name), places=places) for name in ("a", "b")))

    @with_database
    @given(both, st.randoms(use_true_random=False), st.integers(1, 5))
    def same(sessions: tuple[list[Update], list[Update]], shuffle: random.Random, batches: int) -> None:
        packets = [*sessions[0], *sessions[1]]
        forget()
        store(packets)
        expected = outcome(world)
        used = [max(packet.acctsessiontime for packet in one) for one in sessions]
        if began is None:
            assert expected[2] == CREDIT - sum(used)
        else:
            # Starts are told up to 7.5 seconds late.
            for_certain, at_most = (sum(max(0, seconds - max(0, int(began) - late)) for seconds in used) for late in (0, 8))
            assert for_certain <= CREDIT - expected[2] <= at_most
        forget()
        again = packets * 2
        shuffle.shuffle(again)
        for number in range(batches):
            if again[number::batches]:
                store(again[number::batches])
        assert outcome(world) == expected

    same()


def test_sessions_that_go_to_the_history_meanwhile_are_debited_once(world: Any) -> None:
    """LEAST or GREATEST would do for one table; here the row a late packet finds is another one."""
    Balance.objects.create(user_id=world.users["acme"], tenant_id=world.organizations["acme"], seconds=CREDIT, began=ALWAYS)
    places = Places(nas={"access_point_id": None}, access_point={"access_point_id": None})
    both = st.tuples(*(session(who=who(world, name), places=places) for name in ("a", "b")))
    tables = set()

    @with_database
    @given(both, st.randoms(use_true_random=False), st.integers(1, 5))
    def same(sessions: tuple[list[Update], list[Update]], shuffle: random.Random, batches: int) -> None:
        forget()
        again = [*sessions[0], *sessions[1]] * 2
        shuffle.shuffle(again)
        for number in range(batches):
            if again[number::batches]:
                store(again[number::batches])
            accounting.move_closed(now=moment(10 * 86_400))
        used = sorted(-max(packet.acctsessiontime for packet in one) for one in sessions)
        assert sorted(Entry.objects.filter(reason="session").values_list("seconds", flat=True)) == [n for n in used if n]
        assert left(world) == CREDIT + sum(used)
        assert queries.check().differing == ()
        tables.update(table for table in ("live", "history") if rows(table))

    same()
    assert tables == {"live", "history"}


# --- at once --------------------------------------------------------------------------------------------------------------


class Writers:
    """Connections of their own to a committed world, as two RADIUS servers have them."""

    def __init__(self, world: Any, connections: list[psycopg.Connection[Any]]) -> None:
        self.world, self.connections = world, connections

    def store(self, packet: Update, *, writer: int = 0) -> None:
        self.connections[writer].execute(sql.STORE, sql.parameters([packet]))

    def await_lock(self, *, writer: int = 0) -> None:
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT count(*) FROM pg_stat_activity WHERE pid = %s AND wait_event_type = 'Lock'",
                    [self.connections[writer].info.backend_pid],
                )
                if cursor.fetchone()[0]:
                    return
            time.sleep(0.01)
        raise AssertionError("the statement does not wait")


@pytest.fixture
def writers(transactional_db: None) -> Iterator[Writers]:
    world = make_world()
    told = connection.get_connection_params()
    own = {name: told[name] for name in ("host", "port", "user", "password", "dbname") if name in told}
    with psycopg.connect(**own, autocommit=True) as one, psycopg.connect(**own, autocommit=True) as two:
        for each in (one, two):
            each.execute("SET ROLE gate_system")
            for setting, value in sql.PIN.items():
                each.execute("SELECT set_config(%s, %s, false)", [setting, value])
        yield Writers(world, [one, two])
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM credit_entry; DELETE FROM accounting_live; DELETE FROM accounting_history")


def test_a_debit_on_its_way_while_the_limit_is_lifted_is_not_lost_from_the_sum(writers: Writers) -> None:
    world = writers.world
    set_to(world, 1_000)
    now = clock.now().timestamp()
    packet = update(**who(world), started=now, updated=now + 60, acctsessiontime=60)
    with ThreadPoolExecutor(1) as executor:
        with transaction.atomic():
            set_to(world, None)
            waiting = executor.submit(writers.store, packet)
            writers.await_lock()
        waiting.result(timeout=10)
    assert ledger() == [("api", 1_000), ("api", -1_000), ("session", -60)]
    assert left(world) is None
    set_to(world, 10)
    assert (left(world), ledger()[3:]) == (10, [("api", 70)])


def test_whatever_happens_at_once_the_balance_is_the_sum(writers: Writers) -> None:
    """Two servers, an operator and a program, each in its own order, for one user."""
    world, rounds = writers.world, 30
    began = clock.now().timestamp() - 5
    problems: list[BaseException] = []

    def serve(number: int) -> None:
        for seconds in random.Random(number).sample(range(1, 1 + 3 * rounds), 2 * rounds):
            name = ("a", "b")[seconds % 2]  # both servers hear of both sessions
            packet = update(**who(world, name), started=began, updated=began + seconds, acctsessiontime=seconds)
            writers.store(packet, writer=number)

    def operate(number: int) -> None:
        settings = itertools.cycle([500, None, 700] if number == 2 else [10, -20, 30])
        try:
            for seconds in itertools.islice(settings, rounds):
                if number == 2:
                    set_to(world, seconds)
                else:
                    commands.grant(
                        world.owner.scope, world.users["acme"], seconds=seconds or 0, reason="operator", actor="user:1"
                    )
        finally:
            connection.close()

    def run(work: Callable[[int], None], number: int) -> None:
        try:
            work(number)
        except BaseException as error:  # noqa: BLE001  told below
            problems.append(error)

    threads = [threading.Thread(target=run, args=(serve if number < 2 else operate, number)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert problems == []
    found = queries.check()
    assert (found.balances, found.differing, found.last) == (1, (), None)
    assert Entry.objects.filter(reason="session").exists()


def test_a_user_who_is_being_deleted_gets_no_balance(writers: Writers) -> None:
    world = writers.world
    outcomes: list[object] = []

    def give() -> None:
        try:
            set_to(world, 60)
            outcomes.append("given")
        except NotFound:
            outcomes.append("nobody")
        finally:
            connection.close()

    with transaction.atomic():
        users.delete(world.owner.scope, world.users["acme"])
        thread = threading.Thread(target=give)
        thread.start()
        thread.join(timeout=0.5)
        assert thread.is_alive()  # it waits to hear what becomes of the user
    thread.join(timeout=10)
    assert outcomes == ["nobody"]
    assert not Entry.objects.exists()
