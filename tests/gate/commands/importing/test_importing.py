"""`gate import`: every bad line told, all or nothing, and what is exported from one tenant is what another one gets."""

import argparse
import csv
import re
import shlex
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection

import people
from gate import cli
from gate.commands import exporting, importing
from gate.commands.importing.people import People
from gate.core import seal
from gate.core.errors import GateError
from gate.credit.models import Balance, Entry
from gate.nas import commands as nas
from gate.nas.models import Nas
from gate.nas.types import NasDraft
from gate.organizations.models import Organization
from gate.places.models import AccessPoint, Location
from gate.profiles.models import Profile
from gate.users import hashing
from gate.users.models import User, UserProfile

Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def written(text: str) -> Path:
        path = tmp_path / "in.csv"
        path.write_text(text, encoding="utf-8")
        return path

    return written


def run(kind: str, path: Path, **values: object) -> int:
    usual = {"kind": kind, "file": str(path), "organization": "acme", "dry_run": False, "secrets": None, "progress": False}
    return importing.run(argparse.Namespace(**(usual | values)))


def export(kind: str, path: Path, **values: object) -> str:
    usual = {
        "kind": kind, "organization": "acme", "format": "csv", "out": str(path), "since": None, "until": None,
        "password_hashes": False, "progress": False,
    }  # fmt: skip
    assert exporting.run(argparse.Namespace(**(usual | values))) == 0
    return path.read_text(encoding="utf-8")


def test_users_with_all_that_can_be_said(world: people.World, write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    Organization.unscoped.filter(short_name="acme-west").update(recoverable_passwords=True)
    path = write(
        "username,password,email,first_name,is_active,organization,expiration,profile,user_time,external_id,klass\n"
        'Zoë,correct horse,zoe@example.net,"Zoë\nAnn",no,ACME-West,2030-01-31,"acme-profile,acme-west-profile",3600,E1,gold\n'
        "bob,,,,,,,,,,\n"
    )
    assert run("users", path) == 0
    assert "Imported 2 users" in capsys.readouterr().out
    zoe, bob = User.unscoped.get(username_key="zoë"), User.unscoped.get(username_key="bob")
    assert (zoe.first_name, zoe.is_active, zoe.organization_id) == ("Zoë\nAnn", False, world.organizations["acme-west"])
    assert zoe.expiration is not None
    assert zoe.expiration.isoformat() == "2030-01-31T23:59:59.999999+00:00"
    assert hashing.check_password("correct horse", zoe.password)
    assert seal.unseal(bytes(zoe.password_sealed or b""), purpose="user-password", row=f"user:{zoe.pk}") == b"correct horse"
    assigned = UserProfile.objects.filter(user_id=zoe.pk).order_by("position").values_list("profile__short_name", flat=True)
    assert list(assigned) == ["acme-profile", "acme-west-profile"]
    assert Balance.objects.get(user_id=zoe.pk).seconds == 3600
    assert Entry.objects.get(user_id=zoe.pk).seconds == 3600
    assert (bob.password, bob.password_sealed, bob.is_active, bob.role) == ("", None, True, "device_user")
    assert bob.external_id is None
    with connection.cursor() as cursor:
        cursor.execute("SELECT username, type, source FROM txlog_event ORDER BY id")
        assert cursor.fetchall() == [("Zoë", "ur", "s"), ("bob", "ur", "s")]
    assert bob.organization_id == world.organizations["acme"]
    assert not Balance.objects.filter(user_id=bob.pk).exists()


BAD = """\
username,password,email,is_active,organization,expiration,profile,user_time,password_hash
good.one,,,,,,,,
GUEST.acme,,,,,,,,
good.ONE,,,,,,,,
sp ace,,,,,,,,
,,,,,,,,
a,,nomail,,,,,,
b,,,perhaps,,someday,,,
c,,,,rival,,,,
d,,,,,,rival-profile,,
e,,,,,,acme-west-profile,,
f,,,,,,,-1,
g,,,,,,,,plain
h,hidden-secret-1,,,,,,,"$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaA0"
i,,,,,,,,"$argon2id$v=19$m=4194304,t=2,p=1$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaA0"
j,hidden-secret-2
"""
SAID = {
    3: "another user has this username",
    4: "stands on line 2 already",
    5: "username takes letters",
    6: "username is required",
    7: "email",
    8: "is_active: takes true or false; expiration: takes a date",
    9: "organization",
    10: "profile",
    11: "profile",
    12: "user_time",
    13: "password_hash",
    14: "password_hash",
    15: "password_hash",
    16: "has 2 cells",
}


def test_every_bad_line_is_told_none_is_quoted_and_nothing_is_kept(
    world: people.World, write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    before = User.unscoped.count()
    with pytest.raises(GateError, match="Nothing was imported: 14 bad lines"):
        run("users", write(BAD))
    told = capsys.readouterr().err.splitlines()
    assert [line.split(":")[:2] for line in told] == [["in.csv", str(number)] for number in SAID]
    assert [line for line, said in zip(told, SAID.values(), strict=True) if said not in line] == []
    assert "secret" not in "".join(told)
    assert User.unscoped.count() == before


def test_a_duplicate_is_found_across_batches(
    world: people.World, write: Write, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "_BATCH", 3)
    names = [f"guest{number}" for number in range(10)]
    with pytest.raises(GateError):
        run("users", write("\n".join(["username", *names, "Guest4", "guest5"])))
    assert capsys.readouterr().err.splitlines() == [
        "in.csv:12: username: stands on line 6 already",
        "in.csv:13: username: stands on line 7 already",
    ]
    assert not User.unscoped.filter(username_key="guest1").exists()


def test_a_dry_run_says_the_same_and_changes_nothing(
    world: people.World, write: Write, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hashing, "hash_password", None)  # nobody waits for hashes that are thrown away
    before = User.unscoped.count()
    assert run("users", write("username,password,user_time\nana,pw,5\nbea,pw,\n"), dry_run=True) == 0
    assert "2 users can be imported" in capsys.readouterr().out
    with pytest.raises(GateError):
        run("users", write("username\nana\nANA\n"), dry_run=True)
    assert User.unscoped.count() == before


def test_what_no_rule_foresaw_is_told_without_the_row(
    world: people.World, write: Write, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gate.users.rules._LENGTHS", {})
    before = User.unscoped.count()
    with pytest.raises(GateError, match="refuses something on lines 2 to 3: value too long") as refused:
        run("users", write(f"username,password,first_name\nana,hidden-secret,{'x' * 200}\nbea,,\n"))
    assert "hidden" not in str(refused.value) + "".join(capsys.readouterr())
    assert User.unscoped.count() == before


def test_interrupted_nothing_is_changed(world: people.World, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "_BATCH", 1)
    make, calls = People.make, []

    def interrupted(self: People, rows: object) -> object:
        calls.append(rows)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return make(self, rows)  # type: ignore[arg-type]

    monkeypatch.setattr(People, "make", interrupted)
    before = User.unscoped.count()
    with pytest.raises(KeyboardInterrupt):
        run("users", write("username\nana\nbea\ncid\n"))
    assert User.unscoped.count() == before


def test_a_broken_file_imports_nothing(world: people.World, write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    before = User.unscoped.count()
    with pytest.raises(GateError, match="Nothing was imported: 2 bad lines"):
        run("users", write('username\nana\nb b\n"cid\n'))
    assert [line.split(": ")[0] for line in capsys.readouterr().err.splitlines()] == ["in.csv:3", "in.csv:4"]
    with pytest.raises(GateError):
        run("users", write("username,shoe\nana,44\n"))
    assert User.unscoped.count() == before


def test_a_command_in_a_branch_reaches_that_branch_alone(
    world: people.World, write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    west = str(world.organizations["acme-west"])
    assert run("users", write("username,organization\nana,acme-west-cafe\nbea,\n"), organization=west) == 0
    assert User.unscoped.get(username_key="bea").organization_id == world.organizations["acme-west"]
    with pytest.raises(GateError):
        run("users", write("username,organization\ncid,acme-east\n"), organization=west)
    assert "organization" in capsys.readouterr().err


def test_profiles_and_places_go_through_their_rooms_rules(
    world: people.World, write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    item = '"[{""attribute"": ""{}"", ""op"": "":="", ""value"": ""60""}]"'
    rows = [("gold", item.replace("{}", "Session-Timeout")), ("lead", item.replace("{}", "No-Such")), ("acme-profile", "")]
    with pytest.raises(GateError, match="2 bad lines"):
        run("profiles", write("name,short_name,reply_attribute\n" + "".join(f"N,{name},{cell}\n" for name, cell in rows)))
    places = (
        "name,short_name,latitude,longitude,mac_addr,location\nOne,one,-12.5,-3,02-00-00-00-00-99,ACME-site\nTwo,{},{},{},{},\n"
    )
    for cells in (("one", "", "", ""), ("two", "91", "1", ""), ("two", "1", "", ""), ("two", "", "", "02:00:00:00:00:01")):
        with pytest.raises(GateError, match="1 bad line"):
            run("access-points", write(places.format(*cells)))
    assert run("access-points", write(places.format("two", "1", "1", ""))) == 0
    assert {line.split(":")[1] for line in capsys.readouterr().err.splitlines()} == {"3", "4"}
    one = AccessPoint.unscoped.get(short_name="one")
    assert (one.mac_addr, one.location_id, float(one.latitude or 0)) == (
        "02:00:00:00:00:99", world.locations["acme"], -12.5,
    )  # fmt: skip
    assert not Profile.unscoped.filter(short_name="gold").exists()


def test_secrets_of_nas_are_brought_or_made_and_never_told_twice(
    world: people.World, write: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = "sixteen-or-more-of-it"
    text = f"name,short_name,address,secret,location\nOne,one,192.0.2.1,{given},acme-site\nTwo,two,192.0.2.2,,\n"
    secrets = tmp_path / "secrets.csv"
    for rehearsed in (False, True):
        with pytest.raises(GateError):
            run("nas", write(text), dry_run=rehearsed)
    with pytest.raises(GateError):
        run("nas", write(text.replace(given, "hidden-1")), secrets=str(secrets))
    assert not secrets.exists()
    assert run("nas", write(text), secrets=str(secrets), dry_run=True) == 0
    assert not secrets.exists()
    assert run("nas", write(text), secrets=str(secrets)) == 0
    assert stat.S_IMODE(secrets.stat().st_mode) == 0o600
    with secrets.open(newline="") as file:
        (made,) = csv.DictReader(file)
    assert (made["short_name"], made["address"], len(made["secret"])) == ("two", "192.0.2.2/32", 32)
    for name, secret in (("one", given), ("two", made["secret"])):
        row = Nas.unscoped.get(short_name=name)
        assert seal.unseal(bytes(row.secret_sealed), purpose="nas-secret", row=f"nas:{row.pk}") == secret.encode()
    told = "".join(capsys.readouterr())
    assert "hidden" not in told
    assert made["secret"] not in told
    with pytest.raises(GateError, match="cannot be made"):
        run("nas", write(text), secrets=str(secrets))


def test_a_nas_without_an_address_is_imported_by_its_certificate(
    world: people.World, write: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It needs no secret for signing people in; whoever wants that for Disconnect and CoA names a file."""
    assert run("nas", write("name,short_name,radsec_name\nOne,one,ap-1.example.net\nTwo,two,ap-2.example.net\n")) == 0
    assert [row.address for row in Nas.unscoped.filter(short_name__in=["one", "two"])] == [None, None]
    secrets = tmp_path / "secrets.csv"
    assert run("nas", write("name,short_name,radsec_name,address\nThree,three,ap-3.example.net,\n"), secrets=str(secrets)) == 0
    with secrets.open(newline="") as file:
        (made,) = csv.DictReader(file)
    assert (made["short_name"], made["address"], len(made["secret"])) == ("three", "", 32)
    capsys.readouterr()
    with pytest.raises(GateError):
        run("nas", write("name,short_name\nFour,four\n"), secrets=str(tmp_path / "none.csv"))
    assert "address: Give an address, or else the name in its certificate" in "".join(capsys.readouterr())
    assert not Nas.unscoped.filter(short_name="four").exists()


def test_what_one_tenant_exports_another_one_imports(world: people.World, tmp_path: Path) -> None:
    """Everything twice: out of acme-east, into the other tenant's branch, and out of that."""
    east = {"organization": str(world.organizations["acme-east"])}
    north = {"organization": str(world.organizations["rival-north"])}
    User.unscoped.filter(pk=world.users["acme-east"]).update(
        username="+49.160",
        username_key="+49.160",
        first_name="=1+1",
        last_name="'quote",
        description='a "b",\nc',
        expiration=world.now,
        max_sessions=3,
    )
    Balance.objects.create(user_id=world.users["acme-east"], tenant_id=world.organizations["acme"], seconds=77)
    Location.unscoped.filter(pk=world.locations["acme-east"]).update(description="-dash")
    bound = NasDraft(
        organization_id=world.organizations["acme-east"], name="By certificate", short_name="bound", radsec_name="ap-1"
    )
    nas.create_nas(world.owner.scope, draft=bound)
    AccessPoint.unscoped.filter(pk=world.access_points["acme-east"]).update(latitude="-1.5", longitude="-0.25")
    for number, kind in enumerate(("profiles", "locations", "access-points", "nas", "users")):
        first = export(kind, tmp_path / f"{kind}.csv", **east, password_hashes=kind == "users")
        if kind == "nas":
            # An address and a certificate belong to one NAS of the install, and secrets are not exported.
            Nas.unscoped.filter(organization_id=world.organizations["acme-east"]).delete()
        assert run(kind, tmp_path / f"{kind}.csv", **north, secrets=str(tmp_path / f"secrets{number}")) == 0
        again = export(kind, tmp_path / f"{kind}-again.csv", **north, password_hashes=kind == "users")
        assert again == first
        assert first.count("\n") >= 2
    user = User.unscoped.get(organization_id=world.organizations["rival-north"])
    assert (user.first_name, user.last_name, user.description) == ("=1+1", "'quote", 'a "b",\nc')
    assert user.max_sessions == 3
    assert user.password == User.unscoped.get(pk=world.users["acme-east"]).password


def test_the_command_says_what_is_wrong_in_a_sentence(
    world: people.World, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cli, "_prepare", lambda *_, **__: "")
    monkeypatch.setattr(cli, "_set_up_logs", lambda _: None)
    path = tmp_path / "people.csv"
    assert cli.main(["import", "users", str(path), "--organization", "acme"]) == 1
    assert "cannot be read" in capsys.readouterr().err
    path.write_text("username\nx y\n")
    assert cli.main(["import", "users", str(path), "--organization", "acme", "--progress"]) == 1
    assert "Nothing was imported: 1 bad line." in capsys.readouterr().err
    assert cli.main(["import", "users", str(path), "--organization", "nowhere"]) == 1
    path.write_text("username\nxy\n")
    assert cli.main(["import", "users", str(path), "--organization", "acme"]) == 0
    assert cli.main(["export", "users", "--organization", "acme", "--format", "ndjson"]) == 0
    assert '"username":"xy"' in capsys.readouterr().out


def test_the_how_to_works_as_written(
    world: people.World, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its files are written and its commands are run, one after the other."""
    monkeypatch.setattr(cli, "_prepare", lambda *_, **__: "")
    monkeypatch.setattr(cli, "_set_up_logs", lambda _: None)
    monkeypatch.chdir(tmp_path)
    text = (Path(__file__).parents[4] / "docs/howto/import-and-export.md").read_text(encoding="utf-8")
    for name, content in re.findall(r"`([a-z]+\.csv)`:\n\n```csv\n(.*?)```", text, re.DOTALL):
        Path(name).write_text(content, encoding="utf-8")
    commands = [line for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL) for line in block.splitlines()]
    assert len(commands) >= 5
    for command in commands:
        assert cli.main(shlex.split(command)[1:]) == 0, capsys.readouterr().err
    assert hashing.check_password("correct horse battery", User.unscoped.get(username_key="maria").password)
    assert Nas.unscoped.filter(short_name__in=("lobby", "pool")).count() == 2
