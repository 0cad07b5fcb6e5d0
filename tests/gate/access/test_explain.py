"""The trace says what the decision says, is bounded, and holds no secret."""

import datetime as dt

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate.access import explain
from gate.access.rules import decide
from gate.access.types import Facts, Grant, Item, Limits, PortalFacts, ProfileFacts, Proof, Refusal, UserFacts
from strategies import quick

NOW = dt.datetime(2026, 3, 1, 12, 0, tzinfo=dt.UTC)
REQUEST = {"User-Name": ["alice"], "NAS-Port": ["7"], "User-Password": ["hunter2"], "MS-CHAP-Challenge": ["0xabcdef"]}


def facts(*items, proof=Proof.RIGHT, limits=None, portal=None, sessions=0, replies=(), **changed):
    profile = ProfileFacts(
        id=4, short_name="guests", checks=tuple(Item(*item.split(" ", 2)) for item in items), replies=replies,
        limits=Limits(**(limits or {})),
    )  # fmt: skip
    user = UserFacts(
        id=7, organization_id=1, organization_active=True, is_active=True, expiration=None, credit=None, klass=None,
        profiles=(profile,),
    )  # fmt: skip
    return Facts(user=msgspec.structs.replace(user, **changed), proof=proof, request=REQUEST, portal=portal, sessions=sessions)


def told(case):
    return [(step.about, step.expected, step.actual, step.holds) for step in explain.steps(case, NOW)]


def test_each_question_with_what_was_expected_and_what_was_there():
    case = facts(
        "User-Name == alice", "Login-Time == Su1100-1300", "NAS-Port > 9",
        credit=60, expiration=NOW + dt.timedelta(hours=1), limits={"max_sessions": 2},
    )  # fmt: skip
    assert told(case) == [
        ("user", "known", "known", True),
        ("credential", "right, portal, mac or device", "right", True),
        ("organization", "active", "active", True),
        ("user", "active", "active", True),
        ("expiration", "after 2026-03-01T12:00:00Z", "2026-03-01T13:00:00Z", True),
        ("credit", "more than 0 s", "60 s", True),
        ("guests: User-Name", "== alice", "alice", True),
        ("guests: Login-Time", "== Su1100-1300", "Sun 12:00 (UTC)", True),
        ("guests: NAS-Port", "> 9", "7", False),
    ]
    assert told(facts(limits={"max_sessions": 2}, sessions=2))[-1] == ("open sessions", "fewer than 2", "2", False)
    assert told(facts("Filter-Id == x"))[-1] == ("guests: Filter-Id", "== x", "(absent)", False)
    assert told(Facts(user=None, proof=Proof.WRONG, request={})) == [("user", "known", "unknown", False)]


@pytest.mark.parametrize(
    "item",
    ["User-Password == sesame", "User-Password != ", "Cleartext-Password == sesame", "MS-CHAP-Challenge == 0xabcdef",
     "CHAP-Password =~ sesame", "User-Name == %{User-Password}", "Tunnel-Password == sesame"],
)  # fmt: skip
def test_what_proves_an_identity_is_blanked(item):
    case = facts(item)
    decision = decide(case, NOW)
    record = explain.record(explain.steps(case, NOW))
    said = record + (decision.detail if isinstance(decision, Refusal) else "")
    assert not any(secret in said for secret in ("sesame", "hunter2", "abcdef"))
    assert "(hidden)" in record


def test_a_record_is_bounded_and_printable():
    many = facts(*[f"Reply-Message !~ {'x' * 500}\n{number}" for number in range(300)])
    found = explain.steps(many, NOW)
    assert len(found) == explain.MOST_STEPS
    assert all(len(text) <= explain.MOST_TEXT for step in found for text in (step.about, step.expected, step.actual))
    assert explain.record(found).isprintable()


def test_a_record_comes_back_and_usual_grants_need_none():
    case = facts("User-Name == bob")
    found = explain.steps(case, NOW)
    assert explain.read_record(explain.record(found), is_usual=False) == found
    usual = facts()
    decision = decide(usual, NOW)
    assert isinstance(decision, Grant)
    assert decision.is_usual
    assert decision.profiles == "4"
    assert explain.read_record(None, is_usual=True) == explain.steps(usual, NOW)
    assert explain.read_record(None, is_usual=False) == ()


_PORTALS = st.builds(
    PortalFacts, id=st.just(3), expires=st.sampled_from([NOW, NOW + dt.timedelta(seconds=9)]), idle_timeout=st.just(None),
    username=st.just("alice"), is_over=st.booleans(), organization_active=st.booleans(), is_blocked=st.booleans(),
    is_here=st.booleans(),
)  # fmt: skip
_CHECKS = ["User-Name == alice", "User-Name == bob", "Login-Time == Su", "Login-Time == Wk", "Filter-Id !* "]
_CASES = st.builds(
    lambda items, **rest: facts(*items, **rest),
    items=st.lists(st.sampled_from(_CHECKS), max_size=3),
    proof=st.sampled_from([Proof.RIGHT] * 5 + list(Proof)),
    portal=st.none() | _PORTALS,
    limits=st.sampled_from([{}, {"max_sessions": 1}, {"session_timeout": 60}]),
    sessions=st.integers(0, 1),
    replies=st.sampled_from([(), (Item("Session-Timeout", ":=", "soon"),)]),
    organization_active=st.booleans(), is_active=st.booleans(), credit=st.sampled_from([None, 0, 5]),
    expiration=st.sampled_from([None, NOW, NOW + dt.timedelta(seconds=5)]),
)  # fmt: skip


@quick
@given(_CASES)
def test_the_steps_end_where_the_decision_did(case):
    """Two ways of asking the same questions: all hold in a grant, the last one alone does not in a refusal."""
    decision, found = decide(case, NOW), explain.steps(case, NOW)
    assert all(step.holds for step in found[:-1])
    assert found[-1].holds is isinstance(decision, Grant)
    if isinstance(decision, Grant) and decision.is_usual:
        assert [step for step in found if step.about != "Session-Timeout"] == list(explain.read_record(None, is_usual=True))
