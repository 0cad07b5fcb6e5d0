"""`gate token create|list|revoke`."""

import argparse
import json

import pytest

import people
from gate.commands import tokens
from gate.core import clock
from gate.core.errors import NotFound, Unauthenticated
from gate.tokens import bearer


def options(**values: object) -> argparse.Namespace:
    usual = {"organization": "acme", "name": "till", "permission": None, "network": None, "days": None, "json": True}
    return argparse.Namespace(**(usual | values))


def test_a_token_is_printed_once_works_and_stops_when_revoked(world: people.World, capsys: pytest.CaptureFixture[str]) -> None:
    assert tokens.create(options(permission=["user:read"], days=1)) == 0
    made = json.loads(capsys.readouterr().out)
    scope = bearer.authenticate(made["token"], source="127.0.0.1", now=clock.now())
    assert scope.tenant_id == world.organizations["acme"]
    assert scope.permissions == frozenset({"user:read"})
    assert tokens.listing(options()) == 0
    listed = capsys.readouterr().out
    assert made["token"] not in listed
    assert made["prefix"] in listed
    assert tokens.revoke(options(id=made["id"])) == 0
    with pytest.raises(Unauthenticated):
        bearer.authenticate(made["token"], source="127.0.0.1", now=clock.now())


def test_people_read_the_token_alone_on_standard_output(world: people.World, capsys: pytest.CaptureFixture[str]) -> None:
    tokens.create(options(json=False))
    printed = capsys.readouterr()
    assert printed.out.startswith("gate_")
    assert printed.out.strip() not in printed.err


def test_another_tenants_token_is_neither_listed_nor_revoked(world: people.World, capsys: pytest.CaptureFixture[str]) -> None:
    tokens.create(options(organization="rival"))
    theirs = json.loads(capsys.readouterr().out)
    tokens.listing(options())
    assert theirs["prefix"] not in capsys.readouterr().out
    with pytest.raises(NotFound):
        tokens.revoke(options(id=theirs["id"]))
    assert bearer.authenticate(theirs["token"], source="127.0.0.1", now=clock.now()).tenant_id == world.organizations["rival"]


def test_an_unknown_organization_is_named(world: people.World) -> None:
    with pytest.raises(NotFound, match="nowhere"):
        tokens.listing(options(organization="nowhere"))
