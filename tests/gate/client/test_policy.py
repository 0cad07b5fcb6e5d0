"""When a request is sent again, and after how long."""

import dataclasses

import pytest

from gate.client.categories.user import create_user, get_user
from gate.client.policy import Retry, retry_after

GET, POST = get_user(1), create_user(username="x")
RETRY = Retry(attempts=4, first=1.0, longest=8.0, patience=30.0)


@pytest.mark.parametrize(
    ("call", "status", "again"),
    [
        (GET, 429, True), (POST, 429, True), (GET, 503, True), (POST, 503, False), (GET, 502, True), (GET, 504, True),
        (GET, 500, False), (GET, 404, False), (POST, 400, False), (GET, 401, False), (GET, 200, False),
    ],
)  # fmt: skip
def test_what_is_sent_again(call, status, again):
    """A 429 did nothing; after a 503 nobody knows, and a 500 would be one again."""
    assert (RETRY.wait_after_reply(call, attempt=1, status=status, headers={}, chance=0.5) is not None) == again


def test_waits_double_up_to_the_longest_and_are_spread():
    waits = [
        Retry(attempts=9, first=1.0, longest=8.0).wait_after_failure(GET, attempt=n, unsent=False, chance=1.0)
        for n in range(1, 7)
    ]
    assert waits == [1, 2, 4, 8, 8, 8]
    assert RETRY.wait_after_failure(GET, attempt=1, unsent=False, chance=0.0) == 0.5


def test_the_last_attempt_is_final():
    assert RETRY.wait_after_reply(GET, attempt=4, status=429, headers={}, chance=0.5) is None
    assert RETRY.wait_after_failure(GET, attempt=4, unsent=True, chance=0.5) is None
    assert Retry(attempts=1).wait_after_reply(GET, attempt=1, status=503, headers={}, chance=0.5) is None


def test_what_may_have_been_done_is_not_done_again():
    assert RETRY.wait_after_failure(POST, attempt=1, unsent=False, chance=0.5) is None
    assert RETRY.wait_after_failure(POST, attempt=1, unsent=True, chance=0.5) is not None
    assert RETRY.wait_after_failure(dataclasses.replace(POST, repeatable=True), attempt=1, unsent=False, chance=0.5) is not None


def test_retry_after_is_honoured_never_early():
    for chance in (0.0, 0.5, 1.0):
        wait = RETRY.wait_after_reply(POST, attempt=1, status=429, headers={"retry-after": "7"}, chance=chance)
        assert 7 <= wait <= 8
    # Longer than anybody wants to wait: told at once.
    assert RETRY.wait_after_reply(POST, attempt=1, status=429, headers={"retry-after": "31"}, chance=0.5) is None


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "120"}, 120), ({"retry-after": " 0 "}, 0), ({}, None), ({"retry-after": "soon"}, None),
        ({"retry-after": "-1"}, None), ({"retry-after": "\u0661"}, None), ({"retry-after": ""}, None),
        ({"retry-after": "Fri, 31 Dec 1999 23:59:59 GMT", "date": "Fri, 31 Dec 1999 23:59:29 GMT"}, 30),
        ({"retry-after": "Fri, 31 Dec 1999 23:59:59 GMT", "date": "Sat, 01 Jan 2000 00:00:59 GMT"}, 0),
        ({"retry-after": "Fri, 31 Dec 1999 23:59:59 GMT"}, None),
    ],
)  # fmt: skip
def test_retry_after_in_both_forms(headers, seconds):
    """RFC 9110, section 10.2.3; a date is measured by the server's own clock."""
    assert retry_after(headers) == seconds
