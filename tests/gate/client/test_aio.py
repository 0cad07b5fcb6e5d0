"""The awaited client, on real sockets. What it shares with the blocking one is tested with that."""

import asyncio
import json
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

import contract
import live
from gate import client
from gate.client import AsyncGate, Retry

QUICK = Retry(attempts=4, first=0.01)
USER = json.dumps(contract.responses("GET /user/")[0]["results"][0]).encode()
OK: live.Reply = (200, {}, USER)


def run(address: str, use: Callable[[AsyncGate], Coroutine[Any, Any, None]], *, token: str | None = "t") -> None:
    async def main() -> None:
        async with AsyncGate(address, token=token, retry=QUICK) as gate:
            await use(gate)

    asyncio.run(main())


def test_against_gate(world: Any) -> None:
    async def use(gate: AsyncGate) -> None:
        assert (await gate.health.get()).status == "ready"
        made = await gate.user.create(username="jane", password="s3cret-Word")
        assert (await gate.user.get(made.id)) == made
        assert [user.username async for user in gate.user.list(username="guest", limit=1)] == [
            "guest.acme", "guest.acme-west", "guest.acme-east",
        ]  # fmt: skip
        assert [page.count async for page in gate.device_app_locations.list(limit=2).pages()] == [3, 3]
        assert (await gate.hostspot_locations.list().page()).count == 3
        with pytest.raises(client.NotFound):
            await gate.user.get(2**60)
        await gate.sign_in(username="jane", password="s3cret-Word")
        gate._credentials.token = f"{gate._credentials.token}x"
        assert (await gate.device_app_locations.list().page()).count == 3
        await gate.sign_out()
        await gate.user.delete(made.id)
        assert repr(gate).startswith("<AsyncGate http://127.0.0.1:")

    with live.gate() as address:
        run(address, use, token=world.owner.token)


def test_trouble_passes() -> None:
    async def use(gate: AsyncGate) -> None:
        assert (await gate.user.get(1)).id == 1

    with live.scripted([(429, {"Retry-After": "0"}, b"{}"), None, (503, {}, b"{}"), OK]) as script:
        run(script.address, use)
    assert len(script.asked) == 4


def test_what_may_have_been_done_is_not_done_again() -> None:
    async def use(gate: AsyncGate) -> None:
        with pytest.raises(client.ConnectionFailed):
            await gate.user.create(username="jane")

    with live.scripted([None, OK]) as script:
        run(script.address, use)
    assert len(script.asked) == 1


def test_tasks_that_meet_an_ended_token_refresh_it_once() -> None:
    server = live.TokenServer(OK)

    async def use(gate: AsyncGate) -> None:
        gate._credentials.token, gate._credentials.refresh_token = "access-ended", "refresh-0"
        users = await asyncio.gather(*(gate.user.get(1) for _ in range(8)))
        assert {user.id for user in users} == {1}

    with live.scripted(server) as script:
        run(script.address, use, token=None)
    assert server.refreshes == 1


def test_a_call_can_be_cancelled() -> None:
    async def use(gate: AsyncGate) -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await gate.user.get(1)

    with live.scripted([(503, {"Retry-After": "30"}, b"{}"), OK]) as script:
        run(script.address, use)
    assert len(script.asked) == 1
