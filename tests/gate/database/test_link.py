"""The RADIUS server's connections: what comes back belongs to what was asked, and a lost connection is told as lost."""

import asyncio
import contextlib
import os
import threading

import psycopg
import pytest
import uvloop
from django.db import connection
from psycopg.conninfo import make_conninfo

from gate.database import arrays
from gate.database.link import HotLink, Link, LinkLost

HUGE = 3_000_000


@pytest.fixture
def url(db):
    return make_conninfo(os.environ["DATABASE_URL"], dbname=connection.settings_dict["NAME"])


def run(work):
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(asyncio.wait_for(work, timeout=30))


@contextlib.asynccontextmanager
async def linked(kind, url, **named):
    link = kind(url=url, name="test", **named)
    try:
        yield link
    finally:
        await link.close()


async def backend(link):
    return (await link.connection()).info.backend_pid


def terminate(url, pid):
    with psycopg.connect(url, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])


def test_statements_are_prepared_once_and_give_their_own_rows(url):
    async def work():
        async with linked(HotLink, url) as link:
            for number in range(5):
                assert await link.run("SELECT %s::bigint, %s::text", [str(number), None]) == [(number, None)]
                assert await link.run("SELECT x FROM unnest(%s::text[]) AS x", [arrays.literal("text", ["a", "%s$1"])]) == [
                    ("a",),
                    ("%s$1",),
                ]
            assert await link.run("SELECT count(*) FROM pg_prepared_statements", []) == [(3,)]
            assert await link.run("SELECT 1 WHERE false", []) == []

    run(work())


def test_role_and_settings_hold_again_after_a_loss(url):
    async def work():
        async with linked(HotLink, url, role="gate_system", settings={"enable_seqscan": "off"}) as link:
            asked = "SELECT current_user::text, current_setting('enable_seqscan')"
            assert await link.run(asked, []) == [("gate_system", "off")]
            await asyncio.to_thread(terminate, url, await backend(link))
            with contextlib.suppress(LinkLost):
                await link.run(asked, [])
            assert await link.run(asked, []) == [("gate_system", "off")]

    run(work())


def test_a_refused_statement_is_told_and_the_next_one_runs(url):
    async def work():
        async with linked(HotLink, url) as link:
            first = await backend(link)
            for _ in range(2):
                with pytest.raises(psycopg.errors.InvalidTextRepresentation):
                    await link.run("SELECT %s::bigint", ["x"])
                with pytest.raises(psycopg.errors.UndefinedTable):
                    await link.run("SELECT * FROM no_such_table WHERE %s::text IS NULL", ["x"])
                assert await link.run("SELECT %s::bigint", ["7"]) == [(7,)]
            assert await backend(link) == first

    run(work())


def test_a_text_with_a_nul_is_refused_and_not_cut(url):
    async def work():
        async with linked(HotLink, url) as link:
            with pytest.raises(psycopg.Error):
                await link.run("SELECT %s::text[]", ['{"a\0","b"}'])
            assert await link.run("SELECT %s::text[]", ['{"b"}']) == [(["b"],)]

    run(work())


def test_statements_and_answers_larger_than_any_buffer(url):
    async def work():
        async with linked(HotLink, url) as link:
            large = "x" * HUGE
            assert await link.run("SELECT %s::text", [large]) == [(large,)]
            ((size,),) = await link.run("SELECT count(*) FROM unnest(%s::bigint[])", [arrays.literal("bigint", range(300_000))])
            assert size == 300_000

    run(work())


@pytest.mark.parametrize("kind", ["run", "rows"])
def test_a_connection_lost_while_idle_or_at_work_is_told_as_lost(url, kind):
    async def work():
        async with linked(HotLink if kind == "run" else Link, url) as link:
            ask = getattr(link, kind)
            for asked in ("SELECT 1", "SELECT 1 FROM pg_sleep(20)"):
                assert await ask("SELECT 1", []) == [(1,)]
                pid = await backend(link)
                waiting = asyncio.create_task(ask(asked, [])) if "sleep" in asked else None
                await asyncio.sleep(0.05)
                await asyncio.to_thread(terminate, url, pid)
                if waiting is not None:
                    with pytest.raises(LinkLost, match="terminating connection"):
                        await waiting
                else:
                    # The reader of the hot link has seen the end by now; the other link finds out when it asks.
                    with contextlib.suppress(LinkLost):
                        await ask("SELECT 1", [])
                assert await ask("SELECT 2", []) == [(2,)]
                assert await backend(link) != pid

    run(work())


def test_what_was_given_up_never_answers_another_question(url):
    async def work():
        async with linked(HotLink, url) as link:
            for _ in range(3):
                assert await link.run("SELECT 1", []) == [(1,)]
                waiting = asyncio.create_task(link.run("SELECT 99 FROM pg_sleep(0.05)", []))
                await asyncio.sleep(0.01)
                waiting.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await waiting
                assert await link.run("SELECT 2", []) == [(2,)]
                assert await link.run("SELECT 3", []) == [(3,)]

    run(work())


def test_a_connection_that_ends_with_a_statement_half_read_is_found_out(url):
    """Its socket is left in error, which wakes no reader under uvloop: without a look now and then the link waits for ever."""
    stop = threading.Event()

    def terminate_all():
        asked = (
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'gate-radius test' AND random() < 0.6"
        )
        with psycopg.connect(url, autocommit=True) as other:
            while not stop.wait(0.005):
                other.execute(asked)

    async def ask(number):
        answered = lost = 0
        text = "x" * 20_000
        async with linked(HotLink, url) as link:
            while not stop.is_set():
                try:
                    found = await asyncio.wait_for(link.run("SELECT %s::text, %s::bigint", [text, str(number)]), timeout=10)
                    assert found == [(text, number)]
                    answered += 1
                except LinkLost:
                    lost += 1
        return answered, lost

    async def work():
        asking = [asyncio.create_task(ask(number)) for number in range(4)]
        killer = asyncio.create_task(asyncio.to_thread(terminate_all))
        await asyncio.wait(asking, timeout=3, return_when=asyncio.FIRST_EXCEPTION)
        stop.set()
        counts = await asyncio.gather(*asking)
        await killer
        return [sum(each) for each in zip(*counts, strict=True)]

    answered, lost = run(work())
    assert answered > 50
    assert lost > 50


@pytest.mark.parametrize(
    ("statement", "lost"),
    [
        ("DO $x$ BEGIN RAISE disk_full; END $x$", True),
        ("DO $x$ BEGIN RAISE out_of_memory; END $x$", True),
        ("DO $x$ BEGIN RAISE read_only_sql_transaction; END $x$", True),
        ("DO $x$ BEGIN RAISE query_canceled; END $x$", True),
        ("DO $x$ BEGIN RAISE unique_violation; END $x$", False),
        ("DO $x$ BEGIN RAISE deadlock_detected; END $x$", False),
        ("DO $x$ BEGIN RAISE serialization_failure; END $x$", False),
    ],
)
def test_whose_fault_an_error_is(url, statement, lost):
    """The server's own troubles are waited out; a statement's are its own."""

    async def work():
        async with linked(HotLink, url) as link:
            with pytest.raises(LinkLost if lost else psycopg.Error):
                await link.run(statement, [])
            assert await link.run("SELECT 1", []) == [(1,)]

    run(work())


@pytest.mark.parametrize("kind", [Link, HotLink])
def test_a_server_that_is_not_there_is_told_and_no_connection_is_left_over(url, kind):
    async def work():
        for wrong, named in ((make_conninfo(url, dbname="no_such_database"), {}), (url, {"role": "no_such_role"})):
            async with linked(kind, wrong, **named) as link:
                for _ in range(2):
                    with pytest.raises(LinkLost, match="no_such"):
                        await link.connection()

    run(work())
    with psycopg.connect(url) as other:
        asked = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'gate-radius test' AND state IS NOT NULL"
        for _ in range(200):
            if other.execute(asked).fetchone() == (0,):
                return
            other.rollback()
            other.execute("SELECT pg_sleep(0.01)")
    pytest.fail("a connection is left over")
