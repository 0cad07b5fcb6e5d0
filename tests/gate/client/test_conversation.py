"""The steps of a call, without a network: the test plays the client."""

import json
from typing import Any

import pytest

from gate.client import errors
from gate.client.categories.health import get_health
from gate.client.categories.user import create_user, delete_user, get_user, list_users
from gate.client.conversation import Credentials, Failed, Received, Refresh, Send, Wait, converse, refusal
from gate.client.policy import Retry

HEALTH = Received(200, {}, b'{"status": "ready"}')


def answers(call: Any, *told: Any, credentials: Credentials | None = None, retry: Retry | None = None) -> tuple[list[Any], Any]:
    """The steps a call takes when it is told these things, and what it returns or raises."""
    steps = converse(call, credentials=credentials or Credentials(), retry=retry or Retry(), chance=lambda: 1.0)
    taken: list[Any] = [next(steps)]
    try:
        for one in told:
            taken.append(steps.send(one))  # noqa: PERF401  what came before an error is wanted too
    except StopIteration as done:
        return taken, done.value
    except errors.ClientError as error:
        return taken, error
    raise AssertionError(f"{call.path} goes on with {taken[-1]}")


def kinds(steps: list[Any]) -> list[str]:
    return [type(step).__name__ for step in steps]


def test_a_reply_ends_it():
    steps, found = answers(get_health(), HEALTH)
    assert (kinds(steps), found.status) == (["Send"], "ready")


def test_a_token_goes_only_where_one_is_asked_for():
    credentials = Credentials(token="t")
    (step,), _ = answers(get_health(), HEALTH, credentials=credentials)
    assert step.token is None
    (step,), _ = answers(delete_user(1), Received(204, {}, b""), credentials=credentials)
    assert step.token == "t"


def test_busy_then_ready():
    steps, found = answers(
        create_user(username="x"), Received(429, {"retry-after": "3"}, b"{}"), None, Failed("gone", unsent=True), None,
        Received(409, {}, b'{"detail": "The username is taken.", "code": "duplicate", "errors": {"username": ["is taken"]}}'),
    )  # fmt: skip
    assert kinds(steps) == ["Send", "Wait", "Send", "Wait", "Send"]
    assert [step.seconds for step in steps if isinstance(step, Wait)] == [3.5, 1.0]
    assert isinstance(found, errors.Conflict)
    assert (found.status, found.code, found.errors) == (409, "duplicate", {"username": ["is taken"]})


def test_a_cut_post_is_not_sent_again():
    steps, found = answers(create_user(username="x"), Failed("cut", unsent=False))
    assert kinds(steps) == ["Send"]
    assert isinstance(found, errors.ConnectionFailed)
    assert "POST /user/: cut" in str(found)


def test_attempts_end():
    busy = Received(503, {}, b"not even JSON")
    steps, found = answers(get_user(1), busy, None, busy, None, busy, retry=Retry(attempts=3))
    assert kinds(steps) == ["Send", "Wait", "Send", "Wait", "Send"]
    assert isinstance(found, errors.Unavailable)
    assert (found.detail, found.code) == ("no reason given", "unknown")


def test_an_ended_access_token_is_refreshed_once():
    credentials = Credentials(token="old", refresh_token="r")
    ended = Received(401, {}, b'{"detail": "The token is expired.", "code": "unauthenticated"}')
    call = list_users()
    steps, found = answers(call, ended, True, ended, credentials=credentials)
    assert kinds(steps) == ["Send", "Refresh", "Send"]
    assert isinstance(steps[1], Refresh)
    assert isinstance(found, errors.Unauthorized)
    steps, found = answers(call, ended, False, credentials=credentials)
    assert kinds(steps) == ["Send", "Refresh"]
    assert isinstance(found, errors.Unauthorized)
    steps, found = answers(call, ended, credentials=Credentials(token="gate_x", api_token="gate_x"))
    assert kinds(steps) == ["Send"]


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, errors.BadRequest), (401, errors.Unauthorized), (403, errors.Forbidden), (404, errors.NotFound),
        (409, errors.Conflict), (418, errors.GateApiError), (422, errors.Unprocessable), (429, errors.TooManyRequests),
        (500, errors.ServerFault), (503, errors.Unavailable), (308, errors.ReplyNotUnderstood),
    ],
)  # fmt: skip
def test_refusals(status, kind):
    assert type(refusal(Received(status, {}, b"[]"))) is kind


def test_a_refusal_tells_everything():
    body = {"detail": "no", "code": "locked", "lockout_time": "2024-01-15T14:30:00Z", "attempts_remaining": 0}
    found = refusal(Received(403, {"x-request-id": "abc", "retry-after": "9"}, json.dumps(body).encode()))
    assert isinstance(found, errors.Forbidden)
    assert (found.request_id, found.retry_after, found.body["lockout_time"]) == ("abc", 9, "2024-01-15T14:30:00Z")
    assert str(found) == "403 locked: no"


def test_html_in_place_of_json():
    _, found = answers(get_user(1), Received(200, {}, b"<html>"))
    assert isinstance(found, errors.ReplyNotUnderstood)


def test_nothing_secret_is_shown():
    credentials = Credentials(token="s3cret", refresh_token="s3cret", api_token="s3cret")
    call = create_user(username="x", password="s3cret")
    for shown in (credentials, call, Send(call, "s3cret"), Refresh("s3cret"), Received(200, {}, b"s3cret")):
        assert "s3cret" not in repr(shown)
