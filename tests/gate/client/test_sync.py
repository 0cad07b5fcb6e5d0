"""The blocking client: against GATE for what GATE decides, against a scripted server for what goes wrong on the way."""

import json
import threading
import time
from typing import Any

import pytest

import contract
import live
from gate import client
from gate.client import Gate, Retry

QUICK = Retry(attempts=4, first=0.01)
USER = json.dumps(contract.responses("GET /user/")[0]["results"][0]).encode()
OK: live.Reply = (200, {"Content-Type": "application/json"}, USER)
BUSY: live.Reply = (429, {"Retry-After": "0"}, b'{"detail": "Too many calls.", "code": "too_many"}')
AWAY: live.Reply = (503, {}, b'{"detail": "The database does not answer.", "code": "unavailable"}')


def asked(script: live.Scripted) -> list[tuple[str, str]]:
    return [(method, path) for method, path, _, _ in script.asked]


@pytest.mark.parametrize("trouble", [BUSY, AWAY, None], ids=["429", "503", "cut"])
def test_trouble_passes(trouble: live.Reply) -> None:
    with live.scripted([trouble, trouble, OK]) as script, Gate(script.address, token="t", retry=QUICK) as gate:
        assert gate.user.get(1).username == "john.doe"
    assert asked(script) == [("GET", "/api/v1/user/1/")] * 3


def test_what_may_have_been_done_is_not_done_again() -> None:
    for trouble in (AWAY, None):
        error = client.ConnectionFailed if trouble is None else client.Unavailable
        with live.scripted([trouble, OK]) as script, Gate(script.address, retry=QUICK) as gate, pytest.raises(error):
            gate.user.create(username="jane")
        assert len(script.asked) == 1
    with live.scripted([BUSY, OK]) as script, Gate(script.address, token="t", retry=QUICK) as gate:
        assert gate.user.create(username="jane").id == 1
    assert [body for _, _, _, body in script.asked] == [b'{"username":"jane"}'] * 2


def test_retry_after_is_waited_out() -> None:
    busy = (429, {"Retry-After": "1"}, b"{}")
    with live.scripted([busy, OK]) as script, Gate(script.address, token="t", retry=QUICK) as gate:
        began = time.monotonic()
        gate.user.get(1)
        assert 1.0 <= time.monotonic() - began < 3.0
    late = (429, {"Retry-After": "3600"}, b'{"detail": "No more this month.", "code": "api_calls_used_up"}')
    with live.scripted([late]) as script, Gate(script.address, token="t", retry=QUICK) as gate:
        with pytest.raises(client.TooManyRequests) as refused:
            gate.user.get(1)
        assert (refused.value.retry_after, refused.value.code, len(script.asked)) == (3600, "api_calls_used_up", 1)


def test_a_fault_of_gate_is_told_at_once() -> None:
    fault = (500, {"X-Request-ID": "abc"}, b'{"detail": "GATE failed.", "code": "internal"}')
    with live.scripted([fault]) as script, Gate(script.address, token="t", retry=QUICK) as gate:
        with pytest.raises(client.ServerFault) as refused:
            gate.user.get(1)
        assert (refused.value.request_id, len(script.asked)) == ("abc", 1)


def test_a_reply_cut_short_is_no_reply() -> None:
    half = (200, {"Content-Length": "5000"}, USER[:50])
    with live.scripted([half, OK]) as script, Gate(script.address, token="t", retry=QUICK) as gate:
        assert gate.user.get(1).id == 1
    assert len(script.asked) == 2


def test_nobody_there() -> None:
    with Gate("http://127.0.0.1:9", token="t", retry=QUICK) as gate, pytest.raises(client.ConnectionFailed):
        gate.user.create(username="jane")


def test_a_silent_server_is_given_up() -> None:
    def slow(method: str, path: str, token: str | None) -> live.Reply:
        time.sleep(0.5)
        return OK

    once = Retry(attempts=1)
    with live.scripted(slow) as script, Gate(script.address, timeout=0.1, retry=once) as gate:  # noqa: SIM117  the server waits
        with pytest.raises(client.ConnectionFailed, match="Timeout"):
            gate.user.get(1)


def test_a_redirect_is_not_followed() -> None:
    away = (302, {"Location": "http://127.0.0.1:9/elsewhere"}, b"")
    redirected = pytest.raises(client.ReplyNotUnderstood, match="redirect")
    with live.scripted([away]) as script, Gate(script.address, token="t", retry=QUICK) as gate, redirected:
        gate.user.get(1)


def test_lists_are_fetched_as_they_are_walked_through() -> None:
    row = json.loads(USER)

    def page(method: str, path: str, token: str | None) -> live.Reply:
        offset = 2 if "offset=2" in path else 0
        following = None if offset else "https://elsewhere.example/api/v1/user/?limit=2&offset=2"
        body = {"count": 4, "next": following, "previous": None, "results": [row | {"id": offset + n} for n in (1, 2)]}
        return 200, {}, json.dumps(body).encode()

    with live.scripted(page) as script, Gate(script.address, token="t", retry=QUICK) as gate:
        users = gate.user.list(limit=2)
        assert script.asked == []
        assert next(iter(users)).id == 1
        assert len(script.asked) == 1
        assert [user.id for user in users] == [1, 2, 3, 4]
        assert asked(script)[1:] == [("GET", "/api/v1/user/?limit=2"), ("GET", "/api/v1/user/?limit=2&offset=2")]
        assert users.page().count == 4


def test_threads_that_meet_an_ended_token_refresh_it_once() -> None:
    server = live.TokenServer(OK)
    with live.scripted(server) as script, Gate(script.address, retry=QUICK) as gate:
        gate._credentials.token, gate._credentials.refresh_token = "access-ended", "refresh-0"
        threads = [threading.Thread(target=gate.user.get, args=(1,)) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert gate.user.get(1).id == 1
    assert server.refreshes == 1


def test_signing_in_and_out(world: Any) -> None:
    with live.gate() as address:
        with Gate(address, token=world.owner.token) as gate:
            gate.user.create(username="jane", password="s3cret-Word")
        with Gate(address, retry=QUICK) as gate:
            person = gate.sign_in(username="jane", password="s3cret-Word")
            assert (person.username, person.role) == ("jane", "device_user")
            assert gate.device_app_locations.list().page().count == 3
            # As if an hour had gone by: the access token is no more, the refresh token is.
            gate._credentials.token = f"{gate._credentials.token}x"
            assert gate.device_app_locations.list().page().count == 3
            refresh_token = gate._credentials.refresh_token
            gate.sign_out()
            with pytest.raises(client.Unauthorized):
                gate.device_app_locations.list().page()
            with pytest.raises(client.Unauthorized):
                gate.token.refresh(refresh_token=str(refresh_token))
            with pytest.raises(client.Unprocessable):
                gate.sign_in(username="jane", password="wrong")


def test_a_sign_in_with_an_api_token_goes_by_the_apps_way_and_back(world: Any) -> None:
    with live.gate() as address, Gate(address, token=world.owner.token, retry=QUICK) as gate:
        gate.user.create(username="jane", password="s3cret-Word")
        gate.sign_in(username="jane", password="s3cret-Word", remember=True)
        with pytest.raises(client.Forbidden):
            gate.user.list().page()
        # A refresh token that works no more: the 401 is told, not the refusal of the refresh.
        gate._credentials.token = f"{gate._credentials.token}x"
        gate._credentials.refresh_token = "gater_nonsense"
        with pytest.raises(client.Unauthorized):
            gate.device_app_locations.list().page()
        gate.sign_out()
        assert gate.user.get_by_username("jane").username == "jane"


def test_nothing_secret_is_shown() -> None:
    with Gate("https://gate.example.net", token="gate_s3cret") as gate:
        assert repr(gate) == "<Gate https://gate.example.net/api/v1>"
        assert "s3cret" not in repr(vars(gate))
