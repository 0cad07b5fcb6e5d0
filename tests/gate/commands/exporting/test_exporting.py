"""`gate export`: what is written, to whom, how much of it is held, and what is never in it."""

import argparse
import csv
import io
import json
import stat
from pathlib import Path

import pytest

import people
import sessions
from gate.commands import exporting
from gate.commands.exporting import kinds
from gate.core.errors import GateError
from gate.txlog import commands as txlog
from gate.txlog.types import Event
from gate.users.models import User


def run(kind: str, **values: object) -> int:
    usual = {
        "kind": kind, "organization": "acme", "format": "csv", "out": None, "since": None, "until": None,
        "password_hashes": False, "progress": None,
    }  # fmt: skip
    return exporting.run(argparse.Namespace(**(usual | values)))


def test_a_branch_exports_itself_and_what_is_below(world: people.World, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("users") == 0
    everybody = {row["username"]: row["organization"] for row in csv.DictReader(io.StringIO(capsys.readouterr().out))}
    # Staff are not among them, and nobody of the other tenant.
    assert everybody == {"guest.acme": "", "guest.acme-west": "acme-west", "guest.acme-east": "acme-east"}
    assert run("users", organization=str(world.organizations["acme-west"]), format="ndjson") == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line)["username"] == "guest.acme-west"
    assert json.loads(line)["profile"] == "acme-west-profile"


def test_no_secret_is_exported(world: people.World, capsys: pytest.CaptureFixture[str]) -> None:
    for kind in kinds.COLUMNS:
        for form in ("csv", "ndjson"):
            assert run(kind, format=form) == 0
    told = capsys.readouterr().out
    assert "argon2" not in told
    assert "secret" not in told
    assert run("users", password_hashes=True) == 0
    assert "$argon2id$" in capsys.readouterr().out
    with pytest.raises(GateError):
        run("nas", password_hashes=True)


def test_a_page_follows_the_other(
    world: people.World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(kinds, "_PAGE", 2)
    event = Event(type="ui", status="h200", organization_id=world.organizations["acme-west"])
    txlog.write(world.owner.scope, [event] * 5)
    made = [sessions.add(world, table=table) for table in ("live", "history", "live", "history", "live")]
    rooms = dict.fromkeys(("users", "profiles", "locations", "access-points", "nas"), 3)
    for kind, count in (rooms | {"sessions": len(made), "txlog": 5}).items():
        assert run(kind) == 0
        assert len(list(csv.reader(io.StringIO(capsys.readouterr().out)))) == count + 1
    assert run("sessions", since="2000-01-01", until="2000-01-31") == 0
    assert len(capsys.readouterr().out.splitlines()) == 1
    with pytest.raises(GateError, match="--since"):
        run("sessions", since="someday")
    with pytest.raises(GateError):
        run("users", since="2000-01-01")


def test_a_formula_is_no_formula_any_more(world: people.World, capsys: pytest.CaptureFixture[str]) -> None:
    User.unscoped.filter(pk=world.users["acme"]).update(first_name="=HYPERLINK(1)", last_name="@b", klass="-c")
    assert run("users") == 0
    row = next(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert (row["first_name"], row["last_name"], row["klass"]) == ("'=HYPERLINK(1)", "'@b", "'-c")
    assert run("users", format="ndjson") == 0
    assert json.loads(capsys.readouterr().out.splitlines()[0])["first_name"] == "=HYPERLINK(1)"


def test_a_file_is_whole_or_not_there(
    world: people.World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "out.csv"
    assert run("users", out=str(path)) == 0
    assert "Exported 3 users" in capsys.readouterr().out
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    before = path.read_text()

    def interrupted(_: object) -> object:
        yield dict.fromkeys(kinds.COLUMNS["users"], "")
        raise KeyboardInterrupt

    monkeypatch.setitem(kinds.ROWS, "users", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run("users", out=str(path))
    assert path.read_text() == before
    assert [item.name for item in tmp_path.iterdir()] == ["out.csv"]
    with pytest.raises(GateError, match="cannot be written"):
        run("users", out=str(tmp_path / "nowhere" / "out.csv"))
