"""`gate radius certs --nas`: one command, and a NAS can connect."""

import argparse
import dataclasses

import pytest
from cryptography import x509

from gate import settings as gate_settings
from gate.commands import certs, radsec
from gate.core.errors import NotFound
from gate.nas import queries
from gate.nas.types import NAS_LABEL
from gate.radiusd.radsec.materials import Materials


@pytest.fixture
def settings(tmp_path):
    return gate_settings.read({"HOME": "/nonexistent", "GATE_DATA": str(tmp_path)})


def options(**said):
    base = {"nas": "acme-nas", "organization": "acme", "name": "radius.example.net", "key": "ec", "days": None, "replace": False,
            "client": None, "revoke": None, "json": False}  # fmt: skip
    return argparse.Namespace(**base | said)


def test_one_command_makes_ca_server_and_nas_and_binds_it(world, settings):
    told = radsec.make(settings, options())
    folder = settings.data / "radius" / "radsec"
    nas = queries.named(world.owner.scope, name="acme-nas")
    assert nas.radsec_name == f"{NAS_LABEL}{nas.id}"
    made = x509.load_pem_x509_certificate((folder / "nas" / f"acme-nas-{told['serial']}" / "nas.pem").read_bytes())
    names = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert set(names.get_values_for_type(x509.UniformResourceIdentifier)) == {
        f"{NAS_LABEL}{nas.id}", f"urn:gate:tenant:{world.owner.scope.tenant_id}",
    }  # fmt: skip
    assert Materials(settings).server(now=0.0) is not None
    assert {path.stat().st_mode & 0o077 for path in folder.rglob("*") if path.is_file()} == {0}
    assert "radius.example.net" in told["told"]


def test_a_second_one_keeps_ca_server_and_binding(world, settings):
    radsec.make(settings, options())
    folder = settings.data / "radius" / "radsec"
    kept = {name: (folder / name).read_bytes() for name in ("ca.pem", "server.pem")}
    again = radsec.make(settings, options())
    assert {name: (folder / name).read_bytes() for name in kept} == kept
    assert len(list((folder / "nas").iterdir())) == 2
    renewed = radsec.make(settings, options(replace=True, name="other.example.net"))
    assert (folder / "ca.pem").read_bytes() == kept["ca.pem"]
    assert (folder / "server.pem").read_bytes() != kept["server.pem"]
    assert again["serial"] != renewed["serial"]


def test_a_name_of_the_operators_own_is_in_the_certificate(world, settings):
    from gate.nas import commands

    nas = queries.named(world.owner.scope, name="acme-nas")
    draft = dataclasses.replace(nas, radsec_name="ap.example.net", address=None)
    commands.update_nas(world.owner.scope, nas_id=nas.id, draft=draft)
    told = radsec.make(settings, options())
    made = x509.load_pem_x509_certificate(
        (settings.data / "radius/radsec/nas" / f"acme-nas-{told['serial']}/nas.pem").read_bytes()
    )
    names = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["ap.example.net"]
    assert queries.named(world.owner.scope, name="acme-nas").radsec_name == "ap.example.net"


def test_revoking_goes_to_the_list_of_nas(world, settings, capsys):
    told = radsec.make(settings, options())
    certs.run(settings, options(nas=None, revoke=told["serial"]))
    listed = x509.load_pem_x509_crl((settings.data / "radius" / "radsec" / "crl.pem").read_bytes())
    assert listed.get_revoked_certificate_by_serial_number(int(told["serial"], 16)) is not None
    assert "radsec" in capsys.readouterr().out


def test_a_nas_of_another_tenant_is_not_found(world, settings):
    with pytest.raises(NotFound):
        radsec.make(settings, options(organization="rival"))
    assert not list(settings.data.iterdir())
