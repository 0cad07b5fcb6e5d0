"""Whose sessions are to end, found by looking; and sessions a NAS ended without telling accounting."""

import datetime as dt

import pytest
from django.db import connection

from gate.access import presence
from gate.control import commands, queries, rules
from gate.control.types import Outcome, State
from gate.core import clock
from gate.credit.models import Balance
from gate.nas.models import Nas
from gate.organizations.models import Organization
from gate.portals.models import Session
from gate.users.models import User
from sessions import add

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _as_the_worker(world):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE gate_system")
    yield
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")


def rows(statement, *parameters):
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall() if cursor.description else []


def run(now=None, **named):
    presence.end_unwelcome(now=now or clock.now(), **named)
    return rows("SELECT radacctid, reason, source FROM control_request ORDER BY id")


def balance(world, seconds, began="then"):
    since = clock.now() - dt.timedelta(days=1) if began == "then" else None
    Balance.objects.create(user_id=world.users["acme"], tenant_id=world.organizations["acme"], seconds=seconds, began=since)


def portal_session(world, *, ended, mac="02:AA:00:00:00:01"):
    now = clock.now()
    acme = world.organizations["acme"]
    return Session.unscoped.create(
        tenant_id=acme, organization_id=acme, user_id=world.users["acme"], uid="x", mac=mac, ap_mac="02:00:00:00:00:01",
        ip="192.0.2.9", session_timeout=3600, opened=now, expires=now + dt.timedelta(hours=1), ended=now if ended else None,
        end_reason="disconnect" if ended else "",
    ).pk  # fmt: skip


def test_who_may_be_online_is_left_alone(world):
    balance(world, 1)
    add(world)
    add(world, portal_session_id=portal_session(world, ended=False))
    add(world, user_id=None)
    add(world, acctstoptime=clock.now(), user_id=987654321)
    assert run() == []


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda world: User.unscoped.filter(pk=world.users["acme"]).update(is_active=False), "user-disabled"),
        (lambda world: User.unscoped.filter(pk=world.users["acme"]).update(expiration=clock.now()), "user-expired"),
        (lambda world: balance(world, 0), "no-credit"),
        (lambda world: balance(world, -60), "no-credit"),
        (
            lambda world: Organization.unscoped.filter(pk=world.organizations["acme"]).update(is_active=False),
            "organization-inactive",
        ),
    ],
)
def test_who_may_not_is_asked_to_leave_once(world, change, reason):
    mine, other = add(world), add(world, place="rival")
    change(world)
    assert run() == [(mine, reason, "s")]
    assert run() == [(mine, reason, "s")]
    assert queries.of_session(world.people["stranger"].scope, mine) == []
    assert queries.of_session(world.people["stranger"].scope, other) == []


def test_an_empty_balance_that_does_not_count_ends_nothing(world):
    balance(world, 0, began=None)
    add(world)
    assert run() == []


def test_a_session_that_started_after_its_user_was_deleted_is_found(world):
    session = add(world, user_id=987654321)
    assert run() == [(session, "user-deleted", "s")]


def test_the_guest_of_a_portal_session_that_is_over_leaves_unless_let_in_again(world):
    over, again = portal_session(world, ended=True), portal_session(world, ended=True, mac="02:AA:00:00:00:02")
    portal_session(world, ended=False, mac="02:AA:00:00:00:02")
    left = add(world, portal_session_id=over)
    add(world, portal_session_id=again)
    assert run() == [(left, "portal-session-over", "s")]


def test_a_nas_that_takes_nothing_is_not_asked(world):
    Nas.unscoped.update(live_control="off")
    add(world, user_id=987654321)
    assert run() == []


def test_what_failed_is_tried_again_after_a_while_and_not_before(world):
    session = add(world, user_id=987654321)
    run()
    rows("UPDATE control_request SET state = 'unanswered'")
    assert len(run()) == 1
    assert len(run(now=clock.now() + rules.AGAIN + dt.timedelta(seconds=1))) == 2
    assert {row[0] for row in rows("SELECT radacctid FROM control_request")} == {session}


def test_all_are_looked_at_a_window_at_a_time(world):
    wanted = [add(world, user_id=987654321) if number % 3 else add(world) and None for number in range(20)]
    assert [row[0] for row in run(window=4)] == [number for number in wanted if number]


# --- closing


def ended(world, state=State.ACKNOWLEDGED, **changed):
    """A session whose end the NAS answered for a moment ago, and when."""
    now = clock.now()
    then = now - dt.timedelta(minutes=5)
    session = add(world, acctstarttime=then, acctupdatetime=then + dt.timedelta(minutes=2), acctsessiontime=120, **changed)
    request = commands.disconnect(world.owner.scope, session)
    commands.settle(Outcome(id=request.id, state=state), now=now)
    return session, now


def closed(session):
    """Stop, cause, who closed it, seconds, octets."""
    ((stop, updated, cause, by, seconds, octets),) = rows(
        "SELECT acctstoptime, acctupdatetime, acctterminatecause, closed_by, acctsessiontime, acctinputoctets"
        " FROM accounting_live WHERE radacctid = %s", session,
    )  # fmt: skip
    return (stop == updated, cause, by, seconds, octets) if stop else None


@pytest.mark.parametrize("state", [State.ACKNOWLEDGED, State.GONE])
def test_where_no_stop_comes_the_session_ends_at_its_last_update(world, state):
    session, now = ended(world, state)
    assert presence.close_disconnected(now=now + rules.GRACE - dt.timedelta(seconds=1)) == 0
    assert closed(session) is None
    assert presence.close_disconnected(now=now + rules.GRACE) == 1
    assert closed(session) == (True, "Admin-Reset", "disconnect", 120, 10)
    assert presence.close_disconnected(now=now + rules.GRACE) == 0


@pytest.mark.parametrize("state", [State.REFUSED, State.UNANSWERED, State.IMPOSSIBLE, State.OVER])
def test_after_any_other_answer_it_stays_open(world, state):
    session, now = ended(world, state)
    assert presence.close_disconnected(now=now + rules.GRACE) == 0
    assert closed(session) is None


def test_the_nas_own_stop_stays_as_it_is(world):
    session, now = ended(world)
    rows("UPDATE accounting_live SET acctstoptime = %s, acctterminatecause = 'User-Request', acctsessiontime = 130", now)
    assert presence.close_disconnected(now=now + rules.GRACE) == 0
    assert closed(session) == (False, "User-Request", None, 130, 10)


def test_a_session_heard_of_after_the_answer_is_alive(world):
    session, now = ended(world)
    rows("UPDATE accounting_live SET acctupdatetime = %s", now + dt.timedelta(seconds=5))
    assert presence.close_disconnected(now=now + rules.GRACE) == 0
    assert closed(session) is None


def test_many_are_closed_in_small_transactions(world):
    found = [ended(world) for _ in range(7)]
    assert presence.close_disconnected(now=found[-1][1] + rules.GRACE, limit=3) == 7
