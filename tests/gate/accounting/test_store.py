"""STORE and AMEND on a real PostgreSQL, under the role and with the settings of the RADIUS server's writers."""

import datetime as dt

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from gate.accounting import commands
from gate.accounting.updates import fold
from gate.core import clock
from gate.credit.models import ALWAYS, Balance, Entry
from gate.users.models import User, UserProfile
from people import make_world
from strategies import with_database
from updates import STARTED, Places, all_of, rows, select, session, store, update

CREDIT = 100_000


@pytest.fixture
def seen(world):
    """What the RADIUS server says of a guest of acme-west at acme's NAS: with its place, and with an access point's."""
    acme, west, east = (world.organizations[name] for name in ("acme", "acme-west", "acme-east"))
    who = {
        "tenant_id": acme, "nas_id": world.nas["acme"], "username": "Guest.Acme-West", "username_key": "guest.acme-west",
    }  # fmt: skip
    nas = {"organization_id": acme, "path": str(acme), "location_id": world.locations["acme"], "access_point_id": None}
    point = {
        "organization_id": east, "path": None, "location_id": world.locations["acme-east"],
        "access_point_id": world.access_points["acme-east"],
    }  # fmt: skip
    Balance.objects.create(user_id=world.users["acme-west"], tenant_id=acme, seconds=CREDIT, began=ALWAYS)
    return {"who": who, "nas": nas, "point": point, "west": west}


def balance(user_id):
    return Balance.objects.get(user_id=user_id).seconds


def forget():
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM credit_entry; DELETE FROM accounting_live; DELETE FROM accounting_history")
        cursor.execute("UPDATE credit_balance SET seconds = %s", [CREDIT])


# --- any order, any repetition, any batches -------------------------------------------------------------------------------


@pytest.mark.django_db
def test_any_order_repetition_and_batches_store_the_same_row_and_debit(seen, world):
    places = Places(nas=seen["nas"], access_point=seen["point"])
    stored = []

    @with_database
    @given(session(who=seen["who"], places=places), st.randoms(use_true_random=False), st.integers(1, 4))
    def same(packets, shuffle, batches):
        forget()
        store(packets)
        expected, left = rows(), balance(world.users["acme-west"])
        assert left == CREDIT - max(packet.acctsessiontime for packet in packets)
        forget()
        again = packets * 2
        shuffle.shuffle(again)
        for number in range(batches):
            if again[number::batches]:
                store(again[number::batches])
        assert rows() == expected
        assert balance(world.users["acme-west"]) == left
        assert [entry.seconds for entry in Entry.objects.all()] == ([left - CREDIT] if left != CREDIT else [])
        # What the statement makes of a row is what folding makes of the packets.
        ((folded,),) = fold(packets)
        (row,) = expected
        for name in ("acctsessiontime", "acctinputoctets", "acctoutputoctets", "start_seen", "access_point_id", "location_id"):
            assert row[name] == getattr(folded, name)
        for name in ("started", "updated", "stopped"):
            moment = row[{"started": "acctstarttime", "updated": "acctupdatetime", "stopped": "acctstoptime"}[name]]
            assert (None if moment is None else moment.timestamp()) == getattr(folded, name)
        stored.append(row)

    same()
    assert len(stored) >= 40


@pytest.mark.django_db
def test_the_interval_is_the_gap_to_the_update_before(seen):
    for seconds in (0, 300, 420, 410):
        store([update(**seen["who"], **seen["nas"] | {"organization_id": 1}, updated=STARTED + seconds)])
    (row,) = all_of()
    assert row["acctinterval"] == 120


@pytest.mark.django_db
def test_texts_are_stored_as_they_came(seen):
    texts = {
        "calledstationid": 'a"b\\c{},',
        "callingstationid": "NULL",
        "ssid": "Café ☕\n",
        "klass": " ",
        "nasidentifier": "''%s",
    }
    store([update(**seen["who"], **seen["nas"], **texts)])
    (row,) = all_of()
    assert {name: row[name] for name in texts} == texts


@pytest.mark.django_db
def test_the_largest_counters_fit(seen):
    store(
        [update(**seen["who"], **seen["nas"], acctinputoctets=2**63 - 1, acctoutputoctets=2**63 - 1, acctsessiontime=2**32 - 1)]
    )
    (row,) = all_of()
    assert (row["acctinputoctets"], row["acctoutputoctets"], row["acctsessiontime"]) == (2**63 - 1, 2**63 - 1, 2**32 - 1)


# --- enrichment -----------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_user_brings_group_class_and_organization(seen, world):
    User.unscoped.filter(pk=world.users["acme-west"]).update(klass="premium")
    UserProfile.objects.filter(user_id=world.users["acme-west"]).update(position=3)
    UserProfile.objects.create(
        tenant_id=world.organizations["acme"], user_id=world.users["acme-west"], profile_id=world.profiles["acme"], position=1
    )
    store([update(**seen["who"], **seen["nas"])])
    (row,) = all_of()
    assert row["user_id"] == world.users["acme-west"]
    assert row["username"] == "Guest.Acme-West"
    assert row["groupname"] == "acme-profile"
    assert row["klass"] == "premium"
    assert row["location_id"] == world.locations["acme"]


@pytest.mark.django_db
def test_a_class_the_nas_sends_back_comes_before_the_user_s(seen, world):
    User.unscoped.filter(pk=world.users["acme-west"]).update(klass="premium")
    store([update(**seen["who"], **seen["nas"], klass="sent")])
    assert all_of()[0]["klass"] == "sent"


@pytest.mark.django_db
@pytest.mark.parametrize(("place", "expected"), [("nas", "acme-west"), ("point", "acme-east")])
def test_the_organization_is_the_access_point_s_else_the_user_s_below_the_nas(seen, world, place, expected):
    store([update(**seen["who"], **seen[place])])
    (row,) = all_of()
    assert row["organization_id"] == world.organizations[expected]
    assert row["access_point_id"] == seen[place]["access_point_id"]
    assert row["location_id"] == seen[place]["location_id"]


@pytest.mark.django_db
def test_a_user_from_elsewhere_in_the_tree_leaves_the_session_with_the_nas(seen, world):
    """East's NAS, west's guest: the session is east's business, not west's."""
    east = world.organizations["acme-east"]
    path = select("SELECT path::text AS path FROM organizations_organization WHERE id = %s", [east])[0]["path"]
    store([update(**seen["who"], organization_id=east, path=path)])
    (row,) = all_of()
    assert (row["organization_id"], row["user_id"]) == (east, world.users["acme-west"])


@pytest.mark.django_db
def test_an_unknown_user_s_session_is_stored_all_the_same(seen, world):
    store([update(**seen["who"] | {"username": "nobody", "username_key": "nobody"}, **seen["nas"], acctsessiontime=60)])
    (row,) = all_of()
    assert (row["user_id"], row["groupname"], row["organization_id"]) == (None, None, world.organizations["acme"])
    assert not Entry.objects.exists()


@pytest.mark.django_db
def test_a_user_of_another_tenant_is_never_linked(seen, world):
    """Same username in both tenants, one session at each one's NAS; then a name only the other tenant has."""
    twin = User.unscoped.create(
        tenant_id=world.organizations["rival"], organization_id=world.organizations["rival"], username="guest.acme-west",
        username_key="guest.acme-west", date_joined=clock.now(), last_change=clock.now(),
    )  # fmt: skip
    Balance.objects.create(user=twin, tenant_id=world.organizations["rival"], seconds=500, began=ALWAYS)
    rival = {
        "tenant_id": world.organizations["rival"],
        "organization_id": world.organizations["rival"],
        "nas_id": world.nas["rival"],
    }
    store([
        update(acctsessionid="a", **seen["who"], **seen["nas"], acctsessiontime=10),
        update(acctsessionid="b", **seen["who"] | rival, path=str(world.organizations["rival"]), acctsessiontime=20),
        update(acctsessionid="c", **seen["who"] | {"username": "guest.rival", "username_key": "guest.rival"}, **seen["nas"]),
    ])  # fmt: skip
    stored = {row["acctsessionid"]: row["user_id"] for row in all_of()}
    assert stored == {"a": world.users["acme-west"], "b": twin.pk, "c": None}
    assert (balance(world.users["acme-west"]), balance(twin.pk)) == (CREDIT - 10, 480)


@pytest.mark.django_db
def test_an_access_point_learnt_of_later_moves_the_session_to_its_place(seen, world):
    """The same in one batch and in two: some NAS name the access point from the first Interim on only."""
    start = update(**seen["who"], **seen["nas"], start_seen=True)
    interim = update(**seen["who"], **seen["point"], acctsessiontime=60)
    for batches in ([[start, interim]], [[start], [interim]], [[interim], [start]]):
        forget()
        for batch in batches:
            store(batch)
        (row,) = all_of()
        assert row["organization_id"] == world.organizations["acme-east"]
        assert row["location_id"] == world.locations["acme-east"]
        assert row["access_point_id"] == world.access_points["acme-east"]


# --- credit ---------------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_time_is_debited_once(seen, world):
    user_id = world.users["acme-west"]
    for seconds, left in [(0, 0), (60, 60), (60, 60), (120, 120), (90, 120), (150, 150), (150, 150)]:
        store([update(**seen["who"], **seen["nas"], acctsessiontime=seconds)])
        assert balance(user_id) == CREDIT - left
    (entry,) = Entry.objects.all()
    assert (entry.user_id, entry.seconds, entry.reason) == (user_id, -150, "session")
    assert entry.radacctid == all_of()[0]["radacctid"]


@pytest.mark.django_db
def test_two_sessions_share_one_balance(seen, world):
    both = [update(acctsessionid=name, **seen["who"], **seen["nas"], acctsessiontime=100) for name in ("a", "b")]
    store(both)
    store([both[0]._replace(acctsessiontime=130), both[1]])
    store([both[1]._replace(acctsessiontime=300)])
    assert balance(world.users["acme-west"]) == CREDIT - 430
    assert sorted(entry.seconds for entry in Entry.objects.all()) == [-300, -130]


@pytest.mark.django_db
def test_a_balance_may_fall_below_nothing(seen, world):
    store([update(**seen["who"], **seen["nas"], acctsessiontime=CREDIT + 5)])
    assert balance(world.users["acme-west"]) == -5


@pytest.mark.django_db
def test_a_user_without_a_balance_is_not_debited(seen, world):
    store([update(**seen["who"] | {"username": "guest.acme", "username_key": "guest.acme"}, **seen["nas"], acctsessiontime=100)])
    assert all_of()[0]["user_id"] == world.users["acme"]
    assert not Entry.objects.exists()
    assert not Balance.objects.filter(user_id=world.users["acme"]).exists()
    assert balance(world.users["acme-west"]) == CREDIT


@pytest.mark.django_db
def test_a_deleted_user_s_session_goes_on(seen, world):
    store([update(**seen["who"], **seen["nas"], acctsessiontime=10)])
    User.unscoped.filter(pk=world.users["acme-west"]).delete()
    store([update(**seen["who"], **seen["nas"], acctsessiontime=20)])
    assert all_of()[0]["acctsessiontime"] == 20
    (entry,) = Entry.objects.all()  # the ledger is kept, and debited no more
    assert (entry.user_id, entry.seconds) == (world.users["acme-west"], -10)


# --- after the move to the history ----------------------------------------------------------------------------------------


@pytest.fixture
def moved(seen):
    """A session that is in the history, closed at 600 seconds."""
    who = seen["who"] | seen["nas"]
    store([
        update(**who, start_seen=True),
        update(**who, acctsessiontime=600, updated=STARTED + 600, stopped=STARTED + 600, acctinputoctets=10),
    ])  # fmt: skip
    closed = dt.datetime.fromtimestamp(STARTED + 600, tz=dt.UTC)
    assert commands.move_closed(now=closed + dt.timedelta(days=1, seconds=1)) == 1
    return who


@pytest.mark.django_db
@pytest.mark.parametrize("start", [False, True])
def test_late_packets_amend_the_history(moved, world, start):
    store([
        update(**moved, start_seen=start, acctsessiontime=700, updated=STARTED + 700, stopped=STARTED + 700, acctoutputoctets=99),
        update(**moved | {"acctsessionid": "another"}, acctuniqueid=b"another".ljust(16), start_seen=True),
    ])  # fmt: skip
    (row,) = all_of("history")
    assert (row["acctsessiontime"], row["acctinputoctets"], row["acctoutputoctets"]) == (700, 10, 99)
    assert row["acctstoptime"].timestamp() == STARTED + 700
    assert [live["acctsessionid"] for live in all_of()] == ["another"]
    assert balance(world.users["acme-west"]) == CREDIT - 700
    assert Entry.objects.count() == 1


@pytest.mark.django_db
def test_late_copies_change_nothing(moved, world):
    before = all_of("history")
    store([update(**moved, start_seen=True), update(**moved, acctsessiontime=300, updated=STARTED + 300)])
    store([update(**moved, start_seen=True)])
    assert all_of("history") == before
    assert all_of() == []
    assert balance(world.users["acme-west"]) == CREDIT - 600


@pytest.mark.django_db
def test_a_session_id_used_again_is_a_new_session(moved, world):
    """A NAS counts from the beginning again after a restart; its Start of now is no copy of one of months ago."""
    now = clock.now().timestamp()
    store([update(**moved, start_seen=True, started=now, updated=now)])
    store([update(**moved, acctsessiontime=50, started=now + 1, updated=now + 50)])
    (row,) = all_of()
    assert (row["acctsessiontime"], row["acctstarttime"].timestamp()) == (50, pytest.approx(now, abs=1e-4))
    assert all_of("history")[0]["acctsessiontime"] == 600
    assert balance(world.users["acme-west"]) == CREDIT - 650


@pytest.mark.django_db
def test_of_several_past_sessions_of_an_id_the_newest_is_amended(moved):
    now = clock.now().timestamp()
    store([update(**moved, start_seen=True, started=now, updated=now + 9, stopped=now + 9, acctsessiontime=9)])
    commands.move_closed(now=clock.now() + dt.timedelta(days=1, seconds=10))
    assert all_of() == []
    store([update(**moved, started=now, updated=now + 20, acctsessiontime=20)])
    assert [row["acctsessiontime"] for row in select("SELECT * FROM accounting_history ORDER BY acctstarttime")] == [600, 20]


@pytest.mark.django_db(transaction=True)
def test_a_packet_that_waits_for_the_move_makes_no_second_session(apart):
    """The mover has deleted the row and not committed yet; the packet's statement still saw it."""
    mover, store_elsewhere, sessions = apart
    assert store_elsewhere(update(**sessions.who, stopped=STARTED, acctsessiontime=5)) == "stored"
    closed = dt.datetime.fromtimestamp(STARTED, tz=dt.UTC)
    # Beforehand: a new partition locks the whole table, and who waits for that looks afterwards.
    mover.execute("SELECT gate_make_partition('accounting_history', %s)", [closed.date()])
    with mover.transaction():
        sessions.move(before=closed + dt.timedelta(seconds=1))
        waiting = sessions.in_thread(update(**sessions.who, stopped=STARTED + 9, acctsessiontime=9))
        sessions.await_lock()
    assert waiting.result(timeout=10) == "again"
    assert store_elsewhere(update(**sessions.who, stopped=STARTED + 9, acctsessiontime=9)) == "amended"
    assert sessions.everywhere() == [("history", 9)]
    assert sessions.debits() == [-9]


class Sessions:
    """The transactional test's own connections to the committed database."""

    def __init__(self, world, mover, writer, executor):
        acme = world.organizations["acme"]
        self.who = {
            "tenant_id": acme, "nas_id": world.nas["acme"], "organization_id": acme, "path": str(acme),
            "username": "guest.acme", "username_key": "guest.acme",
        }  # fmt: skip
        self._mover, self._writer, self._executor = mover, writer, executor

    def move(self, *, before):
        from gate.accounting import sql

        assert self._mover.execute(sql.MOVE, {"after": 0, "upto": 2**62, "before": before}).rowcount == 1

    def store(self, packet):
        from psycopg import errors

        from gate.accounting import sql

        parameters = sql.parameters([packet])
        try:
            ((written,),) = self._writer.execute(sql.STORE, parameters).fetchall()
        except errors.DivisionByZero:
            return "again"
        if written:
            return "stored"
        self._writer.execute(sql.AMEND, parameters)
        return "amended"

    def in_thread(self, packet):
        return self._executor.submit(self.store, packet)

    def await_lock(self):
        import time

        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            with connection.cursor() as cursor:
                cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE pid = %s AND wait_event_type = 'Lock'",
                               [self._writer.info.backend_pid])  # fmt: skip
                if cursor.fetchone()[0]:
                    return
            time.sleep(0.01)
        raise AssertionError("the statement does not wait")

    def everywhere(self):
        return [(table, row["acctsessiontime"]) for table in ("live", "history") for row in all_of(table)]

    def debits(self):
        return [entry.seconds for entry in Entry.objects.all()]


@pytest.fixture
def apart(transactional_db):
    from concurrent.futures import ThreadPoolExecutor

    import psycopg

    from gate.accounting import sql

    world = make_world()
    Balance.objects.create(user_id=world.users["acme"], tenant_id=world.organizations["acme"], seconds=CREDIT, began=ALWAYS)
    parameters = connection.get_connection_params()
    own = {name: parameters[name] for name in ("host", "port", "user", "password", "dbname") if name in parameters}
    with (
        psycopg.connect(**own, autocommit=True) as mover,
        psycopg.connect(**own, autocommit=True) as writer,
        ThreadPoolExecutor(1) as executor,
    ):
        for each in (mover, writer):
            each.execute("SET ROLE gate_system")
        for setting, value in sql.PIN.items():
            writer.execute("SELECT set_config(%s, %s, false)", [setting, value])
        sessions = Sessions(world, mover, writer, executor)
        yield mover, sessions.store, sessions
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM credit_entry; DELETE FROM accounting_live; DELETE FROM accounting_history")
