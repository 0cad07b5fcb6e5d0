"""Who asks for the end of sessions, in which transaction, and who sees it."""

import datetime as dt

import pytest
from django.db import DatabaseError, connection, transaction

import people
from gate.control import commands, queries, rules
from gate.control.types import Item, Outcome, Reason, State
from gate.core import clock
from gate.core.errors import Conflict, NotFound, TooMany
from gate.nas.models import Nas
from gate.users import commands as users
from sessions import add

pytestmark = pytest.mark.django_db


def requests():
    with connection.cursor() as cursor:
        cursor.execute("SELECT radacctid, reason, kind, state, source FROM control_request ORDER BY id")
        return cursor.fetchall()


def claim(now=None, limit=100):
    return commands.claim(now=now or clock.now(), limit=limit, default_port=3799)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (users.delete, "user-deleted"),
        (lambda scope, user: users.update(scope, user, fields={"is_active": False}), "user-disabled"),
        (lambda scope, user: users.update(scope, user, fields={"expiration": clock.now()}), "user-expired"),
    ],
)
def test_who_may_not_be_online_any_longer_is_asked_for_by_the_change_itself(world, change, reason):
    session, _ = add(world), add(world, place="acme-west")
    add(world, acctstoptime=clock.now())
    with people.as_web_process():
        change(world.owner.scope, world.users["acme"])
    assert requests() == [(session, reason, "disconnect", "queued", "s")]


@pytest.mark.parametrize(
    "fields", [{"first_name": "Eve"}, {"is_active": True}, {"expiration": None}, {"password": "another one 123"}]
)
def test_other_changes_ask_for_nothing(world, fields):
    add(world)
    users.update(world.owner.scope, world.users["acme"], fields=fields)
    assert requests() == []


def test_what_is_rolled_back_asks_for_nothing(world):
    add(world)
    with transaction.atomic():
        users.delete(world.owner.scope, world.users["acme"])
        assert len(requests()) == 1
        transaction.set_rollback(True)
    assert requests() == []


def test_a_session_is_asked_for_once_whoever_asks(world):
    session = add(world)
    first = commands.disconnect(world.owner.scope, session)
    assert commands.disconnect(world.people["mate"].scope, session).id == first.id
    users.delete(world.owner.scope, world.users["acme"])
    assert len(requests()) == 1
    commands.settle(Outcome(id=first.id, state=State.REFUSED), now=clock.now())
    assert commands.disconnect(world.owner.scope, session).id != first.id


def test_a_session_that_is_over_is_a_conflict(world):
    for change in (commands.disconnect, lambda scope, number: commands.change(scope, number, items=[])):
        with pytest.raises(Conflict) as refused:
            change(world.owner.scope, add(world, acctstoptime=clock.now()))
        assert refused.value.code == "session_over"


def test_a_claimed_request_is_nobody_elses_until_its_lease_ends(world):
    session, now = add(world), clock.now()
    request = commands.disconnect(world.owner.scope, session)
    (job,) = claim(now + dt.timedelta(seconds=1))
    assert (job.id, job.rounds, job.port, job.address) == (request.id, 1, 3799, "127.0.0.1")
    assert world.nas_secret not in repr(job)
    assert job.secret.decode() == world.nas_secret
    assert claim(now + rules.LEASE) == []
    (again,) = claim(now + rules.LEASE + dt.timedelta(seconds=2))
    assert again.rounds == 2
    commands.put_back([again.id], now=now)
    assert queries.get(world.owner.scope, request.id).rounds == 1


def test_changes_of_a_session_are_made_in_order_and_do_not_pile_up(world):
    Nas.unscoped.update(live_control="both")
    session, other, scope = add(world), add(world), world.owner.scope
    first, second = (commands.change(scope, session, items=[Item("Session-Timeout", str(n))]).id for n in (1, 2))
    elsewhere = commands.change(scope, other, items=[Item("Session-Timeout", "3")]).id
    end = commands.disconnect(scope, session).id
    assert {job.id for job in claim()} == {first, elsewhere, end}
    commands.settle(Outcome(id=first, state=State.ACKNOWLEDGED), now=clock.now())
    assert [job.id for job in claim()] == [second]
    for _ in range(rules.WAITING - 1):
        commands.change(scope, session, items=[Item("Session-Timeout", "4")])
    with pytest.raises(TooMany):
        commands.change(scope, session, items=[Item("Session-Timeout", "5")])


def test_the_first_answer_written_down_stays(world):
    request = commands.disconnect(world.owner.scope, add(world))
    assert commands.settle(Outcome(id=request.id, state=State.ACKNOWLEDGED, asked="192.0.2.7:3799"), now=clock.now())
    assert not commands.settle(Outcome(id=request.id, state=State.REFUSED), now=clock.now())
    assert queries.get(world.owner.scope, request.id).state is State.ACKNOWLEDGED


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        ("DELETE FROM nas_nas", "deleted or not active"),
        ("UPDATE nas_nas SET is_active = false", "deleted or not active"),
        ("UPDATE nas_nas SET secret_sealed = 'x'", "cannot be opened"),
        ("UPDATE nas_nas SET live_control = 'off'", "neither"),
        ("UPDATE nas_nas SET coa_attributes = 'Acct-Multi-Session-Id,NAS-IP-Address'", "none of the attributes"),
        ("UPDATE nas_nas SET address = '10.0.0.0/8'", "set its CoA address"),
    ],
)
def test_what_cannot_be_sent_says_why(world, statement, sentence):
    request = commands.disconnect(world.owner.scope, add(world))
    with connection.cursor() as cursor:
        cursor.execute(f"{statement} WHERE id = %s", [world.nas["acme"]])
    assert claim() == []
    done = queries.get(world.owner.scope, request.id)
    assert done.state is State.IMPOSSIBLE
    assert sentence in done.message


def test_requests_are_seen_where_their_sessions_are(world):
    session = add(world, place="acme-west")
    number = commands.disconnect(world.west.scope, session).id
    for person in (world.owner, world.mate, world.west):
        assert queries.get(person.scope, number).id == number
        assert len(queries.of_session(person.scope, session)) == 1
    for person in (world.east, world.stranger):
        with pytest.raises(NotFound):
            queries.get(person.scope, number)
        assert queries.of_session(person.scope, session) == []


def test_the_log_of_requests_is_evidence_the_web_cannot_change(world):
    commands.disconnect(world.owner.scope, add(world))
    with people.as_web_process(), connection.cursor() as cursor:
        for statement in ("UPDATE control_request SET state = 'over'", "DELETE FROM control_request"):
            with pytest.raises(DatabaseError), transaction.atomic():
                cursor.execute(statement)


@pytest.mark.parametrize(
    ("reason", "state", "portal", "expected"),
    [
        (Reason.ASKED, State.ACKNOWLEDGED, None, [("di", "r041", "asked: yes")]),
        (Reason.NO_CREDIT, State.ACKNOWLEDGED, None, [("sq", "r041", "no-credit: yes")]),
        (Reason.USER_EXPIRED, State.UNANSWERED, None, [("di", "r408", "user-expired: yes")]),
        (Reason.ASKED, State.IMPOSSIBLE, None, [("di", "r503", "asked: yes")]),
        (Reason.ASKED, State.OVER, None, []),
        # The portal's session ends by it, and leaves the line itself.
        (Reason.ASKED, State.GONE, 7, []),
        (Reason.ASKED, State.REFUSED, 7, [("di", "r042", "asked: yes")]),
    ],
)
def test_the_transaction_log_tells(world, reason, state, portal, expected):
    commands.end_found({add(world, portal_session_id=portal): reason})
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM control_request")
        commands.settle(Outcome(id=cursor.fetchone()[0], state=state, message="yes"), now=clock.now())
        cursor.execute("SELECT type, status, message FROM txlog_event")
        assert cursor.fetchall() == expected
