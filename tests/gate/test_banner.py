"""What the person sees who has started GATE."""

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
