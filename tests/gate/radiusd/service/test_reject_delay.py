"""Refusals take their time on real sockets; who is let in waits for nothing."""

import time

import pytest

import radius_server
from people import PASSWORD
from radius_nas import ACCEPT, REJECT
from radius_server import until

pytestmark = pytest.mark.django_db

DELAY = 0.4


@pytest.fixture(scope="module")
def running(committed):
    with radius_server.serving(committed, GATE_RADIUS_REJECT_DELAY=str(DELAY)) as server:
        yield server


def took(nas, request):
    began = time.monotonic()
    nas.send(request)
    answer = nas.verified(request, nas.receive(5))
    return answer.code, time.monotonic() - began


def test_a_known_and_an_unknown_name_are_refused_after_the_same_time(server, committed):
    nas, (_, name) = server.nas(), committed.user()
    argon2 = server.metrics["sign-in.argon2"]
    for username in (name, "nobody at all"):
        code, seconds = took(nas, nas.pap(username, "wrong"))
        assert code == REJECT
        # Counted from the arrival: Argon2's 20 ms lie within.
        assert DELAY - 0.01 <= seconds < DELAY + 0.2
    assert server.metrics["sign-in.argon2"] == argon2 + 1


def test_who_is_let_in_waits_for_nothing(server, committed):
    nas, (_, name) = server.nas(), committed.user()
    took(nas, nas.pap(name, PASSWORD))
    code, seconds = took(nas, nas.pap(name, PASSWORD))
    assert code == ACCEPT
    assert seconds < DELAY / 2


def test_copies_meanwhile_are_dropped_and_later_ones_answered_alike(server):
    nas = server.nas()
    request = nas.pap("nobody", "x", (33, b"state"))
    before = server.metrics["duplicates.in-flight"]
    for _ in range(4):
        nas.send(request)
    until(lambda: server.metrics["duplicates.in-flight"] == before + 3)
    first = nas.receive(2)
    assert nas.verified(request, first).get_all(33) == [b"state"]
    assert nas.receive(0.05) is None
    assert nas.ask_raw(request) == first


def test_what_is_held_at_the_end_goes_out(committed):
    with radius_server.serving(committed, GATE_RADIUS_REJECT_DELAY="5") as server:
        nas = server.nas()
        request = nas.pap("nobody", "x")
        nas.send(request)
        until(lambda: len(server.service.listener.holding) == 1)
    assert nas.verified(request, nas.receive(1)).code == REJECT
    nas.close()
