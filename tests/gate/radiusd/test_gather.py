"""Requests leave in batches: none lost, none twice, in their order, and the second worker only when there is work for two."""

import asyncio

import pytest

from gate.radiusd import gather
from gate.radiusd.gather import FULL, MOST, Batches


def run(work):
    return asyncio.run(asyncio.wait_for(work, timeout=10))


def test_past_the_backlog_nothing_is_taken():
    batches = Batches(backlog=3)
    assert [batches.put(number) for number in range(5)] == [True, True, True, False, False]
    assert len(batches) == 3
    assert run(batches.take(0)) == [0, 1, 2]
    assert batches.put(5)


def test_a_single_item_does_not_wait_for_others():
    async def work():
        batches = Batches(backlog=10)
        waiting = asyncio.create_task(batches.take(0))
        await asyncio.sleep(0)
        batches.put("one")
        return await waiting

    assert run(work()) == ["one"]


def test_what_comes_in_the_same_turns_leaves_together():
    async def work():
        batches = Batches(backlog=100)
        waiting = asyncio.create_task(batches.take(0))
        for number in range(5):
            batches.put(number)
            await asyncio.sleep(0)
        return await waiting

    assert len(run(work())) >= 2


@pytest.mark.parametrize("full", [FULL, 2 * FULL])
def test_the_second_worker_waits_for_a_full_batch(full):
    async def work():
        batches = Batches(backlog=1000, full=full)
        second = asyncio.create_task(batches.take(1))
        for number in range(full - 1):
            batches.put(number)
        for _ in range(10):
            await asyncio.sleep(0)
        assert not second.done()
        batches.put("last")
        assert len(await second) == full

    run(work())


def test_no_batch_is_larger_than_the_largest():
    batches = Batches(backlog=10 * MOST)
    for number in range(2 * MOST + 5):
        batches.put(number)
    sizes = [len(run(batches.take(0))) for _ in range(3)]
    assert sizes == [MOST, MOST, 5]


@pytest.mark.parametrize("burst", [1, 7, FULL, 3 * MOST])
def test_every_item_leaves_once(burst):
    total = 2000

    async def work():
        batches, taken, done = Batches(backlog=10**6), [], asyncio.Event()

        async def worker(number):
            while True:
                batch = await batches.take(number)
                await asyncio.sleep(0)
                taken.extend(batch)
                if len(taken) == total:
                    done.set()

        workers = [asyncio.create_task(worker(number)) for number in range(len(gather.WORKERS))]
        for number in range(total):
            assert batches.put(number)
            if number % burst == 0:
                await asyncio.sleep(0)
        await done.wait()
        for each in workers:
            each.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
        return taken

    assert sorted(run(work())) == list(range(total))
