"""`gate telemetry rebuild`"""

from typing import Any

import pytest
from django.db import connection

from gate import cli
from gate.core import clock
from gate.telemetry import commands
from gate.telemetry.types import Connection, Source


def added() -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT organization_id, connections FROM telemetry_rollup_day ORDER BY 1")
        return list(cursor.fetchall())


def test_rebuild(world: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(cli, "_prepare", lambda _settings, *, part: part)
    for number, name in enumerate(("acme", "acme-west", "rival"), start=1):
        source = Source(organization_id=world.organizations[name], device_id=number)
        person = world.stranger if name == "rival" else world.owner
        report = Connection(source=source, at=clock.now(), network_type="wi", network_security="wp2")
        commands.log_connections(person.scope, [report] * number)
    assert cli.main(["telemetry", "rebuild", "--organization", str(world.organizations["acme-west"])]) == 0
    assert added() == [(world.organizations["acme-west"], 2)]
    assert cli.main(["telemetry", "rebuild"]) == 0
    assert added() == [(world.organizations[name], number) for number, name in enumerate(("acme", "acme-west", "rival"), start=1)]
    said = capsys.readouterr()
    assert said.out.splitlines() == ["Added up 2 connections.", "Added up 6 connections."]
    assert str(clock.now().date()) in said.err
    assert cli.main(["telemetry", "rebuild", "--organization", "nowhere"]) == 1
