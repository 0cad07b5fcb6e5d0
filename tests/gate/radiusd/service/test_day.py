"""Rule 1 of docs/radius.md at size: a day's packets three times and in any order are the same rows and debits as once in order.

By UDP, to the real server, with copies while a packet is in hand, copies answered from memory, copies from another port and
after the memory was emptied, which are handled anew, and retransmissions with another identifier and Acct-Delay-Time.

`DAY_SESSIONS=5000` for a larger day, `DAY_SEED` for another.
"""

import contextlib
import os
import random
import time
from collections import Counter

import pytest

import day
from radius_server import committed_database, serving

SESSIONS = int(os.environ.get("DAY_SESSIONS", "240"))
SEED = int(os.environ.get("DAY_SEED", "2866"))
CREDIT = 10**8
PLACES = ("acme", "acme-west", "acme-east", "rival")
SECRET_ADDRESSES = ["127.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.0.4"]
# acctinterval is the gap between the last two updates that came, whichever they were; the rest is of the row's own making.
COLUMNS = """
    acctsessionid, nasidentifier, username, acctstarttime, acctupdatetime, acctstoptime, acctsessiontime, acctinputoctets,
    acctoutputoctets, start_seen, acctterminatecause, user_id, tenant_id, organization_id, location_id, access_point_id, nas_id,
    acctmultisessionid, callingstationid, calledstationid, ssid, nasporttype, groupname, nasipaddress, realm, narrow
"""
ROWS = f"SELECT {COLUMNS} FROM accounting_live UNION ALL SELECT {COLUMNS} FROM accounting_history ORDER BY 1, 2, 3, 4"

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(120 + SESSIONS)]


@pytest.fixture(scope="module")
def databases(django_db_setup, django_db_blocker):
    """Two, alike to the ids of everybody: people at every place, most of them with credit."""
    with contextlib.ExitStack() as stack:
        stack.enter_context(django_db_blocker.unblock())
        made = [stack.enter_context(committed_database(f"gate_day_{name}")) for name in ("once", "thrice")]
        for committed in made:
            for place in PLACES:
                for number in range(6):
                    committed.user(organization=place, username=f"{place}-{number}", profile=place)
            committed.all(
                "INSERT INTO credit_balance (user_id, tenant_id, seconds) SELECT id, tenant_id, %s FROM users_user"
                " WHERE username ~ '-[0-3]$'", CREDIT,
            )  # fmt: skip
        yield made


def deliver(server, packets, *, window, doubled=0.0, chance):
    ports = day.Ports(addresses=SECRET_ADDRESSES, port=server.acct_port, secret=server.world.nas_secret.encode())
    try:
        for batch in packets(ports):
            ports.deliver(batch, window=window, doubled=doubled, chance=chance)
    finally:
        ports.close()


async def forget(server):
    """As after REMEMBERED_FOR seconds: what was answered is not known any more."""
    server.service.listener._memory.handle_timer(float("inf"))


def books(committed):
    """What there is in the end: rows, and the debit and the entries of each user."""
    debits = committed.all(
        "SELECT u.username, %s - b.seconds, (SELECT -coalesce(sum(e.seconds), 0)::bigint FROM credit_entry e"
        " WHERE e.user_id = u.id), (SELECT count(*) FROM credit_entry e WHERE e.user_id = u.id)"
        " FROM credit_balance b JOIN users_user u ON u.id = b.user_id ORDER BY 1", CREDIT,
    )  # fmt: skip
    return committed.all(ROWS), debits


def test_a_day_three_times_and_shuffled_is_the_same_as_once_in_order(databases):
    ordered, shuffled_copies = databases
    users = [[*(f"{place}-{number}" for number in range(6)), f"unknown-{place}"] for place in PLACES]
    told = day.make(seed=SEED, sessions=SESSIONS, began=int(time.time()) - day.LENGTH - 3600, users=users)
    hostile(told)
    chance = random.Random(SEED)
    with serving(ordered) as server:
        deliver(server, lambda ports: [[ports.write(one, port=0) for one in told.packets]], window=1, chance=chance)
    once, debits = books(ordered)
    truth(told, once, debits)
    with serving(shuffled_copies) as server:

        def batches(ports):
            shuffled, last = [], []
            for one in told.packets:
                first = ports.write(one, port=0)
                # The same octets from another port are another packet to the memory of replies.
                copies = [first, chance.choice((first, (first[0] + 1, first[1])))]
                again = ports.write(one, port=0, delay=chance.randrange(1, 60))
                # Of a restart one copy comes in the end: it closes what is known when it comes (rule 4).
                (last if one.restart else copies).append(again)
                shuffled += copies
            chance.shuffle(shuffled)
            third = len(shuffled) // 3 + 1
            for start in range(0, len(shuffled), third):
                yield shuffled[start : start + third]
                server.run(forget(server))
            chance.shuffle(last)
            yield last

        deliver(server, batches, window=64, doubled=0.3, chance=chance)
        handled = Counter(server.metrics)
    assert handled["accounting.stored"] > 2.5 * len(told.packets), "copies were handled, not only answered from memory"
    assert handled["duplicates.answered"] > 100
    assert handled["duplicates.in-flight"] > 10
    again, debits_again = books(shuffled_copies)
    assert again == once
    assert debits_again == debits


def hostile(told):
    """The day holds what it is for."""
    endings = Counter(visit.ending for visit in told.visits)
    assert set(endings) == {"User-Request", "Idle-Timeout", "Lost-Carrier", "", "NAS-Reboot"}
    assert any(visit.received > 2**32 for visit in told.visits)
    assert {visit.nas for visit in told.visits} == set(range(len(PLACES)))
    assert any(visit.open for visit in told.visits)
    ids = Counter((visit.name, visit.nas, visit.user) for visit in told.visits)
    assert ids.most_common(1)[0][1] > 1, "an id that comes again"
    people = {}
    for packet in told.packets:
        people.setdefault(dict(packet.attributes).get(50), set()).add(packet.nas)
    assert any(len(places) > 1 for multi, places in people.items() if multi), "somebody who roams"


def truth(told, rows, debits):
    """The rows are the sessions that were, to the second and the octet, and so are the debits."""
    found = Counter(
        (row[0], row[1], row[2], int(row[3].timestamp()), *row[6:9], row[10] or "", row[5] and int(row[5].timestamp()))
        for row in rows
    )
    really = Counter(
        (
            one.name, f"controller-{one.nas}", one.user, one.began, one.seconds, one.received, one.sent, one.ending,
            None if one.open else one.began + one.seconds,
        )
        for one in told.visits
    )  # fmt: skip
    assert found == really
    used = Counter()
    for one in told.visits:
        used[one.user] += one.seconds
    for name, debited, entered, _ in debits:
        assert debited == entered == used[name], name
    assert sum(used[name] for name, *_ in debits) > 0
