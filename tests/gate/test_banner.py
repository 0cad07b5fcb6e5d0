"""What the person sees who has started GATE."""

from pathlib import Path

import pytest

from gate import banner, settings


@pytest.mark.parametrize(
    ("bind", "shown"), [("0.0.0.0", "127.0.0.1:1812"), ("::", "[::1]:1812"), ("192.0.2.1", "192.0.2.1:1812")]
)
def test_radclient_is_pointed_at_an_address_it_can_reach(bind: str, shown: str) -> None:
    text = banner.text(settings=settings.read({"GATE_RADIUS_BIND": bind, "HOME": "/"}), owner=None)
    assert f"radclient -x {shown}" in text.replace("'", "")


def test_the_password_is_shown_only_when_it_was_just_made() -> None:
    current = settings.read({"GATE_PUBLIC_URL": "https://gate.example.net", "HOME": "/"})
    fresh = banner.text(settings=current, owner=banner.Owner(url="https://g/console/", username="ann", password="pw"))
    later = banner.text(settings=current, owner=banner.Owner(url="https://g/console/", username="ann", password=None))
    assert "pw   (shown once" in fresh
    assert "Password  " not in later
    assert "ann" in later
    assert "https://gate.example.net/api/v1/docs/" in later


def test_the_second_shell_is_told_a_command_it_can_find(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a fresh clone `gate` is on nobody's path: it lies in the virtual environment."""
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr("sys.executable", str(Path.cwd() / ".venv" / "bin" / "python"))
    assert banner.command() == ".venv/bin/gate"
    text = banner.text(settings=settings.read({"HOME": "/"}), owner=None)
    assert ".venv/bin/gate demo" in text
