"""`gate radius certs`: what it makes, and that nothing is overwritten unasked."""

import datetime as dt
import json
import stat
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID

import people
from gate import cli
from gate import settings as gate_settings
from gate.core import clock
from gate.protocols.eap.names import labels, names


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    settings = gate_settings.read({"HOME": "/nonexistent", "GATE_DATA": str(tmp_path)})
    monkeypatch.setattr(gate_settings, "current", lambda: settings)
    return tmp_path / "radius"


def run(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    assert cli.main(["radius", "certs", "--json", *words]) == 0
    return json.loads(capsys.readouterr().out)


def certificate(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


@pytest.mark.parametrize("key", ["ec", "rsa"])
@pytest.mark.parametrize("name", ["radius.example.net", "192.0.2.7"])
def test_a_server_s_certificate_that_devices_take(folder: Path, capsys: pytest.CaptureFixture[str], key: str, name: str) -> None:
    told = run(capsys, "--name", name, "--key", key)
    ca, server = certificate(folder / "ca.pem"), certificate(folder / "server.pem")
    server.verify_directly_issued_by(ca)
    alternatives = server.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert name in {str(one.value) for one in alternatives}
    usage = server.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usage) == [ExtendedKeyUsageOID.SERVER_AUTH]
    # Phones refuse more than 825 days.
    assert server.not_valid_after_utc - server.not_valid_before_utc < dt.timedelta(days=825)
    assert ca.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert told["server"].replace(":", "").lower() == server.fingerprint(hashes.SHA256()).hex()
    files = list(folder.iterdir())
    assert {path.name for path in files} == {"ca.pem", "ca.key", "server.pem", "server.key", "crl.pem"}
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_nothing_is_overwritten_unasked_and_the_ca_never(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert cli.main(["radius", "certs"]) == 1
    assert "--replace" in capsys.readouterr().err
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    run(capsys, "--replace")
    after = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert {name for name, octets in after.items() if octets != before[name]} == {"server.pem", "server.key"}
    (folder / "ca.key").unlink()
    assert cli.main(["radius", "certs", "--replace"]) == 1
    assert (folder / "ca.pem").read_bytes() == before["ca.pem"]


def test_a_client_s_certificate_is_revoked_by_its_serial_number(
    folder: Path, capsys: pytest.CaptureFixture[str], world: people.World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cli, "_prepare", lambda *_, **__: "")
    run(capsys)
    # There are two tenants: one has to be named.
    assert cli.main(["radius", "certs", "--client", "bob"]) == 1
    assert "--organization" in capsys.readouterr().err
    made = run(capsys, "--client", "bob@example.net/../x", "--days", "3", "--organization", "acme")
    path = Path(made["file"])
    assert path.parent == folder / "clients"
    held = pkcs12.load_pkcs12(path.read_bytes(), made["password"].encode())
    assert held.cert is not None
    assert held.key is not None
    assert "bob@example.net/../x" in names(held.cert.certificate)
    assert labels(held.cert.certificate) == (f"urn:gate:tenant:{world.organizations['acme']}",)
    assert f"{held.cert.certificate.serial_number:x}" == made["serial"]
    assert held.cert.certificate.not_valid_after_utc < clock.now() + dt.timedelta(days=4)
    for serial in (made["serial"], "ff"):
        run(capsys, "--revoke", serial)
    crl = x509.load_pem_x509_crl((folder / "crl.pem").read_bytes())
    assert {entry.serial_number for entry in crl} == {int(made["serial"], 16), 255}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--client", "bob", "--organization", "acme"], "makes one"),
        (["--revoke", "1f"], "makes one"),
        (["--revoke", "xyz"], "hexadecimal"),
        (["--days", "0"], "--days"),
        (["--name", "no host name"], "host name"),
    ],
)
def test_what_cannot_be_done_is_told_in_a_sentence(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    world: people.World,
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
    told: str,
) -> None:
    monkeypatch.setattr(cli, "_prepare", lambda *_, **__: "")
    assert cli.main(["radius", "certs", *words]) == 1
    assert told in capsys.readouterr().err
    assert not (folder / "server.pem").exists()
