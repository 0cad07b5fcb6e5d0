"""How often a user may be guessed at."""

from gate.access.types import Proof
from gate.radiusd import guesses as module
from gate.radiusd.guesses import WINDOW, Guesses

USER = {"user_id": 1, "password_version": 0}


def test_different_wrong_passwords_count_and_the_same_one_is_known():
    guesses = Guesses(limit=3)
    for number in range(3):
        password = b"guess %d" % number
        for _ in range(5):
            before = guesses.known(**USER, password=password, now=100 + number)
            assert before in ({None, Proof.WRONG} if number < 2 else {None, Proof.GUESSED})
            guesses.wrong(**USER, password=password, now=100 + number)
        assert guesses.known(**USER, password=b"right", now=100 + number) is (Proof.GUESSED if number == 2 else None)
    assert guesses.known(user_id=2, password_version=0, password=b"guess 0", now=103) is None
    assert guesses.known(**USER, password=b"right", now=100 + WINDOW - 1) is Proof.GUESSED
    assert guesses.known(**USER, password=b"guess 1", now=100 + WINDOW) is None
    assert len(guesses) == 0


def test_of_answers_each_counts():
    guesses = Guesses(limit=2)
    for _ in range(2):
        assert guesses.known(**USER, password=None, now=1) is None
        guesses.wrong(**USER, password=None, now=1)
    assert guesses.known(**USER, password=None, now=1) is Proof.GUESSED


def test_a_changed_password_may_be_what_was_wrong():
    guesses = Guesses(limit=5)
    guesses.wrong(**USER, password=b"new", now=1)
    assert guesses.known(user_id=1, password_version=1, password=b"new", now=2) is None


def test_no_limit_remembers_nothing():
    guesses = Guesses(limit=0)
    guesses.wrong(**USER, password=b"x", now=1)
    assert len(guesses) == 0


def test_a_clock_put_back_holds_nobody():
    guesses = Guesses(limit=1)
    guesses.wrong(**USER, password=b"x", now=1000)
    assert guesses.known(**USER, password=b"x", now=10) is None


def test_no_more_are_remembered_than_may(monkeypatch):
    monkeypatch.setattr(module, "MOST", 3)
    guesses = Guesses(limit=1)
    for user in range(10):
        guesses.wrong(user_id=user, password_version=0, password=b"x", now=1)
    assert len(guesses) == 3
    assert guesses.known(user_id=9, password_version=0, password=b"y", now=1) is Proof.GUESSED
