"""txlog/commands.py: what a write leaves, under the role of the web processes."""

import contextvars
import dataclasses
import datetime as dt
import threading
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction

import people
from gate.core import calling, clock
from gate.core.calling import Caller
from gate.txlog import commands, rules
from gate.txlog.types import Event

BROWSER = Caller(address="192.0.2.44", user_agent="Browser/1.0", referer="https://portal.example.net/")


def event(world: Any, **changed: Any) -> Event:
    """A sign-in at acme."""
    usual: dict[str, Any] = {"type": "ui", "status": "h200", "organization_id": world.organizations["acme"]}
    return Event(**(usual | changed))


def write(world: Any, *events: Event, person: str = "owner", caller: Caller = BROWSER) -> None:
    with people.as_web_process(), calling.entered(caller):
        commands.write(world.people[person].scope, events)


def rows(columns: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns} FROM txlog_event ORDER BY at, id")
        return list(cursor.fetchall())


def texts() -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, tenant_id, kind, text FROM txlog_text ORDER BY id")
        return list(cursor.fetchall())


def test_what_is_given_is_what_is_stored(world: Any) -> None:
    at = clock.now().replace(microsecond=123456) - dt.timedelta(days=3)
    given = event(
        world, at=at, source="u", action="li", message="User login successful", user_id=5432, username="john.doe",
        email="john@example.com", external_id="emp_1", new_user=True, session_id="sess_1", external_session="ldap_1",
        payment_transaction_log=7, service=101, service_name="Guests", authservice=201, authservice_name="LDAP", site="portal",
        page=10, page_url="https://portal.example.net/login", location_id=15, access_point_id=42, ssid="Guests",
        mac_addr="00-07-5b-cd-15-00", captured_ip_addr="10.0.0.7",
    )  # fmt: skip
    write(world, given)
    assert rows(
        "at, tenant_id, organization_id, type, source, status, action, message, new_user, user_id, username, email, external_id,"
        " session_id, external_session, payment_transaction_log, service_id, service_name, authservice_id, authservice_name,"
        " site, page_id, page_url, location_id, access_point_id, ssid, mac_addr, captured_ip_addr, remote_ip_addr"
    ) == [(
        at, world.organizations["acme"], world.organizations["acme"], "ui", "u", "h200", "li", "User login successful", True,
        5432, "john.doe", "john@example.com", "emp_1", "sess_1", "ldap_1", 7, 101, "Guests", 201, "LDAP", "portal", 10,
        "https://portal.example.net/login", 15, 42, "Guests", 0x00075BCD1500, 0x0A000007, 0xC000022C,
    )]  # fmt: skip


def test_many_events_are_one_statement_and_share_texts(world: Any) -> None:
    write(world, *(event(world, type=kind, captured_ip_addr="2001:db8::7") for kind in ("ui", "uo", "st")))
    write(world, event(world))
    agents, referers = ({row[0] for row in rows(column)} for column in ("user_agent_id", "http_referer_id"))
    assert len(agents) == len(referers) == 1
    assert [row[2:] for row in texts()] == [("a", "Browser/1.0"), ("i", "2001:db8::7"), ("r", "https://portal.example.net/")]
    numbers = {number: text for number, _, _, text in texts()}
    captured = [row[0] for row in rows("captured_ip_addr")]
    assert [None if number is None else numbers[number - rules.INTERNED] for number in captured] == ["2001:db8::7"] * 3 + [None]


def test_an_ipv6_caller_has_a_number_of_its_own(world: Any) -> None:
    for address in ("2001:db8::1", "2001:0DB8:0:0::1", "fe80::1%eth0", "::ffff:192.0.2.1", "192.0.2.1", "unix:", ""):
        write(world, event(world), caller=Caller(address=address))
    first, again, link, mapped, plain, nonsense, nothing = (row[0] for row in rows("remote_ip_addr"))
    assert first == again > rules.INTERNED < link != first
    assert mapped == plain == 0xC0000201
    assert nonsense is nothing is None
    assert [row[3] for row in texts()] == ["2001:db8::1", "fe80::1"]


def test_tenants_share_no_texts(world: Any) -> None:
    for name in ("owner", "stranger", "owner"):
        write(world, event(world, organization_id=world.people[name].scope.organization_id), person=name)
    assert len({row[0] for row in rows("user_agent_id")}) == 2
    assert len(texts()) == 4
    with people.as_web_process(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('gate.tenant', %s, false)", [str(world.organizations["rival"])])
        cursor.execute("SELECT DISTINCT tenant_id FROM txlog_text")
        assert cursor.fetchall() == [(world.organizations["rival"],)]


def test_nobody_calling_leaves_nothing_of_a_caller(world: Any) -> None:
    commands.write(dataclasses.replace(world.owner.scope, actor="command"), [event(world)])
    assert rows("source, remote_ip_addr, user_agent_id, http_referer_id") == [("s", None, None, None)]
    assert texts() == []


def test_hostile_text_is_cut_and_cleaned(world: Any) -> None:
    long = "x\x00\x1b[31m" + "y" * 5_000
    environ = {"REMOTE_ADDR": "10.0.0.1", "HTTP_USER_AGENT": long, "HTTP_REFERER": long}
    write(
        world,
        event(
            world, message=long, username=long, ssid="a\nb\x7f\ud800", page_url=long, mac_addr="zz", captured_ip_addr="10.0.0.1/8"
        ),
        caller=calling.read(environ),
    )
    ((message, username, ssid, url, mac, captured),) = rows("message, username, ssid, page_url, mac_addr, captured_ip_addr")
    assert (len(message), len(username), len(url)) == (998, 298, 1_998)
    assert (message[:5], ssid, mac, captured) == ("x[31m", "ab", None, None)
    assert {len(text) for _, _, _, text in texts()} == {498, 998}


@pytest.mark.parametrize("days", [-10_000, -29, -27, 0, 27, 29, 10_000])
def test_what_is_told_late_keeps_its_time_if_the_log_reaches_so_far(world: Any, days: int) -> None:
    at = clock.now() + dt.timedelta(days=days)
    write(world, event(world, at=at))
    ((found,),) = rows("at")
    assert (found == at) is (abs(days) < 28)
    assert abs(found - (at if abs(days) < 28 else clock.now())) < dt.timedelta(minutes=1)


@pytest.mark.parametrize("changed", [{"type": "zz"}, {"status": "h999"}, {"source": "z"}, {"action": "zz"}, {"type": ""}])
def test_a_word_the_log_does_not_have_is_a_fault(world: Any, changed: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"has no (type|status|source|action)"):
        write(world, event(world), event(world, **changed))
    assert rows("1") == []


def test_a_rollback_leaves_no_trace(world: Any) -> None:
    with transaction.atomic():
        write(world, event(world))
        assert rows("1") == [(1,)]
        transaction.set_rollback(True)
    assert rows("1") == []


@pytest.mark.parametrize("statement", ["UPDATE {} SET tenant_id = 1", "DELETE FROM {}", "TRUNCATE {}"])
@pytest.mark.parametrize("table", ["txlog_event", "txlog_text"])
def test_the_web_role_changes_nothing(world: Any, statement: str, table: str) -> None:
    refused = pytest.raises(DatabaseError, match="permission denied")
    with people.as_web_process(), connection.cursor() as cursor, refused, transaction.atomic():
        cursor.execute(statement.format(table))


def test_two_who_write_the_same_new_text_at_once_share_its_number(transactional_db: None) -> None:
    world = people.make_world()
    parameters = connection.get_connection_params()
    own = {name: parameters[name] for name in ("host", "port", "user", "password", "dbname") if name in parameters}
    # What the statement would do, halted between its look and its end by a transaction that is not over.
    with psycopg.connect(**own) as other:
        other.execute(
            "INSERT INTO txlog_text (tenant_id, kind, digest, text) VALUES (%s, 'a', sha256(convert_to(%s, 'UTF8')), %s)",
            [world.organizations["acme"], BROWSER.user_agent, BROWSER.user_agent],
        )
        failed: list[BaseException] = []

        def late() -> None:
            try:
                commands.write(world.owner.scope, [event(world)])
            except BaseException as error:
                failed.append(error)
                raise
            finally:
                connection.close()

        with calling.entered(BROWSER):
            thread = threading.Thread(target=contextvars.copy_context().run, args=(late,))
            thread.start()
        thread.join(0.3)
        assert thread.is_alive()
        other.commit()
    thread.join(10)
    try:
        assert not failed
        ((agent,),) = rows("user_agent_id")
        assert [row[0] for row in texts() if row[2] == "a"] == [agent]
    finally:
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE txlog_event, txlog_text")
