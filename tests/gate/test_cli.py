"""The `gate` command: what it knows, and how it fails."""

import pytest

from gate import cli, settings


@pytest.fixture(autouse=True)
def _fresh_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    """Each command reads the environment the test made."""
    monkeypatch.setenv("GATE_DATA", str(tmp_path))
    monkeypatch.setattr(settings, "current", lambda: settings.read(dict(__import__("os").environ)))
    monkeypatch.setattr(cli, "_set_up_logs", lambda _: None)


def test_every_command_explains_itself(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        cli.main(["--help"])
    assert left.value.code == 0
    told = capsys.readouterr().out
    for command in ("up", "web", "radius", "worker", "migrate", "init", "demo", "token", "doctor"):
        assert f"\n    {command} " in told


def test_an_unknown_word_is_status_2(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        cli.main(["frobnicate"])
    assert left.value.code == 2


def test_a_wrong_setting_ends_every_command_with_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GATE_HTTP_PORT", "eighty")
    assert cli.main(["doctor"]) == 1
    assert capsys.readouterr().err == "GATE_HTTP_PORT must be a port number from 1 to 65535; 'eighty' is not.\n"


@pytest.mark.parametrize("words", [["demo"], ["migrate"], ["web"], ["radius"], ["token", "list", "acme"]])
def test_without_a_running_gate_it_says_how_to_start_one(
    words: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("DATABASE_URL")
    assert cli.main(words) == 1
    assert "make up" in capsys.readouterr().err
