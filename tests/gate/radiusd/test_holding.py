"""Refusals leave in the order of their times, and never more wait than may."""

import asyncio
import types

import pytest

from gate.core import clock
from gate.radiusd import holding
from gate.radiusd.holding import Holding


def request(at):
    return types.SimpleNamespace(at=at)


@pytest.mark.parametrize("ages", [(0.0, 0.03, 0.01), (0.05, 0.05, 0.0), (0.2, -60.0)])
def test_each_leaves_at_its_time(ages):
    """The one that took longest to decide leaves first; a clock put back holds none longer than the delay."""

    async def run():
        sent = []
        held = Holding(delay=0.1, send=lambda request, _: sent.append((request, clock.monotonic())))
        began, now = clock.monotonic(), clock.unix()
        requests = [request(now - age) for age in ages]
        for one in requests:
            held.put(one, b"")
        await asyncio.sleep(0.2)
        assert len(held) == 0
        assert [one for one, _ in sent] == sorted(requests, key=lambda one: (min(one.at, now), requests.index(one)))
        for one, at in sent:
            assert min(max(one.at + 0.1 - now, 0), 0.1) - 0.005 <= at - began < 0.15

    asyncio.run(run())


def test_past_the_bound_the_nearest_goes_early(monkeypatch):
    monkeypatch.setattr(holding, "MOST", 3)

    async def run():
        sent = []
        held = Holding(delay=60, send=lambda request, _: sent.append(request))
        now = clock.unix()
        requests = [request(now + n / 1000 - 1) for n in range(5)]
        for one in requests:
            held.put(one, b"")
        assert (sent, len(held)) == (requests[:2], 3)
        held.release()
        assert (sent, len(held)) == (requests, 0)

    asyncio.run(run())
