"""`gate explain`"""

import io
from typing import Any

import pytest

from gate import cli
from gate.nas.models import Nas
from gate.profiles.models import Profile
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


def test_what_cannot_be_asked(run: Any) -> None:
    for words in (("x", "--mac", "nothing"), ("x", "--nas", "nowhere"), ("x", "--attribute", "nothing")):
        status, lines, error = run(*words)
        assert (status, lines) == (1, [])
        assert error
    assert run("guest.acme", organization=None)[0] == 1  # several roots
    assert run("guest.acme", organization="rival")[1][-1] == "REFUSED: unknown-user"
