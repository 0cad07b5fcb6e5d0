"""Alive, zombie, dead, and back (RFC 5997, RFC 3539): told what happens and when."""

import dataclasses
from typing import Any

from gate.radiusd.proxy.health import IDLE, Health, State
from gate.radiusd.proxy.homes import Home

HOME = Home(
    id=1, tenant_id=1, name="one", host="192.0.2.1", transport="udp", auth_port=1812, acct_port=1813, tls_name="", secret=b"",
    require_message_authenticator=True, timeout=1.0, tries=2, health="status", zombie_period=20.0, check_interval=5.0,
    revive_after=60.0,
)  # fmt: skip


def _health(**changes: Any) -> Health:
    return Health(dataclasses.replace(HOME, **changes), now=0.0)


def test_silence_makes_a_zombie_then_a_dead_one() -> None:
    """Only silence since the request was sent: another request's answer meanwhile says that it works."""
    health = _health()
    health.answered(10.0)
    health.unanswered(sent=9.0, now=12.0)
    assert health.state is State.ALIVE
    health.unanswered(sent=11.0, now=13.0)
    assert (health.state, health.is_usable, health.is_well) == (State.ZOMBIE, True, False)
    health.tick(32.9)
    assert health.state is State.ZOMBIE
    health.tick(33.0)
    assert (health.state, health.is_usable) == (State.DEAD, False)


def test_one_answer_brings_a_zombie_back() -> None:
    """An ordinary one, or to Status-Server."""
    for answer in ("answered", "probe_answered"):
        health = _health()
        health.unanswered(sent=1.0, now=2.0)
        getattr(health, answer)(3.0)
        assert health.state is State.ALIVE


def test_the_dead_rise_after_three_answers_in_a_row() -> None:
    """A late ordinary one proves nothing."""
    health = _health()
    health.unanswered(sent=1.0, now=2.0)
    health.tick(30.0)
    health.answered(31.0)
    health.probe_answered(35.0)
    health.probe_answered(40.0)
    health.probe_unanswered(sent=41.0, now=45.0)
    health.probe_answered(50.0)
    health.probe_answered(55.0)
    assert health.state is State.DEAD
    health.probe_answered(60.0)
    assert health.state is State.ALIVE


def test_it_is_asked_when_something_is_amiss_or_nothing_was_heard() -> None:
    """At once when it becomes a zombie, then in steps; one that works only after half a minute's silence."""
    health = _health()
    assert health.wants_probe(0.0), "nothing was ever heard of it"
    health.probe_sent(0.0)
    health.probe_answered(0.1)
    assert not health.wants_probe(IDLE)
    assert health.wants_probe(0.1 + IDLE)
    health.unanswered(sent=31.0, now=32.0)
    assert health.wants_probe(32.0)
    health.probe_sent(32.0)
    assert not health.wants_probe(36.9)
    assert health.wants_probe(37.0)


def test_without_status_server_the_dead_are_tried_again() -> None:
    """After a while, and an ordinary answer is enough at any time."""
    health = _health(health="answers")
    assert not health.wants_probe(100.0)
    health.unanswered(sent=1.0, now=2.0)
    health.tick(22.0)
    assert health.state is State.DEAD
    health.tick(81.9)
    assert health.state is State.DEAD
    health.tick(82.0)
    assert (health.state, health.is_well) == (State.UNKNOWN, True)
    health.unanswered(sent=90.0, now=91.0)
    health.tick(120.0)
    health.answered(121.0)
    assert health.state is State.ALIVE
