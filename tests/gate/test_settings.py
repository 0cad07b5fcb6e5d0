"""Settings come from the environment, and a wrong one is named."""

from pathlib import Path

import pytest

from gate import settings
from gate.settings import SettingsError


def test_nothing_set_runs_on_this_machine_alone_with_a_folder_in_the_home() -> None:
    read = settings.read({"HOME": "/home/ann"})
    assert read.data == Path("/home/ann/.local/share/gate")
    assert read.database_url is None
    assert (read.http_bind, read.http_port) == ("127.0.0.1", 8000)
    assert (read.radius_auth_port, read.radius_acct_port, read.radius_coa_port) == (1812, 1813, 3799)
    assert read.api_url == "http://127.0.0.1:8000/api/v1"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GATE_HTTP_PORT", "0"),
        ("GATE_HTTP_PORT", "65536"),
        ("GATE_HTTP_PORT", "eighty"),
        ("GATE_RADIUS_AUTH_PORT", "-1"),
        ("GATE_RADIUS_ACCT_PORT", "1812"),  # the other one's
        ("GATE_HTTP_BIND", "localhost"),
        ("GATE_RADIUS_BIND", "300.0.0.1"),
        ("GATE_RADIUS_PROCESSES", "0"),
        ("GATE_RADIUS_REJECT_DELAY", "-1"),
        ("GATE_RADIUS_REJECT_DELAY", "6"),
        ("GATE_RADIUS_REJECT_DELAY", "nan"),
        ("GATE_RADIUS_INTERIM_INTERVAL", "10m"),
        ("GATE_RADIUS_INTERIM_INTERVAL", "86401"),
        ("GATE_RADIUS_NAS_RATE", "-1"),
        ("GATE_RADIUS_GUESSES", "many"),
        ("GATE_RADIUS_EAP_METHODS", "peap,leap"),
        ("GATE_RADIUS_EAP_METHODS", "tls,tls"),
        ("GATE_RADIUS_TLS_CERT", "server.pem"),
        ("GATE_LOG_LEVEL", "LOUD"),
        ("GATE_LOG_JSON", "perhaps"),
        ("GATE_DATA", "relative/folder"),
        ("GATE_PUBLIC_URL", "gate.example.net"),
        ("GATE_PUBLIC_URL", "https://gate.example.net/path"),
        ("GATE_SECRET_KEY", "short"),
        ("DATABASE_URL", "mysql://localhost/gate"),
        ("GATE_PART", "everything"),
        ("GATE_API_RATE", "0"),
        ("GATE_API_RATE", "1e3"),
        ("GATE_API_RATE_ADDRESS", "-5"),
        ("GATE_TRUSTED_PROXIES", "localhost"),
        ("GATE_TRUSTED_PROXIES", "10.0.0.1/8"),
        ("GATE_TRUSTED_PROXIES", "10.0.0.0/8 127.0.0.1"),
    ],
)
def test_a_wrong_value_is_refused_and_its_variable_named(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        settings.read({"HOME": "/", name: value})


@pytest.mark.parametrize(
    ("name", "value"), [("GATE_SECRET_KEY", "hunter2-hunter2"), ("DATABASE_URL", "mysql://ann:hunter2-hunter2@host/db")]
)
def test_a_refused_secret_is_not_repeated(name: str, value: str) -> None:
    with pytest.raises(SettingsError) as refused:
        settings.read({"HOME": "/", name: value})
    assert "hunter2" not in str(refused.value)


def test_proxies_are_networks() -> None:
    assert settings.read({"HOME": "/"}).trusted_proxies is None
    found = settings.read({"HOME": "/", "GATE_TRUSTED_PROXIES": "127.0.0.1, 10.0.0.0/8,2001:db8::/32"}).trusted_proxies
    assert found is not None
    assert [str(network) for network in found] == ["127.0.0.1/32", "10.0.0.0/8", "2001:db8::/32"]


def test_secrets_are_not_shown_when_settings_are() -> None:
    read = settings.read({"HOME": "/", "GATE_SECRET_KEY": "k" * 40, "DATABASE_URL": "postgresql://ann:hunter2@host/gate"})
    assert "k" * 40 not in repr(read)
    assert "hunter2" not in repr(read)


def test_an_empty_variable_counts_as_unset() -> None:
    assert settings.read({"HOME": "/", "GATE_HTTP_PORT": " ", "DATABASE_URL": ""}) == settings.read({"HOME": "/"})


@pytest.mark.parametrize(("bind", "host"), [("0.0.0.0", "127.0.0.1"), ("::", "[::1]"), ("192.0.2.1", "192.0.2.1")])
def test_the_address_printed_for_people_can_be_opened(bind: str, host: str) -> None:
    assert settings.read({"HOME": "/", "GATE_HTTP_BIND": bind}).public_url == f"http://{host}:8000"
