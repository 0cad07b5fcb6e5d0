"""Both or neither: the session in GATE's tables and its packet in the queue, through everything that may be in the way."""

import secrets
import time
from collections.abc import Iterator
from typing import Any

import pytest

import home_server
from home_server import ACCOUNTING, HomeServer, known, lead
from radius_nas import START, STOP, number
from radius_server import until

pytestmark = pytest.mark.django_db


@pytest.fixture
def home() -> Iterator[HomeServer]:
    with home_server.home_servers("one") as (made,):
        yield made


@pytest.fixture
def realm(server: Any, committed: Any, home: HomeServer) -> str:
    name = f"{secrets.token_hex(4)}.example"
    known(server, lead(committed, name, [home]))
    return name


def test_a_session_before_the_one_that_is_known(server: Any, committed: Any, home: HomeServer, realm: str, run_id: str) -> None:
    """Its id was used again since: it goes to the history, under a lock that is free when the transaction is over."""
    nas, now = server.nas(), int(time.time())
    name = f"ann@{realm}"
    assert nas.ask(nas.accounting(START, run_id, name, (55, number(now - 100)))).code == 5
    assert nas.ask(nas.accounting(STOP, run_id, name, (55, number(now - 5000)), seconds=600)).code == 5
    stored = "SELECT acctsessiontime FROM {} WHERE acctsessionid = %s"
    assert committed.all(stored.format("accounting_live"), run_id) == [(0,)]
    assert committed.all(stored.format("accounting_history"), run_id) == [(600,)]
    until(lambda: len(home.of(ACCOUNTING)) == 2)
    until(lambda: not committed.all(
        "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted AND objid = 1196444741"
    ))  # fmt: skip


def test_postgresql_goes_away(server: Any, committed: Any, home: HomeServer, realm: str, run_id: str) -> None:
    """Every connection is cut: what comes next is stored, queued and forwarded all the same."""
    nas = server.nas()
    assert nas.ask(nas.accounting(START, f"{run_id}-1", f"ann@{realm}")).code == 5
    queue = "SELECT count(*) FROM realms_forward f JOIN realms_realm r USING (pool_id) WHERE r.name = %s"
    until(lambda: committed.one(queue, realm) == 0)
    assert committed.terminate()
    assert nas.ask(nas.accounting(START, f"{run_id}-2", f"ann@{realm}")).code == 5
    assert committed.one("SELECT count(*) FROM accounting_live WHERE acctsessionid LIKE %s", f"{run_id}-%") == 2
    until(lambda: {packet.get(44) for packet in home.of(ACCOUNTING)} == {f"{run_id}-{n}".encode() for n in (1, 2)})
    until(lambda: committed.one(queue, realm) == 0)


def test_what_postgresql_refuses_is_neither_stored_nor_forwarded(
    server: Any, committed: Any, home: HomeServer, realm: str, run_id: str
) -> None:
    """And holds up nothing beside it."""
    nas = server.nas()
    committed.all("ALTER TABLE realms_forward ADD CONSTRAINT refuse CHECK (position('poison'::bytea IN attributes) = 0)")
    try:
        requests = [nas.accounting(START, f"{run_id}-{word}", f"ann@{realm}") for word in ("a", "poison", "b")]
        for request in requests:
            nas.send(request)
        answered = {(nas.receive() or b"??")[1] for _ in range(2)}
        assert answered == {requests[0][1], requests[2][1]}
        assert nas.receive(0.3) is None
    finally:
        committed.all("ALTER TABLE realms_forward DROP CONSTRAINT refuse")
    held = committed.all("SELECT acctsessionid FROM accounting_live WHERE acctsessionid LIKE %s ORDER BY 1", f"{run_id}-%")
    assert held == [(f"{run_id}-a",), (f"{run_id}-b",)]
    until(lambda: len(home.of(ACCOUNTING)) == 2)
