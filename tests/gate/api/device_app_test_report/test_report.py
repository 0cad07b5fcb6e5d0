"""POST /device_app_test_report/"""

import json
from typing import Any

import pytest
from django.db import connection

import contract
from gate.devices import commands

ENDPOINT = "POST /device_app_test_report/"
URL = "/api/v1/device_app_test_report/"
LEAST = {"network_type": "et", "test_type": "dn", "destination": "example.com", "value": 12.8}


def logged() -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, tenant_id, organization_id, device_id, destination, value FROM telemetry_test_report ORDER BY id"
        )
        return list(cursor.fetchall())


@pytest.mark.parametrize("example", contract.requests(ENDPOINT))
@pytest.mark.parametrize("wrap", [lambda body: body, lambda body: {"data": json.dumps(body)}])
def test_the_examples(world: Any, web: Any, example: Any, wrap: Any) -> None:
    reply = web.post(URL, json=wrap(example), headers=world.owner.headers)
    assert reply.status_code == 201
    contract.assert_keeps_to(ENDPOINT, reply.json())
    assert reply.json() | example == reply.json()
    assert [row[0] for row in logged()] == [reply.json()["id"]]


def test_a_batch_gets_its_ids_in_order(world: Any, web: Any) -> None:
    device = commands.register(world.west.scope, fields={"imei": "123456789012345"})
    said = [{**LEAST, "destination": str(number), "imei": "123456789012345"} for number in range(20)]
    reply = web.post(URL, json=said, headers=world.owner.headers)
    assert reply.status_code == 201
    assert [(one["id"], one["destination"]) for one in reply.json()] == [(row[0], row[4]) for row in logged()]
    assert [one["destination"] for one in reply.json()] == [str(number) for number in range(20)]
    assert {row[1:4] for row in logged()} == {(world.organizations["acme"], world.organizations["acme-west"], device.id)}


@pytest.mark.parametrize(
    ("said", "status", "field"),
    [
        *(({name: value for name, value in LEAST.items() if name != gone}, 400, gone) for gone in LEAST),
        ({**LEAST, "network_type": "x"}, 422, "network_type"),
        ({**LEAST, "test_type": "x"}, 422, "test_type"),
        ({**LEAST, "destination": ""}, 422, "destination"),
        ({**LEAST, "destination": "x" * 501}, 422, "destination"),
        ({**LEAST, "value": -1}, 422, "value"),
        ({**LEAST, "value": 1e13}, 422, "value"),
        ({**LEAST, "value": None}, 422, "value"),
        ({**LEAST, "count": 0}, 422, "count"),
        ({**LEAST, "count": 2.5}, 422, "count"),
        ({**LEAST, "unit": "Mbps"}, 422, "unit"),
        ({**LEAST, "timestamp": "2999-01-01"}, 422, "timestamp"),
        ({**LEAST, "generic_id": "nobody's"}, 422, "generic_id"),
        ([LEAST] * 3 + [{**LEAST, "unit": "x"}], 422, "[3].unit"),
    ],
)
def test_refused(world: Any, web: Any, said: Any, status: int, field: str) -> None:
    reply = web.post(URL, json=said, headers=world.owner.headers)
    assert (reply.status_code, set(reply.json()["errors"])) == (status, {field})
    assert logged() == []


def test_who_may(world: Any, web: Any) -> None:
    assert web.post(URL, json=LEAST).status_code == 401
    assert web.post(URL, json=LEAST, headers=world.mate.headers).status_code == 403
    assert logged() == []
    assert web.post(URL, json=LEAST, headers=world.stranger.headers).status_code == 201
    assert logged()[0][1] == world.organizations["rival"]
