"""Every route as a stranger: another tenant, a parent's rows, a sibling branch, a mate who may only read (see tests/walk.py).

They get nothing and change nothing. A query without a scope raises. With the scope forged, the database stops the same walk on
all tables behind row-level security.
"""

import dataclasses
import re
import sys
from collections import Counter
from typing import Any

import pytest
from django.apps import apps
from django.db import InternalError, connection, transaction

import contract
import described
import people
import sessions
import walk
from gate.core import tenancy
from gate.tokens import bearer, meter

# Whose rows, and of which organizations of theirs: (attacker, victim, organizations the attacker must not reach).
PAIRS = {
    "stranger": ("owner", ("acme", "acme-west", "acme-west-cafe", "acme-east")),
    "west": ("owner", ("acme", "acme-east")),
    "east": ("west", ("acme", "acme-west", "acme-west-cafe")),
}
# Hot tables, which are not behind row-level security: the first wall alone stands there (docs/tenancy.md).
ONE_WALL = {
    "aaa_accounting", "session", "txlog_portal", "device_app_connection_log", "device_app_connection_summary",
    "device_app_test_report",
}  # fmt: skip


@pytest.fixture
def filled(world: Any, web: Any) -> Any:
    """The world with sessions, and with whatever the examples of the reference make in each of acme's branches."""
    for place in ("acme", "acme-west", "acme-east"):
        sessions.add(world, place=place, callingstationid=f"AA:BB:CC:DD:{len(place):02X}:01")
    # The walk tries every id in every path: what the attacker makes on the way, and may delete, must have no id of theirs.
    with connection.cursor() as cursor:
        cursor.execute("SELECT setval(pg_get_serial_sequence('devices_authorizedmac', 'id'), 1000000)")
    for person in (world.owner, world.west):
        said = {"mac": [f"00:16:3E:00:00:{len(person.name):02X}"], "note": f"Printer of {person.name}"}
        assert web.post(f"{described.BASE}/mac/", json=said, headers=person.headers).status_code == 201
    for operation in described.operations():
        if operation.method == "POST" and operation.details.get("security"):
            for body in contract.example(operation.endpoint, "requests"):
                for person in (world.owner, world.west):
                    for form in _with_ids(body, world, person):
                        web.post(f"{described.BASE}{operation.path}", json=form, headers=person.headers)
    return world


def _with_ids(body: Any, world: Any, person: people.Person) -> list[Any]:
    place = "acme" if person is world.owner else "acme-west"
    known = {"organization": world.organizations[place], "user": world.users[place], "parent": world.users[place]}
    if not isinstance(body, dict):
        return [body]
    named = {name: value for name, value in known.items() if name in body}
    return [{**body, **named, **({"profile": []} if "profile" in body else {})}, body]


@pytest.mark.parametrize("name", PAIRS)
def test_a_stranger_gets_nothing_and_changes_nothing(filled: Any, web: Any, name: str, capsys: Any) -> None:
    attacker = filled.people[name]
    victim_name, places = PAIRS[name]
    organizations = tuple(filled.organizations[place] for place in places)
    whole = None if name == "stranger" else organizations
    tenant = filled.people[victim_name].scope.tenant_id
    own = walk.look(web, attacker)
    victim = walk.only(walk.look(web, filled.people[victim_name]), own)
    secret = walk.secrets_of(victim, own)
    assert len(secret) > 10
    before = walk.fingerprint(tenant=tenant, organizations=whole)
    assert len(before) > 10
    answered: Counter[int] = Counter()
    for attempts in (walk.reading(victim), walk.writing(victim, own)):
        for attempt in attempts:
            reply = attempt.send(web, attacker.headers)
            answered[reply.status_code] += 1
            assert walk.leaks(reply, attempt, secret) == [], attempt
            assert reply.status_code < 500, attempt
            if attempt.operation.parameters("path") and not attempt.on_own:
                assert reply.status_code in {400, 403, 404, 422}, attempt
            elif attempt.operation.method == "GET" and reply.status_code == 200 and "results" in reply.json():
                category = attempt.operation.category
                assert [row for row in reply.json()["results"] if row not in own.rows.get(category, [])] == [], attempt
    assert walk.fingerprint(tenant=tenant, organizations=whole) == before
    _tell(capsys, f"{name} against {victim_name}", answered)


def test_a_mate_who_may_only_read_changes_nothing(filled: Any, web: Any, capsys: Any) -> None:
    victim = walk.look(web, filled.owner)
    before = walk.fingerprint(tenant=filled.owner.scope.tenant_id, organizations=None)
    answered: Counter[int] = Counter()
    for attempt in walk.writing(victim, victim):
        reply = attempt.send(web, filled.mate.headers)
        answered[reply.status_code] += 1
        # Where a token is not always needed, the body tells whether it is: it is read first.
        refused = {403, 400, 422} if {} in attempt.operation.details["security"] else {403}
        assert reply.status_code in refused, attempt
    assert walk.fingerprint(tenant=filled.owner.scope.tenant_id, organizations=None) == before
    _tell(capsys, "mate writing", answered)


def _tell(capsys: Any, who: str, answered: Counter[int]) -> None:
    told = ", ".join(f"{status}: {count}" for status, count in sorted(answered.items()))
    described.WALKS[who] = answered.total()
    with capsys.disabled():
        sys.stdout.write(f"\n{who}: {answered.total()} requests ({told})\n")


def test_a_query_without_a_scope_raises() -> None:
    models = [model for model in apps.get_models() if issubclass(model, tenancy.Scoped)]
    assert len(models) > 5
    for model in models:
        with pytest.raises(tenancy.ScopeMissing):
            model.objects.all()


@pytest.mark.parametrize("forgery", ["own tenant, their organizations", "their tenant, told to all but the database"])
def test_with_the_scope_forged_the_database_stops_the_walk(
    filled: Any, web: Any, monkeypatch: Any, capsys: Any, forgery: str
) -> None:
    own = walk.look(web, filled.stranger)
    victim = walk.only(walk.look(web, filled.owner), own)
    theirs, mine = filled.owner.scope, filled.stranger.scope
    # Their names; the ids are in the forged scope itself.
    secret = {text for text in walk.secrets_of(victim, own) if not re.fullmatch(r"[a-z]+_[0-9]+", text)}
    before = walk.fingerprint(tenant=theirs.tenant_id, organizations=None)
    if forgery.startswith("own"):
        forged = dataclasses.replace(
            mine, organization_id=filled.organizations["acme-west"], organization_ids=theirs.organization_ids
        )
    else:
        forged = dataclasses.replace(theirs, actor=mine.actor)
        activate = tenancy.activate
        for module in [module for name, module in sys.modules.items() if name.startswith("gate.")]:
            if getattr(module, "activate", None) is activate:
                monkeypatch.setattr(module, "activate", lambda _: activate(mine.tenant_id))
    # No organization is found for such a scope, which no documented reply foresees.
    monkeypatch.setattr(described, "check", lambda *_, **__: None)
    monkeypatch.setattr(meter, "count", lambda *_, **__: None)
    monkeypatch.setattr(bearer, "authenticate", lambda *_, **__: forged)
    answered: Counter[int] = Counter()
    for attempts in (walk.reading(victim), walk.writing(victim, own)):
        for attempt in attempts:
            if attempt.operation.category in ONE_WALL:
                continue
            try:
                with transaction.atomic():
                    reply = attempt.send(web, filled.stranger.headers)
            except InternalError:  # the database refused to write, and ended the transaction of the test's savepoint
                answered[0] += 1
                continue
            answered[reply.status_code] += 1
            assert walk.leaks(reply, attempt, secret) == [], attempt
    assert walk.fingerprint(tenant=theirs.tenant_id, organizations=None) == before
    _tell(capsys, f"stranger with {forgery}", answered)
