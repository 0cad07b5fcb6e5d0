import logging

import pytest

from gate.console.middleware import OperatorScope
from gate.core import tenancy
from gate.core.tenancy import ScopeMissing


def test_every_reply_has_an_id_of_its_own_and_the_log_knows_it(world, desk, caplog):
    with caplog.at_level(logging.DEBUG, logger="gate.web"):
        replies = [
            desk().client.get(path)
            for path in ("/console/login/", "/console/nowhere/?secret=hunter2", "/static/console/mark.svg")
        ]
    ids = [reply.headers["x-request-id"] for reply in replies]
    assert len(set(ids)) == 3
    logged = [record.getMessage() for record in caplog.records if record.name == "gate.web"]
    for number, reply in zip(ids, replies, strict=True):
        assert any(f"{reply.status_code}" in line and number in line for line in logged)
    assert "hunter2" not in "".join(logged)


def test_what_nobody_caught_is_logged_under_the_id_the_caller_is_told(world, desk, caplog, monkeypatch):
    browser = desk(world.owner)

    def broken(scope):
        raise RuntimeError("broken on purpose")

    monkeypatch.setattr("gate.console.dashboard._read", broken)
    with caplog.at_level(logging.ERROR, logger="gate.web"):
        reply = browser.get("")
    assert reply.status_code == 500
    assert "broken on purpose" not in reply.text
    assert "Something went wrong" in reply.text
    failures = [record for record in caplog.records if record.exc_info and record.name == "gate.web"]
    assert [record.request_id for record in failures] == [reply.headers["x-request-id"]]


def test_the_scope_ends_with_the_request(world, desk):
    desk(world.owner).get("")
    with pytest.raises(ScopeMissing):
        tenancy.current()


def test_a_scope_is_the_own_organization_and_all_below_with_the_rights_of_the_role(world):
    from gate.console.middleware import scope_of
    from gate.users.models import User

    west = scope_of(User.unscoped.get(pk=world.west.user_id))
    assert west.organization_ids == world.west.scope.organization_ids
    assert west.allows("user:write")
    mate = scope_of(User.unscoped.get(pk=world.mate.user_id))
    assert mate.whole_tenant
    assert (mate.allows("user:read"), mate.allows("user:write"), mate.allows("token:read")) == (True, False, False)
    assert mate.actor == f"user:{world.mate.user_id}"


def test_a_tenant_forged_into_the_session_opens_nothing(world, desk):
    from django.contrib.sessions.models import Session

    browser = desk(world.owner)
    stored = Session.objects.get()
    values = stored.get_decoded() | {"gate_tenant": world.organizations["rival"]}
    Session.objects.save(stored.session_key, values, stored.expire_date)
    assert browser.get("").status_code == 302


def test_other_ways_in_find_their_callers_themselves():
    seen = []

    class Request:
        path, method = "/api/v1/user/", "GET"

    assert OperatorScope(lambda request: seen.append(request) or {})(Request()) == {}
    assert len(seen) == 1
