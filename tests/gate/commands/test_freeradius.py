"""`gate freeradius`: what it prints and writes. That FreeRADIUS works with it: tests/gate/radiusd/freeradius/test_door.py."""

import pytest

from gate import cli
from gate.commands import freeradius
from gate.core.errors import Conflict
from gate.tokens import queries


def run(*words, make_token=lambda _: "gate_made"):
    return freeradius.run(cli._parser().parse_args(["freeradius", *words]), url="http://127.0.0.1:1814", make_token=make_token)


def test_it_prints_everything_and_makes_no_token(capsys):
    assert run("--organization", "acme") == 0
    told = capsys.readouterr().out
    for name in ("mods-available/gate", "sites-available/gate", "dictionary.gate", "gate-token.conf"):
        assert f"#  ---- {name}\n" in told
    assert "http://127.0.0.1:1814/freeradius/authorize?source=" in told
    assert "gate_made" not in told


def test_it_writes_the_token_where_only_its_owner_and_group_read_it_and_keeps_it(tmp_path, capsys):
    assert run("--output", str(tmp_path), "--organization", "acme", "--url", "https://gate.example.net/") == 0
    token = tmp_path / "gate-token.conf"
    assert token.read_text() == 'gate_token = "gate_made"\n'
    assert token.stat().st_mode & 0o777 == 0o640
    assert '"https://gate.example.net/freeradius/accounting?' in (tmp_path / "mods-available/gate").read_text()
    with pytest.raises(Conflict, match="--replace"):
        run("--output", str(tmp_path))
    assert run("--output", str(tmp_path), "--replace", "--organization", "acme", make_token=lambda _: "gate_another") == 0
    assert token.read_text() == 'gate_token = "gate_made"\n'
    assert "gate_made" not in capsys.readouterr().out


@pytest.mark.django_db
def test_the_token_may_do_this_and_nothing_else(world):
    plain = freeradius.made_token("acme")
    (token, *_) = queries.list_page(world.owner.scope, limit=1, offset=0)
    assert plain.startswith(token.prefix)
    assert token.permissions == ("freeradius:write",)
    assert token.organization_id == world.organizations["acme"]
