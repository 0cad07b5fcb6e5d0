"""Every category through the client, against GATE on a real socket: what goes in arrives, what comes out is understood."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest

import live
import places
import sessions
from gate import client
from gate.client import Gate
from gate.client.calls import Listing, Operation


@pytest.fixture
def gate(world: Any) -> Iterator[Gate]:
    with live.gate() as address, Gate(address, token=world.owner.token) as connected:
        yield connected


def operations() -> list[Operation[Any, Any]]:
    """Every endpoint the client has a method for."""
    with Gate("http://127.0.0.1:9") as unconnected:
        categories = [value for value in vars(unconnected).values() if isinstance(value, client.calls.Category)]
    found = [value for category in categories for value in vars(type(category)).values()]
    return [one.operation if isinstance(one, Listing) else one for one in found if isinstance(one, (Listing, Operation))]


def test_health(gate: Gate) -> None:
    assert gate.health.get().status == "ready"


def test_me(gate: Gate, world: Any) -> None:
    mine = gate.me.organization()
    assert (mine.id, mine.slug, mine.user_role.role) == (world.organizations["acme"], "acme", "owner")


def test_organization(gate: Gate, world: Any) -> None:
    assert [one.short_name for one in gate.organization.list(parent="acme")] == ["acme-west", "acme-east"]
    (west,) = gate.organization.list(name="west", parent=world.organizations["acme"])
    assert west.parent_obj is not None
    assert west.parent_obj.short_name == "acme"


def test_aaa_accounting(gate: Gate, world: Any) -> None:
    now = dt.datetime(2024, 1, 15, 12, tzinfo=dt.UTC)
    made = [sessions.add(world, table="history", acctstarttime=now + dt.timedelta(minutes=n)) for n in range(5)]
    listed = gate.aaa_accounting.list(user=world.users["acme"], start_date=dt.date(2024, 1, 15), session_status="all", limit=2)
    assert [one.radacctid for one in listed] == made[::-1]
    assert [len(page.results) for page in listed.pages()] == [2, 2, 1]
    one = gate.aaa_accounting.get(made[0])
    assert (one.acctstarttime, one.user_id) == (now, f"user_{world.users['acme']}")


def test_session(gate: Gate, world: Any) -> None:
    number = sessions.add(world)
    sessions.add(world, table="history")
    assert [one.radacctid for one in gate.session.list(user=world.users["acme"])] == [number]
    assert gate.session.get(number).acctstoptime is None
    ended = gate.session.disconnect(number)
    assert (ended.state, ended.kind, ended.radacctid) == ("queued", "disconnect", number)
    changed = gate.session.change(number, session_timeout=60, reply_attribute=[{"attribute": "Filter-Id", "value": "slow"}])
    assert [(one.attribute, one.value) for one in changed.reply_attribute] == [("Session-Timeout", "60"), ("Filter-Id", "slow")]
    assert [one.id for one in gate.session.requests(number).results] == [changed.id, ended.id]
    with pytest.raises(client.NotFound):
        gate.session.disconnect(2**60)


def test_aaa_profile(gate: Gate) -> None:
    made = gate.aaa_profile.create(
        name="Guests", short_name="guests", reply_attribute=[{"attribute": "Session-Timeout", "op": ":=", "value": "3600"}]
    )
    assert made.reply_attribute[0].value == "3600"
    assert gate.aaa_profile.get(made.id) == made
    assert gate.aaa_profile.update(made.id, description="For guests").description == "For guests"
    assert gate.aaa_profile.replace(made.id, name="Guests", short_name="guests").reply_attribute == []
    assert "guests" in [one.short_name for one in gate.aaa_profile.list(organization="acme")]
    gate.aaa_profile.delete(made.id)
    with pytest.raises(client.NotFound):
        gate.aaa_profile.get(made.id)


def test_user(gate: Gate, world: Any) -> None:
    made = gate.user.create(username="jane.smith", email="jane@example.com", profile=["acme-profile"], password="s3cret-Word")
    assert (made.username, made.profile, made.user_time) == ("jane.smith", ["acme-profile"], None)
    assert gate.user.get(made.id) == gate.user.get_by_username("JANE.smith") == made
    assert [user.username for user in gate.user.list(username="JANE", organization=world.organizations["acme"])] == ["jane.smith"]
    assert gate.user.update(made.id, first_name="Jane", expiration=dt.datetime(2030, 1, 1, tzinfo=dt.UTC)).first_name == "Jane"
    assert gate.user.update_by_username("jane.smith", username="jane.doe", expiration=None).username == "jane.doe"
    assert gate.user.replace(made.id, username="jane.doe").first_name == ""
    assert gate.user.replace_by_username("jane.doe", username="jane.doe", klass="gold").klass == "gold"
    with pytest.raises(client.Conflict) as refused:
        gate.user.create(username="JANE.doe")
    assert (refused.value.status, refused.value.code, set(refused.value.errors)) == (409, "duplicate", {"username"})
    assert refused.value.request_id
    gate.user.delete_by_username("jane.doe")
    gate.user.delete(world.users["acme"])
    assert gate.user.list(username="guest.acme").page().count == 2  # those of the branches


def test_user_token(gate: Gate) -> None:
    made = gate.user_token.create(username="prepaid", user_time=3600)
    assert gate.user_token.get(made.id, balance=True).user_time == 3600
    assert gate.user_token.update(made.id, user_time=60).user_time == 60
    assert gate.user_token.replace(made.id, username="prepaid", user_time=None).user_time is None
    assert [user.id for user in gate.user_token.list(username="PREPAID", balance=True)] == [made.id]
    with pytest.raises(client.BadRequest):
        gate.user_token.create(username="prepaid")
    gate.user_token.delete(made.id)


def test_user_extra(gate: Gate, world: Any) -> None:
    parent = world.users["acme"]
    made = gate.user_extra.create(parent=parent, gender="f", birthday=dt.date(1992, 8, 14), tax_id="555-66-7777")
    assert (made.parent, made.birthday) == (parent, dt.date(1992, 8, 14))
    assert "555" not in repr(made)
    assert gate.user_extra.get(made.id, device_info=True).tax_id == "555-66-7777"
    assert gate.user_extra.update(made.id, city="Utrecht").city == "Utrecht"
    assert gate.user_extra.replace(made.id, parent=parent).city is None
    assert [one.id for one in gate.user_extra.list(parent=parent)] == [made.id]
    gate.user_extra.delete(made.id)


@pytest.mark.parametrize(
    ("category", "kind"),
    [
        ("device_app_access_devices", "access_device"), ("device_app_access_points", "access_point"),
        ("device_app_locations", "location"), ("hostspot_access_points", "access_point"), ("hostspot_locations", "location"),
    ],
)  # fmt: skip
def test_places(gate: Gate, world: Any, category: str, kind: str) -> None:
    made = [places.add(world, kind, f"p{number}", organization="acme-west", is_active=number > 0) for number in range(3)]
    found = list(getattr(gate, category).list(is_active=True, have_coordinates=False, limit=1))
    assert [place.id for place in found if place.id >= made[0]] == made[1:]
    since = getattr(gate, category).list(last_change__gte=dt.datetime(2100, 1, 1, tzinfo=dt.UTC)).page()
    assert (since.count, since.results) == (0, [])


def test_txlog_portal(gate: Gate) -> None:
    made = gate.user.create(username="logged")
    gate.user.update(made.id, first_name="Log")
    events = list(gate.txlog_portal.list(user=made.id, type=["uu", "un", "um", "ur"], limit=1))
    assert {event.user for event in events} == {made.id}
    assert {event.username for event in events} == {"logged"}
    assert events[0].datetime >= events[-1].datetime


def test_device_app_user_authenticate_and_token(gate: Gate) -> None:
    gate.user.create(username="on.phone", password="s3cret-Word")
    said = gate.device_app_user_authenticate.create(username="on.phone", password="s3cret-Word")
    assert (said.authenticated, said.user_profile.role) == (True, "device_user")
    assert said.access_token not in repr(said)
    fresh = gate.token.refresh(refresh_token=said.refresh_token)
    assert fresh.refresh_token != said.refresh_token
    assert gate.token.revoke(refresh_token=fresh.refresh_token).success
    with pytest.raises(client.Unauthorized):
        gate.token.refresh(refresh_token=fresh.refresh_token)
    with pytest.raises(client.Unprocessable) as refused:
        gate.device_app_user_authenticate.create(username="on.phone", password="wrong")
    assert refused.value.body["authenticated"] is False


def test_portal_login(gate: Gate, world: Any) -> None:
    opened = gate.portal_login.grant(
        uid="guest.acme", ap_mac="02:00:00:00:00:01", mac="11:22:33:44:55:66", ip="192.168.1.100", session_timeout=7200
    )
    assert (opened.uid, opened.mac, opened.page_id > 0) == ("guest.acme", "11:22:33:44:55:66", True)
    gate.user.create(username="at.portal", password="s3cret-Word")
    person = gate.portal_login.sign_in(username="at.portal", password="s3cret-Word")
    assert (person.user.username, person.user.organization_id) == ("at.portal", world.organizations["acme"])


def test_device_app(gate: Gate, world: Any) -> None:
    """Registered, changed, reported from, summarised."""
    gate.user.create(username="on.phone", password="s3cret-Word")
    device = gate.device_app_register.create(
        imei="123456789012345", device_model="Galaxy S24", device_type="ph", username="on.phone", password="s3cret-Word"
    )
    assert (device.device_id[:4], device.username) == ("dev_", "on.phone")
    changed = gate.device_app_user_update.update(imei="123456789012345", user_class="gold")
    assert (changed.status, changed.user_class, changed.device_id) == ("success", "gold", device.device_id)
    one = gate.device_app_connection_log.create(
        network_type="wi", network_security="wp2", imei="123456789012345", app_name="Slack", duration=60, link_speed=150
    )
    assert (one.device_id, one.app_name, one.link_speed) == (device.device_id, "Slack", 150)
    logs = gate.device_app_connection_log.create_many(
        [{"network_type": "wi", "network_security": "wp2", "device_id": device.device_id, "status": "failed"}] * 3
    )
    assert [log.status for log in logs] == ["failed"] * 3
    report = gate.device_app_test_report.create(network_type="wi", test_type="dl", destination="speed.example", value=95.7)
    assert (report.value, report.device_id) == (95.7, None)
    assert (
        len(gate.device_app_test_report.create_many([{"network_type": "wi", "test_type": "ul", "destination": "x", "value": 1}]))
        == 1
    )
    with pytest.raises(client.Unprocessable) as refused:
        gate.device_app_connection_log.create(network_type="xx", network_security="wp2")  # type: ignore[arg-type]
    assert "network_type" in str(refused.value.errors)
    summary = gate.device_app_connection_summary.get(time_period="1d")
    assert summary.summary_period.period == "1d"
    assert [one.device_id for one in gate.device_app_connection_summary.list(time_period="1d")] == [
        one.device_id for one in summary.results
    ]
