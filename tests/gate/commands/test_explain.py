"""`gate explain`"""

import io
from typing import Any

import pytest

from gate import cli
from gate.nas.models import Nas
from gate.profiles.models import Profile
from gate.realms import commands
from gate.realms.models import HomeServer
from gate.realms.types import HomeServerDraft, PoolDraft, RealmDraft
from people import PASSWORD


@pytest.fixture
def run(world: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Runs the command in acme; its exit status, lines and errors."""
    monkeypatch.setattr(cli, "_prepare", lambda _settings, *, part: part)

    def ran(*words: str, stdin: str = "", organization: str | None = "acme") -> tuple[int, list[str], str]:
        monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
        named = [] if organization is None else ["--organization", str(world.organizations[organization])]
        status = cli.main(["explain", *words, *named])
        said = capsys.readouterr()
        return status, said.out.splitlines(), said.err

    return ran


def test_let_in_with_what_the_make_is_sent(world: Any, run: Any) -> None:
    Profile.unscoped.filter(pk=world.profiles["acme"]).update(rate_up=1_000_000, vlan=7)
    Nas.unscoped.filter(pk=world.nas["acme"]).update(vendor="mikrotik")
    status, lines, _ = run("guest.acme", "--nas", str(world.nas["acme"]))
    assert status == 0
    assert "The password was not looked at; it is taken to be right." in lines
    assert "LET IN" in lines
    assert "  Session-Timeout = 3600   (profile)" in lines
    assert "  Mikrotik-Rate-Limit = 1000000/0" in lines


def test_refused_with_the_question_that_refused(world: Any, run: Any) -> None:
    checks = [{"attribute": "NAS-Port-Type", "op": "==", "value": "Virtual"}]
    Profile.unscoped.filter(pk=world.profiles["acme"]).update(check_attribute=checks)
    status, lines, _ = run("guest.acme", "--attribute", "NAS-Port-Type=19")
    assert status == 2
    assert lines[-2:] == [
        "  NO  acme-profile: NAS-Port-Type: expected == Virtual; is Wireless-802.11",
        "REFUSED: check-failed (acme-profile: NAS-Port-Type == Virtual)",
    ]
    assert run("guest.acme", "--attribute", "NAS-Port-Type=Virtual")[0] == 0


def test_a_password_is_checked_and_never_printed(run: Any) -> None:
    for password, status in ((PASSWORD, 0), ("wrong-one", 2)):
        found, lines, error = run("guest.acme", "--password-from-stdin", stdin=f"{password}\n")
        assert found == status
        assert password not in "\n".join(lines) + error


def test_a_nas_without_an_address_is_named_and_no_address_is_its(world: Any, run: Any) -> None:
    held = Nas.unscoped.filter(pk=world.nas["acme"])
    address = held.get().address
    held.update(address=None, radsec_name="ap-1", vendor="mikrotik")
    Profile.unscoped.filter(pk=world.profiles["acme"]).update(rate_up=1_000_000)
    for named in ("acme-nas", str(world.nas["acme"])):
        status, lines, _ = run("guest.acme", "--nas", named)
        assert (status, "  Mikrotik-Rate-Limit = 1000000/0" in lines) == (0, True)
    assert address is not None
    assert run("guest.acme", "--nas", address.partition("/")[0])[0] == 1


def test_a_realm_of_home_servers(world: Any, run: Any) -> None:
    """Whose realm it is, the pool, its servers; and that nothing of GATE's own is asked."""
    scope, acme = world.owner.scope, world.organizations["acme"]
    draft = HomeServerDraft(organization_id=acme, name="campus-1", host="192.0.2.7")
    commands.create_server(scope, draft=draft, secret="of-gate-and-the-campus")
    pool = commands.create_pool(
        scope, draft=PoolDraft(organization_id=acme, name="campus", servers=("campus-1",), mode="balance")
    )
    commands.create_realm(scope, draft=RealmDraft(organization_id=acme, name="DEFAULT", pool_id=pool.id))
    status, lines, error = run("ann@example.edu", "--nas", str(world.nas["acme"]))
    assert (status, error) == (3, "")
    assert lines[1].startswith("Realm DEFAULT of ")
    assert lines[1].endswith(f"(organization {acme}) leads to the pool campus.")
    assert lines[2].startswith("HOME SERVERS DECIDE")
    assert "  1. campus-1: unknown" in lines
    assert not [line for line in lines if "REFUSED" in line or "192.0.2.7" in line or "of-gate" in line]
    HomeServer.unscoped.update(is_active=False)
    assert (
        run("ann@example.edu", "--nas", str(world.nas["acme"]))[1][-1] == "  None of them works: the sign-in is left unanswered."
    )
    assert run("guest.acme", "--nas", str(world.nas["acme"]))[0] == 0
    assert run("ann@example.edu", "--nas", str(world.nas["rival"]), organization="rival")[1][-1] == "REFUSED: unknown-user"


def test_what_cannot_be_asked(run: Any) -> None:
    for words in (("x", "--mac", "nothing"), ("x", "--nas", "nowhere"), ("x", "--attribute", "nothing")):
        status, lines, error = run(*words)
        assert (status, lines) == (1, [])
        assert error
    assert run("guest.acme", organization=None)[0] == 1  # several roots
    assert run("guest.acme", organization="rival")[1][-1] == "REFUSED: unknown-user"
