"""GET /aaa_accounting/{radacctid}/"""

from typing import Any

import pytest

import contract
import sessions

URL = "/api/v1/aaa_accounting/"
ENDPOINT = "GET /aaa_accounting/{radacctid}/"


@pytest.mark.parametrize("table", ["live", "history"])
def test_keeps_to_the_reference(world: Any, web: Any, table: str) -> None:
    number = sessions.add(world, table=table, ssid=None)
    for person in (world.owner, world.mate):
        reply = web.get(f"{URL}{number}/", headers=person.headers)
        assert reply.status_code == 200
        contract.assert_keeps_to(ENDPOINT, reply.json())
        assert reply.json()["radacctid"] == number


def test_a_session_out_of_reach_is_not_there(world: Any, web: Any) -> None:
    number = sessions.add(world, place="acme-west")
    assert web.get(f"{URL}{number}/", headers=world.west.headers).status_code == 200
    bodies = set()
    for person, wanted in [(world.east, number), (world.stranger, number), (world.owner, 2**60), (world.owner, "x")]:
        reply = web.get(f"{URL}{wanted}/", headers=person.headers)
        assert reply.status_code == 404
        bodies.add(reply.text)
    assert len(bodies) == 1


def test_needs_a_token_that_may_read(world: Any, web: Any, grant: Any) -> None:
    number = sessions.add(world)
    assert web.get(f"{URL}{number}/").status_code == 401
    assert web.get(f"{URL}{number}/", headers=grant(world.owner, "user:read")).status_code == 403
