"""Accounting of realms: kept with the session, forwarded until it is acknowledged, whoever dies meanwhile."""

import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest

import home_server
from gate.radiusd.proxy import targets
from home_server import ACCOUNTING, HomeServer, known, lead
from radius_nas import INTERIM, START, STOP, number
from radius_server import free_ports, until

pytestmark = pytest.mark.django_db
ON, OFF = 7, 8


@pytest.fixture
def homes() -> Iterator[list[HomeServer]]:
    with home_server.home_servers("one", "two") as made:
        yield made


@pytest.fixture
def realm() -> str:
    return f"{secrets.token_hex(4)}.example"


def waiting(committed: Any, realm: str) -> int:
    """Rows of the queue for the realm's pool."""
    return int(committed.one(
        "SELECT count(*) FROM realms_forward f JOIN realms_realm r ON r.pool_id = f.pool_id WHERE r.name = %s", realm
    ))  # fmt: skip


def told(home: HomeServer) -> list[tuple[str, int]]:
    """Session and status of what came."""
    return [((packet.get(44) or b"").decode(), int.from_bytes(packet.get(40) or b"", "big")) for packet in home.of(ACCOUNTING)]


def test_it_is_stored_and_forwarded(server: Any, committed: Any, homes: list[HomeServer], realm: str, run_id: str) -> None:
    """In GATE's own sessions without a user, and to the home server as the NAS said it."""
    known(server, lead(committed, realm, homes, strip=True))
    committed.user(username="ann")
    nas = server.nas()
    for status, seconds in ((START, 0), (INTERIM, 60), (STOP, 120)):
        request = nas.accounting(status, run_id, f"ann@{realm}", (33, b"mine"), (42, number(seconds * 10)), seconds=seconds)
        assert nas.ask(request).get_all(33) == [b"mine"]
    until(lambda: told(homes[0]) == [(run_id, START), (run_id, INTERIM), (run_id, STOP)])
    until(lambda: waiting(committed, realm) == 0)
    sent = homes[0].asked[-1]
    assert sent.get(1) == b"ann"
    assert sent.get_all(33)[0] == b"mine"
    assert sent.get(41) in {None, number(1)}
    stored = committed.all(
        "SELECT username, user_id, realm, acctsessiontime, acctinputoctets FROM accounting_live WHERE acctsessionid = %s", run_id
    )
    assert stored == [(f"ann@{realm}", None, realm, 120, 1200)]


def test_it_waits_for_the_home_server_in_order(
    server: Any, committed: Any, homes: list[HomeServer], realm: str, run_id: str
) -> None:
    """Acknowledged to the NAS at once; then each session's packets in their order, with the delay that they had."""
    homes[0].is_mute = True
    known(server, lead(committed, realm, homes[:1], health="status", timeout=0.2, tries=1))
    nas = server.nas()
    for session in (f"{run_id}-a", f"{run_id}-b"):
        for status in (START, INTERIM, STOP):
            assert nas.ask(nas.accounting(status, session, f"ann@{realm}", (41, number(7)))).code == 5
    assert waiting(committed, realm) == 6
    time.sleep(1.1)
    first = len(homes[0].of(ACCOUNTING))
    homes[0].is_mute = False
    until(lambda: waiting(committed, realm) == 0, within=20)
    delivered = told(homes[0])[first:]
    for session in (f"{run_id}-a", f"{run_id}-b"):
        assert [status for name, status in delivered if name == session] == [START, INTERIM, STOP]
    assert all(int.from_bytes(packet.get(41) or b"", "big") >= 8 for packet in homes[0].of(ACCOUNTING)[first:])
    assert {status for name, status in told(homes[0])[:first]} <= {START}, "what follows waits for what went before"


def test_the_next_server_takes_it(server: Any, committed: Any, homes: list[HomeServer], realm: str, run_id: str) -> None:
    """Where the first is silent."""
    homes[0].is_mute = True
    known(server, lead(committed, realm, homes))
    nas = server.nas()
    nas.ask(nas.accounting(START, run_id, f"ann@{realm}"))
    until(lambda: told(homes[1]) == [(run_id, START)])
    until(lambda: waiting(committed, realm) == 0)


def test_a_realm_may_keep_its_accounting_here(
    server: Any, committed: Any, homes: list[HomeServer], realm: str, run_id: str
) -> None:
    """Stored, not forwarded; and what comes by a loop is not forwarded again either."""
    known(server, lead(committed, realm, homes, accounting=False))
    known(server, lead(committed, f"looped.{realm}", homes))
    nas = server.nas()
    nas.ask(nas.accounting(START, f"{run_id}-1", f"ann@{realm}"))
    nas.ask(nas.accounting(START, f"{run_id}-2", f"ann@looped.{realm}"))
    until(lambda: told(homes[0]) == [(f"{run_id}-2", START)])
    mark = homes[0].asked[0].get_all(33)[-1]
    nas.ask(nas.accounting(START, f"{run_id}-3", f"ann@looped.{realm}", (33, mark)))
    assert committed.one("SELECT count(*) FROM accounting_live WHERE acctsessionid LIKE %s", f"{run_id}-%") == 3
    time.sleep(0.2)
    assert len(homes[0].asked) == 1


def test_wrong_acknowledgements_are_none(server: Any, committed: Any, homes: list[HomeServer], realm: str, run_id: str) -> None:
    """Signed with another secret: it stays in the queue, and is sent again until the right one comes."""
    known(server, lead(committed, realm, homes[:1], timeout=0.1, tries=1, zombie_period=30.0))
    homes[0].replies = lambda home, packet: [
        home.reply(packet, 5, secret=b"another secret of somebody" if len(home.of(ACCOUNTING)) < 2 else None)
    ]
    nas = server.nas()
    nas.ask(nas.accounting(START, run_id, f"ann@{realm}"))
    until(lambda: homes[0].of(ACCOUNTING))
    assert waiting(committed, realm) == 1
    until(lambda: waiting(committed, realm) == 0, within=20)
    assert len(homes[0].of(ACCOUNTING)) >= 2


def test_a_restart_is_told_to_every_pool(server: Any, committed: Any, homes: list[HomeServer], realm: str, run_id: str) -> None:
    """With the end of the NAS's own sessions; to each pool once that has accounting of a realm there, and to no other."""
    with home_server.home_servers("three", "four", "five") as (kept, hidden, elsewhere):
        leads = (
            lead(committed, realm, homes[:1]), lead(committed, f"other.{realm}", homes[1:], strip=True),
            lead(committed, f"kept.{realm}", [kept], accounting=False), lead(committed, realm, [elsewhere], organization="rival"),
            lead(committed, f"far.{realm}", [elsewhere], organization="acme-east"),
        )  # fmt: skip
        for made in leads[:3]:
            known(server, made)
        # Nearer to the NAS in the west, so that nobody of its NAS reaches the other one.
        lead(committed, f"*.a{realm}", [hidden])
        known(server, lead(committed, f"*.a{realm}", [kept], organization="acme-west", accounting=False))
        nas, west = server.nas(), server.nas("acme-west")
        address = (4, bytes([192, 0, 2, 77]))
        assert nas.ask(nas.accounting(START, run_id, "somebody", address, (55, number(int(time.time()) - 50)))).code == 5
        assert nas.ask(nas.accounting(ON, "", "", address, (33, b"mine"))).get_all(33) == [b"mine"]
        closed = committed.all("SELECT closed_by FROM accounting_live WHERE acctsessionid = %s", run_id)
        assert closed == [("restart",)]
        until(lambda: all([status for _, status in told(home)] == [ON] for home in homes))
        assert homes[0].of(ACCOUNTING)[0].get(4) == address[1]
        until(lambda: len(hidden.of(ACCOUNTING)) == 1)
        assert west.ask(west.accounting(OFF, "", "", address)).code == 5
        until(lambda: all([status for _, status in told(home)] == [ON, OFF] for home in homes))
        time.sleep(0.2)
        assert (len(kept.asked), len(hidden.asked), len(elsewhere.asked)) == (0, 1, 0)


def test_a_restart_that_comes_back_by_a_loop_is_not_told_again(
    server: Any, committed: Any, homes: list[HomeServer], realm: str, run_id: str
) -> None:
    """Known by the Proxy-State of the realm."""
    known(server, lead(committed, realm, homes[:1]))
    nas = server.nas()
    assert nas.ask(nas.accounting(ON, "", "")).code == 5
    until(lambda: len(homes[0].of(ACCOUNTING)) == 1)
    mark = homes[0].asked[0].get_all(33)[-1]
    assert nas.ask(nas.accounting(ON, "", "", (33, mark))).code == 5
    time.sleep(0.2)
    assert len(homes[0].asked) == 1


def test_a_restart_waits_in_the_queue_and_what_cannot_be_queued_is_not_acknowledged(
    server: Any, committed: Any, homes: list[HomeServer], realm: str, run_id: str
) -> None:
    """Both or neither, as all accounting of realms."""
    homes[0].is_mute = True
    known(server, lead(committed, realm, homes[:1], timeout=0.2, tries=1))
    nas = server.nas()
    address = (4, bytes([192, 0, 2, 78]))
    assert nas.ask(nas.accounting(START, run_id, "somebody", address, (55, number(int(time.time()) - 50)))).code == 5
    committed.all("ALTER TABLE realms_forward ADD CONSTRAINT refuse CHECK (position('poison'::bytea IN attributes) = 0)")
    try:
        nas.send(nas.accounting(ON, "", "", address, (32, b"poison")))
        assert nas.receive(0.5) is None
        nas.send(nas.accounting(ON, "poison", "", address))
        assert nas.receive(0.5) is None
        held = committed.all("SELECT closed_by FROM accounting_live WHERE acctsessionid = %s", run_id)
        assert held == [(None,)], "closed, and home servers do not hear of it"
    finally:
        committed.all("ALTER TABLE realms_forward DROP CONSTRAINT refuse")
    assert nas.ask(nas.accounting(ON, "", "", address)).code == 5
    assert waiting(committed, realm) == 1
    homes[0].is_mute = False
    until(lambda: waiting(committed, realm) == 0, within=20)


def test_a_pool_that_is_silent_holds_up_no_other(
    server: Any, committed: Any, homes: list[HomeServer], realm: str, run_id: str
) -> None:
    """Of a session whose realm leads elsewhere since: what waits for the pool it led to waits there alone."""
    homes[0].is_mute = True
    first = lead(committed, realm, homes[:1])
    known(server, first)
    nas = server.nas()
    assert nas.ask(nas.accounting(START, run_id, f"ann@{realm}")).code == 5
    second = lead(committed, f"second.{realm}", homes[1:])
    committed.all(
        "UPDATE realms_realm r SET pool_id = s.pool_id FROM realms_realm s WHERE r.id = %s AND s.id = %s", first, second
    )
    pool = committed.one("SELECT pool_id FROM realms_realm WHERE id = %s", first)
    until(lambda: any(route.pool.id == pool for route in home_server.routes(server) if route.id == first))
    assert nas.ask(nas.accounting(STOP, run_id, f"ann@{realm}")).code == 5
    until(lambda: told(homes[1]) == [(run_id, STOP)])


def test_a_home_server_is_changed_while_it_is_asked(
    server: Any, committed: Any, homes: list[HomeServer], realm: str, run_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What waits for the one it was is told that there is no answer, and goes to the one it is."""
    monkeypatch.setattr(targets, "LATE", 0.2)
    homes[0].is_mute = True
    known(server, lead(committed, realm, homes[:1], timeout=30.0, tries=1))
    nas = server.nas()
    assert nas.ask(nas.accounting(START, run_id, f"ann@{realm}")).code == 5
    until(lambda: len(homes[0].of(ACCOUNTING)) == 1)
    committed.all("UPDATE realms_homeserver SET timeout = 0.3 WHERE name = %s", f"one.{realm}")
    homes[0].is_mute = False
    until(lambda: waiting(committed, realm) == 0, within=10)


def test_days_later_it_is_given_up_and_counted(
    server: Any, committed: Any, homes: list[HomeServer], realm: str, run_id: str
) -> None:
    """And whatever waits is told to Prometheus."""
    homes[0].is_mute = True
    known(server, lead(committed, realm, homes[:1], health="status", timeout=0.1, tries=1, zombie_period=0.1))
    nas = server.nas()
    for number_ in range(2):
        nas.ask(nas.accounting(START, f"{run_id}-{number_}", f"ann@{realm}"))
    committed.all(
        "UPDATE realms_forward SET at = at - 15 * 86400 WHERE id = (SELECT min(f.id) FROM realms_forward f"
        " JOIN realms_realm r ON r.pool_id = f.pool_id WHERE r.name = %s)",
        realm,
    )
    before = server.metrics["proxy.accounting-given-up"]
    forwarder = server.service.proxy.forwarder
    server.loop.call_soon_threadsafe(setattr, forwarder, "_counted", float("-inf"))
    until(lambda: server.metrics["proxy.accounting-given-up"] == before + 1)
    assert waiting(committed, realm) == 1
    until(lambda: forwarder.waiting >= 1)
    told_ = {family.name: family for family in server.service.proxy.families()}
    assert told_["gate_radius_forward_length"].samples
    homes[0].is_mute = False
    until(lambda: waiting(committed, realm) == 0, within=20)


def test_nothing_is_lost_where_gate_is_killed(committed: Any, homes: list[HomeServer], realm: str, run_id: str) -> None:
    """SIGKILL with everything acknowledged and nothing delivered; a fresh process delivers it, each session in order."""
    from radius_nas import Nas

    homes[0].is_mute = True
    lead(committed, realm, homes[:1], health="status", timeout=0.2, tries=1, zombie_period=0.2)
    auth_port, acct_port = free_ports()
    environment = {
        **os.environ, "DATABASE_URL": committed.url, "GATE_RADIUS_BIND": "127.0.0.1", "GATE_RADIUS_AUTH_PORT": str(auth_port),
        "GATE_RADIUS_ACCT_PORT": str(acct_port), "GATE_DATABASE_URL": committed.url,
    }  # fmt: skip
    nas = Nas(secret=committed.world.nas_secret.encode(), auth_port=auth_port, acct_port=acct_port)
    sessions = [f"{run_id}-{number_}" for number_ in range(10)]
    try:
        for turn in range(2):
            process = subprocess.Popen([sys.executable, "-m", "gate", "radius"], env=environment)
            try:
                if turn == 0:
                    for session in sessions:
                        for status in (START, STOP):
                            assert nas.ask(nas.accounting(status, session, f"ann@{realm}"), within=20).code == 5
                    assert waiting(committed, realm) == 20
                    before = len(homes[0].of(ACCOUNTING))
                else:
                    homes[0].is_mute = False
                    until(lambda: waiting(committed, realm) == 0, within=30)
            finally:
                process.kill()
                process.wait(10)
    finally:
        nas.close()
    delivered = told(homes[0])[before:]
    for session in sessions:
        # At least once: whoever acknowledges twice folds it. The first of each comes in order.
        assert list(dict.fromkeys(status for name, status in delivered if name == session)) == [START, STOP]
