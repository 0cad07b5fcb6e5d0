"""Live sessions whose limits changed: who is told, in which order, how many at a time, at the cost of how many queries."""

import datetime as dt
import json

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

import people
from gate.access import renewal
from gate.attributes import RadiusDictionary, canonical
from gate.control import commands as control
from gate.control import queries, rules
from gate.control.types import Item, Outcome, State
from gate.core import clock
from gate.credit import commands as credit
from gate.nas.models import Nas
from gate.profiles import commands as profiles
from gate.radiusd.replies import with_limits
from gate.users import commands as users
from sessions import add

pytestmark = pytest.mark.django_db

LATER = dt.timedelta(minutes=2)


@pytest.fixture(autouse=True)
def _takes_coa(world):
    Nas.unscoped.update(live_control="both", vendor="mikrotik")


def rows(statement, *parameters):
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall() if cursor.description else []


def as_worker(now=None, **named):
    """One pass, as the worker's role."""
    rows("SET LOCAL ROLE gate_system")
    try:
        return renewal.renew(now=now or clock.now() + LATER, render=with_limits, canonical=canonical, **named)
    finally:
        rows("RESET ROLE")


def passes(**named):
    """Passes until nothing is left to do."""
    asked = 0
    while (passed := as_worker(**named)).more:
        asked += passed.asked
    return asked


def requests():
    found = rows("SELECT radacctid, kind, reason, source, items FROM control_request WHERE state = 'queued' ORDER BY radacctid")
    return [(*rest, {item["attribute"]: item["value"] for item in json.loads(items)}) for *rest, items in found]


def limit(world, place="acme", **fields):
    return profiles.update(world.owner.scope, world.profiles[place], fields=fields, dictionary=RadiusDictionary())


def lines():
    return rows("SELECT about, subject, reason, source FROM control_renewal ORDER BY about, subject")


def test_a_profiles_new_limits_reach_the_sessions_of_those_who_have_it(world):
    session, _ = add(world), add(world, place="acme-west")
    add(world, acctstoptime=clock.now())
    with people.as_web_process():
        limit(world, rate_up=1_000_000, rate_down=4_000_000)
    assert lines() == [("profile", world.profiles["acme"], "profile-changed", "s")]
    assert passes() == 1
    ((number, kind, reason, source, items),) = requests()
    assert (number, kind, reason, source) == (session, "coa", "profile-changed", "s")
    assert items["Mikrotik-Rate-Limit"] == "1000000/4000000"
    assert lines() == []


@pytest.mark.parametrize("fields", [{"name": "Another"}, {"description": "x"}, {"max_sessions": 2}, {"rate_up": None}])
def test_what_no_session_feels_tells_nobody(world, fields):
    add(world)
    limit(world, **fields)
    assert lines() == []


def test_ten_edits_in_a_minute_are_one_round(world):
    session = add(world)
    for kilobits in range(1, 11):
        limit(world, rate_up=kilobits * 1_000)
    assert len(lines()) == 1
    assert as_worker(now=clock.now() + dt.timedelta(seconds=14)) == renewal.Passed(asked=0, more=False)
    ((since, due),) = rows("SELECT since, due FROM control_renewal")
    assert due - since <= rules.QUIET_MOST
    assert passes() == 1
    ((number, *_, items),) = requests()
    assert (number, items["Mikrotik-Rate-Limit"]) == (session, "10000/0")


def test_an_edit_does_not_wait_longer_than_a_minute_for_the_last_one(world):
    limit(world, rate_up=1_000)
    rows("UPDATE control_renewal SET since = now() - interval '59 seconds'")
    limit(world, rate_up=2_000)
    ((wait,),) = rows("SELECT due - now() FROM control_renewal")
    assert wait <= dt.timedelta(seconds=2)


def test_another_assignment_and_more_credit_are_told(world):
    scope, user = world.owner.scope, world.users["acme"]
    session = add(world, acctsessiontime=60)
    with people.as_web_process():
        users.update(scope, user, fields={"profile": []})
        users.update(scope, user, fields={"profile": ["acme-profile"]})
    assert lines() == [("user", user, "profile-changed", "s")]
    ((wait,),) = rows("SELECT due - since FROM control_renewal")
    assert rules.QUIET_USER <= wait < 2 * rules.QUIET_USER
    passes()
    rows("DELETE FROM control_request")
    with people.as_web_process():
        credit.set_balance(scope, user, seconds=600, reason="api", actor=scope.actor)
        credit.grant(scope, user, seconds=300, reason="operator", actor=scope.actor)
    assert lines() == [("user", user, "credit-changed", "s")]
    assert passes() == 1
    assert requests() == [(session, "coa", "credit-changed", "s", {"Session-Timeout": "960"})]


def test_a_later_end_of_the_account_is_told_and_whoever_is_offline_costs_nothing(world):
    scope, user = world.owner.scope, world.users["acme"]
    users.update(scope, user, fields={"expiration": clock.now() + dt.timedelta(hours=1)})
    assert lines() == []
    now = clock.now()
    session = add(world, acctstarttime=now - dt.timedelta(minutes=10))
    users.update(scope, user, fields={"expiration": now + dt.timedelta(minutes=30), "first_name": "Eve"})
    passes(now=now + LATER)
    ((number, kind, reason, _, items),) = requests()
    assert (number, kind, reason) == (session, "coa", "credit-changed")
    assert abs(int(items["Session-Timeout"]) - 2_400) <= 1


def test_who_may_not_be_online_is_left_to_those_who_end_sessions(world):
    add(world)
    credit.set_balance(world.owner.scope, world.users["acme"], seconds=0, reason="api", actor="x")
    assert passes() == 0
    add(world, place="acme-west")
    users.update(world.owner.scope, world.users["acme-west"], fields={"is_active": False, "profile": []})
    assert passes() == 0
    assert [kind for _, kind, *_ in requests()] == ["disconnect"]


@pytest.mark.parametrize(("setting", "expected"), [("leave", []), ("disconnect", ["disconnect"])])
def test_the_operator_chooses_what_becomes_of_sessions_that_cannot_be_changed(world, setting, expected):
    Nas.unscoped.update(live_control="disconnect", unchangeable=setting)
    session = add(world)
    limit(world, rate_up=9_000)
    passes()
    assert [(number, kind) for number, kind, *_ in requests()] == [(session, kind) for kind in expected]
    Nas.unscoped.update(live_control="off")
    rows("DELETE FROM control_request")
    limit(world, rate_up=8_000)
    assert passes() == 0


@pytest.mark.parametrize(("setting", "expected"), [("leave", []), ("disconnect", ["profile-changed"])])
def test_a_nas_that_says_no_is_treated_as_its_operator_chose(world, setting, expected):
    Nas.unscoped.update(unchangeable=setting)
    session = add(world)
    limit(world, rate_up=9_000)
    passes()
    (job,) = control.claim(now=clock.now() + LATER, limit=9, default_port=3799)
    control.settle(Outcome(id=job.id, state=State.REFUSED, error_cause=503), now=clock.now())
    assert [reason for _, kind, reason, *_ in requests() if kind == "disconnect"] == expected
    # Somebody's own change that is refused ends nothing.
    rows("DELETE FROM control_request")
    asked = control.change(world.owner.scope, session, items=[Item("Filter-Id", "x")])
    control.claim(now=clock.now(), limit=9, default_port=3799)
    control.settle(Outcome(id=asked.id, state=State.REFUSED, error_cause=401), now=clock.now())
    assert requests() == []


def test_a_change_that_still_waits_is_replaced_by_the_next(world):
    session = add(world)
    for kilobits in (1, 2):
        limit(world, rate_up=kilobits * 1_000)
        passes()
    ((number, *_, items),) = requests()
    assert (number, items["Mikrotik-Rate-Limit"]) == (session, "2000/0")
    newest, older = queries.of_session(world.owner.scope, session)
    assert (older.state, newest.state) == ("over", "queued")


def test_a_profile_of_many_is_worked_off_in_parts_and_goes_on_where_it_stopped(world):
    expected = [add(world, acctsessionid=f"s{n}") for n in range(23)]
    limit(world, rate_up=5_000)
    assert as_worker(batch=10, room=15) == renewal.Passed(asked=10, more=True)
    # Another worker, or the same after it died, goes on; while many wait, nothing more is asked for.
    assert as_worker(batch=10, room=15) == renewal.Passed(asked=5, more=True)
    assert as_worker(batch=10, room=15) == renewal.Passed(asked=0, more=False)
    assert [number for number, *_ in requests()] == expected[:15]
    # What a user changes meanwhile goes first.
    rows("UPDATE control_request SET state = 'acknowledged', answered = now(), settled = true")
    credit.grant(world.owner.scope, world.users["acme"], seconds=900, reason="operator", actor="x")
    as_worker(batch=30)
    assert {reason for _, _, reason, *_ in requests()} == {"credit-changed"}
    rows("UPDATE control_request SET state = 'acknowledged', answered = now(), settled = true")
    assert passes(batch=10) == 8
    assert [number for number, *_ in requests()] == expected[15:]


def test_an_edit_during_the_round_is_a_round_of_its_own(world):
    for n in range(4):
        add(world, acctsessionid=f"s{n}")
    limit(world, rate_up=5_000)
    as_worker(batch=2)
    limit(world, rate_up=6_000)
    assert passes(batch=2) == 2
    assert rows("SELECT after, again FROM control_renewal") == [(0, False)]
    assert passes(now=clock.now() + 2 * LATER, batch=4) == 4
    assert {items["Mikrotik-Rate-Limit"] for *_, items in requests()} == {"6000/0"}


def test_a_nas_that_does_not_answer_holds_up_nobody(world):
    add(world)
    west = add(world, place="acme-west")
    rows("INSERT INTO users_userprofile (tenant_id, user_id, profile_id, position) VALUES (%s, %s, %s, 1)",
         world.organizations["acme"], world.users["acme-west"], world.profiles["acme"])  # fmt: skip
    asked = control.disconnect(world.owner.scope, add(world))
    control.claim(now=clock.now(), limit=9, default_port=3799)
    control.settle(Outcome(id=asked.id, state=State.UNANSWERED), now=clock.now())
    limit(world, rate_up=5_000)
    passes(now=clock.now() + dt.timedelta(seconds=30))
    assert [number for number, *_ in requests()] == [west]
    limit(world, rate_up=6_000)
    rows("UPDATE control_request SET answered = answered - interval '10 minutes'")
    passes(now=clock.now() + dt.timedelta(seconds=30))
    assert len(requests()) == 3


@pytest.mark.parametrize("many", [3, 40])
def test_a_pass_costs_the_same_queries_however_many_sessions(world, many):
    for n in range(many):
        add(world, acctsessionid=f"s{n}")
    limit(world, rate_up=5_000)
    with CaptureQueriesContext(connection) as captured:
        assert as_worker().asked == many
    told = [query["sql"] for query in captured if not query["sql"].startswith(("SAVEPOINT", "RELEASE", "SET", "RESET"))]
    assert len(told) == 8
    with CaptureQueriesContext(connection) as captured:
        as_worker()
        as_worker()
    told = [query["sql"] for query in captured if not query["sql"].startswith(("SAVEPOINT", "RELEASE", "SET", "RESET"))]
    # The end of the round, then nothing to do.
    assert len(told) == 5 + 3


def test_a_change_taken_back_tells_nobody(world):
    add(world)
    with transaction.atomic():
        users.update(world.owner.scope, world.users["acme"], fields={"profile": []})
        limit(world, rate_up=5_000)
        assert len(lines()) == 2
        transaction.set_rollback(True)
    assert lines() == []


def test_other_tenants_are_not_told(world):
    add(world, place="rival")
    add(world)
    limit(world, rate_up=5_000)
    passes()
    assert len(requests()) == 1
