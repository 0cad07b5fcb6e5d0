import datetime as dt

import pytest
from django.db import connection

import people
from gate.console import throttle
from gate.core import clock
from gate.organizations.models import Organization
from gate.users.models import User

SAID = "do not open the console"


def test_who_is_not_signed_in_is_asked_to(desk):
    for path in ("", "users/user/", "sessions/", "sessions/1/", "secret/", "nas/nas/1/rotate-secret/"):
        reply = desk().get(path)
        assert reply.status_code == 302
        assert reply.headers["location"].startswith("/console/login/?next=/console/")


def test_the_page_signs_staff_in_and_out(world, desk):
    browser = desk()
    reply = browser.sign_in("OWNER@staff", next="/console/users/user/")
    assert (reply.status_code, reply.headers["location"]) == (302, "/console/users/user/")
    assert browser.get("").status_code == 200
    assert browser.get("login/").status_code == 302
    assert User.unscoped.get(pk=world.owner.user_id).last_login is not None
    assert browser.post("logout/").status_code in {200, 302}
    assert browser.get("").status_code == 302


def test_a_way_out_of_the_console_is_not_followed_after_sign_in(desk):
    assert desk().sign_in("owner@staff", next="https://elsewhere.example/").headers["location"] == "/console/"


def test_every_kind_of_wrong_looks_the_same(world, desk):
    now = clock.now()
    User.unscoped.filter(pk=world.west.user_id).update(is_active=False)
    User.unscoped.filter(pk=world.east.user_id).update(expiration=now - dt.timedelta(seconds=1))
    Organization.unscoped.filter(pk=world.organizations["rival"]).update(is_active=False)
    answers = {
        desk().sign_in(username, password).text.count(SAID)
        for username, password in [
            ("owner@staff", "wrong"), ("nobody@staff", people.PASSWORD), ("west@staff", people.PASSWORD),
            ("east@staff", people.PASSWORD), ("guest.acme", people.PASSWORD), ("stranger@staff", people.PASSWORD),
        ]
    }  # fmt: skip
    assert answers == {1}


def test_a_person_who_may_no_longer_enter_is_out_at_once(world, desk):
    browser = desk(world.mate)
    assert browser.get("").status_code == 200
    User.unscoped.filter(pk=world.mate.user_id).update(is_active=False)
    assert browser.get("").status_code == 302


def test_another_password_ends_other_sessions(world, desk):
    here, there = desk(world.owner), desk(world.owner)
    reply = here.post(
        "password_change/",
        old_password=people.PASSWORD,
        new_password1="another long passphrase",
        new_password2="another long passphrase",
    )
    assert reply.status_code == 302, reply.text
    assert here.get("").status_code == 200
    assert there.get("").status_code == 302
    row = User.unscoped.get(pk=world.owner.user_id)
    assert (row.password_version, row.verifier, row.password_sealed) == (1, None, None)
    assert desk().sign_in("owner@staff", "another long passphrase").status_code == 302


def test_a_wrong_or_short_password_changes_nothing(world, desk):
    browser = desk(world.mate)
    wrong = browser.post(
        "password_change/", old_password="wrong", new_password1="another long one", new_password2="another long one"
    )
    short = browser.post("password_change/", old_password=people.PASSWORD, new_password1="short", new_password2="short")
    assert wrong.status_code == short.status_code == 200
    assert User.unscoped.get(pk=world.mate.user_id).password_version == 0


def test_guessing_is_slowed_down_for_the_username(world, desk):
    for _ in range(throttle.FREE_PER_USERNAME):
        assert desk().sign_in("owner@staff", "guess").status_code == 200
    blocked = desk().sign_in("owner@staff")
    assert blocked.status_code == 429
    assert 1 <= int(blocked.headers["retry-after"]) <= throttle.FIRST_WAIT
    assert "Try again in" in blocked.text
    assert desk().sign_in("mate@staff").status_code == 302


def test_unknown_usernames_are_slowed_down_alike(world, desk):
    for _ in range(throttle.FREE_PER_USERNAME):
        desk().sign_in("nobody", "guess")
    assert desk().sign_in("nobody", "guess").status_code == 429


@pytest.fixture
def now():
    return dt.datetime(2024, 1, 15, 9, 30, tzinfo=dt.UTC)


def tries(count, *, now, username="u", address="192.0.2.1"):
    return [throttle.attempt(username=username, address=address, now=now) for _ in range(count)]


def test_the_wait_doubles_up_to_a_quarter_of_an_hour(db, now):
    assert tries(throttle.FREE_PER_USERNAME, now=now) == [0] * throttle.FREE_PER_USERNAME
    waits = []
    for turn in range(9):
        wait = throttle.attempt(username="u", address=f"192.0.2.{turn}", now=now)
        waits.append(wait)
        now += dt.timedelta(seconds=wait)
        assert throttle.attempt(username="u", address=f"192.0.2.{turn}", now=now) == 0
    assert waits == [15, 30, 60, 120, 240, 480, 900, 900, 900]


def test_a_right_password_starts_the_username_anew_but_not_the_address(db, now):
    for turn in range(throttle.FREE_PER_ADDRESS - 1):
        assert throttle.attempt(username=f"user{turn}", address="2001:db8::1", now=now) == 0
    assert throttle.attempt(username="good", address="2001:db8::2", now=now) == 0
    throttle.succeeded(username="good", address="2001:db8::2")
    assert throttle.attempt(username="good", address="2001:db8::ffff", now=now) == 0
    assert throttle.attempt(username="good", address="2001:db8::1", now=now) > 0
    assert throttle.attempt(username="good", address="2001:db8:0:1::1", now=now) == 0


def test_failures_are_forgotten_and_their_rows_dropped(db, now):
    tries(throttle.FREE_PER_USERNAME, now=now)
    later = now + dt.timedelta(seconds=throttle.FORGOTTEN_AFTER + 1)
    assert tries(1, now=later) == [0]
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(failures), count(*) FROM console_signinattempts")
        assert cursor.fetchone() == (1, 2)


def test_the_table_names_nobody(db, now):
    tries(1, now=now, username="owner@staff", address="192.0.2.77")
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM console_signinattempts")
        told = repr(cursor.fetchall())
    assert "owner" not in told
    assert "192.0.2.77" not in told
