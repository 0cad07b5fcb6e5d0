"""users/lockout.py: failures are counted one by one, however many come at once."""

import datetime as dt
import threading
from typing import Any

import pytest
from django.db import connection, connections

import people
from gate.core import clock
from gate.users import lockout
from gate.users.models import SignInFailures

NOW = clock.now().replace(microsecond=0)


def attempts(count: int, counter: lockout.Counter, *, now: dt.datetime = NOW) -> list[bool]:
    return [lockout.attempt(counter, now=now).allowed for _ in range(count)]


def name(username: str = "u", tenant_id: int | None = None) -> lockout.Counter:
    return lockout.name_counter(tenant_id=tenant_id, username=username)


def test_five_and_no_more(db: None) -> None:
    assert attempts(7, name()) == [True] * 5 + [False] * 2
    assert attempts(1, name("U")) == [False]
    assert attempts(1, name("v")) == [True]


def test_each_lock_is_twice_the_last_up_to_eight_hours(db: None) -> None:
    now, waits = NOW, []
    for _ in range(7):
        attempts(4, name(), now=now)
        last = lockout.attempt(name(), now=now)
        assert last.locked_until is not None
        assert last.remaining == 0
        assert not lockout.attempt(name(), now=last.locked_until - dt.timedelta(seconds=1)).allowed
        waits.append((last.locked_until - now) / dt.timedelta(minutes=1))
        now = last.locked_until
    assert waits == [15, 30, 60, 120, 240, 480, 480]


def test_failures_are_forgotten_after_a_day(db: None) -> None:
    attempts(4, name())
    later = lockout.attempt(name(), now=NOW + lockout.FORGOTTEN_AFTER + dt.timedelta(seconds=1))
    assert later.remaining == 4
    assert SignInFailures.objects.count() == 1


def test_success_forgives_a_name_wholly_and_an_address_by_one(db: None) -> None:
    attempts(4, name())
    lockout.succeeded(lockout.attempt(name(), now=NOW), wholly=True)
    assert lockout.attempt(name(), now=NOW).remaining == 4
    address = lockout.address_counter(tenant_id=None, address="192.0.2.1")
    attempts(lockout.ADDRESS.attempts - 1, address)
    last = lockout.attempt(address, now=NOW)
    assert last.locked_until == NOW + lockout.ADDRESS.first
    lockout.succeeded(last, wholly=False)  # the lock it brought goes with it
    again = lockout.attempt(address, now=NOW)
    assert (again.allowed, again.locked_until) == (True, NOW + lockout.ADDRESS.first)
    # Another attempt that came before does not take that lock away.
    lockout.succeeded(lockout.Attempt(address, allowed=True, remaining=3, locked_until=None), wholly=False)
    assert attempts(1, address) == [False]


def test_an_ipv6_subscriber_is_one_address(db: None) -> None:
    def of(address: str) -> str:
        return lockout.address_counter(tenant_id=None, address=address).id

    assert of("2001:db8::1") == of("2001:db8::ffff:2")
    assert of("2001:db8::1") != of("2001:db8:0:1::1")
    assert of("::ffff:192.0.2.1") == of("192.0.2.1") != of("192.0.2.2")
    assert of("nonsense") != of("")


def test_the_wall_stands_before_the_counters(world: Any) -> None:
    acme, rival = world.organizations["acme"], world.organizations["rival"]
    with people.as_web_process():
        for tenant_id in (acme, rival, None):
            lockout.attempt(name(tenant_id=tenant_id), now=NOW)
        with connection.cursor() as cursor:
            for tenant, seen in ((acme, [acme, None]), (rival, [rival, None]), ("", [None])):
                cursor.execute("SELECT set_config('gate.tenant', %s, false)", [str(tenant)])
                cursor.execute("SELECT tenant_id FROM users_signinfailures ORDER BY tenant_id")
                assert [row[0] for row in cursor.fetchall()] == seen


@pytest.mark.django_db(transaction=True)
def test_guesses_at_once_are_counted_one_by_one() -> None:
    """Over sixteen connections, each committing."""
    told: list[bool] = []
    start = threading.Barrier(16)

    def guess() -> None:
        start.wait(timeout=10)
        try:
            told.append(lockout.attempt(name("guessed"), now=NOW).allowed)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=guess) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert sorted(told) == [False] * 11 + [True] * 5
