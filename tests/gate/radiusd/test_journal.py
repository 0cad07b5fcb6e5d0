"""The log of sign-ins is written once, also where something else fails, and never grows without bound."""

import asyncio
import datetime as dt

import msgspec
import psycopg
import pytest

from gate.access import sql
from gate.access.rules import decide
from gate.access.types import Facts, ProfileFacts, Proof, UserFacts
from gate.database.link import LinkLost
from gate.radiusd import journal as module
from gate.radiusd.journal import Journal, SignIn
from gate.radiusd.metrics import Metrics

ENTRY = SignIn(1.0, 1, 1, 1, None, None, "eve", None, None, "PAP", True, "")
NAMES = {sql.LOG: "log", sql.KEEP_VERIFIER: "verifier", sql.KEEP_HASH: "hash", sql.LOGGED_IN: "logins", sql.LET_IN: "let in"}
ALL = list(NAMES.values())


class FakeLink:
    """Notes what is run; raises what it is told to, once each."""

    def __init__(self):
        self.ran = []
        self.troubles = []
        self.hold = None
        self.began = asyncio.Event()

    async def run(self, statement, parameters):  # noqa: ARG002  the link's signature
        name = NAMES[statement]
        self.ran.append(name)
        self.began.set()
        if self.hold is not None:
            await self.hold.wait()
        for trouble in self.troubles:
            if trouble[0] == name:
                self.troubles.remove(trouble)
                raise trouble[1]
        return []


@pytest.fixture
def journal():
    made = Journal(link=FakeLink(), metrics=Metrics())
    made.record(ENTRY)
    made.keep_verifier(verifier=b"v", user_id=7, password_version=0)
    made.keep_hash(password_hash="new", user_id=7, in_place_of="old")
    made.logged_in(user_id=7, at=1.0)
    made.let_in(portal_session_id=3, at=1.0)
    return made


def empty(journal):
    return not (journal._entries or journal._verifiers or journal._hashes or journal._logins or journal._let_in)


def test_everything_is_written_once(journal):
    asyncio.run(journal.flush())
    assert journal._link.ran == ALL
    assert empty(journal)
    asyncio.run(journal.flush())
    assert len(journal._link.ran) == len(ALL)


@pytest.mark.parametrize("where", ALL)
def test_what_postgresql_was_away_for_is_written_later_and_nothing_twice(journal, where):
    journal._link.troubles = [(where, LinkLost("gone"))]
    asyncio.run(journal.flush())
    asyncio.run(journal.flush())
    ran = journal._link.ran
    assert empty(journal)
    for name in NAMES.values():
        assert ran.count(name) == (2 if name == where else 1)
    assert not journal._metrics["journal.lost"]


@pytest.mark.parametrize("where", ALL)
def test_what_is_refused_is_let_go_and_does_not_hold_up_the_rest(journal, where, caplog):
    journal._link.troubles = [(where, psycopg.errors.CheckViolation("no"))]
    asyncio.run(journal.flush())
    assert journal._link.ran == ALL
    assert empty(journal)
    assert "PostgreSQL refused" in caplog.text
    assert journal._metrics["journal.lost"] == (1 if where in {"log", "let in"} else 0)


def test_it_is_bounded(journal, monkeypatch):
    monkeypatch.setattr(module, "LIMIT", 3)
    for _ in range(5):
        journal.record(ENTRY)
        journal.let_in(portal_session_id=3, at=2.0)
    assert len(journal._entries) == len(journal._let_in) == 3
    assert journal._metrics["journal.lost"] == 6
    assert journal._verifiers.maxlen == 50_000


def test_large_backlogs_go_in_batches(journal):
    for _ in range(2 * module.BATCH):
        journal.record(ENTRY)
    asyncio.run(journal.flush())
    assert journal._link.ran == ["log", "log", *ALL]


def test_under_load_a_flush_ends(journal):
    """Each write takes long enough for new entries to come; they are for the next flush."""
    run = journal._link.run

    async def busy(statement, parameters):
        journal.record(ENTRY)
        return await run(statement, parameters)

    journal._link.run = busy
    asyncio.run(asyncio.wait_for(journal.flush(), timeout=5))
    assert journal._link.ran == ALL


def test_a_stop_in_the_middle_of_a_write_writes_nothing_twice(journal):
    async def work():
        journal._link.hold = asyncio.Event()
        writing = asyncio.create_task(journal.write())
        await journal._link.began.wait()
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)
        last = asyncio.create_task(journal.flush())
        await asyncio.sleep(0)
        journal._link.hold.set()
        await last

    asyncio.run(asyncio.wait_for(work(), timeout=5))
    assert journal._link.ran == ALL
    assert empty(journal)


def test_a_login_that_came_meanwhile_is_the_one_kept(journal):
    async def work():
        journal._link.hold = asyncio.Event()
        journal._link.troubles = [("logins", LinkLost("gone"))]
        flushing = asyncio.create_task(journal.flush())
        await journal._link.began.wait()
        journal._link.hold.set()
        await flushing
        assert journal._logins == {7: 1.0}
        journal.logged_in(user_id=7, at=9.0)
        await journal.flush()

    asyncio.run(asyncio.wait_for(work(), timeout=5))
    assert empty(journal)


def test_what_is_written_of_a_decision():
    """A usual grant is told in three short columns; all else with its trace, made when it is written."""
    user = UserFacts(
        id=7, organization_id=1, organization_active=True, is_active=True, expiration=None, credit=None, klass=None,
        profiles=tuple(ProfileFacts(id=number, short_name="a", checks=(), replies=()) for number in (4, 2)),
    )  # fmt: skip
    usual = Facts(user=user, proof=Proof.RIGHT, request={})
    limited = Facts(user=msgspec.structs.replace(user, credit=30), proof=Proof.RIGHT, request={})
    wrong = Facts(user=user, proof=Proof.WRONG, request={})
    now = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
    batch = [ENTRY._replace(facts=facts, decision=decide(facts, now)) for facts in (usual, limited, wrong)]
    batch += [ENTRY, batch[2]._replace(facts=None)]
    seconds, sources, profiles, traces = module.columns(batch)[-4:]
    assert seconds == "{NULL,30,NULL,NULL,NULL}"
    assert sources == '{"","credit",NULL,NULL,NULL}'
    assert profiles == '{"4,2","4,2","4,2",NULL,NULL}'
    assert traces.startswith("{NULL,")
    assert traces.endswith(",NULL,NULL}")
    assert "30 s" in traces
    assert len(module.columns(batch)) == len(sql.LOG_TYPES)


def test_where_many_wait_requests_are_let_go(journal):
    facts = Facts(user=None, proof=Proof.WRONG, request={})
    journal._entries.extend([ENTRY] * (module.TRACED - 2))
    for _ in range(3):
        journal.record(ENTRY._replace(facts=facts))
    assert [entry.facts for entry in list(journal._entries)[-3:]] == [facts, None, None]
