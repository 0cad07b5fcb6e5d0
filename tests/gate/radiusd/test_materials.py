"""Certificate files: read when they are there, again when they change, and never half."""

import pytest

from eapol import Files
from gate import settings as gate_settings
from gate.commands import certs
from gate.core import clock
from gate.radiusd.materials import LOOK_EVERY, Materials


@pytest.fixture
def files(tmp_path):
    made = Files.make(tmp_path / "data")
    made.revoke()
    return made


def materials(files, **environ):
    return Materials(gate_settings.read({"HOME": "/nonexistent", "GATE_DATA": str(files.data)} | environ))


def test_without_files_there_is_no_server_and_no_complaint(tmp_path, caplog):
    held = Materials(gate_settings.read({"HOME": "/nonexistent", "GATE_DATA": str(tmp_path)}))
    assert held.server(now=0) is None
    assert caplog.text == ""


def test_files_that_come_later_are_taken(tmp_path):
    held = Materials(gate_settings.read({"HOME": "/nonexistent", "GATE_DATA": str(tmp_path / "data")}))
    assert held.server(now=0) is None
    Files.make(tmp_path / "data")
    assert held.server(now=LOOK_EVERY - 1) is None
    server = held.server(now=LOOK_EVERY)
    assert server is not None
    assert server.takes_certificates


def test_unchanged_files_are_not_read_again_and_changed_ones_end_resumption(files):
    held = materials(files)
    first = held.server(now=0)
    assert held.server(now=100) is first
    files.revoke(certs.issue(authority=files.authority, name="x", now=clock.now(), is_server=False, days=1))
    second = held.server(now=200)
    assert second is not first
    assert second is not None
    assert second.sessions is held.sessions


@pytest.mark.parametrize("name", ["server.pem", "server.key", "ca.pem", "crl.pem"])
def test_a_file_that_cannot_be_used_is_told_and_changes_nothing(files, caplog, name):
    held = materials(files)
    first = held.server(now=0)
    (files.data / "radius" / name).write_text("half a file")
    assert held.server(now=100) is first
    assert "Certificates of EAP" in caplog.text
    caplog.clear()
    assert held.server(now=200) is first
    assert caplog.text == "", "told once"


def test_a_key_that_goes_missing_is_told(files, caplog):
    held = materials(files)
    first = held.server(now=0)
    (files.data / "radius" / "server.key").unlink()
    assert held.server(now=100) is first
    assert "server.key" in caplog.text


def test_a_named_file_has_to_be_there(files, caplog):
    held = materials(files, GATE_RADIUS_TLS_CRL="/nonexistent/crl.pem")
    assert held.server(now=0) is None
    assert "/nonexistent/crl.pem" in caplog.text


def test_another_ca_is_not_measured_by_the_install_s_list(files, tmp_path):
    """A CA without a list lets nobody in where a list is asked for."""
    (tmp_path / "other.pem").write_bytes(certs.make_authority(name="other", now=clock.now()).certificate_pem)
    (files.data / "radius" / "crl.pem").write_text("not even a list")
    assert materials(files, GATE_RADIUS_TLS_CA=str(tmp_path / "other.pem")).server(now=0) is not None


def test_a_certificate_that_ends_soon_is_told(files, caplog):
    now = clock.now()
    short = certs.issue(authority=files.authority, name="radius.example.net", now=now, is_server=True, days=20)
    (files.data / "radius" / "server.pem").write_bytes(short.certificate_pem)
    (files.data / "radius" / "server.key").write_bytes(short.key_pem)
    materials(files).server(now=0)
    assert "ends in" in caplog.text
