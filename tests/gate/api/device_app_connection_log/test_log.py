"""POST /device_app_connection_log/"""

import datetime as dt
import json
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

import contract
import people
from gate.core import clock
from gate.devices import commands
from gate.telemetry import rules

ENDPOINT = "POST /device_app_connection_log/"
URL = "/api/v1/device_app_connection_log/"
EXAMPLE = contract.requests(ENDPOINT)[0]
LEAST = {"network_type": "mo", "network_security": "3gp"}
IMEI = "123456789012345"


def logged() -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_jsonb(l) - 'id' - 'received' FROM telemetry_connection_log l ORDER BY id")
        return [json.loads(row[0]) if isinstance(row[0], str) else row[0] for row in cursor.fetchall()]


def a_device(person: Any, imei: str = IMEI, **further: Any) -> int:
    return commands.register(person.scope, fields={"imei": imei, "mac_addr": None}, **further).id


@pytest.fixture
def person(world: Any, web: Any) -> dict[str, str]:
    """Headers of the access token of a subscriber."""
    said = {"username": "guest.acme", "password": people.PASSWORD}
    reply = web.post("/api/v1/device_app_user_authenticate/", json=said, headers=world.owner.headers)
    return {"Authorization": f"Bearer {reply.json()['access_token']}"}


@pytest.mark.parametrize("wrap", [lambda body: body, lambda body: {"data": body}, lambda body: {"data": json.dumps(body)}])
def test_the_example(world: Any, web: Any, wrap: Any) -> None:
    reply = web.post(URL, json=wrap(EXAMPLE), headers=world.owner.headers)
    assert reply.status_code == 201
    contract.assert_keeps_to(ENDPOINT, reply.json())
    assert reply.json() | EXAMPLE == reply.json()
    (row,) = logged()
    assert (row["tenant_id"], row["organization_id"]) == (world.organizations["acme"], world.organizations["acme"])
    assert (row["bssid"], row["latitude"], row["inbytes"], row["status"]) == ("00:1a:2b:3c:4d:5e", 40.7128, 1048576, "active")
    assert (row["device_id"], row["user_id"]) == (None, None)


def test_a_batch_is_answered_in_its_order(world: Any, web: Any) -> None:
    device = a_device(world.owner)
    said = [{**LEAST, "cellid": str(number), "imei": IMEI} for number in range(3)] + [EXAMPLE]
    reply = web.post(URL, json={"data": said}, headers=world.owner.headers)
    assert reply.status_code == 201
    assert [one["cellid"] for one in reply.json()] == ["0", "1", "2", None]
    assert [one["device_id"] for one in reply.json()] == [f"dev_{device}"] * 3 + [None]
    assert len(logged()) == 4


def test_a_large_batch_takes_no_more_statements_than_one_report(world: Any, web: Any) -> None:
    a_device(world.owner)
    web.post(URL, json={**LEAST, "imei": IMEI, "app_name": "Slack"}, headers=world.owner.headers)
    counts = []
    for batch in (1, rules.MAX_BATCH):
        said = [{**LEAST, "imei": IMEI, "app_name": "Slack"}] * batch
        with CaptureQueriesContext(connection) as captured:
            assert web.post(URL, json=said, headers=world.owner.headers).status_code == 201
        counts.append(len(captured))
    assert counts[0] == counts[1]
    assert len(logged()) == 2 + rules.MAX_BATCH


@pytest.mark.parametrize(
    ("said", "status", "field"),
    [
        ({"network_security": "wp2"}, 400, "network_type"),
        ({"network_type": "wi"}, 400, "network_security"),
        ({**LEAST, "network_type": "xx"}, 422, "network_type"),
        ({**LEAST, "network_security": "wpa3"}, 422, "network_security"),
        ({**LEAST, "authentication": "x"}, 422, "authentication"),
        ({**LEAST, "quality_metric": "x"}, 422, "quality_metric"),
        ({**LEAST, "status": "x"}, 422, "status"),
        ({**LEAST, "bssid": "00:1a"}, 422, "bssid"),
        ({**LEAST, "network_mccmnc": "1"}, 422, "network_mccmnc"),
        ({**LEAST, "latitude": "90.1"}, 422, "latitude"),
        ({**LEAST, "longitude": "-180.5"}, 422, "longitude"),
        ({**LEAST, "latitude": "NaN"}, 422, "latitude"),
        ({**LEAST, "frequency": -1}, 422, "frequency"),
        ({**LEAST, "inbytes": -1}, 422, "inbytes"),
        ({**LEAST, "outbytes": 10**15}, 422, "outbytes"),
        ({**LEAST, "link_speed": "fast"}, 422, "link_speed"),
        ({**LEAST, "duration": -5}, 422, "duration"),
        ({**LEAST, "roaming": "perhaps"}, 422, "roaming"),
        ({**LEAST, "app_name": "x" * 101}, 422, "app_name"),
        ({**LEAST, "timestamp": "yesterday"}, 422, "timestamp"),
        ({**LEAST, "timestamp": "2019-01-01T00:00:00Z"}, 422, "timestamp"),
        ({**LEAST, "timestamp": "2999-01-01T00:00:00Z"}, 422, "timestamp"),
        ({**LEAST, "imei": "000000000000000"}, 422, "imei"),
        ({**LEAST, "device_id": "dev_1"}, 422, "device_id"),
        ([LEAST, {**LEAST, "network_type": "xx"}], 422, "[1].network_type"),
        ([LEAST, LEAST, {"network_type": "wi"}], 400, "[2].network_security"),
        ([LEAST, {**LEAST, "timestamp": "2019-01-01"}], 422, "[1].timestamp"),
        ([LEAST, {**LEAST, "mac_addr": "02:00:00:00:00:77"}], 422, "[1].mac_addr"),
        ([LEAST, 5], 422, "[1]"),
        ("text", 422, "body"),
        ([], 422, None),
        ([LEAST] * (rules.MAX_BATCH + 1), 422, None),
    ],
)
def test_refused(world: Any, web: Any, said: Any, status: int, field: str | None) -> None:
    reply = web.post(URL, json=said, headers=world.owner.headers)
    assert reply.status_code == status
    if field is not None:
        assert set(reply.json()["errors"]) == {field}
    assert logged() == []


def test_no_json_is_400(world: Any, web: Any) -> None:
    assert web.post(URL, content=b"[", headers=world.owner.headers).status_code == 400


def test_late_reports_keep_their_time_and_clocks_a_little_fast_are_put_right(world: Any, web: Any) -> None:
    now = clock.now().replace(microsecond=0)
    late, early = now - dt.timedelta(days=89), now + dt.timedelta(minutes=4)
    said = [{**LEAST, "timestamp": moment.isoformat()} for moment in (late, early)]
    reply = web.post(URL, json=said, headers=world.owner.headers)
    assert reply.status_code == 201
    first, second = (dt.datetime.fromisoformat(row["at"]) for row in logged())
    assert first == late
    assert now <= second <= clock.now()


@pytest.mark.parametrize("name", ["device_id", "imei", "mac_addr", "generic_id"])
def test_a_device_by_any_of_its_names(world: Any, web: Any, name: str) -> None:
    fields: Any = {"imei": IMEI, "mac_addr": "00:00:5E:00:53:01", "generic_id": "app-1"}
    device = commands.register(world.west.scope, fields=fields, user_id=world.users["acme-west"])
    said = fields | {"device_id": f"dev_{device.id}", "mac_addr": "0000.5e00.5301"}
    reply = web.post(URL, json={**LEAST, name: said[name]}, headers=world.owner.headers)
    assert (reply.status_code, reply.json()["device_id"]) == (201, f"dev_{device.id}")
    (row,) = logged()
    # It counts where the device is, and for its user, whoever brings the report.
    assert (row["organization_id"], row["user_id"]) == (world.organizations["acme-west"], world.users["acme-west"])


def test_devices_out_of_reach_are_not_there(world: Any, web: Any) -> None:
    a_device(world.owner)
    for person in (world.west, world.east, world.stranger):
        reply = web.post(URL, json={**LEAST, "imei": IMEI}, headers=person.headers)
        assert (reply.status_code, set(reply.json()["errors"])) == (422, {"imei"})
    assert logged() == []


def test_a_blocked_device_is_refused_with_its_whole_batch(world: Any, web: Any) -> None:
    device = a_device(world.owner)
    commands.set_blocked(world.owner.scope, device, blocked=True)
    reply = web.post(URL, json=[LEAST, {**LEAST, "imei": IMEI}], headers=world.owner.headers)
    assert (reply.status_code, reply.json()["code"]) == (403, "device_blocked")
    assert logged() == []
    with connection.cursor() as cursor:
        cursor.execute("SELECT type, status FROM txlog_event")
        assert cursor.fetchall() == [("ul", "u403")]


def test_a_subscriber_reports_for_the_own_devices_alone(world: Any, web: Any, person: dict[str, str]) -> None:
    mine = a_device(world.owner, user_id=world.users["acme"])
    a_device(world.owner, "000000000000002", user_id=world.users["acme-west"])
    reply = web.post(URL, json={**LEAST, "imei": IMEI}, headers=person)
    assert (reply.status_code, reply.json()["device_id"]) == (201, f"dev_{mine}")
    assert web.post(URL, json={**LEAST, "imei": "000000000000002"}, headers=person).status_code == 422
    assert web.post(URL, json=LEAST, headers=person).status_code == 201
    assert [row["user_id"] for row in logged()] == [world.users["acme"]] * 2


def test_the_device_of_the_access_token_is_the_one_that_counts(world: Any, web: Any) -> None:
    mine = a_device(world.owner, user_id=world.users["acme"])
    said = {"username": "guest.acme", "password": people.PASSWORD, "device_id": f"dev_{mine}"}
    token = web.post("/api/v1/device_app_user_authenticate/", json=said, headers=world.owner.headers).json()
    assert token["device_registered"]
    headers = {"Authorization": f"Bearer {token['access_token']}"}
    assert web.post(URL, json={**LEAST, "imei": "000000000000002"}, headers=headers).json()["device_id"] == f"dev_{mine}"
    commands.set_blocked(world.owner.scope, mine, blocked=True)
    assert web.post(URL, json=LEAST, headers=headers).status_code == 403
    assert len(logged()) == 1


def test_who_may(world: Any, web: Any, grant: Any) -> None:
    assert web.post(URL, json=LEAST).status_code == 401
    assert web.post(URL, json=LEAST, headers=world.mate.headers).status_code == 403
    assert web.post(URL, json=LEAST, headers=grant(world.owner, "device_app_connection_log:read")).status_code == 403
    assert logged() == []
    assert web.post(URL, json=LEAST, headers=grant(world.owner, "device_app_connection_log:write")).status_code == 201
